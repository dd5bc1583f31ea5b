"""Values of every format as cell text. A cell is a text, or a list of texts; a missing value is the empty text."""

import base64
import datetime
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from tasks.loading.report import Findings

Cell = str | list[str]
Row = dict[str, Cell]
GridRow = tuple[int, list[str]]
"""Position in the file, from 1, and the cells."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[\s\u200b\ufeff]+")


class LiteralFloat(float):
    """A JSON number that remembers how it was written, so that 12.50 stays 12.50."""

    literal: str

    def __new__(cls, literal: str) -> "LiteralFloat":
        """Parse a JSON number."""
        number = super().__new__(cls, literal)
        number.literal = literal
        return number


def number_text(value: float) -> str:
    """Return a spreadsheet number as it is read: 12 rather than 12.0, no binary noise."""
    if isinstance(value, LiteralFloat):
        return value.literal
    if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return format(value, ".15g")


def date_text(value: datetime.date | datetime.time | datetime.timedelta) -> str:
    """Return a date as 2026-03-17, with the time only where there is one."""
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time.min and value.tzinfo is None:
            return value.date().isoformat()
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.timedelta):
        return str(value)
    return value.isoformat()


def clean_text(text: str, *, line: int, findings: Findings) -> str:
    """Return the text without what no text can hold (NUL, half surrogates); what is taken out is reported."""
    if text.isascii():
        if "\0" not in text:
            return text
    elif _SURROGATE.search(text):
        findings.count("In {where}, characters that cannot be shown were replaced by \ufffd.", line)
        text = _SURROGATE.sub("\ufffd", text)
    if "\0" in text:
        findings.count("In {where}, zero bytes were taken out of the text.", line)
        text = text.replace("\0", "")
    return text


def scalar_text(value: object, *, line: int, findings: Findings) -> str:
    """Return a single value as text; None is the empty text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean_text(value, line=line, findings=findings)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return date_text(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return _binary_text(value, line=line, findings=findings)
    return clean_text(str(value), line=line, findings=findings)


def _binary_text(value: bytes, *, line: int, findings: Findings) -> str:
    try:
        return clean_text(value.decode(), line=line, findings=findings)
    except UnicodeDecodeError:
        findings.count("In {where}, binary data (e.g. a picture) is kept as base64 text.", line)
        return base64.b64encode(value).decode()


def _json_text(value: object, *, line: int, findings: Findings) -> str:
    text = json.dumps(value, ensure_ascii=False, default=lambda item: scalar_text(item, line=line, findings=findings))
    return clean_text(text, line=line, findings=findings)


def flatten(
    value: Mapping[str, object], *, line: int, findings: Findings, prefix: str = ""
) -> Iterator[tuple[str, Cell]]:
    """Yield the cells of one record.

    An object inside becomes columns named `outer.inner`; a list of single values stays a list; a list that holds
    objects or lists is kept as JSON text.
    """
    for key, item in value.items():
        name = prefix + clean_text(key, line=line, findings=findings)
        if isinstance(item, str) or item is None:
            # By far the most frequent, and cheap to tell.
            yield name, clean_text(item, line=line, findings=findings) if item else ""
        elif isinstance(item, Mapping) and item:
            findings.count(
                f"'{name}' holds objects; each of their fields became a column ('{name}.' and its name).",
                line,
                note=True,
            )
            yield from flatten(item, line=line, findings=findings, prefix=f"{name}.")
        elif isinstance(item, Mapping):
            yield name, ""
        elif isinstance(item, Sequence) and not isinstance(item, str | bytes):
            if any(isinstance(part, Mapping | list | tuple) for part in item):
                findings.count(f"'{name}' holds lists of objects; they are kept as JSON text.", line, note=True)
                yield name, _json_text(item, line=line, findings=findings)
            else:
                yield name, [scalar_text(part, line=line, findings=findings) for part in item]
        else:
            yield name, scalar_text(item, line=line, findings=findings)


def is_blank(cell: Cell) -> bool:
    """Return whether a cell says nothing: no text, only white space, or a list of such."""
    return not cell.strip() if isinstance(cell, str) else all(not part.strip() for part in cell)


def one_line(text: str) -> str:
    """Return the text with every run of white space (line breaks included) as one blank."""
    return _SPACE.sub(" ", text).strip()
