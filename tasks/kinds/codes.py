"""Short answers that stand for labels whose beginnings are alike: a word of each label's own, or a letter."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from tasks.kinds.labels import bare

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
APART = 3
"""Words that differ within so many letters nearly always differ in their first token."""
_WORD = re.compile(r"[^\W\d_][^\W_]+")
_SHORT = 4
"""Words of fewer letters are often mere particles."""
_LETTER_COST, _IMPOSSIBLE = 6.0, 1e6
"""A word that more labels have than this says less than a letter."""


def letters_for(labels: Sequence[str]) -> tuple[str, ...] | None:
    """Return a letter for each label; None where there are not enough."""
    return tuple(LETTERS[: len(labels)]) if len(labels) <= len(LETTERS) else None


def words_for(labels: Sequence[str]) -> tuple[str, ...] | None:
    """Return for each label one of its words, so that no two begin alike; a letter where none is left.

    The fewer labels have a word, and the earlier it stands, the better; all together by assignment (Kuhn 1955).

    Args:
        labels: of the task, two or more.

    Returns:
        A code per label, in their order; None where letters alone are better: where there are enough of them for all
        and some label has no word, or where half of the labels have none.
    """
    from scipy.optimize import linear_sum_assignment

    whole = {bare(label) for label in labels}
    found = [_WORD.findall(label) for label in labels]
    holders = Counter(word for words in found for word in {word.casefold() for word in words})
    starts = sorted({word.casefold()[:APART] for words in found for word in words})
    column = {start: index for index, start in enumerate(starts)}
    costs = np.full((len(labels), len(starts) + len(LETTERS)), _IMPOSSIBLE)
    costs[:, len(starts) :] = _LETTER_COST
    chosen: dict[tuple[int, int], str] = {}
    for row, words in enumerate(found):
        for place, word in enumerate(words):
            at = row, column[word.casefold()[:APART]]
            cost = holders[word.casefold()] + 0.1 * place + (len(word) < _SHORT)
            if cost < costs[at] and (bare(word) not in whole or bare(word) == bare(labels[row])):
                chosen[at], costs[at] = word, cost
    rows, columns = linear_sum_assignment(costs)
    places = list(zip(rows.tolist(), columns.tolist(), strict=True))
    without = len(labels) - sum(place in chosen for place in places)
    if without > (0 if len(labels) <= len(LETTERS) else min(len(LETTERS), len(labels) // 2)):
        return None
    letters = iter(LETTERS)
    return tuple(chosen.get(place) or next(letters) for place in places)
