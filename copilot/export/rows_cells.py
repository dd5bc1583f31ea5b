"""A value as the text of a spreadsheet cell that no spreadsheet program will run."""

import json
import re

from pydantic import JsonValue

_ACTIVE = re.compile(r"'*[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]")
_NUMBER = re.compile(r"[-+]?[\d][\d .,]*(?:[eE][-+]?\d+)?\s?[%\u20ac$\u00a3]?$|\+\d[\d ]+$")


def cell_text(value: JsonValue) -> str:
    """Return the text of a cell: nothing for a missing value, `a; b` for a list, JSON for what is nested."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(_is_simple(item) for item in value):
        return "; ".join(str(item) for item in value)
    return json.dumps(value, ensure_ascii=False)


def _is_simple(item: JsonValue) -> bool:
    return isinstance(item, str) and bool(item.strip()) and not set(item) & {";", "|", "\n", "\r"} and item[0] != "["


def neutral(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet program would run; ordinary numbers stay as they are."""
    if _ACTIVE.match(text) and not _NUMBER.match(text):
        return f"'{text}"
    return text


def plain(text: str) -> str:
    """Undo `neutral`."""
    return text[1:] if text.startswith("'") and _ACTIVE.match(text) else text
