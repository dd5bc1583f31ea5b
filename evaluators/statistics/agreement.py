"""Do two raters agree more than chance would? Cohen's kappa, used to decide how far a judge may be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Kappa:
    """Cohen's kappa with its interval."""

    value: float | None
    """1: full agreement; 0: as by chance; None: both raters gave one and the same rating throughout, so chance alone
    would make them agree."""
    low: float | None
    high: float | None
    agreement: float
    """Share of items on which both gave the same rating."""
    n: int
    level: float


def cohen_kappa(
    first: Sequence[str | float],
    second: Sequence[str | float],
    *,
    weights: Literal["none", "linear", "quadratic"] = "none",
    level: float = 0.95,
    resamples: int = 2_000,
    seed: int = 0,
) -> Kappa:
    """Return the agreement of two raters on the same items, with a percentile bootstrap interval.

    Args:
        first: the one rater's ratings.
        second: the other's, of the same items in the same order.
        weights: how disagreements count: all alike, or by the distance (or its square) of ratings that are numbers.
        level: probability of the interval.
        resamples: bootstrap samples.
        seed: the same seed gives the same interval.

    Raises:
        ValueError: different lengths, no items, or weights for ratings that are not numbers.
    """
    if len(first) != len(second) or not first:
        raise ValueError("Cohen's kappa needs two ratings for each of at least one item.")
    ratings = sorted({*first, *second}, key=str)
    codes = {rating: code for code, rating in enumerate(ratings)}
    k, n = len(ratings), len(first)
    cells = np.array([codes[a] * k + codes[b] for a, b in zip(first, second, strict=True)])
    cost = _cost(ratings, weights)
    table = np.bincount(cells, minlength=k * k).reshape(1, k, k)
    value = float(_kappa(table, cost)[0])
    generator = np.random.default_rng(seed)
    samples = generator.multinomial(n, table.reshape(-1) / n, size=resamples).reshape(-1, k, k)
    drawn = _kappa(samples, cost)
    drawn = drawn[~np.isnan(drawn)]
    known = not np.isnan(value)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]) if known else (np.nan, np.nan)
    return Kappa(
        value=value if known else None,
        low=float(low) if known else None,
        high=float(high) if known else None,
        agreement=float(np.trace(table[0]) / n),
        n=n,
        level=level,
    )


def _cost(ratings: Sequence[str | float], weights: Literal["none", "linear", "quadratic"]) -> NDArray[np.float64]:
    if weights == "none":
        return 1.0 - np.eye(len(ratings))
    values = np.array([float(rating) for rating in ratings])
    distance: NDArray[np.float64] = np.abs(values[:, None] - values[None, :])
    return distance if weights == "linear" else distance**2


def _kappa(tables: NDArray[np.int64], cost: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 - observed / chance disagreement for each of (m, k, k) tables; NaN where chance leaves none."""
    n = tables.sum(axis=(1, 2))
    chance = np.einsum("mi,mj,ij->m", tables.sum(axis=2), tables.sum(axis=1), cost) / n
    observed = np.einsum("mij,ij->m", tables, cost)
    return np.where(chance > 0, 1 - observed / np.where(chance > 0, chance, 1), np.nan)
