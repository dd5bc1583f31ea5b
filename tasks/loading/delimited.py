"""Delimited text: .csv, .tsv and the many things that are called so."""

import csv
import itertools
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.loading.cells import GridRow
from tasks.loading.header import judge_header
from tasks.loading.layout import used_width
from tasks.loading.names import is_known
from tasks.loading.report import Findings

NO_DELIMITER = "\x1f"
"""A character that no text holds: every line is one cell."""
_CANDIDATES = "\t;|,"
_SAMPLE_LINES = 400
_LONGEST_RECORD = 2_000
_CUT = 50_000_000
_SEP = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart."""

    delimiter: str
    width: int
    """The usual number of cells."""
    consistency: float
    """Share of the records that have it."""
    backslash: bool = False
    """Quotes inside a cell are written \\" rather than doubled."""
    skip_blank: bool = False
    """A blank after the delimiter belongs to the delimiter."""
    skip_lines: int = 0
    """Lines before the table that are no content (`sep=;`)."""
    certain: bool = False
    """The file itself names its delimiter."""


class _Runaway(Exception):
    """A quoted cell goes on for so long that its closing quote must be missing."""


class _Feed:
    """Physical lines for the csv module; remembers those of the current record, so that they can be read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._pending: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= _LONGEST_RECORD:
            raise _Runaway
        line = self._pending.popleft() if self._pending else next(self._lines)
        self.number += 1
        self.taken.append(line)
        return line

    def keep_first(self) -> str:
        """Give back all lines of the record but its first."""
        first, *rest = self.taken
        self._pending.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


def records(lines: Iterator[str], dialect: Dialect, findings: Findings) -> Iterator[GridRow]:
    """Yield every record with the number of its first line.

    A quote that is never closed, or that stands in the middle of a cell, spoils its own line only: that line is read
    with the quotes as ordinary characters.
    """
    csv.field_size_limit(_CUT)
    feed = _Feed(lines)
    for _ in range(dialect.skip_lines):
        next(feed, None)
    reader = _reader(feed, dialect)
    while True:
        feed.taken.clear()
        first = feed.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _Runaway):
            cells = _literally(feed.keep_first(), dialect)
            findings.count(
                "{where}: a quotation mark is not closed or stands inside a cell; it was kept as text.", first
            )
            reader = _reader(feed, dialect)
        yield first, cells


def _reader(feed: Iterator[str], dialect: Dialect, *, strict: bool = True) -> Iterator[list[str]]:
    return csv.reader(
        feed,
        delimiter=dialect.delimiter,
        doublequote=not dialect.backslash,
        escapechar="\\" if dialect.backslash else None,
        skipinitialspace=dialect.skip_blank,
        strict=strict,
    )


def _literally(line: str, dialect: Dialect) -> list[str]:
    text = line.rstrip("\r\n")
    plain = [
        cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1] else cell
        for cell in text.split(dialect.delimiter)
    ]
    if len(plain) == dialect.width:
        return plain
    try:
        lenient = next(_reader(iter([text]), dialect, strict=False), [])
    except csv.Error:
        return plain
    return lenient if len(lenient) == dialect.width else plain


def sniff(head: str) -> Dialect:
    """Return the dialect of a text from its beginning (about a megabyte); width 1: no delimiter fits."""
    lines = list(itertools.islice(iter_lines(head), _SAMPLE_LINES))
    if lines and (named := _SEP.match(lines[0])):
        fit = _measure(lines[1:], Dialect(named.group(1), 1, 0.0))
        return Dialect(named.group(1), fit.width, fit.consistency, fit.backslash, skip_lines=1, certain=True)
    fits = [fit for delimiter in _CANDIDATES if (fit := _best_variant(lines, delimiter)).width > 1]
    fits = [fit for fit in fits if not _is_prose(lines, fit)]
    if not fits:
        return Dialect(NO_DELIMITER, 1, 1.0)
    return max(fits, key=lambda fit: (_names_known(lines, fit), round(fit.consistency, 1)))


def iter_lines(text: str) -> Iterator[str]:
    """Yield the physical lines of a text with their ends: LF, CRLF or CR, but no other separator."""
    for match in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text):
        yield match.group()


def _sampled(lines: list[str], dialect: Dialect) -> list[list[str]]:
    grid = records(iter(lines), dialect, Findings())
    return [cells for _, cells in grid if any(cell.strip() for cell in cells)]


def _measure(lines: list[str], dialect: Dialect) -> Dialect:
    rows = [cells for cells in _sampled(lines, dialect) if not cells[0].lstrip().startswith("#")]
    rows = rows or _sampled(lines, dialect)
    if not rows:
        return dialect
    widths = Counter(map(len, rows))
    first = len(rows[0])
    # Rows that are cut short or too long are mended later; what the first row says weighs more.
    width = max(widths, key=lambda cells: (widths[cells] + (len(rows) * 0.2 if cells == first else 0), cells))
    return Dialect(dialect.delimiter, width, widths[width] / len(rows), dialect.backslash, dialect.skip_blank)


def _best_variant(lines: list[str], delimiter: str) -> Dialect:
    sample = "".join(lines)
    variants = [Dialect(delimiter, 1, 0.0)]
    if '\\"' in sample:
        variants.append(Dialect(delimiter, 1, 0.0, backslash=True))
    if f'{delimiter} "' in sample:
        variants.append(Dialect(delimiter, 1, 0.0, skip_blank=True))
    plain, *others = [_measure(lines, variant) for variant in variants]
    return max([plain, *others], key=lambda fit: (fit.consistency, fit is plain))


def _names_known(lines: list[str], fit: Dialect) -> bool:
    rows = _sampled(lines[:20], fit)
    return bool(rows) and sum(is_known(cell) for cell in rows[0]) >= 2


def _is_prose(lines: list[str], fit: Dialect) -> bool:
    """Whether the delimiter is only the punctuation of ordinary sentences."""
    rows = _sampled(lines, fit)
    first = rows[0]
    if len(first) == fit.width and sum(is_known(cell) for cell in first) >= 1:
        return False
    if fit.delimiter in "\t|":
        return fit.consistency < 0.5
    after = [cell for cells in rows for cell in cells[1:]]
    spaced = sum(cell.startswith(" ") for cell in after) > 0.7 * len(after)
    if spaced and (len(first) != fit.width or fit.consistency < 0.9 or judge_header(first, rows[1:]) != "header"):
        return True
    if len(first) == 1 and fit.width > 1:
        # One name over lines with delimiters is a list of texts, unless it is a title over a sound table.
        beneath = [cells for cells in rows[1:] if len(cells) > 1]
        even = len({len(cells) for cells in beneath}) == 1 and len(beneath) >= 3
        return not even or judge_header(beneath[0], beneath[1:]) != "header"
    return fit.consistency < 0.5


def is_table(head: str, dialect: Dialect) -> bool:
    """Whether a text that may be either (.txt) is a table: every line has the same cells, under a header or tabs."""
    if dialect.certain:
        return True
    rows = _sampled(list(itertools.islice(iter_lines(head), _SAMPLE_LINES)), dialect)
    if dialect.width < 2 or len(rows) < 2 or dialect.consistency < 0.95:
        return False
    even = all(used_width(cells) <= dialect.width for cells in rows)
    known = sum(is_known(cell) for cell in rows[0])
    if dialect.delimiter == "\t" or known * 2 >= dialect.width:
        return even
    return even and len(rows) >= 3 and judge_header(rows[0], rows[1:]) == "header" and dialect.consistency == 1.0
