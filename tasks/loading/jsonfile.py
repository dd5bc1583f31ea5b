"""JSON: an array of objects, or an object that holds one."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from tasks.loading.cells import GridRow, scalar_text
from tasks.loading.jsonlines import decoder
from tasks.loading.records import Record
from tasks.loading.report import Findings, ImportRefused, enumerated

_USUAL = ("data", "rows", "records", "items", "examples", "results", "values", "entries")
_SPACE = re.compile(r"[\s,]*")
_BLANK = re.compile(r"\s*")
_INNER_ARRAY = re.compile(r'"(?P<key>[^"\\]*)"\s*:\s*\[(?=\s*\{)')


@dataclass(frozen=True)
class JsonContent:
    """What a JSON file holds: records, or else a grid of cells."""

    records: tuple[Record, ...] = ()
    grid: tuple[GridRow, ...] = ()
    has_header: bool | None = None


class _Reader:
    def __init__(self, text: str, name: str, findings: Findings) -> None:
        self.text = text
        self.name = name
        self.findings = findings
        self._line = 1
        self._counted = 0
        self.decoder = decoder(findings, lambda: self._line)

    def at(self, place: int) -> int:
        """Return the line of a place; places are asked for in order."""
        self._line += self.text.count("\n", self._counted, place)
        self._counted = place
        return self._line

    def refuse(self, problem: str, hint: str) -> NoReturn:
        raise ImportRefused(f"The file '{self.name}' {problem}; {hint}.")

    def elements(self, start: int) -> Iterator[tuple[int, object]]:
        """Yield the elements of the array whose content starts here; a damaged one ends the reading, with a warning."""
        place = start
        while True:
            match = _SPACE.match(self.text, place)
            place = match.end() if match else place
            line = self.at(place)
            if self.text[place : place + 1] == "]":
                self._after(place + 1)
                return
            try:
                value, place = self.decoder.raw_decode(self.text, place)
            except (ValueError, RecursionError):
                what = (
                    "the file ends here, before its end"
                    if not self.text[place:].strip()
                    else "not valid JSON from here on"
                )
                self.findings.warn(f"Line {line}: {what}; what stands before was read, the rest is missing.", line=line)
                return
            yield line, value

    def _after(self, place: int) -> None:
        rest = self.text[place:].strip()
        if rest and not rest.startswith(("}", ",")):
            self.findings.warn(
                f"After the end of the list (line {self.at(place)}) there is more text; it was left out."
            )


def read_json(text: str, *, name: str, findings: Findings) -> JsonContent:
    """Return what a JSON text holds.

    Raises:
        ImportRefused: it is not JSON, or holds no list of rows.
    """
    reader = _Reader(text, name, findings)
    blank = _BLANK.match(text)
    start = blank.end() if blank else 0
    if text[start : start + 1] == "[":
        return _from_elements(list(reader.elements(start + 1)), reader)
    try:
        value = reader.decoder.decode(text)
    except json.JSONDecodeError as error:
        return _damaged(reader, error)
    except (ValueError, RecursionError):
        reader.refuse("is nested too deeply to be a table", "export it as a list of rows")
    if isinstance(value, Mapping):
        return _from_object(value, reader)
    reader.refuse("holds a single value, no rows", 'give a list like [{"text": "...", "label": "..."}]')


def _damaged(reader: _Reader, error: json.JSONDecodeError) -> JsonContent:
    """Rescue the rows of an object that is cut off."""
    inner = _INNER_ARRAY.search(reader.text)
    if inner and error.pos > inner.end():
        elements = list(reader.elements(inner.end()))
        if elements:
            reader.findings.warn(
                f"The JSON is not complete; only the list '{inner['key']}' was read.", line=error.lineno
            )
            return _from_elements(elements, reader)
    reader.refuse(
        f"is not valid JSON (line {error.lineno}, position {error.colno})",
        "export it again, or save it as .csv or .xlsx",
    )


def _from_elements(elements: list[tuple[int, object]], reader: _Reader) -> JsonContent:
    findings = reader.findings
    objects = [(line, value) for line, value in elements if isinstance(value, Mapping)]
    if objects:
        for line, value in elements:
            if not isinstance(value, Mapping):
                findings.count("{where}: a single value instead of an object with fields; left out.", line)
            elif not value:
                findings.count("{where}: an empty object, left out.", line)
        return JsonContent(records=tuple((line, value) for line, value in objects if value))
    lists = [(line, value) for line, value in elements if isinstance(value, list)]
    if lists and len(lists) == len(elements):
        return JsonContent(grid=tuple((line, [_cell(item, line, findings) for item in value]) for line, value in lists))
    if lists:
        reader.refuse("mixes lists and single values", "give a list of objects with the same fields")
    if elements:
        findings.warn("The list holds plain values without field names; they became the column 'column 1'.")
    return JsonContent(
        records=tuple((line, {"column 1": value}) for line, value in elements if value is not None and value != "")
    )


def _cell(value: object, line: int, findings: Findings) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return scalar_text(value, line=line, findings=findings)


def _from_object(value: Mapping[str, object], reader: _Reader) -> JsonContent:
    findings = reader.findings
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list) and data and all(isinstance(row, list) for row in data):
        grid = [(1, [_cell(name, 1, findings) for name in columns])]
        grid += [(place, [_cell(cell, place, findings) for cell in row]) for place, row in enumerate(data, start=2)]
        return JsonContent(grid=tuple(grid), has_header=True)
    lists = {
        key: item
        for key, item in value.items()
        if isinstance(item, list) and item and all(isinstance(part, dict) for part in item)
    }
    key = next((usual for usual in _USUAL for name in lists if name.casefold() == usual), None)
    key = next((name for name in lists if name.casefold() == key), None) if key else None
    if key is None and len(lists) == 1:
        key = next(iter(lists))
    if key is not None:
        findings.note(f"The rows were taken from the list '{key}'; a row's number is its place in that list.")
        others = [name for name in value if name != key]
        if others:
            findings.warn(f"Beside the rows the file holds {enumerated(map(repr, others[:5]))}; that was left out.")
        findings.unit = "row"
        return _from_elements(list(enumerate(lists[key], start=1)), reader)
    if len(lists) > 1:
        reader.refuse(
            f"holds several lists of rows ({enumerated(lists)})", "save the one you want as a file of its own"
        )
    return _from_columns(value, reader)


def _from_columns(value: Mapping[str, object], reader: _Reader) -> JsonContent:
    """Read an object of columns: {"text": [...], "label": [...]} or {"text": {"0": ...}, ...}."""
    findings = reader.findings
    items = list(value.values())
    if not items or all(item in ([], {}) for item in items):
        reader.refuse("holds no rows (0 rows found)", "export it again with its rows")
    lists = [item for item in items if isinstance(item, list)]
    if len(lists) == len(items) and len(items) > 1 and len({len(item) for item in lists}) == 1:
        findings.note("The file holds one list for each column; the lists were read side by side.")
        findings.unit = "row"
        rows = zip(*lists, strict=True)
        return JsonContent(
            records=tuple((place, dict(zip(value, row, strict=True))) for place, row in enumerate(rows, start=1))
        )
    inner = [item for item in items if isinstance(item, dict)]
    if len(inner) == len(items) and inner[0] and all(list(item) == list(inner[0]) for item in inner):
        findings.unit = "row"
        if all(key.isdigit() for key in inner[0]):
            findings.note("The file holds one object for each column; they were read side by side.")
            return JsonContent(
                records=tuple(
                    (place, {name: column[key] for name, column in zip(value, inner, strict=True)})
                    for place, key in enumerate(inner[0], start=1)
                )
            )
        findings.note("The file holds one object for each row, under a name; the names became the column 'key'.")
        records = [{"key": name, **row} for name, row in zip(value, inner, strict=True)]
        return JsonContent(records=tuple(enumerate(records, start=1)))
    findings.warn("The file holds a single object, which was read as one row; a list of objects was expected.")
    return JsonContent(records=((1, value),))
