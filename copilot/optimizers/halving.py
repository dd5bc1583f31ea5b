"""Successive halving on items that all candidates share (arXiv 1502.07943, 1906.04356 for the shared draws)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

KEPT = 0.5
"""Share of the candidates that a rung lets through."""
MINIMUM_SURVIVORS = 2


@dataclass(frozen=True)
class Rung:
    """So many candidates have been tried on the first so many items."""

    candidates: int
    items: int


def schedule(candidates: int, items: int, *, first_rung: int) -> tuple[Rung, ...]:
    """Return the rungs for so many candidates: half of them stay, and the items double, until all items are used."""
    rungs = []
    seen = min(first_rung, items)
    while True:
        rungs.append(Rung(candidates=candidates, items=seen))
        if seen == items or candidates <= 1:
            return tuple(rungs)
        candidates = max(min(MINIMUM_SURVIVORS, candidates), ceil(candidates * KEPT))
        seen = min(items, 2 * seen) if candidates > MINIMUM_SURVIVORS else items


def cost(rungs: Sequence[Rung]) -> int:
    """Return the calls of a schedule; scores are cumulative, so an item is paid once per candidate."""
    calls, before = 0, 0
    for rung in rungs:
        calls += rung.candidates * (rung.items - before)
        before = rung.items
    return calls


def population(calls: int, items: int, *, first_rung: int, most: int) -> int:
    """Return the largest number of candidates, up to `most`, whose schedule costs at most `calls`; at least 2.

    One candidate more than a rung keeps is counted for: the user's prompt stays whatever its rank.
    """
    calls -= max(0, items - first_rung)
    for candidates in range(most, 2, -1):
        if cost(schedule(candidates, items, first_rung=first_rung)) <= calls:
            return candidates
    return 2


def survivors(ranking: Sequence[str], count: int, *, protected: Sequence[str]) -> tuple[str, ...]:
    """Return the best `count` of a ranking (best first); protected candidates stay on top of these."""
    kept = list(ranking[:count])
    return tuple(kept + [name for name in protected if name not in kept])
