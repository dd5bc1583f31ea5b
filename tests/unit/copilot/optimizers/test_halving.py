"""Rungs, their cost and the shared order of items."""

from collections import Counter

import pytest

from copilot.optimizers import halving
from tasks.model import Example


def labelled(n: int) -> list[Example]:
    return [Example(id=str(i), inputs={"text": f"t{i}"}, expected=("abcd"[i % 4],)) for i in range(n)]


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


def test_every_beginning_of_the_item_order_is_balanced() -> None:
    order = halving.item_order(labelled(40), seed=3)
    for size in (4, 8, 16, 40):
        counts = Counter(example.expected for example in order[:size])
        assert max(counts.values()) - min(counts.values()) <= 1


def test_the_item_order_depends_on_the_seed_and_not_on_the_row_order() -> None:
    rows = labelled(40)
    assert halving.item_order(rows, seed=1) == halving.item_order(rows[::-1], seed=1)
    assert halving.item_order(rows, seed=1) != halving.item_order(rows, seed=2)


def test_protected_candidates_survive_whatever_their_rank() -> None:
    assert halving.survivors(["a", "b", "c", "user"], 2, protected=["user"]) == ("a", "b", "user")
    assert halving.survivors(["user", "b", "c"], 2, protected=["user"]) == ("user", "b")
