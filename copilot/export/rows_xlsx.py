"""Rows as an Excel workbook, written as a stream and put in place at once."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from copilot.export.rows_cells import cell_text

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

ROWS_A_SHEET = 1_048_575
"""Excel's limit, without the header."""
CHARACTERS_A_CELL = 32_767
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_workbook(
    path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, JsonValue]], *, rows_a_sheet: int = ROWS_A_SHEET
) -> tuple[str, ...]:
    """Write all rows and return what Excel could not hold as it was, in words. Texts are never written as formulas."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    shortened = replaced = 0
    sheets: list[WriteOnlyWorksheet] = []

    def cell(value: JsonValue) -> "Cell | int | float | bool | None":
        nonlocal shortened, replaced
        if value is None or isinstance(value, bool | int | float):
            return value
        text = cell_text(value)
        clean = _UNWRITABLE.sub("\ufffd", text)
        replaced += clean != text
        if len(clean) > CHARACTERS_A_CELL:
            shortened += 1
            clean = clean[: CHARACTERS_A_CELL - 1] + "\u2026"
        return _text_cell(sheets[-1], clean)

    for number, row in enumerate(rows):
        if number % rows_a_sheet == 0:
            sheets.append(_sheet(book, len(sheets) + 1))
            sheets[-1].append([cell(name) for name in columns])
        sheets[-1].append([cell(row.get(name)) for name in columns])
    if not sheets:
        sheets.append(_sheet(book, 1))
        sheets[-1].append([cell(name) for name in columns])
    unfinished = path.with_name(f"{path.name}.partial")
    try:
        book.save(unfinished)
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    warnings = []
    if shortened:
        warnings.append(f"{shortened} cell(s) were shortened to Excel's {CHARACTERS_A_CELL:,} characters.")
    if replaced:
        warnings.append(f"{replaced} cell(s) held characters that Excel cannot store; they were replaced by \ufffd.")
    if len(sheets) > 1:
        warnings.append(f"The rows fill {len(sheets)} sheets, since Excel holds {rows_a_sheet:,} rows in one.")
    return tuple(warnings)


def _sheet(book: "object", number: int) -> "WriteOnlyWorksheet":
    from openpyxl import Workbook

    assert isinstance(book, Workbook)
    sheet: WriteOnlyWorksheet = book.create_sheet("rows" if number == 1 else f"rows {number}")
    return sheet


def _text_cell(sheet: "WriteOnlyWorksheet", text: str) -> "Cell":
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def read_workbook(path: Path) -> Iterator[dict[str, JsonValue]]:
    """Yield the rows of a workbook this module wrote, from all of its sheets."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            rows = sheet.iter_rows(values_only=True)
            names = [str(name) for name in next(rows, ())]
            for values in rows:
                yield {name: _value(value) for name, value in zip(names, values, strict=False)}
    finally:
        book.close()


def _value(value: object) -> JsonValue:
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)
