"""What an import says about a file: its outcome, and everything that was odd, in a user's words."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

Outcome = Literal["import", "import_with_warning", "refuse"]

LINES_SHOWN = 10
FINDINGS_KEPT = 200


class ImportLimits(BaseModel):
    """How much a file may hold before it is refused with a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_bytes: int = 2_000_000_000
    """Size of the file on disk."""
    max_rows: int | None = 500_000
    """Data rows; None: no limit (streaming only holds one row at a time)."""
    max_columns: int = 2_000
    max_cell_characters: int = 20_000_000
    max_unpacked_bytes: int = 1_000_000_000
    """What a zipped format (.xlsx, .docx, .ods) may unpack to."""
    max_unpack_ratio: int = 100
    """Unpacked to packed size, looked at from 50 MB unpacked."""
    max_whole_bytes: int = 500_000_000
    """Size of a file of a format that has to be held in memory as a whole (.json, .xls, .ods, .pdf, .docx, .txt)."""
    max_pages: int = 5_000
    """Pages of a PDF."""


class Oddity(BaseModel):
    """One thing the user should know about the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: str
    line: int | None = None
    """First line (text), row (sheet) or record (Parquet) concerned, counted from 1."""
    sheet: str | None = None
    column: str | None = None


class ImportReport(BaseModel):
    """What came of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Outcome
    rows: int = 0
    columns: tuple[str, ...] = ()
    warnings: tuple[Oddity, ...] = ()
    """What may have changed the meaning, or was left out: the user should look."""
    notes: tuple[Oddity, ...] = ()
    """What was recognised or tidied without changing the meaning."""
    message: str = ""
    """One sentence: what was read, or why not and what to do."""
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    """Every visible sheet that holds data."""
    titles: int = 0
    """Rows above the table that were taken for its title and left out."""


class ImportRefused(ValueError):
    """The file cannot be taken; `str(error)` is one sentence for the user, `report` the whole finding."""

    def __init__(self, message: str, *, columns: Iterable[str] = (), report: ImportReport | None = None) -> None:
        super().__init__(message)
        self.report = report or ImportReport(outcome="refuse", message=message, columns=tuple(columns))


class _Group:
    """The same oddity on many lines: told once."""

    def __init__(self, template: str, column: str | None) -> None:
        self.template = template
        self.column = column
        self.lines: list[int] = []
        self.count = 0


class Findings:
    """Collects oddities while a file is read; memory does not grow with the number of lines concerned."""

    def __init__(self) -> None:
        self.unit = "line"
        """What a position in this format is called: `line`, `row`, `record`, `page`."""
        self.sheet: str | None = None
        self.encoding: str | None = None
        self.delimiter: str | None = None
        self.sheets: tuple[str, ...] = ()
        self.titles = 0
        self._warnings: list[Oddity] = []
        self._notes: list[Oddity] = []
        self._groups: dict[tuple[bool, str, str | None], _Group] = {}

    def warn(self, message: str, *, line: int | None = None, column: str | None = None) -> None:
        """Record something that may have changed the meaning."""
        if len(self._warnings) < FINDINGS_KEPT:
            self._warnings.append(Oddity(message=message, line=line, sheet=self.sheet, column=column))

    def note(self, message: str, *, line: int | None = None, column: str | None = None) -> None:
        """Record something that was recognised or tidied."""
        if len(self._notes) < FINDINGS_KEPT:
            self._notes.append(Oddity(message=message, line=line, sheet=self.sheet, column=column))

    def count(self, template: str, line: int, *, column: str | None = None, note: bool = False) -> None:
        """Record the same oddity on one more line.

        Args:
            template: A sentence in which `{where}` stands for "line 4" or "lines 4, 7 and 9".
            line: Where it was seen.
            column: The column concerned; oddities of different columns are told apart.
            note: True where it does not change the meaning.
        """
        key = (note, template, column)
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= FINDINGS_KEPT:
                return
            group = self._groups[key] = _Group(template, column)
        group.count += 1
        if len(group.lines) < LINES_SHOWN and (not group.lines or group.lines[-1] != line):
            group.lines.append(line)

    def listed(self) -> tuple[tuple[Oddity, ...], tuple[Oddity, ...]]:
        """Return (warnings, notes) found up to now."""
        warnings, notes = list(self._warnings), list(self._notes)
        for (is_note, _, _), group in self._groups.items():
            where = name_lines(group.lines, total=group.count, unit=self.unit)
            message = group.template.replace("{where}", where)
            message = message[:1].upper() + message[1:]
            target = notes if is_note else warnings
            target.append(Oddity(message=message, line=group.lines[0], sheet=self.sheet, column=group.column))
        return tuple(warnings), tuple(notes)

    def report(self, *, format_name: str, rows: int, columns: Iterable[str]) -> ImportReport:
        """Return the report of a file that was taken."""
        taken = self._so_far(format_name, columns)
        sheet = f" from sheet '{self.sheet}'" if self.sheet else ""
        lines, width, things = (
            plural(rows, "row"),
            plural(len(taken.columns), "column"),
            plural(len(taken.warnings), "thing"),
        )
        message = f"{lines} with {width} read{sheet} ({format_name})."
        if taken.warnings:
            message = f"{lines} with {width} read{sheet} ({format_name}); {things} to look at."
        outcome: Outcome = "import_with_warning" if taken.warnings else "import"
        return taken.model_copy(update={"outcome": outcome, "rows": rows, "message": message})

    def refusal(self, message: str, *, format_name: str | None, columns: Iterable[str] = ()) -> ImportRefused:
        """Return the error for a file that cannot be taken, with what was found up to now."""
        report = self._so_far(format_name, columns).model_copy(update={"message": message})
        return ImportRefused(message, report=report)

    def _so_far(self, format_name: str | None, columns: Iterable[str]) -> ImportReport:
        """Return what was found, as the report of a file that is not taken yet."""
        warnings, notes = self.listed()
        return ImportReport(
            outcome="refuse",
            columns=tuple(columns),
            warnings=warnings,
            notes=notes,
            format=format_name,
            encoding=self.encoding,
            delimiter=self.delimiter,
            sheet=self.sheet,
            sheets=self.sheets,
            titles=self.titles,
        )


def plural(number: int, noun: str) -> str:
    """Return e.g. "1 row" or "12,000 rows"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def enumerated(items: Iterable[object]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    words = [str(item) for item in items]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def name_lines(lines: list[int], *, total: int, unit: str = "line") -> str:
    """Return "line 4", "lines 4, 7 and 9" or "lines 4, 7, 9, ... (120 in all)"."""
    if len(lines) == 1 and total == 1:
        return f"{unit} {lines[0]}"
    if total > len(lines):
        return f"{unit}s {', '.join(map(str, lines))}, ... ({total:,} in all)"
    return f"{unit}s {enumerated(lines)}"


def quoted(names: Iterable[str]) -> str:
    """Return 'a', 'b' and 'c' with each name in quotes."""
    return enumerated(f"'{name}'" for name in names)
