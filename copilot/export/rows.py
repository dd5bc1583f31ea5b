"""Writes result rows one by one to .jsonl, .csv, .tsv or .xlsx, so that an interrupted output can be gone on with.

Text formats are appended to in place; a last row that was cut off (a crash, a full disk) is recognised and removed.
.xlsx cannot be appended to: its rows go to `NAME.xlsx.partial.jsonl` and become the workbook at the end, at once.
A list is written to a cell as `a; b`, or as a JSON list where an item holds a semicolon or a line break; both are read
back by `tasks.loading`. No byte order mark is written, since other programs read these files.
"""

import csv
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

from pydantic import JsonValue

from copilot.errors import StorageError, UserError
from copilot.export.rows_cells import cell_text, neutral, plain
from copilot.export.rows_recovery import Recovered, recover_delimited, recover_json_lines
from copilot.export.rows_xlsx import read_workbook, write_workbook

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
FORMATS = (".jsonl", ".csv", ".tsv", ".xlsx")


class RowWriter:
    """Writes rows to one file; as a context manager it finishes the file, or keeps it for resuming after an error."""

    def __init__(self, path: Path, columns: Sequence[str], *, resume: bool) -> None:
        self.path = path
        self.columns = tuple(columns)
        self.warnings: tuple[str, ...] = ()
        """What could not be written as it was, in words; complete after `close`."""
        self.rows_before = 0
        """Rows that were there already."""
        self._suffix = _suffix(path)
        self._target = _partial(path) if self._suffix == ".xlsx" else path
        self._delimiter = _DELIMITERS.get(self._suffix)
        try:
            self._stream = self._open(resume=resume)
        except OSError as error:
            raise _storage_error(path, error) from error
        self._csv = (
            None
            if self._delimiter is None
            else csv.writer(self._stream, delimiter=self._delimiter, lineterminator="\r\n")
        )
        if self._csv is not None and self._stream.tell() == 0:
            self._put([neutral(name) for name in self.columns])

    def _open(self, *, resume: bool) -> TextIO:
        self._target.parent.mkdir(parents=True, exist_ok=True)
        if resume:
            if self._suffix == ".xlsx" and not self._target.exists() and self.path.exists():
                _unpack_workbook(self.path, self._target)
            if self._target.exists():
                found = _recover(self._target, self._delimiter, cut=True)
                if found.columns is not None and found.columns != self.columns:
                    raise UserError(
                        f"The file '{self.path}' holds other columns ({', '.join(found.columns)}) than are to be "
                        f"written ({', '.join(self.columns)}); name another output file, or delete this one."
                    )
                self.rows_before = found.rows
        else:
            self._target.unlink(missing_ok=True)
        return self._target.open("a", encoding="utf-8", errors="replace", newline="")

    def write(self, row: Mapping[str, JsonValue]) -> None:
        """Append one row; it has reached the operating system on return, so that a `kill -9` does not lose it.

        Raises:
            StorageError: the disk refuses.
            ValueError: the row has a column that was not announced.
        """
        unknown = row.keys() - set(self.columns)
        if unknown:
            raise ValueError(f"unknown columns {sorted(unknown)}")
        if self._csv is None:
            self._put({name: row.get(name) for name in self.columns})
        else:
            self._put([neutral(cell_text(row.get(name))) for name in self.columns])

    def _put(self, row: list[str] | dict[str, JsonValue]) -> None:
        try:
            if isinstance(row, dict):
                self._stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            elif self._csv is not None:
                self._csv.writerow(row)
            self._stream.flush()
        except OSError as error:
            raise _storage_error(self.path, error) from error

    def close(self) -> None:
        """Finish the file.

        Raises:
            StorageError: the disk refuses; what was written stays and can be gone on with.
        """
        if self._stream.closed:
            return
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            if self._suffix == ".xlsx":
                rows = (row for row in _read_json_lines(self._target))
                self.warnings = write_workbook(self.path, self.columns, rows)
                self._target.unlink()
        except OSError as error:
            raise _storage_error(self.path, error) from error

    def suspend(self) -> None:
        """Close without finishing: the rows stay where a later writer with `resume` finds them."""
        with suppress(OSError):
            self._stream.close()

    def __enter__(self) -> "RowWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.suspend()


