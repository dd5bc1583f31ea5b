"""JSON Lines: one object a line."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tasks.loading.cells import Cell, LiteralFloat
from tasks.loading.encoding import TextEncoding, line_iterator
from tasks.loading.layout import NumberedRow
from tasks.loading.records import RecordColumns, complete, says_nothing
from tasks.loading.report import Findings

_NUMBER_WORDS = {"NaN": "", "Infinity": "Infinity", "-Infinity": "-Infinity"}
_LONGEST_INT = 4_000


def _pairs(findings: Findings, line: Callable[[], int]) -> Callable[[list[tuple[str, object]]], dict[str, object]]:
    def build(pairs: list[tuple[str, object]]) -> dict[str, object]:
        result: dict[str, object] = dict(pairs)
        if len(result) == len(pairs):
            return result
        result.clear()
        for key, value in pairs:
            unique, number = key, 2
            while unique in result:
                unique, number = f"{key} ({number})", number + 1
            if unique != key:
                findings.count(
                    f"{{where}}: '{key}' occurs twice in one object; the second is called '{unique}'.", line()
                )
            result[unique] = value
        return result

    return build


def decoder(findings: Findings, line: Callable[[], int]) -> json.JSONDecoder:
    """Return a JSON decoder that reports what JSON leaves open: NaN, keys that occur twice."""

    def constant(word: str) -> object:
        findings.count(f"{{where}}: {word} is no number in JSON; it was read as '{_NUMBER_WORDS[word]}'.", line())
        return _NUMBER_WORDS[word]

    return json.JSONDecoder(
        object_pairs_hook=_pairs(findings, line),
        parse_float=LiteralFloat,
        parse_int=lambda digits: int(digits) if len(digits) < _LONGEST_INT else digits,
        parse_constant=constant,
        strict=False,
    )


class _Lines:
    """Reads the file once; can be read again for the rows after the columns are known."""

    def __init__(self, path: Path, encoding: TextEncoding, findings: Findings) -> None:
        self._path = path
        self._encoding = encoding
        self._findings = findings
        self._line = 0
        self._decoder = decoder(findings, lambda: self._line)

    def objects(self) -> Iterator[tuple[int, Mapping[str, object]]]:
        with self._encoding.open(self._path) as stream:
            for self._line, text in enumerate(line_iterator(stream), start=1):
                stripped = text.strip().rstrip("\x1e\0").lstrip("\x1e")
                if not stripped:
                    continue
                value = self._parse(stripped)
                if isinstance(value, dict):
                    yield self._line, value
                elif value is not _BROKEN:
                    self._findings.count(
                        "{where}: a single value instead of an object with fields; left out.", self._line
                    )

    def _parse(self, text: str) -> object:
        try:
            return self._decoder.decode(text)
        except (ValueError, RecursionError):
            pass
        try:
            if text.endswith(",") and isinstance(value := self._decoder.decode(text[:-1]), dict):
                self._findings.count("{where}: a comma at the end was passed over.", self._line, note=True)
                return value
        except (ValueError, RecursionError):
            pass
        self._findings.count(
            "{where}: not complete or not valid JSON; left out, the other lines were read.", self._line
        )
        return _BROKEN


_BROKEN = object()


def read_json_lines(
    path: Path, encoding: TextEncoding, findings: Findings
) -> tuple[tuple[str, ...], Iterator[NumberedRow]]:
    """Return the columns of the whole file and its rows.

    The file is read twice, so that every row has every column although only one row is held in memory.
    """
    columns = RecordColumns(findings)
    for line, record in _Lines(path, encoding, findings).objects():
        columns.row(record, line=line)
    again = RecordColumns(Findings())

    def rows() -> Iterator[NumberedRow]:
        for line, record in _Lines(path, encoding, Findings()).objects():
            row: dict[str, Cell] = again.row(record, line=line)
            if says_nothing(row):
                findings.count("{where}: an empty object, left out.", line)
                continue
            yield line, row

    return columns.columns, complete(rows(), columns.columns)


def looks_like_lines(head: str) -> bool:
    """Return whether a text that begins with "{" or "[" is JSON Lines rather than one JSON value."""
    lines = [line for line in re.split(r"\r\n|\r|\n", head) if line.strip()][:20]
    if len(lines) < 2:
        return False
    if _is_object(lines[0].strip().removesuffix(",")):
        return True
    # The first line may be the broken one.
    return lines[0].lstrip().startswith("{") and sum(map(_is_object, lines)) * 2 >= len(lines)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line, parse_int=str), dict)
    except (ValueError, RecursionError):
        return False
