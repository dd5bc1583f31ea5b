"""The guard: whether the finalist takes the place of the user's prompt.

The holdout's rows alone are few, so the dev rows speak as well. They chose the finalist, so what the luckiest of so
many equally good prompts would seem to gain on them is taken off first. Being 80 % sure is enough here: the verdict's
test is another matter, and stays with the holdout alone.
"""

import numpy as np
from numpy.typing import NDArray

from copilot.optimizers.crossfitting import CrossFit
from evaluators.statistics import bootstrap_difference

Floats = NDArray[np.float64]
CONFIDENCE = 0.8
"""That the finalist is truly better; the other side is not asked for."""
LEVEL = 2 * CONFIDENCE - 1
"""Of the two-sided interval whose lower end is as sure."""
DRAWS = 1000


def optimism(values: Floats, *, tried: int, seed: int) -> float:
    """Return what the best of equally good prompts seems to gain over another one on these rows.

    Equal prompts are made by drawing each row's value anew among those that prompts got on that row.

    Args:
        values: prompts x rows, in [0, 1].
        tried: how many prompts the best is taken from.
        seed: of the draws.
    """
    prompts, rows = values.shape
    rng = np.random.default_rng(seed)
    means = np.zeros((DRAWS, tried + 1))
    for row in range(rows):
        means += values[rng.integers(0, prompts, means.shape), row]
    gains = (means[:, 1:].max(axis=1) - means[:, 0]) / rows
    return max(0.0, float(gains.mean()))


def passes(*, dev: Floats, holdout: Floats, tried: int, seed: int) -> bool:
    """Tell whether the finalist is the better prompt, dev rows and holdout taken together.

    Args:
        dev: the prompts that met every dev row x rows, in [0, 1]: the user's first, the finalist second. No row at all
            where the two met none together; then the holdout decides.
        holdout: the user's prompt and the finalist x rows.
        tried: how many prompts the finalist was chosen from.
        seed: of the draws and of the bootstrap.
    """
    before, after = holdout
    if len(before) < 2 or after.mean() < before.mean():
        return False
    lucky = optimism(dev, tried=tried, seed=seed) if dev.shape[1] else 0.0
    interval = bootstrap_difference(
        [*dev[0].tolist(), *before.tolist()],
        [*(dev[1] - lucky).tolist(), *after.tolist()],
        seed=seed,
        level=LEVEL,
    )
    return interval.low > 0


def passes_cross_fitted(user: Floats, fit: CrossFit, *, seed: int) -> bool:
    """Tell whether choosing prompts makes rows better that had no say in the choice.

    Chance must seldom do as well among equal prompts, and the rows must agree.

    Args:
        user: the user's prompt on the rows of `fit`; NaN: unscored.
        fit: what the procedure got on them.
        seed: of the bootstrap.
    """
    known = ~(np.isnan(user) | np.isnan(fit.values))
    if fit.upper > 1 - CONFIDENCE or np.count_nonzero(known) < 2:
        return False
    return bootstrap_difference(user[known].tolist(), fit.values[known].tolist(), seed=seed, level=LEVEL).low > 0
