"""The public forms of a data file: a stream of rows, a whole table, or only the report."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from pydantic import BaseModel, ConfigDict

from tasks.loading.cells import Cell
from tasks.loading.detect import Format
from tasks.loading.reading import Request, Source, open_source, readable
from tasks.loading.report import Findings, ImportLimits, ImportRefused, ImportReport, plural

LIMITS = ImportLimits()
STREAM_LIMITS = ImportLimits(max_bytes=100_000_000_000, max_rows=None)


class Table(BaseModel):
    """All rows of a file. A cell is a text, or a list of texts; what is missing is the empty text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    """The file's name."""
    columns: tuple[str, ...]
    rows: tuple[dict[str, Cell], ...]
    lines: tuple[int, ...] = ()
    """For every row, its line in a text file, row in a sheet, or place in a list, from 1."""
    generated_names: bool = False
    """True where the file has no header and the columns were named `column 1`, `column 2` ..."""
    report: ImportReport


class RowStream:
    """The rows of a file, one at a time; iterate once, then read `report`.

    Raises ImportRefused while it is opened, or while it is iterated where damage shows only then.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._findings = Findings()
        self._rows = 0
        self.line = 0
        """Position in the file of the row that was handed out last."""
        try:
            self._source: Source = open_source(request, self._findings)
        except ImportRefused as error:
            raise self._complete(error) from error

    def _complete(self, error: ImportRefused) -> ImportRefused:
        """Add what was found up to now to a refusal."""
        source = getattr(self, "_source", None)
        columns = error.report.columns or (source.columns if source else ())
        return self._findings.refusal(str(error), format_name=source.format if source else None, columns=columns)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, complete before the first row."""
        return self._source.columns

    @property
    def generated_names(self) -> bool:
        """Whether the file has no header and names were made up."""
        return self._source.generated_names

    @property
    def report(self) -> ImportReport:
        """What was read and found up to now; complete after the last row."""
        return self._findings.report(format_name=self._source.format, rows=self._rows, columns=self.columns)

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        limits = self._request.limits
        name = self._request.path.name
        rows = self._source.rows
        try:
            while True:
                # Only the reader's own errors are translated, not those of the code that uses the row.
                with readable(self._request.path):
                    item = next(rows, None)
                if item is None:
                    break
                self.line, row = item
                self._rows += 1
                if limits.max_rows is not None and self._rows > limits.max_rows:
                    raise ImportRefused(
                        f"The file '{name}' has more than {limits.max_rows:,} rows; keep the ones you need as examples."
                    )
                yield row
            if self._rows == 0:
                raise ImportRefused(_no_rows(name, self._source))
        except ImportRefused as error:
            raise self._complete(error) from error

    def close(self) -> None:
        """Close the file."""
        close = getattr(self._source.rows, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> "RowStream":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _no_rows(name: str, source: Source) -> str:
    if source.columns:
        known = plural(len(source.columns), "column name")
        if source.format in {Format.CSV, Format.TSV}:
            return (
                f"0 rows found in '{name}': it has {known} but no data below; "
                "if that line is data, say that there is no header."
            )
        return f"0 rows found in '{name}': it has {known} but no data below."
    return f"0 rows found in '{name}'; choose a file with at least one row."


def stream_rows(
    path: Path,
    *,
    sheet: str | None = None,
    header: bool | None = None,
    titles: bool = True,
    limits: ImportLimits = STREAM_LIMITS,
) -> RowStream:
    """Open a file to be read row by row.

    Memory stays flat for .csv, .tsv, .jsonl, .parquet; .xlsx holds its distinct texts; other formats are read whole.

    Args:
        path: The file; its format is told from its content.
        sheet: Name of the sheet; None: the first visible one with data.
        header: Whether the first row names the columns; None: judged by its looks.
        titles: Whether rows above the table (a title, the date of an export) may be told from it and left out.
        limits: Bounds from which a file is refused.

    Raises:
        ImportRefused: the file cannot be taken.
    """
    return RowStream(Request(Path(path), sheet, header, limits, titles))


def load_table(
    path: Path,
    *,
    sheet: str | None = None,
    header: bool | None = None,
    titles: bool = True,
    limits: ImportLimits = LIMITS,
) -> Table:
    """Read a whole file; the arguments and errors are those of `stream_rows`."""
    with stream_rows(path, sheet=sheet, header=header, titles=titles, limits=limits) as stream:
        rows: list[dict[str, Cell]] = []
        lines: list[int] = []
        for row in stream:
            rows.append(row)
            lines.append(stream.line)
        return Table.model_construct(
            name=Path(path).name,
            columns=stream.columns,
            rows=tuple(rows),
            lines=tuple(lines),
            generated_names=stream.generated_names,
            report=stream.report,
        )


def check_file(
    path: Path,
    *,
    sheet: str | None = None,
    header: bool | None = None,
    titles: bool = True,
    limits: ImportLimits = LIMITS,
) -> ImportReport:
    """Say what an import of this file would give; never raises for what is wrong with the file."""
    try:
        with stream_rows(path, sheet=sheet, header=header, titles=titles, limits=limits) as stream:
            for _ in stream:
                pass
            return stream.report
    except ImportRefused as error:
        return error.report
