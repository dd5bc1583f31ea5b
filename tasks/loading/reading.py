"""Opens a data file of any known format as a stream of rows and says what was odd about it."""

import errno
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tasks.loading.archive import check_archive
from tasks.loading.cells import Cell, GridRow, clean_text
from tasks.loading.detect import Format, detect_binary, detect_text
from tasks.loading.encoding import detect_encoding, line_iterator, text_of
from tasks.loading.layout import NumberedRow, read_grid
from tasks.loading.records import RecordColumns, complete
from tasks.loading.report import Findings, ImportLimits, ImportRefused


@dataclass
class Source:
    """An opened file."""

    format: Format
    columns: tuple[str, ...]
    rows: Iterator[NumberedRow]
    generated_names: bool = False


@dataclass(frozen=True)
class Request:
    """What is to be read, and how."""

    path: Path
    sheet: str | None = None
    header: bool | None = None
    limits: ImportLimits = field(default_factory=ImportLimits)
    titles: bool = True


def open_source(request: Request, findings: Findings) -> Source:
    """Detect the format and open the file.

    Raises:
        ImportRefused: the file cannot be taken.
    """
    path = request.path
    with readable(path):
        _check_file(path, request.limits)
        found = detect_binary(path)
        if found in {Format.XLSX, Format.ODS, Format.DOCX}:
            check_archive(path, limits=request.limits)
        if found not in {None, Format.PARQUET, Format.XLSX}:
            _check_whole(path, request.limits)
        return _open_binary(found, request, findings) if found else _open_text(request, findings)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what goes wrong while reading into a refusal with a sentence."""
    try:
        yield
    except ImportRefused:
        raise
    except OSError as error:
        raise ImportRefused(_why_not(path, error)) from error
    except (MemoryError, RecursionError) as error:
        raise ImportRefused(f"The file '{path.name}' is too large or too deeply nested to be read here.") from error
    except Exception as error:
        # The readers of binary formats raise errors of any kind on damaged files.
        raise ImportRefused(
            f"The file '{path.name}' is damaged or not quite of its format; open it in its program, save it again and "
            "import the new copy."
        ) from error


def _why_not(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"There is no file '{path}'; check the name and the folder."
    if isinstance(error, PermissionError):
        return f"The file '{path}' may not be read; ask its owner for the right to read it."
    if isinstance(error, IsADirectoryError):
        return f"'{path}' is a folder; name one file in it."
    if error.errno == errno.ELOOP:
        return f"'{path}' is a link that leads back to itself; name the file it should lead to."
    if error.errno == errno.ENAMETOOLONG:
        return "The file name is too long for this system; give the file a shorter one."
    return f"The file '{path}' cannot be read ({error.strerror or error}); try a fresh copy."


def _check_file(path: Path, limits: ImportLimits) -> None:
    facts = path.stat()
    if stat.S_ISDIR(facts.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a directory")
    if not stat.S_ISREG(facts.st_mode):
        raise ImportRefused(f"'{path}' is a device or pipe, not a file; save its contents to a file first.")
    if facts.st_size == 0:
        raise ImportRefused(f"The file '{path.name}' is empty (zero bytes); choose a file with at least one row.")
    if facts.st_size > limits.max_bytes:
        raise _too_large(path, facts.st_size, limits.max_bytes)


def _check_whole(path: Path, limits: ImportLimits) -> None:
    if (size := path.stat().st_size) > limits.max_whole_bytes:
        raise _too_large(path, size, limits.max_whole_bytes)


def _too_large(path: Path, size: int, limit: int) -> ImportRefused:
    return ImportRefused(
        f"The file '{path.name}' has {size / 1e6:,.0f} MB, more than the {limit / 1e6:,.0f} MB that are read of this "
        "format; split it, or keep only the rows and columns you need."
    )


def _open_binary(found: Format, request: Request, findings: Findings) -> Source:
    path = request.path
    if found is Format.PARQUET:
        from tasks.loading.parquet import read_parquet

        columns, rows = read_parquet(path, findings, limits=request.limits)
        return Source(found, columns, rows)
    if found is Format.XLSX:
        return _from_grid(found, _xlsx(request, findings), request, findings)
    if found in {Format.XLS, Format.ODS}:
        from tasks.loading.calamine import read_spreadsheet

        return _from_grid(found, read_spreadsheet(path, sheet=request.sheet, findings=findings), request, findings)
    if found is Format.PDF:
        from tasks.loading.pdf import read_pdf

        return _document(found, read_pdf(path, findings, limits=request.limits))
    from tasks.loading.docx import read_docx

    return _document(found, read_docx(path, findings))


def _xlsx(request: Request, findings: Findings) -> Iterator[GridRow]:
    from tasks.loading.calamine import read_spreadsheet
    from tasks.loading.xlsx import read_xlsx

    try:
        return read_xlsx(request.path, sheet=request.sheet, findings=findings)
    except (ImportRefused, OSError):
        raise
    except Exception:
        # Some sound workbooks (e.g. with an empty chart sheet) are beyond the first library; the second knows less
        # of formats and hidden rows, but reads the values.
        _check_whole(request.path, request.limits)
        rows = read_spreadsheet(request.path, sheet=request.sheet, findings=findings)
        findings.note("The file is unusual; its values were read without looking at hidden rows and number formats.")
        return rows


def _document(found: Format, text: str) -> Source:
    row: dict[str, Cell] = {"document": text}
    return Source(found, ("document",), iter([(1, row)]))


def _open_text(request: Request, findings: Findings) -> Source:
    from tasks.loading.delimited import NO_DELIMITER, is_table, sniff

    path = request.path
    encoding = detect_encoding(path, findings=findings)
    head = encoding.head(path)
    if not head.strip("\0 \t\r\n\ufeff"):
        raise ImportRefused(f"The file '{path.name}' holds no text, only blanks; choose a file with at least one row.")
    found = detect_text(path, head)
    if found in {Format.JSON, Format.JSONL}:
        return _open_json(found, head, request, findings)
    dialect = sniff(head)
    if found is Format.TEXT and not is_table(head, dialect):
        _check_whole(path, request.limits)
        lines = [line for line in head.splitlines() if line.strip()]
        if len(lines) > 1:
            findings.note("The file was read as one document; if every line is a text of its own, save it as .csv.")
        return _document(found, clean_text(text_of(path, encoding).strip(), line=1, findings=findings))
    findings.delimiter = None if dialect.delimiter == NO_DELIMITER else dialect.delimiter

    def grid() -> Iterator[GridRow]:
        from tasks.loading.delimited import records

        with encoding.open(path) as stream:
            for line, cells in records(line_iterator(stream), dialect, findings):
                yield line, [clean_text(cell, line=line, findings=findings) for cell in cells]

    found = Format.TSV if dialect.delimiter == "\t" else Format.CSV
    return _from_grid(found, grid(), request, findings, rejoin=findings.delimiter or NO_DELIMITER)


def _open_json(found: Format, head: str, request: Request, findings: Findings) -> Source:
    from tasks.loading.jsonfile import read_json
    from tasks.loading.jsonlines import looks_like_lines, read_json_lines

    path = request.path
    encoding = detect_encoding(path, findings=Findings())
    if looks_like_lines(head) or (found is Format.JSONL and head.lstrip()[:1] not in {"[", "{"}):
        columns, rows = read_json_lines(path, encoding, findings)
        return Source(Format.JSONL, columns, rows)
    _check_whole(path, request.limits)
    content = read_json(text_of(path, encoding), name=path.name, findings=findings)
    if content.grid:
        header = request.header if request.header is not None else content.has_header
        return _from_grid(
            Format.JSON, iter(content.grid), Request(path, header=header, titles=request.titles), findings
        )
    names = RecordColumns(findings)
    numbered = [(line, names.row(record, line=line)) for line, record in content.records]
    return Source(Format.JSON, names.columns, complete(numbered, names.columns))


def _from_grid(
    found: Format, grid: Iterator[GridRow], request: Request, findings: Findings, *, rejoin: str | None = None
) -> Source:
    layout, rows = read_grid(
        grid,
        header=request.header,
        findings=findings,
        limits=request.limits,
        titles=request.titles,
        rejoin=rejoin,
    )
    return Source(found, layout.columns, rows, generated_names=layout.generated)
