"""What stands above a table: titles, remarks and facts such as "Exported by: Anna", told from the header and from data.

A row above is left out only where the row that follows looks like the header of the block below it. Where that is
doubtful the rows stay: a title that became a row is seen at once, a row that was taken for a title is lost.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from tasks.loading.cells import GridRow, one_line
from tasks.loading.header import judge_header
from tasks.loading.names import is_known
from tasks.loading.report import Findings, name_lines, quoted

_MOST_ABOVE = 20
_MANY_VALUES = 8


def filled(cells: Sequence[str]) -> int:
    """Return how many cells hold something."""
    return sum(1 for cell in cells if cell.strip())


def usual_filled(rows: Iterable[Sequence[str]]) -> int:
    """Return how many cells most rows fill; a tie goes to the fuller."""
    counts = Counter(map(filled, rows))
    return max(counts, key=lambda number: (counts[number], number), default=0)


def count_above(rows: Sequence[GridRow], *, apart: Collection[int]) -> tuple[int, bool]:
    """Return how many of the first rows stand above the table, and whether the next is its header.

    Args:
        rows: the first rows that hold something.
        apart: positions of rows with an empty row before them.
    """
    for count in range(1, min(_MOST_ABOVE, len(rows) - 1) + 1):
        above, below = rows[:count], rows[count + 1 :]
        head = rows[count][1]
        width = usual_filled(cells for _, cells in below or rows[count:])
        named = [cells for _, cells in above if _known(cells)]
        if any(_full(cells, width) for cells in named):
            return 0, False
        if named and not _known(head):
            continue
        gap = rows[count][0] in apart
        if not all(_may_stand_above(cells, width=width, gap=gap, head=head) for _, cells in above):
            continue
        if _is_header(head, [cells for _, cells in below], width=width, gap=gap):
            return count, True
        if gap and width > 2 and all(_texts(cells) == 1 for _, cells in above):
            # A single text, an empty row and full rows without names: a title over a table that has no header.
            return (count, False) if _full(head, width) else (0, False)
    return 0, False


def tell(above: Sequence[GridRow], header: int, *, named: bool, findings: Findings) -> None:
    """Say which rows were left out, what they hold, and where the table begins.

    Args:
        above: the rows left out.
        header: position of the row after them.
        named: whether that row names the columns.
        findings: takes the sentence.
    """
    findings.titles = len(above)
    lines = [line for line, _ in above]
    unit = findings.unit
    if lines == [1]:
        told = f"The first {unit} holds a title, not data: {unit} {header} is taken as the header."
        bare = f"The first {unit} holds a title, not data: the table begins at {unit} {header}."
    elif lines == [1, 2]:
        told = f"The first two {unit}s hold a title, not data: {unit} {header} is taken as the header."
        bare = f"The first two {unit}s hold a title, not data: the table begins at {unit} {header}."
    else:
        where = name_lines(lines, total=len(lines), unit=unit).capitalize()
        told = f"{where}: a title, not data; {unit} {header} is taken as the header."
        bare = f"{where}: a title, not data; the table begins at {unit} {header}."
    findings.warn(told if named else bare, line=lines[0])
    texts = [_short(one_line(" ".join(cell for cell in cells if cell.strip()))) for _, cells in above]
    findings.warn(f"Left out above the table: {quoted(texts)}.", line=lines[0])


def _short(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "\u2026"


def _texts(cells: Sequence[str]) -> int:
    """Return the number of different texts: a merged title may have been written into each of its cells."""
    return len({cell.strip() for cell in cells if cell.strip()})


def _full(cells: Sequence[str], width: int) -> bool:
    return filled(cells) >= width


def _known(cells: Sequence[str]) -> bool:
    """Whether at least half of the cells are usual names of columns."""
    names = [cell for cell in cells if cell.strip()]
    return sum(map(is_known, names)) * 2 >= len(names)


def _may_stand_above(cells: Sequence[str], *, width: int, gap: bool, head: Sequence[str]) -> bool:
    """Whether a row fills far fewer cells than the table below, or gives a fact as `Date: | 2026-03-01`."""
    if width < 2:
        return gap and filled(cells) == 1
    first = next(cell for cell in cells if cell.strip()).strip()
    if gap and filled(cells) <= 2 and first.endswith((":", "\uff1a")):
        return True
    if filled(cells) < width and not _known(cells) and (gap or all(is_known(cell) for cell in head if cell.strip())):
        return True
    return _texts(cells) * 2 <= width


def _is_header(cells: Sequence[str], below: Sequence[Sequence[str]], *, width: int, gap: bool) -> bool:
    if not _full(cells, width) or _texts(cells) < min(width, 2):
        return False
    if not below or width < 2:
        return _known(cells) and (gap or not below)
    judgement = judge_header(cells, below)
    return judgement == "header" or (judgement == "unsure" and (gap or _over_categories(cells, below)))


def _over_categories(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a column has few values, each of them several times, and this row's cell is none of them."""
    for place, cell in enumerate(cells):
        values = Counter(row[place].strip() for row in below if place < len(row) and row[place].strip())
        if values.total() >= _MANY_VALUES and min(values.values()) > 1 and cell.strip() and cell.strip() not in values:
            return True
    return False
