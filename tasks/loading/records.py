"""Rows of formats that hold named records (.json, .jsonl, .parquet) as rows with the same columns throughout."""

from collections.abc import Iterable, Iterator, Mapping

from tasks.loading.cells import Cell, flatten, is_blank, one_line
from tasks.loading.layout import NumberedRow
from tasks.loading.report import Findings

Record = tuple[int, Mapping[str, object]]


class RecordColumns:
    """The union of the columns of all records, under distinct names."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns seen up to now, in order of appearance."""
        return tuple(self._names.values())

    def name(self, key: str, *, line: int) -> str:
        """Return the column of a key, adding it where it is new."""
        known = self._names.get(key)
        if known is not None:
            return known
        base = one_line(key)
        if not base:
            base = f"column {len(self._names) + 1}"
            self._findings.warn(f"A field has no name; it was called '{base}'.", line=line, column=base)
        unique, number = base, 2
        while unique.casefold() in self._taken:
            unique, number = f"{base} ({number})", number + 1
        if unique != base:
            self._findings.warn(
                f"The field '{base}' differs from another only by case or blanks; it is called '{unique}' here.",
                line=line,
                column=unique,
            )
        self._taken.add(unique.casefold())
        self._names[key] = unique
        return unique

    def row(self, record: Mapping[str, object], *, line: int) -> dict[str, Cell]:
        """Return the cells that this record has."""
        names = self._names
        row: dict[str, Cell] = {}
        for key, cell in flatten(record, line=line, findings=self._findings):
            row[names.get(key) or self.name(key, line=line)] = cell
        return row


def complete(rows: Iterable[NumberedRow], columns: tuple[str, ...]) -> Iterator[NumberedRow]:
    """Give every row every column, in order; records without any content are passed over by the caller's reader."""
    for line, row in rows:
        yield line, {name: row.get(name, "") for name in columns}


def says_nothing(row: Mapping[str, Cell]) -> bool:
    """Return whether a record is empty."""
    return all(is_blank(cell) for cell in row.values())
