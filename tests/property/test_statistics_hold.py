"""What holds for the statistics whatever the data."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.statistics import (
    bootstrap_mean,
    cohen_kappa,
    holm,
    mcnemar_mid_p,
    minimum_detectable_effect,
    sign_flip_test,
)

DIFFERENCE = st.sampled_from([-1.0, -0.5, -0.1, 0.0, 0.1, 0.2, 0.3, 0.7, 1.0]) | st.floats(-1, 1, width=16)


def enumerated(differences: list[float], *, mid_p: bool) -> float:
    """Count every sign pattern, the slow way."""
    observed = abs(sum(differences))
    sums = [
        abs(sum(sign * abs(d) for sign, d in zip(signs, differences, strict=True)))
        for signs in product((-1, 1), repeat=len(differences))
    ]
    equal = sum(abs(total - observed) <= 1e-9 for total in sums)
    beyond = sum(total > observed + 1e-9 for total in sums)
    return (beyond + (0.5 if mid_p else 1.0) * equal) / len(sums)


@settings(max_examples=60, deadline=None)
@given(differences=st.lists(DIFFERENCE, max_size=9), mid_p=st.booleans())
def test_sign_flip_equals_enumeration(differences: list[float], mid_p: bool) -> None:
    expected = enumerated(differences, mid_p=mid_p) if any(differences) else 1.0
    assert sign_flip_test(differences, mid_p=mid_p) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None)
@given(differences=st.lists(DIFFERENCE, min_size=1, max_size=40))
def test_sign_flip_does_not_depend_on_direction_order_or_zeros(differences: list[float]) -> None:
    p = sign_flip_test(differences)
    assert 0 < p <= 1
    assert sign_flip_test([-d for d in reversed(differences)] + [0.0, 0.0]) == pytest.approx(p, abs=1e-9)


@given(wins=st.integers(0, 200), losses=st.integers(0, 200))
def test_mcnemar_is_symmetric_and_falls_with_the_margin(wins: int, losses: int) -> None:
    p = mcnemar_mid_p(wins, losses)
    assert 0 <= p <= 1
    assert p == mcnemar_mid_p(losses, wins)
    if wins >= losses:
        assert mcnemar_mid_p(wins + 1, losses) <= p


@given(p_values=st.lists(st.floats(0, 1), max_size=8))
def test_holm_never_lowers_and_keeps_the_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    for p, q in zip(p_values, adjusted, strict=True):
        assert p <= q <= 1
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    ranked = [adjusted[i] for i in order]
    assert ranked == sorted(ranked)


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=30), seed=st.integers(0, 5))
def test_the_interval_lies_in_the_data_and_repeats(values: list[float], seed: int) -> None:
    interval = bootstrap_mean(values, resamples=500, seed=seed)
    assert min(values) - 1e-9 <= interval.low <= interval.high <= max(values) + 1e-9
    assert interval == bootstrap_mean(values, resamples=500, seed=seed)


@given(sd=st.floats(0, 1), n=st.integers(1, 400))
def test_more_examples_show_smaller_differences(sd: float, n: int) -> None:
    effect = minimum_detectable_effect(sd, n)
    assert 0 <= effect <= 1
    assert minimum_detectable_effect(sd, n + 1) <= effect + 1e-9


@settings(max_examples=30, deadline=None)
@given(ratings=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=30))
def test_kappa_is_symmetric_and_at_most_1(ratings: list[tuple[int, int]]) -> None:
    first, second = [a for a, _ in ratings], [b for _, b in ratings]
    kappa = cohen_kappa(first, second, resamples=50)
    other = cohen_kappa(second, first, resamples=50)
    assert kappa.agreement == other.agreement
    if kappa.value is None:
        assert other.value is None
        assert len({*first, *second}) == 1
    else:
        assert kappa.value <= 1
        assert other.value == pytest.approx(kappa.value)
