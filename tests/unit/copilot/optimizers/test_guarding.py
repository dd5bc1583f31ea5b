"""Whether the finalist takes the place of the user's prompt."""

import numpy as np
import pytest

from copilot.optimizers import crossfitting, guarding


def scores(*means: float, rows: int, seed: int) -> np.ndarray:
    """Return right-or-wrong values, prompts x rows."""
    rng = np.random.default_rng(seed)
    return np.stack([(rng.random(rows) < mean).astype(float) for mean in means])


def test_the_luckiest_of_many_equals_seems_better_and_more_so_the_more_there_are() -> None:
    values = scores(0.5, 0.5, 0.5, 0.5, rows=32, seed=1)
    of_one, of_eight, of_many = (guarding.optimism(values, tried=tried, seed=1) for tried in (1, 8, 24))
    assert of_one == pytest.approx(0.0, abs=0.01)
    assert 0.05 < of_eight < of_many < 0.3


def test_rows_on_which_all_agree_leave_no_room_for_luck() -> None:
    assert guarding.optimism(np.tile([0.0, 1.0, 0.5], (4, 1)), tried=12, seed=1) == 0.0


def test_dev_rows_help_a_gain_that_the_holdout_alone_cannot_show() -> None:
    dev = scores(0.4, 0.9, 0.5, 0.5, rows=32, seed=2)
    holdout = np.array([[0.0] * 14 + [1.0] * 14, [0.0] * 13 + [1.0] * 15])
    assert guarding.passes(dev=dev, holdout=holdout, tried=12, seed=1)
    equal = np.tile(dev[0], (4, 1))
    assert not guarding.passes(dev=equal, holdout=holdout, tried=12, seed=1)


def test_a_finalist_that_is_behind_on_the_holdout_stays_out_whatever_the_dev_rows_say() -> None:
    dev = np.array([[0.0] * 32, [1.0] * 32])
    holdout = np.array([[0.5] * 10, [0.49] * 10])
    assert not guarding.passes(dev=dev, holdout=holdout, tried=1, seed=1)


@pytest.mark.parametrize("rows", [0, 1])
def test_without_a_holdout_nothing_replaces_the_users_prompt(rows: int) -> None:
    dev = np.array([[0.0] * 32, [1.0] * 32])
    assert not guarding.passes(dev=dev, holdout=np.array([[0.0] * rows, [1.0] * rows]), tried=1, seed=1)


def test_without_dev_rows_the_holdout_decides() -> None:
    clear = np.array([[0.0] * 28, [1.0] * 20 + [0.0] * 8])
    assert guarding.passes(dev=np.empty((2, 0)), holdout=clear, tried=1, seed=1)
    assert not guarding.passes(dev=np.empty((2, 0)), holdout=clear[[0, 0]], tried=1, seed=1)


def test_equal_prompts_replace_the_users_in_one_run_of_five_at_most() -> None:
    passed = 0
    for seed in range(200):
        dev = scores(*[0.5] * 8, rows=32, seed=seed)
        best = 1 + int(dev[1:].mean(axis=1).argmax())
        dev[[1, best]] = dev[[best, 1]]
        holdout = scores(0.5, 0.5, rows=28, seed=10_000 + seed)
        passed += guarding.passes(dev=dev, holdout=holdout, tried=7, seed=seed)
    assert passed / 200 <= 0.25


def test_cross_fitted_the_guard_wants_more_than_chance_gives() -> None:
    user = np.array([0.4, 0.6] * 15)
    fit = crossfitting.CrossFit(values=user + 0.1, upper=0.05, lower=1.0)
    assert guarding.passes_cross_fitted(user, fit, seed=1)
    doubtful = crossfitting.CrossFit(values=user + 0.1, upper=0.3, lower=0.8)
    assert not guarding.passes_cross_fitted(user, doubtful, seed=1)


def test_cross_fitted_rows_without_a_score_do_not_count() -> None:
    user = np.array([0.4, np.nan, 0.6])
    fit = crossfitting.CrossFit(values=np.array([np.nan, 0.9, 0.9]), upper=0.01, lower=1.0)
    assert not guarding.passes_cross_fitted(user, fit, seed=1)
