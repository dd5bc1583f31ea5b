"""What all spreadsheets share: which sheet is read, and to which rows a merged cell belongs."""

from collections.abc import Iterable, Iterator, Mapping

from tasks.loading.cells import GridRow
from tasks.loading.report import Findings, ImportRefused, quoted


def choose_sheet(
    wanted: str | None, *, visible: Mapping[str, bool], hidden: Iterable[str], findings: Findings, name: str
) -> str:
    """Return the sheet to read: the one asked for, else the first visible one that holds data.

    Args:
        wanted: The sheet's name, case does not matter.
        visible: Visible sheets in order, and whether they hold data.
        hidden: Hidden sheets.
        findings: Takes what the user should know.
        name: The file, for messages.

    Raises:
        ImportRefused: there is no such sheet, or no sheet with data.
    """
    hidden = tuple(hidden)
    holding = tuple(sheet for sheet, holds in visible.items() if holds)
    findings.sheets = holding
    if wanted is not None:
        for sheet in (*visible, *hidden):
            if sheet.strip().casefold() == wanted.strip().casefold():
                return sheet
        raise ImportRefused(f"There is no sheet '{wanted}' in '{name}'; it has {quoted((*visible, *hidden))}.")
    if not holding:
        extra = f" Only the hidden sheets ({quoted(hidden)}) are left; name one to read it." if hidden else ""
        raise ImportRefused(f"The visible sheets of '{name}' are empty; choose a file with data.{extra}")
    chosen = holding[0]
    if len(holding) > 1:
        findings.warn(
            f"The file has {len(holding)} sheets with data ({quoted(holding)}); '{chosen}' was read. "
            "Name another sheet to read that instead."
        )
    elif next(iter(visible)) != chosen:
        findings.warn(f"The first sheet is empty; '{chosen}' was read.")
    if hidden:
        findings.note(f"Hidden and not read: {quoted(hidden)}.")
    return chosen


def spread_merged(
    rows: Iterable[GridRow], merged: Iterable[tuple[int, int, int, int]], findings: Findings
) -> Iterator[GridRow]:
    """Give every row that a vertically merged cell spans that cell's text; across columns it stays in the first."""
    tall = sorted(area for area in merged if area[2] > area[0])
    waiting = iter(tall)
    upcoming = next(waiting, None)
    open_areas: list[tuple[int, int, str]] = []
    for line, cells in rows:
        while upcoming is not None and upcoming[0] <= line:
            top, left, bottom, _ = upcoming
            if top == line and left <= len(cells):
                open_areas.append((bottom, left, cells[left - 1]))
            upcoming = next(waiting, None)
        open_areas = [area for area in open_areas if area[0] >= line]
        filled = list(cells)
        if any(cell.strip() for cell in cells):
            for _, left, text in open_areas:
                filled += [""] * (left - len(filled))
                if text and not filled[left - 1]:
                    filled[left - 1] = text
                    findings.count(
                        "{where}: the text of a cell merged over several rows was given to each of them.", line
                    )
        yield line, filled


def number_as_shown(value: float, number_format: str) -> str | None:
    """Return a number as its format shows it where that changes what it says: percentages and leading zeros."""
    if "%" in number_format:
        return f"{format(value * 100, '.12g')}%"
    if number_format and set(number_format) == {"0"} and len(number_format) > 1 and value == int(value):
        return str(int(value)).zfill(len(number_format))
    return None
