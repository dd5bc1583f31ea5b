"""Bootstrap intervals and kappa against scipy, scikit-learn and published values."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from evaluators.statistics import bootstrap_difference, bootstrap_mean, cohen_kappa


@pytest.mark.parametrize(("method", "reference"), [("bca", "BCa"), ("percentile", "percentile")])
def test_interval_agrees_with_scipy(method: str, reference: str) -> None:
    data = np.random.default_rng(3).exponential(1.0, 40)
    ours = bootstrap_mean(data.tolist(), method="bca" if method == "bca" else "percentile", resamples=20_000)
    theirs = stats.bootstrap((data,), np.mean, method=reference, n_resamples=20_000, rng=np.random.default_rng(1))
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.02)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.02)
    assert ours.mean == pytest.approx(data.mean())


def test_many_right_or_wrong_rows_agree_with_scipy() -> None:
    data = np.random.default_rng(5).choice([-1.0, 0.0, 1.0], 4_000, p=[0.2, 0.5, 0.3])
    ours = bootstrap_mean(data.tolist())
    theirs = stats.bootstrap((data,), np.mean, method="BCa", n_resamples=4_000, rng=np.random.default_rng(1), batch=100)
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.002)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.002)
    assert ours.mean == pytest.approx(data.mean())


def test_interval_covers_the_true_mean_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(11)
    samples = generator.binomial(1, 0.6, (200, 50)).astype(float)
    intervals = [bootstrap_mean(sample.tolist(), resamples=800) for sample in samples]
    covered = sum(interval.low <= 0.6 <= interval.high for interval in intervals)
    assert 0.90 <= covered / 200 <= 0.99


def test_pairs_stay_together() -> None:
    old = [0.1, 0.9, 0.2, 0.8, 0.5, 0.4]
    new = [value + 0.05 for value in old]
    interval = bootstrap_difference(old, new)
    assert interval.low == pytest.approx(0.05)
    assert interval.high == pytest.approx(0.05)


def test_difference_is_new_minus_old_and_repeatable() -> None:
    old, new = [0.0, 1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 0.0, 1.0]
    first, second = bootstrap_difference(old, new, seed=4), bootstrap_difference(old, new, seed=4)
    assert first == second
    assert first.mean == pytest.approx(0.4)
    assert 0.0 <= first.low <= 0.4 <= first.high <= 1.0


def test_wider_for_a_higher_level() -> None:
    data = [0.0, 0.2, 0.5, 0.7, 1.0, 0.4]
    narrow, wide = bootstrap_mean(data, level=0.8), bootstrap_mean(data, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize("values", [[], [float("nan"), 1.0]])
def test_interval_refuses_what_has_no_mean(values: list[float]) -> None:
    with pytest.raises(ValueError, match="at least one value"):
        bootstrap_mean(values)


def test_difference_refuses_unpaired_scores() -> None:
    with pytest.raises(ValueError, match="not 2 and 1"):
        bootstrap_difference([0.1, 0.2], [0.1])


def test_kappa_of_the_textbook_table() -> None:
    # 2 x 2 table 20 / 5 / 10 / 15: observed agreement .70, by chance .50, kappa .40 by hand.
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    kappa = cohen_kappa(first, second)
    assert kappa.value == pytest.approx(0.4)
    assert kappa.agreement == pytest.approx(0.7)
    assert kappa.low is not None
    assert kappa.high is not None
    # Large-sample standard error by hand is about .13.
    assert kappa.low == pytest.approx(0.4 - 1.96 * 0.13, abs=0.05)
    assert kappa.high == pytest.approx(0.4 + 1.96 * 0.13, abs=0.05)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_agrees_with_scikit_learn(weights: str) -> None:
    generator = np.random.default_rng(8)
    first = generator.integers(1, 6, 60)
    second = np.clip(first + generator.integers(-1, 2, 60), 1, 5)
    theirs = cohen_kappa_score(first, second, weights=None if weights == "none" else weights)
    choice = {"linear": cohen_kappa(first.tolist(), second.tolist(), weights="linear")}
    choice["quadratic"] = cohen_kappa(first.tolist(), second.tolist(), weights="quadratic")
    choice["none"] = cohen_kappa(first.tolist(), second.tolist())
    assert choice[weights].value == pytest.approx(theirs)


def test_kappa_is_unknown_where_chance_explains_everything() -> None:
    kappa = cohen_kappa(["good"] * 5, ["good"] * 5)
    assert kappa.value is None
    assert kappa.agreement == 1.0


def test_kappa_refuses_unpaired_ratings() -> None:
    with pytest.raises(ValueError, match="two ratings"):
        cohen_kappa([1, 2], [1])
