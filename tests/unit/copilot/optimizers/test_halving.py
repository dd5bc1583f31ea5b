"""Rungs, their cost and who survives them."""

import pytest

from copilot.optimizers import halving


def test_half_of_the_candidates_meet_twice_the_items() -> None:
    rungs = halving.schedule(8, 32, first_rung=8)
    assert [(rung.candidates, rung.items) for rung in rungs] == [(8, 8), (4, 16), (2, 32)]
    assert halving.cost(rungs) == 8 * 8 + 4 * 8 + 2 * 16


def test_all_items_in_the_first_rung_is_uniform_allocation() -> None:
    assert [(rung.candidates, rung.items) for rung in halving.schedule(5, 20, first_rung=20)] == [(5, 20)]


@pytest.mark.parametrize("calls", [40, 100, 200, 500, 1000])
def test_the_population_fits_the_calls(calls: int) -> None:
    count = halving.population(calls, 32, first_rung=8, most=24)
    assert 2 <= count <= 24
    if count > 2:
        assert halving.cost(halving.schedule(count, 32, first_rung=8)) <= calls


def test_protected_candidates_survive_whatever_their_rank() -> None:
    assert halving.survivors(["a", "b", "c", "user"], 2, protected=["user"]) == ("a", "b", "user")
    assert halving.survivors(["user", "b", "c"], 2, protected=["user"]) == ("user", "b")
