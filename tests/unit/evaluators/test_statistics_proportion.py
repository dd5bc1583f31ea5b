"""The interval of a share against published figures and an exact simulation."""

import numpy as np
import pytest

from evaluators.statistics import wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_it_gives_the_published_intervals(successes: int, n: int, low: float, high: float) -> None:
    found = wilson(successes, n)
    assert [found.low, found.high] == pytest.approx([low, high], abs=5e-5)
    assert (found.mean, found.n) == (successes / n, n)


def test_halves_make_it_wider_than_need_be_not_narrower() -> None:
    generator = np.random.default_rng(1)
    truth, n, covered = 0.6, 40, 0
    for _ in range(2000):
        outcomes = generator.choice([1.0, 0.5, 0.0], size=n, p=[0.4, 0.4, 0.2])
        found = wilson(float(outcomes.sum()), n)
        covered += found.low <= truth <= found.high
    assert covered / 2000 >= 0.95


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (3, 2), (-1, 2), (float("nan"), 2)])
def test_what_is_no_share_is_refused(successes: float, n: int) -> None:
    with pytest.raises(ValueError, match="share"):
        wilson(successes, n)
