"""Whether the first row of a table names its columns or is data already."""

import re
from collections.abc import Sequence
from typing import Literal

from tasks.loading.cells import one_line
from tasks.loading.names import is_known, normal

Judgement = Literal["header", "data", "unsure"]

_NUMBER = re.compile(r"[-+]?[\d.,' ]*\d[%€$£]?$|[-+]?\d+(\.\d+)?[eE][-+]?\d+$")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}([ T].*)?$")
_YEAR = re.compile(r"(19|20)\d\d$")
_SENTENCE = re.compile(r"[.!?\u3002\uff01\uff1f](\s|[\"')\]]|$)")
_LONGEST_NAME = 60
_MOST_WORDS = 6
_FEW = 3
_MISSING = frozenset({"n/a", "na", "nan", "null", "none", "nil", "-", "--", "?", "unknown", "missing", "k.a."})
"""What is written in a column of numbers where there is none."""


def is_number(text: str) -> bool:
    """Return whether a cell is a number or a date."""
    stripped = text.strip()
    return bool(_NUMBER.match(stripped) or _DATE.match(stripped))


def could_be_name(text: str) -> bool:
    """Return whether a column could be called this: short, no sentence, no number."""
    name = one_line(text)
    if is_known(name):
        return True
    return (
        bool(name)
        and len(name) <= _LONGEST_NAME
        and len(name.split(" ")) <= _MOST_WORDS
        and not is_number(name)
        and not (_SENTENCE.search(name) and len(name.split(" ")) > 1)
        and not name.endswith(("!", "\u3002", ";"))
        and any(character.isalnum() for character in name)
    )


def judge_header(first: Sequence[str], below: Sequence[Sequence[str]]) -> Judgement:
    """Return what the first row is, judged by itself and by the rows below it."""
    names = [one_line(cell) for cell in first if cell.strip()]
    # The header may stand again further down, in files put together from several.
    below = [row for row in below if list(row) != list(first)]
    if not names:
        return "data"
    known = sum(is_known(name) for name in names)
    if known * 2 >= len(names) and len({name.casefold() for name in names if is_known(name)}) == known:
        # "label" may also be a value, but not where it stands again below itself.
        return "header" if not _recurs(first, below, share=0.5) else "unsure"
    if _counts_up(names) and not _counts_up_below(first, below):
        return "header"
    numbers = sum(is_number(name) for name in names)
    if numbers and (known or numbers < len(names)) and _years(names, below):
        return "header"
    if numbers and not differs_in_type(first, below):
        return "data"
    if numbers == len(names):
        return "data"
    if known and not numbers:
        return "header"
    if not all(could_be_name(name) or is_number(name) for name in names):
        # "Lfd. Nr." and "Text (original!)" end like sentences, but stand over numbers, as no value does.
        stands_over = not numbers and len(below) > _FEW and differs_in_type(first, below)
        plain = all(len(name) <= _LONGEST_NAME and normal(name) not in _MISSING for name in names)
        if stands_over and plain and not _recurs(first, below, share=0.0):
            return "header"
        return "header" if known * 3 >= len(names) * 2 else "data"
    if _recurs(first, below, share=0.0):
        return "data"
    if known or differs_in_type(first, below) or _differs_in_length(first, below):
        return "header"
    return "unsure"


def _column(below: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place].strip() for row in below if place < len(row) and row[place].strip()]


def _recurs(first: Sequence[str], below: Sequence[Sequence[str]], *, share: float) -> bool:
    """Whether a cell of the first row is a value of its own column further down (in more than `share` of columns)."""
    filled = [(place, cell.strip()) for place, cell in enumerate(first) if cell.strip()]
    repeated = sum(cell in _column(below, place) for place, cell in filled)
    return repeated > share * len(filled)


def differs_in_type(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether some column is named by a text and holds numbers."""
    texts_over_numbers = 0
    for place, cell in enumerate(first):
        values = _column(below, place)
        if not cell.strip() or not values:
            continue
        numeric = sum(map(is_number, values)) > 0.8 * len(values)
        if numeric and not is_number(cell):
            texts_over_numbers += 1
    return texts_over_numbers > 0


def _differs_in_length(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether some column holds texts several times as long as its first cell."""
    for place, cell in enumerate(first):
        values = _column(below, place)
        if cell.strip() and values:
            typical = sorted(map(len, values))[len(values) // 2]
            if typical > 25 and typical > 2.5 * len(cell.strip()):
                return True
    return False


def _years(names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the numbers among the names are years in order, which the cells below are not."""
    numbers = [name for name in names if is_number(name)]
    if not all(_YEAR.match(name) for name in numbers) or numbers != sorted(set(numbers)):
        return False
    texts = [name for name in names if name not in numbers]
    return all(map(could_be_name, texts)) and not any(_YEAR.match(cell.strip()) for row in below for cell in row)


def _counts_up(names: Sequence[str]) -> bool:
    """Whether the names are 0, 1, 2 ... or 1, 2, 3 ..., as programs write them that know no names."""
    return len(names) > 1 and names in (
        [str(number) for number in range(len(names))],
        [str(number + 1) for number in range(len(names))],
    )


def _counts_up_below(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    return any(all(is_number(cell) for cell in row if cell.strip()) for row in below) or not below
