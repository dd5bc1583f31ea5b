"""One finalist on the holdout or two with Holm's correction, at equal calls, simulated.

    python benchmarks/finalists.py            a few minutes
    python benchmarks/finalists.py --quick    a tenth of the runs
    python benchmarks/finalists.py --large    with 200 examples instead of 80

Twenty-four candidates go through the real halving schedule on shared dev rows; the best one or the best two and the
user's prompt meet the holdout; `shipping.judge` decides, and of two finalists that pass the guard the
one with the larger gain is shipped. A second finalist is paid for either by rows of the holdout (a third fewer) or by
calls of the search. "One, looser guard" ships as often among equal prompts as two finalists do with the guard of one;
"corrected" gives each of two finalists a guard half as wide, so that equal prompts are shipped as often as with one.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from _synthetic import KINDS, Truth

from copilot.optimizers import halving, shipping
from copilot.optimizers.selection import Standing, ranking
from evaluators.statistics import bootstrap_difference

CALLS = 300
CANDIDATES = 24
FIRST_RUNG = 8
TRUTHS = ((0.0, 0.0), (0.0, 0.05), (0.05, 0.05))
"""Mean and standard deviation of the candidates' true gains; without deviation all are equal to the user's prompt."""


@dataclass(frozen=True)
class Plan:
    """How calls and rows are used."""

    name: str
    finalists: int
    holdout: int
    search_calls: int
    guard: float = 0.8
    """Level of the holdout's interval whose lower end must be above zero."""


@dataclass
class Tally:
    """What came out, summed over the runs."""

    better: int = 0
    shipped: int = 0
    harmful: int = 0
    """Shipped, and truly more than a point worse."""
    claimed: float = 0.0
    """Gain on the holdout of what is used, as the verdict reports it."""
    gained: float = 0.0
    """True gain of what is used in the end, 0 where the user's prompt stays."""


def plans(holdout: int) -> tuple[Plan, ...]:
    """Return the ways to use the same number of calls."""
    search = CALLS - 2 * holdout
    return (
        Plan("one", 1, holdout, search),
        Plan("one, looser guard", 1, holdout, search, 0.6),
        Plan("two, fewer rows", 2, 2 * holdout // 3, search),
        Plan("two, less search", 2, holdout, search - holdout),
        Plan("two, less search, corrected", 2, holdout, search - holdout, 0.9),
    )


def run(plan: Plan, truth: Truth, tally: Tally, *, dev: int, gains: tuple[float, float], seed: int) -> None:
    """Simulate one run and count what came out."""
    rng = np.random.default_rng([seed, dev])
    dev = min(dev, max(2 * FIRST_RUNG, plan.search_calls // 6))
    count = halving.population(plan.search_calls, dev, first_rung=FIRST_RUNG, most=CANDIDATES)
    true = np.clip(rng.normal(*gains, CANDIDATES), -0.15, 0.15)
    true[0] = 0.0
    means = truth.row_means(dev, rng)
    values = np.stack([truth.draw(means, own, rng) for own in true])
    test_means = truth.row_means(plan.holdout, rng)
    finalists = tuple(name for name in searched_by_halving(values[:count], plan.finalists) if name)[: plan.finalists]
    held = {
        name: dict(zip(map(str, range(plan.holdout)), truth.draw(test_means, true[name], rng).tolist(), strict=True))
        for name in (0, *finalists)
    }
    findings = shipping.judge(held[0], [held[name] for name in finalists], seed=seed)
    usable = [
        (finding.comparison.delta or 0.0, name)
        for finding, name in zip(findings, finalists, strict=True)
        if finding.outcome != "worse" and _guarded(held[0], held[name], level=plan.guard, seed=seed)
    ]
    tally.better += any(finding.outcome == "better" for finding in findings)
    if usable:
        claimed, name = max(usable)
        tally.shipped += 1
        tally.claimed += claimed
        tally.gained += float(true[name])
        tally.harmful += true[name] < -0.01


def _guarded(user: dict[str, float], other: dict[str, float], *, level: float, seed: int) -> bool:
    before, after = list(user.values()), list(other.values())
    return bootstrap_difference(before, after, seed=seed, level=level, resamples=2000).low > 0


def searched_by_halving(values: np.ndarray, keep: int = 1) -> tuple[int, ...]:
    """Halve on shared rows; return those that met them all, best first; `keep` besides the user's prompt at least."""
    alive = tuple(str(name) for name in range(len(values)))
    rungs = halving.schedule(len(values), values.shape[1], first_rung=FIRST_RUNG)
    order = alive
    for number, rung in enumerate(rungs):
        if number:
            alive = halving.survivors(order, max(rung.candidates, keep + 1), protected=("0",))
        order = ranking([_standing(name, values[int(name), : rung.items]) for name in alive])
    return tuple(int(name) for name in order)


def _standing(name: str, values: np.ndarray) -> Standing:
    return Standing(id=name, values={str(row): float(value) for row, value in enumerate(values)}, prompt_characters=0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs")
    parser.add_argument("--large", action="store_true", help="200 examples instead of 80")
    options = parser.parse_args()
    runs = 40 if options.quick else 400
    n, dev, holdout = (200, 80, 70) if options.large else (80, 32, 28)
    print("| examples | scores | true gains | finalists | better | shipped | harmful | claimed | true gain |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for scores in KINDS:
        for gains in TRUTHS:
            for plan in plans(holdout):
                tally = Tally()
                for seed in range(runs):
                    run(plan, Truth(scores), tally, dev=dev, gains=gains, seed=seed)
                shares = " | ".join(f"{x / runs:.1%}" for x in (tally.better, tally.shipped, tally.harmful))
                points = " | ".join(f"{100 * x / runs:.2f}" for x in (tally.claimed, tally.gained))
                truth = f"{100 * gains[0]:+.0f} ± {100 * gains[1]:.0f}"
                print(f"| {n} | {scores} | {truth} | {plan.name} | {shares} | {points} |", flush=True)


if __name__ == "__main__":
    main()
