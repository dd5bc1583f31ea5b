"""Exact tests of paired differences, and Holm's correction for several of them."""

from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_EXACT_SUMS = 1 << 18
"""Distinct sums held for half of the differences; beyond it the test is done by simulation."""
_TOLERANCE = 1e-9
"""Sums that differ by less, relative to the largest possible sum, are the same: they differ by rounding only."""


def sign_flip_test(
    differences: Sequence[float], *, mid_p: bool = False, seed: int = 0, resamples: int = 100_000
) -> float:
    """Return the two-sided p-value of the sign-flip (paired permutation) test of "no difference".

    Under the hypothesis each difference is as likely with the opposite sign. All sign patterns are counted: the
    differences are divided into two halves, the distribution of each half's sum is built by dynamic programming, and
    the halves are combined. That is exact for any 36 differences, and for any number of differences that are multiples
    of a common unit, as those of right-or-wrong scores are. Only beyond that are sign patterns drawn at random.

    Args:
        differences: new minus old, one per example. Zeros carry no evidence and do not change the result.
        mid_p: count patterns as extreme as the observed one by half. Less conservative with few discordant rows.
        seed: for the simulation.
        resamples: sign patterns drawn in the simulation.

    Returns:
        A probability in (0, 1]; 1 where every difference is 0.

    Raises:
        ValueError: a difference is not finite.
    """
    data = np.asarray(differences, dtype=np.float64)
    if not np.isfinite(data).all():
        raise ValueError("The sign-flip test needs finite differences; leave out rows that were not scored.")
    sizes = np.sort(np.abs(data[data != 0]))
    if sizes.size == 0:
        return 1.0
    scale = float(sizes.sum())
    observed = abs(float(data.sum())) / scale
    sizes = sizes / scale
    # Interleaved, so that both halves hold small and large differences.
    left, right = _sums(sizes[0::2]), _sums(sizes[1::2])
    if left is None or right is None:
        return _simulated(sizes, observed, mid_p=mid_p, seed=seed, resamples=resamples)
    beyond, equal = _two_sided(left, right, observed)
    return min(1.0, beyond + (0.5 if mid_p else 1.0) * equal)


def _sums(sizes: Floats) -> tuple[Floats, Floats] | None:
    """Return every sum of the signed sizes, ascending, with its probability; None where there are too many."""
    sums, weights = np.zeros(1), np.ones(1)
    for size in sizes:
        both = np.concatenate([sums - size, sums + size])
        order = np.argsort(both, kind="stable")
        both, doubled = both[order], np.concatenate([weights, weights])[order] / 2
        starts = np.flatnonzero(np.concatenate([[True], np.diff(both) > _TOLERANCE]))
        if starts.size > _EXACT_SUMS:
            return None
        sums, weights = both[starts], np.add.reduceat(doubled, starts)
    return sums, weights


def _two_sided(left: tuple[Floats, Floats], right: tuple[Floats, Floats], observed: float) -> tuple[float, float]:
    """Return the probabilities of |sum| above and equal to the observed one."""
    values, weights = right
    tail = np.concatenate([np.cumsum(weights[::-1])[::-1], [0.0]])

    def at_least(bound: float) -> float:
        """Probability that the sum of both halves is at least `bound`."""
        return float(left[1] @ tail[np.searchsorted(values, bound - left[0], side="left")])

    # The distribution is symmetric, so one tail is enough.
    reach = 2 * at_least(observed - 2 * _TOLERANCE)
    beyond = 2 * at_least(observed + 2 * _TOLERANCE)
    if observed <= 2 * _TOLERANCE:
        return max(0.0, beyond), max(0.0, 1.0 - beyond)
    return beyond, max(0.0, reach - beyond)


def _simulated(sizes: Floats, observed: float, *, mid_p: bool, seed: int, resamples: int) -> float:
    generator = np.random.default_rng(seed)
    beyond = equal = 0
    step = max(1, 4_000_000 // sizes.size)
    for start in range(0, resamples, step):
        signs = generator.integers(0, 2, (min(step, resamples - start), sizes.size)) * 2 - 1
        sums = np.abs(signs @ sizes)
        beyond += int(np.count_nonzero(sums > observed + _TOLERANCE))
        equal += int(np.count_nonzero(np.abs(sums - observed) <= _TOLERANCE))
    # The observed pattern is one of the equal ones, so that p is never 0.
    return min(1.0, (beyond + (0.5 if mid_p else 1.0) * (equal + 1)) / (resamples + 1))


def mcnemar_mid_p(wins: int, losses: int) -> float:
    """Return the two-sided mid-p McNemar test (Fagerland, Lydersen and Laake, 2013).

    Args:
        wins: examples that only the new prompt got right.
        losses: examples that only the old prompt got right.

    Raises:
        ValueError: a negative count.
    """
    if wins < 0 or losses < 0:
        raise ValueError("Counts of wins and losses cannot be negative.")
    n, least = wins + losses, min(wins, losses)
    if n == 0:
        return 1.0
    if wins == losses:
        return 1 - comb(n, least) / (1 << n) / 2
    # The exact two-sided p less the probability of the observed table, counted in whole numbers.
    patterns = 2 * sum(comb(n, k) for k in range(least + 1)) - comb(n, least)
    return patterns / (1 << n)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted by Holm's step-down procedure (1979), in the given order.

    Rejecting where the adjusted value is at most alpha keeps the chance of any false claim at alpha.
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = largest
    return tuple(adjusted)
