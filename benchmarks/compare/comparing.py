"""Paired differences over cells, and an interval that knows that rows of one cell belong together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.compare.records import Record

RESAMPLES = 10_000


@dataclass(frozen=True)
class Pair:
    """Ours and the best peer in one cell."""

    ours: Record
    peer: Record

    @property
    def differences(self) -> np.ndarray:
        """Difference of each test row; a row that neither could answer counts as none."""
        names = sorted(set(self.ours.rows) | set(self.peer.rows))
        found = [self.ours.rows.get(name, 0.0) - self.peer.rows.get(name, 0.0) for name in names]
        return np.array(found + [0.0] * (self.ours.n - len(found)))


@dataclass(frozen=True)
class Difference:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.mean:+.1f} [{100 * self.low:+.1f}, {100 * self.high:+.1f}]"


def paired(pair: Pair, *, seed: int = 1) -> Difference:
    """Return the difference in one cell, bootstrapped over its rows."""
    rows, generator = pair.differences, np.random.default_rng(seed)
    means = rows[generator.integers(0, len(rows), (RESAMPLES, len(rows)))].mean(axis=1)
    return Difference(float(rows.mean()), *_interval(means))


def hierarchical(pairs: Sequence[Pair], *, seed: int = 1) -> Difference:
    """Return the mean difference over cells, bootstrapped over cells first and then over the rows of each drawn one."""
    generator = np.random.default_rng(seed)
    rows = [pair.differences for pair in pairs]
    means = []
    for _ in range(RESAMPLES):
        drawn = generator.integers(0, len(rows), len(rows))
        means.append(np.mean([generator.choice(rows[cell], len(rows[cell])).mean() for cell in drawn]))
    return Difference(float(np.mean([cell.mean() for cell in rows])), *_interval(np.array(means)))


def _interval(means: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
