"""Spreadsheets of other programs: Excel 97 (.xls), binary Excel (.xlsb), OpenDocument (.ods)."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.loading.cells import GridRow, number_text, scalar_text
from tasks.loading.report import Findings, ImportRefused
from tasks.loading.sheets import choose_sheet, spread_merged

if TYPE_CHECKING:
    from python_calamine import CalamineSheet


def read_spreadsheet(path: Path, *, sheet: str | None, findings: Findings) -> Iterator[GridRow]:
    """Return the rows of one sheet.

    Raises:
        ImportRefused: the file is damaged or password-protected.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    findings.unit = "row"
    try:
        book = CalamineWorkbook.from_path(path)
        visible: dict[str, bool] = {}
        hidden: list[str] = []
        for facts in book.sheets_metadata:
            if facts.typ != SheetTypeEnum.WorkSheet:
                continue
            if facts.visible != SheetVisibleEnum.Visible:
                hidden.append(facts.name)
                continue
            visible[facts.name] = _holds_data(book.get_sheet_by_name(facts.name))
        chosen = choose_sheet(sheet, visible=visible, hidden=hidden, findings=findings, name=path.name)
        findings.sheet = chosen
        page = book.get_sheet_by_name(chosen)
        merged = page.merged_cell_ranges or []
        # The library counts rows and columns from 0 and gives (row, column) pairs.
        areas = [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in merged]
        rows = [(number, [_text(value, number, findings) for value in row]) for number, row in _numbered(page)]
        return spread_merged(rows, areas, findings)
    except PasswordError as error:
        raise ImportRefused(f"The file '{path.name}' is password-protected; save it without the password.") from error
    except (CalamineError, OSError) as error:
        raise damaged(path) from error
    except BaseException as error:
        # The reader is written in Rust; on some damaged files it stops with a panic, which is no Exception.
        if type(error).__name__ == "PanicException":
            raise damaged(path) from error
        raise


def damaged(path: Path) -> ImportRefused:
    """Return the error for a file that its reader cannot make out."""
    return ImportRefused(
        f"The file '{path.name}' is damaged or was not copied completely; open it in its program, save it as .xlsx and "
        "import that."
    )


def _holds_data(page: "CalamineSheet") -> bool:
    return any(any(value != "" for value in row) for row in itertools.islice(page.iter_rows(), 10_000))


def _numbered(page: "CalamineSheet") -> Iterator[tuple[int, list[object]]]:
    for number, row in enumerate(page.to_python(skip_empty_area=False), start=1):
        yield number, list(row)


def _text(value: object, row: int, findings: Findings) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return number_text(value)
    text = scalar_text(value, line=row, findings=findings)
    if text.startswith("#") and text.rstrip("!?").upper() in _FAILURES:
        findings.count(f"{{where}}: a formula failed ({text}); the cell was read as this text.", row)
    return text


_FAILURES = {"#N/A", "#REF", "#DIV/0", "#NAME", "#NULL", "#NUM", "#VALUE"}
