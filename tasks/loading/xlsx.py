"""Excel workbooks (.xlsx, .xlsm), read as a stream."""

import itertools
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tasks.loading.cells import GridRow, number_text, scalar_text
from tasks.loading.report import Findings, enumerated
from tasks.loading.sheets import choose_sheet, number_as_shown, spread_merged
from tasks.loading.workbook import SheetFacts, ranges, sheet_facts, sheet_paths

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.cell.cell import MergedCell

_CHUNK = 200


def read_xlsx(path: Path, *, sheet: str | None, findings: Findings) -> Iterator[GridRow]:
    """Return the rows of one sheet; cells are read as text, formulas by the result stored with them."""
    import openpyxl

    findings.unit = "row"
    # The library judges an opened file by its content, a path by its extension.
    stream = path.open("rb")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        visible = {
            page.title: _holds_data(book, page.title) for page in book.worksheets if page.sheet_state == "visible"
        }
        hidden = [page.title for page in book.worksheets if page.sheet_state != "visible"]
        chosen = choose_sheet(sheet, visible=visible, hidden=hidden, findings=findings, name=path.name)
    except BaseException:
        stream.close()
        raise
    findings.sheet = chosen
    inside = sheet_paths(path).get(chosen)
    facts = sheet_facts(path, inside) if inside else SheetFacts()
    _tell(facts, findings)
    return spread_merged(_rows(book, chosen, findings, stream), list(ranges(facts.merged)), findings)


def _tell(facts: SheetFacts, findings: Findings) -> None:
    if facts.hidden_rows:
        findings.warn(f"{facts.hidden_rows} hidden row(s) were read as well; delete them if they should not count.")
    if facts.hidden_columns:
        findings.warn(f"{facts.hidden_columns} hidden column(s) were read as well, where they hold something.")
    if facts.unfinished_count:
        more = " ..." if facts.unfinished_count > len(facts.unfinished) else ""
        findings.warn(
            f"{facts.unfinished_count} formula(s) have no stored result and were read as empty "
            f"({enumerated(facts.unfinished)}{more}); open the file in its program, save it, and import it again."
        )


def _holds_data(book: "Workbook", title: str) -> bool:
    page = book[title]
    page.reset_dimensions()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # A sheet that is formatted far down but empty must not be read to its end.
        return any(
            any(value not in (None, "") for value in row)
            for row in itertools.islice(page.iter_rows(values_only=True), 10_000)
        )


def _rows(book: "Workbook", title: str, findings: Findings, stream: BinaryIO) -> Iterator[GridRow]:
    page = book[title]
    page.reset_dimensions()
    try:
        rows = enumerate(page.iter_rows(), start=1)
        while True:
            # The library warns about dates out of range and such; the cell's text tells that itself.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                chunk = list(itertools.islice(rows, _CHUNK))
            if not chunk:
                return
            for number, cells in chunk:
                yield number, [_text(cell, number, findings) for cell in cells]
    finally:
        book.close()
        stream.close()


def _text(cell: "SheetCell | MergedCell", row: int, findings: Findings) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        shown = number_as_shown(value, str(cell.number_format or ""))
        return shown if shown is not None else number_text(value)
    text = scalar_text(value, line=row, findings=findings)
    if cell.data_type == "e":
        findings.count(f"{{where}}: a formula failed ({text}); the cell was read as this text.", row)
    return text
