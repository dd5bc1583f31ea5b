"""Finds where the complete rows of an interrupted output end."""

import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path

from copilot.export.rows_cells import plain


@dataclass(frozen=True)
class Recovered:
    """What is sound in an output file."""

    rows: int
    columns: tuple[str, ...] | None
    """None where not even the column names are complete."""
    end: int
    """Bytes up to the end of the last complete row."""


def recover_json_lines(path: Path, *, cut: bool) -> Recovered:
    """Return the complete rows of a .jsonl file; with `cut`, remove what follows them."""
    rows = end = 0
    columns: tuple[str, ...] | None = None
    with path.open("rb") as stream:
        for line in stream:
            if not line.endswith(b"\n"):
                break
            if line.strip():
                row = _row(line)
                if row is None:
                    break
                columns = columns or tuple(row)
                rows += 1
            end += len(line)
    if cut:
        _cut(path, end)
    return Recovered(rows, columns, end)


def _row(line: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def recover_delimited(path: Path, delimiter: str, *, cut: bool) -> Recovered:
    """Return the complete rows of a file this package wrote: a row ends with a line end outside quotation marks."""
    records = end = place = 0
    inside = False
    header = b""
    with path.open("rb") as stream:
        for line in stream:
            if b"\0" in line and not line.strip(b"\0\n"):
                break
            place += len(line)
            inside ^= line.count(b'"') % 2 == 1
            if records == 0:
                header += line
            if line.endswith(b"\n") and not inside:
                records += 1
                end = place
    columns = None
    if records:
        names = next(
            csv.reader(header.decode("utf-8-sig", errors="replace").splitlines(keepends=True), delimiter=delimiter)
        )
        columns = tuple(plain(name) for name in names)
    if cut:
        _cut(path, end)
    return Recovered(max(records - 1, 0), columns, end)


def _cut(path: Path, end: int) -> None:
    if path.stat().st_size > end:
        os.truncate(path, end)
