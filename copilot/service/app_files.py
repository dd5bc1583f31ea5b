"""Files that people give to an app: a document for one field, a sheet of rows for all of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from copilot.domain.apps import AppField, AppForm
from copilot.domain.sheets import Cell
from copilot.errors import ImportRefused
from copilot.export.rows import open_row_writer
from tasks import loading
from tasks.loading.detect import Format, detect_binary
from tasks.loading.encoding import detect_encoding, text_of
from tasks.loading.names import normal
from tasks.loading.reading import readable
from tasks.loading.report import Findings
from tasks.loading.table import STREAM_LIMITS
from tasks.model import Frozen

FIRST_ROWS = 5
SHOWN_CHARACTERS = 300
DOCUMENT_BYTES = 20_000_000


class BatchPreview(Frozen):
    """What a sheet holds, before any row of it is run."""

    report: loading.ImportReport
    first_rows: tuple[dict[str, Cell], ...] = ()
    """Long cells are shortened."""
    columns: dict[str, str] = Field(default_factory=dict)
    """Variable of the template -> the column that seems to hold it; those that nothing tells of are missing."""


def read_document(path: Path) -> str:
    """Return the text of a .txt, .pdf or .docx file.

    Raises:
        ImportRefused: it cannot be read, or is no document; the message says what to do.
    """
    try:
        with readable(path):
            if path.stat().st_size > DOCUMENT_BYTES:
                raise loading.ImportRefused(
                    f"The document '{path.name}' has more than {DOCUMENT_BYTES // 1_000_000} MB; give a part of it."
                )
            found = detect_binary(path)
            if found is None:
                text = text_of(path, detect_encoding(path, findings=Findings())).strip()
            elif found in (Format.PDF, Format.DOCX):
                cell = loading.load_table(path).rows[0]["document"]
                text = cell if isinstance(cell, str) else "\n".join(cell)
            else:
                raise loading.ImportRefused(
                    f"The file '{path.name}' is a table, not a document; run its rows as a batch instead."
                )
            if not text:
                raise loading.ImportRefused(f"The file '{path.name}' holds no text; choose another.")
            return text
    except loading.ImportRefused as error:
        raise ImportRefused(str(error)) from None


def preview(form: AppForm, path: Path, *, sheet: str | None = None) -> BatchPreview:
    """Read a file of rows once, keeping the first few; what is wrong with it stands in the report."""
    first: list[dict[str, Cell]] = []
    try:
        with loading.stream_rows(path, sheet=sheet, limits=STREAM_LIMITS) as stream:
            for row in stream:
                if len(first) < FIRST_ROWS:
                    first.append({name: _shortened(cell) for name, cell in row.items()})
            report, generated = stream.report, stream.generated_names
    except loading.ImportRefused as error:
        return BatchPreview(report=error.report)
    return BatchPreview(
        report=report,
        first_rows=tuple(first),
        columns=guessed_columns(form.fields, report.columns, generated=generated),
    )


def guessed_columns(fields: Sequence[AppField], columns: Sequence[str], *, generated: bool = False) -> dict[str, str]:
    """Return the column of each variable as far as names tell: the field's label, the variable, or a synonym."""
    told: dict[str, str] = {}
    for field in fields:
        free = [column for column in columns if column not in told.values()]
        same = [column for column in free if normal(column) == normal(field.label)]
        if same:
            told[field.name] = same[0]
    wanted = [field.name for field in fields]
    if generated and len(columns) == len(wanted):
        return dict(zip(wanted, columns, strict=True))
    rest = [name for name in wanted if name not in told]
    return loading.match_columns(columns, wanted=(), optional=rest, mapping=told).columns


def write_sheet_template(form: AppForm, path: Path) -> None:
    """Write an .xlsx, .csv or .tsv with a column for each field and one example row.

    Raises:
        StorageError: the file cannot be written.
    """
    with open_row_writer(path, [field.label for field in form.fields]) as writer:
        writer.write({field.label: example_of(field) for field in form.fields})


def example_of(field: AppField) -> str:
    """Return a value that shows what is meant."""
    return field.example or (field.options[0] if field.type == "choice" and field.options else "")


def checked_columns(form: AppForm, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the mapping, complete.

    Raises:
        ImportRefused: a field has no column.
    """
    missing = [field.label for field in form.fields if field.name not in columns]
    if missing:
        raise ImportRefused(f"Say which column holds '{missing[0]}'.")
    return dict(columns)


def _shortened(cell: Cell) -> Cell:
    text = cell if isinstance(cell, str) else "; ".join(cell)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
