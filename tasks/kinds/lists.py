"""Lists in a model's answer: written by `write_list`, read by `read_list`."""

import json
import re

from pydantic import JsonValue

from tasks.kinds.parsing import clean, empty, json_text, without_head
from tasks.model import ParsedOutput

_BULLET = re.compile(r"^\s*(?:[-*•‣–+]|\(?\d{1,3}[.):]\)?)\s+")  # noqa: RUF001
_MAX_ITEM_WORDS = 12
_MARKS = "\"'“”„«»‘’`*"  # noqa: RUF001


def read_list(text: str, heads: tuple[str, ...]) -> ParsedOutput:
    """Read a list: JSON array, bullets, numbers, or items between commas, semicolons or line breaks."""
    body = without_head(clean(text), heads).strip()
    if not body:
        return empty(text)
    items = _json_items(body)
    if items is None:
        items = _plain_items(body)
        if len(items) == 1 and len(items[0].split()) > _MAX_ITEM_WORDS:
            return ParsedOutput(value=None, problem="The answer is running text, not a list of items.")
    return list_output(items)


def list_output(items: list[str]) -> ParsedOutput:
    """Return the items without empty ones and repetitions."""
    unique: dict[str, str] = {}
    for item in items:
        unique.setdefault(item.casefold(), item)
    unique.pop("", None)
    if not unique:
        return ParsedOutput(value=None, problem="The answer holds no items.")
    return ParsedOutput(value=tuple(unique.values()))


def items_from_json(value: JsonValue, heads: tuple[str, ...]) -> ParsedOutput:
    """Read a JSON value: an array of texts or numbers, or one text with separators."""
    if isinstance(value, str):
        return read_list(value, heads)
    if isinstance(value, list):
        items = [json_text(item) for item in value]
        if None not in items:
            return list_output([item for item in items if item])
    return ParsedOutput(value=None, problem="The answer's JSON holds no list of texts.")


def write_list(items: tuple[str, ...], heads: tuple[str, ...]) -> str:
    """Write a list with commas, or the first other way that is read back unchanged."""
    commas, semicolons = ", ".join(items), "; ".join(items)
    bullets = "\n".join(f"- {item}" for item in items)
    for text in (commas, semicolons, semicolons + ";", bullets):
        if read_list(text, heads).value == items:
            return text
    return json.dumps(list(items), ensure_ascii=False)


def _json_items(body: str) -> list[str] | None:
    if not body.startswith("["):
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(body)
    except (ValueError, RecursionError):
        return None
    items = [json_text(item) for item in value]
    return None if None in items else [item for item in items if item]


def _plain_items(body: str) -> list[str]:
    lines = [line for line in body.splitlines() if line.strip()]
    bulleted = [line for line in lines if _BULLET.match(line)]
    if len(bulleted) > 1:
        # A line without a bullet among bulleted ones is an introduction or a closing remark.
        return [_item(_BULLET.sub("", line, count=1)) for line in bulleted]
    return _split(bulleted or lines)


def _split(lines: list[str]) -> list[str]:
    separator = ";" if any(";" in line for line in lines) else ","
    items: list[str] = []
    for line in lines:
        parts = line.split(separator)
        if _BULLET.match(line):
            parts = [_BULLET.sub("", part, count=1) for part in parts]
        items.extend(_item(part) for part in parts)
    return items


def _item(text: str) -> str:
    text = " ".join(text.split())
    if text.endswith(".") and not text.endswith(".."):
        text = text[:-1]
    return text.strip(_MARKS + " ,;")
