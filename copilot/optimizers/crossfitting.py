"""Judging the procedure where no row can be kept aside: each row by the prompt chosen without it, and how sure that is.

The rows' differences then depend on each other, since they share the choices: a test for independent rows called equal
prompts different in 13 to 17 % of the runs (`benchmarks/verdict_power.py`). Here the choosing is repeated instead
with the candidates' values shuffled within every row, and with them what each was chosen by. Where no prompt is better
than another, each shuffle is as likely as what was seen, so the test is exact, whatever was chosen and however often
(Fisher's randomisation, 1935).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
REPEATS = 10
FOLDS = 5
SHUFFLES = 1000
_AT_ONCE = 250
"""Shuffles worked on together: bounds memory."""
_TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True)
class CrossFit:
    """What the procedure got on each row, and how often chance does as well."""

    values: Floats
    """One per row; NaN where the chosen prompts were not scored."""
    upper: float
    """Probability of such a gain or a larger one where all prompts are equally good."""
    lower: float
    """Probability of such a gain or a smaller one."""

    @property
    def p_value(self) -> float:
        """Two-sided."""
        return min(1.0, 2 * min(self.upper, self.lower))


def cross_fit(values: Floats, *, signs: Floats | None = None, costs: Floats, seed: int) -> CrossFit:
    """Choose by repeated 5-fold cross-fitting, and compare with the first candidate.

    Args:
        values: candidates x rows, the user's prompt first; NaN: unscored.
        signs: what candidates are chosen by, in the same order, with NaN at the same places; None: by their values.
        costs: what each candidate's mean gives up for its length.
        seed: of the folds and of the shuffles.
    """
    rows = values.shape[1]
    held = np.zeros((REPEATS * FOLDS, rows), dtype=bool)
    for repeat in range(REPEATS):
        order = np.random.default_rng(1000 * seed + repeat).permutation(rows)
        for fold in range(FOLDS):
            held[repeat * FOLDS + fold, order[fold::FOLDS]] = True
    both = np.stack([values, values if signs is None else signs])
    chosen = _chosen(both[:, None], costs, held)[0]
    seen = _gain(chosen, values[0])
    rng = np.random.default_rng(seed)
    above = below = 0
    for start in range(0, SHUFFLES, _AT_ONCE):
        count = min(_AT_ONCE, SHUFFLES - start)
        order = rng.random((1, count, *values.shape)).argsort(axis=2)
        shuffled = np.take_along_axis(both[:, None], order, axis=2)
        gains = _gain(_chosen(shuffled, costs, held), shuffled[0, :, 0])
        above += int(np.count_nonzero(gains >= seen - _TOLERANCE))
        below += int(np.count_nonzero(gains <= seen + _TOLERANCE))
    return CrossFit(values=chosen, upper=(above + 1) / (SHUFFLES + 1), lower=(below + 1) / (SHUFFLES + 1))


def _chosen(both: Floats, costs: Floats, held: NDArray[np.bool_]) -> Floats:
    """Return for each matrix (candidates x rows) of the stack the mean value on each row of what was chosen without it.

    Args:
        both: values and what candidates are chosen by: 2 x m x candidates x rows.
        costs: one per candidate.
        held: folds x rows.
    """
    known = ~np.isnan(both[0])
    filled, by = np.where(known, both, 0.0)
    kept = (~held).T.astype(np.float64)
    means = by @ kept / np.maximum(known @ kept, 1)
    picks = (means - costs[:, None]).argmax(axis=1)
    picked = (picks[:, None, :] == np.arange(known.shape[1])[:, None]).astype(np.float64)
    counted = (picked @ held.astype(np.float64)) * known
    total = (counted * filled).sum(axis=1)
    times = counted.sum(axis=1)
    return np.where(times > 0, total / np.maximum(times, 1), np.nan)


def _gain(chosen: Floats, user: Floats) -> Floats:
    """Return the mean difference over the rows that both were scored on; 0 without any."""
    difference = chosen - user
    shared = ~np.isnan(difference)
    gain: Floats = np.where(shared, difference, 0.0).sum(axis=-1) / np.maximum(shared.sum(axis=-1), 1)
    return gain
