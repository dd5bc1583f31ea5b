"""Bootstrap intervals of a mean and of a mean difference (Efron and Tibshirani, 1993)."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Method = Literal["percentile", "bca"]

_CELLS = 2_000_000
"""Resampled values held in memory at once."""
_MANY = 2_000
"""From so many values on, equal ones are drawn together where that is less work."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean and the interval that holds the true one with probability `level`."""

    mean: float
    low: float
    high: float
    level: float
    n: int


def bootstrap_mean(
    values: Sequence[float], *, level: float = 0.95, resamples: int = 10_000, seed: int = 0, method: Method = "bca"
) -> Interval:
    """Return the two-sided bootstrap interval of the mean.

    With one value, or with equal ones, both ends are the mean: the data show no spread, which is no proof of certainty.

    Args:
        values: one score per example; at least one.
        level: probability that the interval holds the true mean.
        resamples: number of bootstrap samples.
        seed: the same seed gives the same interval.
        method: `bca` corrects for bias and skewness; `percentile` does not.

    Raises:
        ValueError: no values, a value that is not finite, or a level outside (0, 1).
    """
    data = np.asarray(values, dtype=np.float64)
    if data.size == 0 or not np.isfinite(data).all():
        raise ValueError("A bootstrap interval needs at least one value, all of them finite.")
    if not 0 < level < 1:
        raise ValueError(f"The level must lie between 0 and 1, not at {level}.")
    mean = float(data.mean())
    if np.ptp(data) == 0:
        return Interval(mean=mean, low=mean, high=mean, level=level, n=data.size)
    means = _resampled_means(data, resamples=resamples, seed=seed)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca":
        tails = _bca_tails(data, means, tails)
    low, high = np.quantile(means, tails)
    return Interval(mean=mean, low=float(low), high=float(high), level=level, n=data.size)


def bootstrap_difference(
    old: Sequence[float],
    new: Sequence[float],
    *,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
    method: Method = "bca",
) -> Interval:
    """Return the paired bootstrap interval of mean(new) - mean(old): examples are resampled, pairs stay together.

    Args:
        old: scores of the one prompt, one per example.
        new: scores of the other on the same examples in the same order.
        level: as in `bootstrap_mean`.
        resamples: as in `bootstrap_mean`.
        seed: as in `bootstrap_mean`.
        method: as in `bootstrap_mean`.

    Raises:
        ValueError: different lengths, or as in `bootstrap_mean`.
    """
    if len(old) != len(new):
        raise ValueError(f"Paired scores must be of equal number, not {len(old)} and {len(new)}.")
    differences = np.asarray(new, dtype=np.float64) - np.asarray(old, dtype=np.float64)
    return bootstrap_mean(differences.tolist(), level=level, resamples=resamples, seed=seed, method=method)


def _resampled_means(data: Floats, *, resamples: int, seed: int) -> Floats:
    generator = np.random.default_rng(seed)
    means = np.empty(resamples)
    distinct, times = np.unique(data, return_counts=True)
    together = data.size >= _MANY and distinct.size <= data.size // 20
    step = max(1, _CELLS // (distinct.size if together else data.size))
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        if together:
            # How often each distinct value is drawn is multinomial: the same distribution, without drawing every row.
            drawn = generator.multinomial(data.size, times / data.size, count)
            means[start : start + count] = drawn @ distinct / data.size
        else:
            means[start : start + count] = data[generator.integers(0, data.size, (count, data.size))].mean(axis=1)
    return means


def _bca_tails(data: Floats, means: Floats, tails: Floats) -> Floats:
    """Return the quantiles to read, corrected for bias (z0) and acceleration (a)."""
    normal = NormalDist()
    centre = data.mean()
    below = (np.count_nonzero(means < centre) + 0.5 * np.count_nonzero(means == centre)) / means.size
    if not 0 < below < 1:
        return tails
    z0 = normal.inv_cdf(below)
    deviations = data - centre
    # For a mean the jackknife's acceleration has this closed form.
    acceleration = float((deviations**3).sum() / (6 * (deviations**2).sum() ** 1.5))
    corrected = []
    for tail in tails:
        z = z0 + normal.inv_cdf(float(tail))
        corrected.append(normal.cdf(z0 + z / (1 - acceleration * z)))
    return np.array(corrected)
