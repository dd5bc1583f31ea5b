"""From a grid of cells to named columns and rows: titles, headers, totals, short and long rows.

Used by every format whose rows are lists of cells (delimited text and spreadsheets). Works on a stream: it looks at
the first rows, then hands on row after row, holding back only the last few to recognise totals and remarks.
"""

import itertools
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tasks.loading.cells import Cell, GridRow, one_line
from tasks.loading.header import could_be_name, differs_in_type, is_number, judge_header
from tasks.loading.names import is_known
from tasks.loading.report import Findings, ImportLimits, ImportRefused, enumerated
from tasks.loading.titles import count_above, filled, tell, usual_filled

NumberedRow = tuple[int, dict[str, Cell]]

_LOOKED_AT = 500
_HELD_BACK = 4
_TOTAL = re.compile(
    r"(grand |sub)?-?\s*(totals?|sums?|averages?|mean|count|summen?|gesamt(summe)?|zwischensumme|durchschnitt|anzahl)"
    r"\b[\s:=.]*[-+\d.,\s%€$£]*(rows|records|items|entries)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Layout:
    """Where the table lies in the grid."""

    columns: tuple[str, ...]
    places: tuple[int, ...]
    """For every column, its place in a grid row."""
    header: tuple[str, ...] | None
    generated: bool
    """True where there was no header and names were made up."""


def used_width(cells: list[str]) -> int:
    """Return the number of cells up to the last one that holds something."""
    for place in range(len(cells), 0, -1):
        if cells[place - 1].strip():
            return place
    return 0


def read_grid(
    grid: Iterator[GridRow],
    *,
    header: bool | None,
    findings: Findings,
    limits: ImportLimits,
    titles: bool = True,
    rejoin: str | None = None,
) -> tuple[Layout, Iterator[NumberedRow]]:
    """Find the table in a grid.

    Args:
        grid: Rows from the top; blank ones may be among them.
        header: Whether the first row names the columns; None: judged by its looks.
        findings: Takes what is odd.
        limits: Bounds the number of columns.
        titles: Whether rows above the table may be told from it.
        rejoin: The delimiter, where surplus cells come from text that was not quoted.

    Raises:
        ImportRefused: there are no cells at all, or too many columns.
    """
    apart: set[int] = set()
    filled_rows = _without_blank(grid, apart, findings)
    head = list(itertools.islice(filled_rows, _LOOKED_AT))
    if not head:
        raise ImportRefused("The file holds no text at all; choose a file with at least one row.")
    if titles:
        head = _without_titles(head, apart, header=header, findings=findings)
    width = _typical_width(head)
    if max(used_width(cells) for _, cells in head) > limits.max_columns:
        raise ImportRefused(
            f"The table has more than {limits.max_columns:,} columns; keep the ones you need and import it again."
        )
    has_header = _judge(head, header=header, width=width, findings=findings)
    layout = _layout(head, has_header=has_header, width=width, findings=findings)
    body = itertools.chain(head[1:] if has_header else head, filled_rows)
    fit = _fitter(layout, findings, rejoin=rejoin)
    return layout, _rows(_without_tail(body, layout, findings), layout, fit, findings)


def _without_blank(grid: Iterator[GridRow], apart: set[int], findings: Findings) -> Iterator[GridRow]:
    """Skip rows without any text; those between other rows are mentioned, and the first rows after them noted."""
    blank: list[int] = []
    started = False
    for line, cells in grid:
        if not any(cell and not cell.isspace() for cell in cells):
            if started and len(blank) < 3:
                blank.append(line)
            continue
        for number in blank:
            findings.count("{where}: empty, passed over.", number, note=True)
        if blank and len(apart) < _LOOKED_AT:
            apart.add(line)
        blank.clear()
        started = True
        yield line, cells


def _typical_width(rows: list[GridRow]) -> int:
    """Return the usual number of cells; a tie goes to the wider, rows are counted up to their last text."""
    widths = Counter(used_width(cells) for _, cells in rows)
    first = used_width(rows[0][1])
    if first > 1 and all(width <= first for width in widths):
        return first
    return max(widths, key=lambda width: (widths[width], width))


def _without_titles(rows: list[GridRow], apart: set[int], *, header: bool | None, findings: Findings) -> list[GridRow]:
    """Drop what stands above the table."""
    rows = _without_comments(rows, findings)
    count, named = count_above(rows, apart=apart)
    if count:
        tell(rows[:count], rows[count][0], named=named if header is None else header, findings=findings)
    return rows[count:]


def _without_comments(rows: list[GridRow], findings: Findings) -> list[GridRow]:
    """Drop lines that begin with # over the table, unless they are its header or most rows begin so."""
    marked = [cells[0].lstrip().startswith("#") for _, cells in rows]
    if not marked[0] or sum(marked) * 2 > len(rows) + 1:
        return rows
    first = marked.index(False)
    name = rows[first - 1][1][0].strip().lstrip("#").strip()
    if filled(rows[first - 1][1]) > 1 and (not name or is_known(name)):
        first -= 1
    for line, cells in rows[:first]:
        findings.warn(f"'{_short(one_line(' '.join(cells)))}' stands above the table and was left out.", line=line)
    return rows[first:]


def _short(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "\u2026"


def _judge(rows: list[GridRow], *, header: bool | None, width: int, findings: Findings) -> bool:
    """Return whether the first row is the header, and say so where it is not certain."""
    if header is not None:
        return header
    line, first = rows[0]
    below = [cells for _, cells in rows[1:]]
    judgement = judge_header(first, below)
    if judgement != "data" and below and _mostly_empty(first, below):
        judgement = "data"
    if not below and judgement == "unsure":
        judgement = "header" if all(could_be_name(cell) for cell in first if cell.strip()) else "data"
    if judgement == "data":
        findings.warn(
            f"The first {findings.unit} looks like data, so there are no column names; the columns were named "
            f"{enumerated(f'column {place + 1}' for place in range(min(width, 3)))}{' ...' if width > 3 else ''}.",
            line=line,
        )
        return False
    if judgement == "unsure" and below:
        findings.warn(
            f"The first {findings.unit} was taken as the column names "
            f"({_short(enumerated(one_line(cell) for cell in first))}); if it is data, say that there is no header.",
            line=line,
        )
    return True


def _mostly_empty(first: list[str], below: list[list[str]]) -> bool:
    """Whether the first row leaves so many columns without a name that it is rather a row with empty cells."""
    usual = usual_filled(below)
    if filled(first) * 2 > usual or any(is_known(cell) for cell in first) or differs_in_type(first, below):
        return False
    numbered = not first[0].strip() and all(is_number(cells[0]) for cells in below)
    return not numbered


def _layout(rows: list[GridRow], *, has_header: bool, width: int, findings: Findings) -> Layout:
    sample = rows[1:] if has_header else rows
    if not has_header:
        width = max(width, *(used_width(cells) for _, cells in sample))
        names = [f"column {place + 1}" for place in range(width)]
        return Layout(tuple(names), tuple(range(width)), None, generated=True)
    line, first = rows[0]
    names = [one_line(cell) for cell in first]
    index = _lacks_index_name(first, sample)
    if index:
        findings.warn(
            "The rows have one cell more than there are column names; the first cell was taken as a row number without "
            "a name, and called 'column 1'.",
            line=line,
        )
        names = ["", *names]
    kept: list[tuple[int, str]] = []
    for place, name in enumerate(names):
        if name:
            kept.append((place, name))
        elif any(place < len(cells) and cells[place].strip() for _, cells in sample):
            if not index or place:
                findings.warn(f"Column {place + 1} has no name; it was called 'column {place + 1}'.", line=line)
            kept.append((place, f"column {place + 1}"))
        elif place < used_width(names):
            findings.note(f"Column {place + 1} is empty and was left out.", line=line)
    columns = distinct([name for _, name in kept], line=line, findings=findings)
    return Layout(columns, tuple(place for place, _ in kept), tuple(first), generated=False)


def _lacks_index_name(first: list[str], sample: list[GridRow]) -> bool:
    """Whether every row has exactly one cell more than the header, as statistics programs write row names."""
    names = used_width(first)
    return (
        names == len(first)
        and len(sample) > 1
        and all(used_width(cells) == names + 1 for _, cells in sample)
        and len({cells[0] for _, cells in sample}) == len(sample)
        and all(is_number(cells[0]) for _, cells in sample)
    )


def distinct(names: list[str], *, line: int | None, findings: Findings) -> tuple[str, ...]:
    """Return the names with "(2)", "(3)" ... where one occurs again, or differs only by case and blanks."""
    taken: set[str] = set()
    result: list[str] = []
    for place, name in enumerate(names, start=1):
        unique, number = name, 2
        while unique.casefold() in taken:
            unique, number = f"{name} ({number})", number + 1
        if unique != name:
            findings.warn(
                f"Column {place} has the same name as another ('{_short(name)}'); here it is '{_short(unique)}'.",
                line=line,
                column=unique,
            )
        taken.add(unique.casefold())
        result.append(unique)
    return tuple(result)


def _fitter(layout: Layout, findings: Findings, *, rejoin: str | None) -> Callable[[int, list[str]], list[str]]:
    """Return the function that makes every row as wide as the table and reports what it had to do."""
    full = max(layout.places, default=-1) + 1

    def fit(line: int, cells: list[str]) -> list[str]:
        if len(cells) < full:
            if rejoin is not None:
                findings.count("{where}: fewer cells than columns; the missing ones at the end were left empty.", line)
            return cells + [""] * (full - len(cells))
        if len(cells) == full:
            return cells
        surplus = used_width(cells) - full
        if surplus <= 0:
            return cells
        if rejoin is None:
            findings.count("{where}: text beside the table (under no column name) was joined to the last column.", line)
            return [*cells[: full - 1], " ".join(cell for cell in cells[full - 1 :] if cell.strip())]
        return _rejoin(cells[: used_width(cells)], surplus, line=line, delimiter=rejoin, findings=findings)

    return fit


def _rejoin(cells: list[str], surplus: int, *, line: int, delimiter: str, findings: Findings) -> list[str]:
    """Put cells together again that a delimiter inside an unquoted text has cut: it is followed by a blank there."""
    cuts = [place for place in range(1, len(cells)) if cells[place].startswith(" ") and cells[place].strip()]
    if len(cuts) == surplus:
        findings.count(
            "{where}: more cells than columns, because a text with the separator in it is not in quotes; "
            "it was put together again.",
            line,
        )
        joined: list[str] = []
        for place, cell in enumerate(cells):
            if place in cuts:
                joined[-1] += delimiter + cell
            else:
                joined.append(cell)
        return joined
    findings.count("{where}: more cells than columns; the surplus was kept in the last column, please check.", line)
    last = len(cells) - surplus - 1
    return [*cells[:last], delimiter.join(cells[last:])]


def _is_total(cells: list[str], columns: int) -> bool:
    texts = [one_line(cell) for cell in cells if cell.strip()]
    if not texts or columns < 2 or not _TOTAL.match(texts[0]):
        return False
    return (len(texts) < columns or columns == 2) and all(is_number(text) for text in texts[1:])


def _repeats(cells: list[str], header: list[str]) -> bool:
    """Whether a row is the header once more, as in files that were put together from several."""
    return (
        one_line(cells[0]) == header[0]
        and [one_line(cell) for cell in cells[: used_width(cells)]] == header[: used_width(header)]
    )


def _without_tail(rows: Iterable[GridRow], layout: Layout, findings: Findings) -> Iterator[GridRow]:
    """Drop totals and remarks under the table, and the header where it stands again between the rows."""
    held: deque[GridRow] = deque()
    columns = len(layout.columns)
    header = None if layout.header is None else [one_line(cell) for cell in layout.header]
    for line, cells in rows:
        if header is not None and columns > 1 and _repeats(cells, header):
            findings.count("{where}: the column names again; left out.", line)
            continue
        held.append((line, cells))
        if len(held) > _HELD_BACK:
            yield held.popleft()
    dropped: list[GridRow] = []
    while held:
        line, cells = held[-1]
        previous = held[-2][0] if len(held) > 1 else line - 1
        # Cells of text files may span lines, so only in spreadsheets does a gap in the count mean an empty row.
        apart = findings.unit == "row" and line > previous + 1
        remark = columns > 2 and filled(cells) == 1 and apart and len(held) > 1
        if not (_is_total(cells, columns) or remark):
            break
        dropped.append(held.pop())
    for line, cells in reversed(dropped):
        text = _short(one_line(" ".join(cells)))
        findings.warn(f"'{text}' stands below the table and was left out, since it is no row.", line=line)
    yield from held


def _rows(
    rows: Iterable[GridRow], layout: Layout, fit: Callable[[int, list[str]], list[str]], findings: Findings
) -> Iterator[NumberedRow]:
    columns, places = layout.columns, layout.places
    straight = places == tuple(range(len(columns)))
    nameless = sorted(set(range(max(places, default=-1))) - set(places))
    for line, cells in rows:
        fitted = fit(line, cells)
        if straight:
            yield line, dict(zip(columns, fitted, strict=False))
        else:
            if any(fitted[place].strip() for place in nameless):
                findings.count("{where}: text in a column that has no name and seemed empty was left out.", line)
            yield line, {name: fitted[place] for name, place in zip(columns, places, strict=True)}