def open_row_writer(path: Path, columns: Sequence[str], *, resume: bool = False) -> RowWriter:
    """Open a file to write rows to; its extension decides the format.

    Args:
        path: Ends in .jsonl, .csv, .tsv or .xlsx; folders on the way are made.
        columns: All columns, in order.
        resume: Go on after the rows that are there (`rows_before` says how many); False: begin anew.

    Raises:
        UserError: another extension, or the existing file has other columns.
        StorageError: the disk refuses.
    """
    return RowWriter(Path(path), columns, resume=resume)


@contextmanager
def rows_at_once(path: Path, columns: Sequence[str]) -> Iterator[RowWriter]:
    """Open a writer whose file takes its place when it is whole; until then, and after an error, what is there stays.

    Args:
        path: Ends in .jsonl, .csv, .tsv or .xlsx.
        columns: All columns, in order.

    Raises:
        UserError: another extension.
        StorageError: the file cannot be written.
    """
    unfinished = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.unfinished{path.suffix}")
    try:
        with open_row_writer(unfinished, columns) as writer:
            yield writer
        unfinished.replace(path)
    except OSError as error:
        raise StorageError(f"The file {path} cannot be written ({error.strerror}). Choose another place.") from error
    finally:
        for rest in (unfinished, _partial(unfinished)):
            rest.unlink(missing_ok=True)


def existing_rows(path: Path) -> Iterator[dict[str, JsonValue]]:
    """Yield the complete rows that an earlier writer left, finished or not; nothing where there is no file.

    Values of .csv and .tsv come back as texts, without the apostrophe that kept spreadsheets from running them.
    """
    path = Path(path)
    suffix = _suffix(path)
    partial = _partial(path)
    try:
        if suffix == ".xlsx":
            if partial.exists():
                yield from _read_json_lines(partial)
            elif path.exists():
                yield from read_workbook(path)
        elif path.exists():
            delimiter = _DELIMITERS.get(suffix)
            yield from _read_json_lines(path) if delimiter is None else _read_delimited(path, delimiter)
    except OSError as error:
        raise _storage_error(path, error) from error


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix == ".ndjson":
        return ".jsonl"
    if suffix not in FORMATS:
        raise UserError(f"Rows cannot be written to '{path.name}'; use a name that ends in {', '.join(FORMATS)}.")
    return suffix


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.name}.partial.jsonl")


def _recover(path: Path, delimiter: str | None, *, cut: bool) -> Recovered:
    return recover_json_lines(path, cut=cut) if delimiter is None else recover_delimited(path, delimiter, cut=cut)


def _read_json_lines(path: Path) -> Iterator[dict[str, JsonValue]]:
    end = recover_json_lines(path, cut=False).end
    with path.open("rb") as stream:
        while stream.tell() < end:
            line = stream.readline()
            if line.strip():
                yield json.loads(line)


def _read_delimited(path: Path, delimiter: str) -> Iterator[dict[str, JsonValue]]:
    found = recover_delimited(path, delimiter, cut=False)
    csv.field_size_limit(max(csv.field_size_limit(), 50_000_000))
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter)
        next(reader, None)
        for _, cells in zip(range(found.rows), reader, strict=False):
            yield {name: plain(cell) for name, cell in zip(found.columns or (), cells, strict=False)}


def _unpack_workbook(path: Path, target: Path) -> None:
    """Turn a finished workbook back into rows that can be appended to."""
    unfinished = target.with_name(f"{target.name}.new")
    with unfinished.open("w", encoding="utf-8") as stream:
        for row in read_workbook(path):
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    unfinished.replace(target)


def _storage_error(path: Path, error: OSError) -> StorageError:
    reason = error.strerror or str(error)
    return StorageError(
        f"Rows could not be written to '{path}' ({reason[:1].lower()}{reason[1:]}); make room or choose another place, "
        "then start again: the rows written so far are kept."
    )
