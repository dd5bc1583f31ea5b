"""Which texts repeat each other, exactly or nearly.

Two texts are near duplicates when more than half of the 5-word sequences of the shorter one occur in the other.
"""

import re
from collections import Counter
from collections.abc import Hashable, Sequence

SHINGLE = 5
OVERLAP = 0.5
_MAX_WORDS = 600
"""Words of a text that are compared: enough to recognise a copy of a long document."""
_MAX_POSTINGS = 30
"""Texts remembered per word sequence, so that shared boilerplate costs linear and not quadratic time."""

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")


def normalised(text: str) -> tuple[str, ...]:
    """Return the words of a text without case, punctuation and spacing."""
    return tuple(_WORD.findall(text.casefold()))


def families(texts: Sequence[str], *, near: bool = True) -> list[int]:
    """Group texts that repeat each other.

    Args:
        texts: the texts to compare, any length.
        near: False links exact repetitions only (after normalisation).

    Returns:
        One number per text: the position of the first text of its family.
    """
    words = [normalised(text) or (text.strip(),) for text in texts]
    parents = list(range(len(texts)))
    first_seen: dict[Hashable, int] = {}
    for position, key in enumerate(words):
        parents[position] = first_seen.setdefault(key, position)
    if near:
        _link_near(words, list(first_seen.values()), parents)
    return [_root(parents, position) for position in range(len(texts))]


def _link_near(words: list[tuple[str, ...]], distinct: list[int], parents: list[int]) -> None:
    postings: dict[tuple[str, ...], list[int]] = {}
    sizes: dict[int, int] = {}
    for position in distinct:
        shingles = _shingles(words[position])
        sizes[position] = len(shingles)
        shared: Counter[int] = Counter()
        for shingle in shingles:
            known = postings.setdefault(shingle, [])
            if known:
                shared.update(known)
            if len(known) < _MAX_POSTINGS:
                known.append(position)
        for other, count in shared.items():
            if count > OVERLAP * min(sizes[position], sizes[other]):
                _union(parents, position, other)


def _shingles(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    words = words[:_MAX_WORDS]
    return {words[start : start + SHINGLE] for start in range(len(words) - SHINGLE + 1)}


def _root(parents: list[int], position: int) -> int:
    while parents[position] != position:
        parents[position] = parents[parents[position]]
        position = parents[position]
    return position


def _union(parents: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(parents, one), _root(parents, other)))
    parents[second] = first
