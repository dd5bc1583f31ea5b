"""Reading a model's answer: forgiving about wrapping, never guessing about content.

Every reader takes any text, hostile ones included, and returns a `ParsedOutput`; none raises.
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache

from pydantic import JsonValue
from pydantic_core import from_json

from tasks.characters import mended
from tasks.model import OutputContract, ParsedOutput

_MAX_CHARACTERS = 50_000
"""An answer is never longer than this; the rest of a runaway one is not read."""
_MAX_OBJECTS = 50
_FENCE = re.compile(r"^(?P<ticks>`{3,})[^\n`]*\n(?P<body>.*)\n\s*(?P=ticks)$", re.DOTALL)
_QUOTES = (('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"), ("'", "'"), ("‘", "’"), ("**", "**"))  # noqa: RUF001
_THINK_START, _THINK_END = "<think>", "</think>"


def clean(text: str) -> str:
    """Drop what no answer needs: reasoning in `<think>` tags, lone surrogates, outer white space, a code fence."""
    text = mended(text[:_MAX_CHARACTERS]).replace("\x00", "")
    return unfence(_without_reasoning(text).strip())


def unfence(text: str) -> str:
    """Return the inside of an answer that is one code fence as a whole."""
    match = _FENCE.match(text)
    return match["body"].strip() if match else text


def _without_reasoning(text: str) -> str:
    if _THINK_END in text:
        # Some chat formats open the tag in the prompt, so that only its end is in the answer.
        text = text.rpartition(_THINK_END)[2]
    return text.partition(_THINK_START)[0]


def without_head(text: str, heads: tuple[str, ...]) -> str:
    """Drop a lead-in ("Here is the summary:") and one of the heads ("Summary:"), plain or in bold."""
    if not heads:
        return text
    lead_in, head = _head_patterns(heads)
    return head.sub("", lead_in.sub("", text, count=1), count=1)


@lru_cache(maxsize=64)
def _head_patterns(heads: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    names = "|".join(re.escape(head).replace(r"\ ", r"\s+") for head in heads)
    lead_in = rf"^(?:\w+\W{{1,3}})?here(?:['’]s| is| are)\b[^\n:]{{0,60}}\b(?:{names})\b[^\n:]{{0,60}}:\s+"  # noqa: RUF001
    head = rf"^[*_#\s]*(?:{names})\s*[*_]*\s*:\s*[*_]*\s*"
    return re.compile(lead_in, re.IGNORECASE), re.compile(head, re.IGNORECASE)


def unquote(text: str) -> str:
    """Drop one pair of quotation marks (or bold marks) around the whole text, if there are none of them inside."""
    for opening, closing in _QUOTES:
        if not text.startswith(opening) or not text.endswith(closing) or len(text) <= len(opening) + len(closing):
            continue
        inner = text[len(opening) : -len(closing)]
        if opening not in inner and closing not in inner:
            return inner.strip()
    return text


def write_text(value: str, heads: tuple[str, ...]) -> str:
    """Write a text plainly, or within the first quotation marks that make it read back unchanged."""
    value = value.strip()
    for text in (value, *(opening + value + closing for opening, closing in _QUOTES)):
        if read_text(text, heads).value == value:
            return text
    return value


def read_text(text: str, heads: tuple[str, ...]) -> ParsedOutput:
    """Read a free text, without head and outer quotation marks."""
    value = unquote(unfence(without_head(clean(text), heads).strip()).strip()).strip()
    return ParsedOutput(value=value) if value else empty(text)


def empty(text: str) -> ParsedOutput:
    """Say why there is nothing to read."""
    if _THINK_START in text:
        return ParsedOutput(
            value=None,
            problem="The model was still thinking when its answer ended: switch thinking off on its server, or choose "
            "another model.",
        )
    return ParsedOutput(value=None, problem="The answer is empty.")


def read_json(
    text: str, contract: OutputContract, read: Callable[[JsonValue], ParsedOutput], *, unfinished: bool = False
) -> ParsedOutput:
    """Find the object that holds the contract's key, inside other text or not, and read the value with `read`.

    An object in which the answer was cut off counts as far as it goes, as a plain answer does.

    Args:
        text: the model's answer.
        contract: its `json_key` names the key.
        read: turns the key's value into the output.
        unfinished: a string in which the answer was cut off counts, too; else it is left out.
    """
    cleaned = clean(text)
    if not cleaned:
        return empty(text)
    key = contract.json_key or ""
    found = _objects(cleaned, unfinished=unfinished)
    for candidate in found:
        matches = [name for name in candidate if name == key] or [
            name for name in candidate if name.casefold() == key.casefold()
        ]
        if matches:
            return read(candidate[matches[0]])
    if found:
        names = ", ".join(repr(name) for name in list(found[0])[:5]) or "no keys"
        return ParsedOutput(value=None, problem=f"The answer's JSON has no key '{key}'; it has {names}.")
    if "{" in cleaned:
        return ParsedOutput(value=None, problem="The answer's JSON is cut off or malformed.")
    return ParsedOutput(value=None, problem=f"The answer is not a JSON object with the key '{key}'.")


def _objects(text: str, *, unfinished: bool) -> list[dict[str, JsonValue]]:
    decoder = json.JSONDecoder()
    position = text.find("{")
    found: list[dict[str, JsonValue]] = []
    for _ in range(_MAX_OBJECTS):
        if position < 0:
            break
        try:
            value, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            if _is_cut_off(error):
                found += _cut_off(text[position:], unfinished=unfinished)
            end = position + 1
        except (ValueError, RecursionError):
            end = position + 1
        else:
            found.append(value)
        position = text.find("{", end)
    return found


def _is_cut_off(error: json.JSONDecodeError) -> bool:
    return error.msg.startswith("Unterminated string") or error.pos >= len(error.doc)


def _cut_off(text: str, *, unfinished: bool) -> list[dict[str, JsonValue]]:
    try:
        value = from_json(text, allow_partial="trailing-strings" if unfinished else True)
    except ValueError:
        return []
    return [value] if value else []


def json_text(value: JsonValue) -> str | None:
    """Return a JSON value as clean text: strings as they are, numbers as written, a list of one like its member."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return mended(value).replace("\x00", "").strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return json.dumps(value)
    return None


def json_output(value: JsonValue) -> ParsedOutput:
    """Read a text from a JSON value."""
    text = json_text(value)
    return ParsedOutput(value=text) if text else ParsedOutput(value=None, problem="The answer's JSON holds no text.")


def write_json(contract: OutputContract, value: JsonValue) -> str:
    """Write the object that holds a value under the contract's key."""
    return json.dumps({contract.json_key or "": value}, ensure_ascii=False)
