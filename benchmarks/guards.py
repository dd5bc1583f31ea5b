"""Which rows decide whether the finalist replaces the user's prompt: the holdout's alone, or the dev rows' as well.

    python benchmarks/guards.py            some minutes
    python benchmarks/guards.py --quick    a tenth of the runs
    python benchmarks/guards.py --large    with 200 examples instead of 80

Twenty-four candidates whose true gains are known go through the real halving schedule; the best one and the user's
prompt meet the holdout. Where the true gains lie below zero, the user's prompt was a good one, and every prompt that is
shipped in its place does harm.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from _synthetic import KINDS, Truth
from finalists import CALLS, CANDIDATES, FIRST_RUNG, searched_by_halving

from copilot.optimizers import guarding, halving
from evaluators.statistics import bootstrap_difference

TRUTHS = ((0.0, 0.0), (-0.10, 0.05), (-0.05, 0.05), (0.0, 0.05), (0.05, 0.05))
"""Mean and standard deviation of the candidates' true gains; without deviation all are equal to the user's prompt."""


@dataclass(frozen=True)
class Seen:
    """What a guard may look at; the user's prompt first."""

    dev: np.ndarray
    """Candidates that met every dev row x rows; the finalist second."""
    holdout: np.ndarray
    """Two x rows."""
    tried: int
    seed: int


@dataclass
class Tally:
    """What came out, summed over the runs."""

    shipped: int = 0
    harmful: int = 0
    """Shipped, and truly more than a point worse."""
    gained: float = 0.0
    """True gain of what is used in the end, 0 where the user's prompt stays."""


def on_holdout(level: float) -> Callable[[Seen], bool]:
    """Ship where the lower end of the holdout's interval is above zero."""

    def rule(seen: Seen) -> bool:
        user, best = seen.holdout.tolist()
        return bootstrap_difference(user, best, seed=seen.seed, level=level).low > 0

    return rule


def on_both(seen: Seen) -> bool:
    """Ship as the engine does."""
    return guarding.passes(dev=seen.dev, holdout=seen.holdout, tried=seen.tried, seed=seen.seed)


RULES: dict[str, Callable[[Seen], bool]] = {
    "always": lambda _: True,
    "holdout, 90 % sure": on_holdout(0.8),
    "holdout, 80 % sure": on_holdout(0.6),
    "dev and holdout, 80 % sure": on_both,
}


def run(
    truth: Truth, tallies: dict[str, Tally], *, sizes: tuple[int, int], gains: tuple[float, float], seed: int
) -> None:
    """Simulate one run on so many dev and holdout rows, and count what each rule makes of it."""
    dev, holdout = sizes
    rng = np.random.default_rng([seed, dev])
    true = np.clip(rng.normal(*gains, CANDIDATES), -0.15, 0.15)
    true[0] = 0.0
    means = truth.row_means(dev, rng)
    values = np.stack([truth.draw(means, own, rng) for own in true])
    test_means = truth.row_means(holdout, rng)
    count = halving.population(CALLS - 2 * holdout, dev, first_rung=FIRST_RUNG, most=CANDIDATES)
    order = searched_by_halving(values[:count])
    best = next(name for name in order if name)
    held = np.stack([truth.draw(test_means, true[name], rng) for name in (0, best)])
    complete = [0, best, *(name for name in order if name not in (0, best))]
    if values[best].mean() <= values[0].mean():
        return
    seen = Seen(dev=values[complete], holdout=held, tried=count - 1, seed=seed)
    for name, rule in RULES.items():
        if rule(seen):
            tallies[name].shipped += 1
            tallies[name].harmful += true[best] < -0.01
            tallies[name].gained += float(true[best])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs")
    parser.add_argument("--large", action="store_true", help="200 examples instead of 80")
    options = parser.parse_args()
    runs = 100 if options.quick else 1000
    n, sizes = (200, (80, 70)) if options.large else (80, (32, 28))
    print("| examples | scores | true gains | shipped where | shipped | harmful | true gain |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for scores in KINDS:
        for gains in TRUTHS:
            tallies = {name: Tally() for name in RULES}
            for seed in range(runs):
                run(Truth(scores), tallies, sizes=sizes, gains=gains, seed=seed)
            for name, tally in tallies.items():
                truth = f"{100 * gains[0]:+.0f} ± {100 * gains[1]:.0f}"
                shares = f"{tally.shipped / runs:.1%} | {tally.harmful / runs:.1%} | {100 * tally.gained / runs:.2f}"
                print(f"| {n} | {scores} | {truth} | {name} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
