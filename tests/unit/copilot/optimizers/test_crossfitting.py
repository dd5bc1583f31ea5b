"""Each row by the prompt chosen without it, and how sure a gain is that was found so."""

import numpy as np
import pytest

from copilot.optimizers import crossfitting, shipping


def drawn(gains: list[float], *, rows: int = 30, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([(rng.random(rows) < 0.5 + gain).astype(float) for gain in gains])


def test_what_is_always_better_is_chosen_for_every_row() -> None:
    values = np.stack([np.zeros(20), np.ones(20)])
    fit = crossfitting.cross_fit(values, costs=np.zeros(2), seed=1)
    assert fit.values.tolist() == [1.0] * 20
    assert fit.p_value < 0.01


def test_a_prompt_that_shines_on_one_row_only_is_not_chosen_for_that_row() -> None:
    values = np.stack([np.full(10, 0.5), np.full(10, 0.5)])
    values[1, 3] = 1.0
    fit = crossfitting.cross_fit(values, costs=np.zeros(2), seed=1)
    assert fit.values[3] == 0.5


def test_without_another_prompt_nothing_is_shown() -> None:
    fit = crossfitting.cross_fit(drawn([0.0]), costs=np.zeros(1), seed=1)
    assert fit.p_value == 1.0


def test_what_candidates_are_chosen_by_need_not_be_what_they_are_judged_by() -> None:
    values, signs = drawn([0.0, 0.0]), np.stack([np.zeros(30), np.ones(30)])
    fit = crossfitting.cross_fit(values, signs=signs, costs=np.zeros(2), seed=1)
    assert fit.values.tolist() == values[1].tolist()


def test_values_are_shuffled_together_with_what_they_are_chosen_by() -> None:
    # Signs that know each row's value would choose rightly within rows; they must not make chance gains look rare.
    outcomes = []
    for seed in range(60):
        values = drawn([0.0] * 5, rows=20, seed=seed)
        fit = crossfitting.cross_fit(values, signs=0.5 + 0.1 * values, costs=np.zeros(5), seed=seed)
        outcomes.append(fit.p_value < 0.05)
    assert sum(outcomes) <= 8


def test_length_decides_between_equals() -> None:
    values = np.stack([np.full(10, 0.5), np.full(10, 0.5)])
    values[0, :5] = [0.4, 0.6, 0.4, 0.6, 0.5]
    chosen = [crossfitting.cross_fit(values, costs=np.array(costs), seed=1).values for costs in ([0.5, 0], [0, 0.5])]
    assert chosen[0].tolist() == [0.5] * 10
    assert chosen[1].tolist() == values[0].tolist()


def test_rows_that_were_not_scored_are_left_out() -> None:
    values = np.stack([np.zeros(12), np.ones(12)])
    values[1, 4] = np.nan
    values[0, 5] = np.nan
    fit = crossfitting.cross_fit(values, costs=np.zeros(2), seed=1)
    assert np.isnan(fit.values[4]) and fit.values[5] == 1.0
    finding = shipping.judge_cross_fitted(
        {str(i): 0.0 for i in range(12) if i != 5}, [str(i) for i in range(12)], fit=fit, seed=1
    )
    assert finding.comparison.n == 10


@pytest.mark.parametrize("equals", [2, 9])
def test_equal_prompts_are_rarely_called_different(equals: int) -> None:
    outcomes = []
    for seed in range(60):
        values = drawn([0.0] * equals, seed=seed)
        rows = [str(i) for i in range(values.shape[1])]
        fit = crossfitting.cross_fit(values, costs=np.zeros(equals), seed=seed)
        user = dict(zip(rows, values[0].tolist(), strict=True))
        outcomes.append(shipping.judge_cross_fitted(user, rows, fit=fit, seed=seed).outcome)
    assert sum(outcome != "no_evidence" for outcome in outcomes) <= 8  # 5 % of 60 are 3; a row-wise test gives 9


def test_the_same_seed_gives_the_same_finding() -> None:
    values = drawn([0.0, 0.1, 0.2])
    one, other = (crossfitting.cross_fit(values, costs=np.zeros(3), seed=4) for _ in range(2))
    assert (one.upper, one.lower) == (other.upper, other.lower)
