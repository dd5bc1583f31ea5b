"""What the choice of the finalist costs: rules for score against length, simulated.

    python benchmarks/selection_rules.py

Eight prompts, half of them long (with demonstrations); row values share the rows' difficulty, as real ones do. Prints
for each rule the mean true score of the prompt it picks, in points, and the share of long picks.
"""

from collections.abc import Callable

import numpy as np

PROMPTS, ROUNDS = 8, 4000
LONG = np.arange(PROMPTS) % 2 == 1
LENGTH = np.where(LONG, 1.0, 0.2)
"""Relative to the longest."""

Rule = Callable[[np.ndarray], int]


def best(values: np.ndarray) -> int:
    """Pick the highest mean."""
    return int(values.mean(axis=1).argmax())


def adjusted(weight: float) -> Rule:
    """Pick the highest mean less `weight` x relative length."""
    return lambda values: int((values.mean(axis=1) - weight * LENGTH).argmax())


def one_standard_error(values: np.ndarray) -> int:
    """Pick the shortest that is within one paired standard error of the highest mean."""
    means = values.mean(axis=1)
    leader = int(means.argmax())
    errors = (values[leader] - values).std(axis=1, ddof=1) / np.sqrt(values.shape[1])
    level = np.flatnonzero(means[leader] - means <= errors)
    return int(min(level, key=lambda k: (LENGTH[k], -means[k])))


RULES: dict[str, Rule] = {
    "highest mean": best,
    "mean - 0.02 x length": adjusted(0.02),
    "mean - 0.05 x length": adjusted(0.05),
    "one standard error": one_standard_error,
}


def simulate(rule: Rule, *, rows: int, gain: float, rng: np.random.Generator) -> tuple[float, float]:
    """Return the mean true score of the pick (points) and how often it is a long prompt."""
    score, long = 0.0, 0
    for _ in range(ROUNDS):
        true = 0.55 + rng.normal(0, 0.04, PROMPTS) + gain * LONG
        difficulty = rng.normal(0, 0.3, rows)
        values = np.clip(true[:, None] + difficulty + rng.normal(0, 0.2, (PROMPTS, rows)), 0, 1)
        pick = rule(values)
        score += true[pick]
        long += int(LONG[pick])
    return 100 * score / ROUNDS, long / ROUNDS


def main() -> None:
    """Print the table."""
    print("rows  gain of long prompts  rule                   true score  long picks")
    for rows in (16, 32, 64):
        for gain in (0.0, 0.05, 0.10):
            for name, rule in RULES.items():
                score, long = simulate(rule, rows=rows, gain=gain, rng=np.random.default_rng(1))
                print(f"{rows:4d}  {100 * gain:+20.0f}  {name:21s}  {score:10.1f}  {long:10.0%}")


if __name__ == "__main__":
    main()
