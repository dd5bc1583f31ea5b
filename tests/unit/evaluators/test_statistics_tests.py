"""Paired tests, Holm's correction and power against scipy and values computed by hand."""

import numpy as np
import pytest
from scipy import stats

from evaluators.statistics import holm, mcnemar_mid_p, minimum_detectable_effect, power, sign_flip_test
from evaluators.statistics.paired import _simulated
from evaluators.statistics.power import t_quantile


@pytest.mark.parametrize("seed", range(5))
def test_sign_flip_agrees_with_scipy_enumeration(seed: int) -> None:
    data = np.random.default_rng(seed).normal(0.1, 0.4, 13)
    theirs = stats.permutation_test(
        (data,), lambda x, axis: np.mean(x, axis=axis), permutation_type="samples", n_resamples=np.inf
    )
    assert sign_flip_test(data.tolist()) == pytest.approx(theirs.pvalue, rel=1e-9)


def test_sign_flip_by_hand() -> None:
    # 8 sign patterns of 1, 2, 3; |sum| = 6 for two of them, so p = 2/8 and mid-p = 1/8.
    assert sign_flip_test([1.0, 2.0, 3.0]) == pytest.approx(0.25)
    assert sign_flip_test([1.0, 2.0, 3.0], mid_p=True) == pytest.approx(0.125)
    # |sum| = 4 or more: 6 (2 patterns) and 4 (2 patterns).
    assert sign_flip_test([-1.0, 2.0, 3.0]) == pytest.approx(0.5)


def test_sign_flip_of_right_or_wrong_scores_is_the_binomial_test() -> None:
    differences = [1.0] * 61 + [-1.0] * 39 + [0.0] * 200
    assert sign_flip_test(differences) == pytest.approx(stats.binomtest(61, 100).pvalue, rel=1e-9)
    assert sign_flip_test(differences, mid_p=True) == pytest.approx(mcnemar_mid_p(61, 39), rel=1e-9)


def test_sign_flip_is_exact_for_a_usual_holdout() -> None:
    data = np.random.default_rng(2).normal(0.15, 0.3, 30)
    size = np.abs(data)
    exact = sign_flip_test(data.tolist())
    drawn = _simulated(size / size.sum(), abs(data.sum()) / size.sum(), mid_p=False, seed=0, resamples=200_000)
    assert exact == sign_flip_test(data.tolist(), seed=99)
    assert exact == pytest.approx(drawn, abs=4 * (exact / 200_000) ** 0.5 + 1e-5)


def test_sign_flip_simulates_large_samples_close_to_the_t_test() -> None:
    data = np.random.default_rng(5).normal(0.05, 0.3, 120)
    first = sign_flip_test(data.tolist(), seed=1)
    assert first == sign_flip_test(data.tolist(), seed=1)
    assert first == pytest.approx(stats.ttest_1samp(data, 0).pvalue, abs=0.01)


def test_sign_flip_without_differences_is_no_evidence() -> None:
    assert sign_flip_test([0.0, 0.0]) == 1.0
    assert sign_flip_test([]) == 1.0
    assert sign_flip_test([0.5, -0.5]) == 1.0


def test_sign_flip_refuses_unscored_rows() -> None:
    with pytest.raises(ValueError, match="not scored"):
        sign_flip_test([0.1, float("nan")])


def test_mcnemar_mid_p() -> None:
    # 5 against 0: exact two-sided 2/32, minus the point 1/32.
    assert mcnemar_mid_p(5, 0) == pytest.approx(1 / 32)
    # Fagerland et al. (2013), airway hyper-responsiveness before and after transplantation: 1 and 7 discordant pairs.
    assert mcnemar_mid_p(1, 7) == pytest.approx(0.0391, abs=5e-5)
    exact = stats.binomtest(4, 17).pvalue
    assert mcnemar_mid_p(4, 13) == pytest.approx(exact - stats.binom.pmf(4, 17, 0.5))
    assert mcnemar_mid_p(0, 0) == 1.0
    assert mcnemar_mid_p(3, 3) == pytest.approx(1 - 0.5 * stats.binom.pmf(3, 6, 0.5))
    assert mcnemar_mid_p(3, 3) == pytest.approx(sign_flip_test([1.0] * 3 + [-1.0] * 3, mid_p=True))
    assert mcnemar_mid_p(2000, 1000) < 1e-50
    with pytest.raises(ValueError, match="negative"):
        mcnemar_mid_p(-1, 2)


def test_holm_by_hand() -> None:
    # .01 x 4, .02 x 3 = .06, .03 x 2 = .06, .04 x 1 raised to .06.
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx((0.06, 0.04, 0.06, 0.06))
    assert holm([0.7, 0.6]) == pytest.approx((1.0, 1.0))
    assert holm([]) == ()


@pytest.mark.parametrize("n", [8, 15, 28, 70])
@pytest.mark.parametrize("effect", [0.1, 0.3, 0.6])
def test_power_agrees_with_the_noncentral_t(n: int, effect: float) -> None:
    critical, shift = stats.t.ppf(0.975, n - 1), effect * n**0.5 / 0.5
    exact = stats.nct.sf(critical, n - 1, shift) + stats.nct.cdf(-critical, n - 1, shift)
    assert power(effect, sd=0.5, n=n) == pytest.approx(exact, abs=0.005)


@pytest.mark.parametrize("n", [8, 15, 28, 70])
def test_minimum_detectable_effect_has_the_power_it_claims(n: int) -> None:
    effect = minimum_detectable_effect(0.4, n)
    critical, shift = stats.t.ppf(0.975, n - 1), effect * n**0.5 / 0.4
    exact = stats.nct.sf(critical, n - 1, shift) + stats.nct.cdf(-critical, n - 1, shift)
    assert exact == pytest.approx(0.8, abs=0.01)


def test_minimum_detectable_effect_without_spread() -> None:
    effect = minimum_detectable_effect(0.0, 28)
    # Six one-way changes are the fewest with 2 x 0.5^6 <= .05.
    assert stats.binom.sf(5, 28, effect) == pytest.approx(0.8, abs=1e-6)
    assert minimum_detectable_effect(0.0, 5) == 1.0
    assert minimum_detectable_effect(0.0, 200) < effect
    assert minimum_detectable_effect(0.3, 1) == 1.0


def test_power_refuses_what_it_cannot_know() -> None:
    with pytest.raises(ValueError, match="sd above 0"):
        power(0.1, sd=0.0, n=20)
    with pytest.raises(ValueError, match="at least one example"):
        minimum_detectable_effect(0.1, 0)


@pytest.mark.parametrize("df", [1, 2, 3, 5, 27, 200])
@pytest.mark.parametrize("probability", [0.6, 0.8, 0.9, 0.975])
def test_t_quantile_agrees_with_scipy(df: int, probability: float) -> None:
    assert t_quantile(probability, df) == pytest.approx(stats.t.ppf(probability, df), rel=0.002)
