"""Who leads, who is refined, and when the shorter prompt wins."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.optimizers.selection import (
    Standing,
    comparable_means,
    parents,
    pareto_front,
    possible_gain,
    ranking,
)


def standing(name: str, values: list[float], *, characters: int = 100) -> Standing:
    return Standing(id=name, values={str(i): v for i, v in enumerate(values)}, prompt_characters=characters)


def test_length_breaks_near_ties_only() -> None:
    long, short = standing("long", [1, 1, 1, 0], characters=1000), standing("short", [1, 1, 1, 0], characters=100)
    better = standing("better", [1, 1, 1, 1], characters=1000)
    assert ranking([long, short]) == ("short", "long")
    assert ranking([short, better])[0] == "better"


def test_a_real_difference_outweighs_length() -> None:
    long = standing("long", [1, 1, 1, 0.2], characters=1000)
    short = standing("short", [1, 1, 0.9, 0.1], characters=10)
    assert ranking([short, long])[0] == "long"


def test_a_specialist_stays_on_the_front() -> None:
    generalist, specialist = standing("g", [1, 1, 1, 0]), standing("s", [0, 0, 0, 1])
    assert pareto_front([generalist, specialist]) == {"g": 3, "s": 1}
    assert parents([specialist, generalist], 2) == ("g", "s")


def test_nobody_wins_an_item_that_all_fail() -> None:
    assert pareto_front([standing("a", [0.0]), standing("b", [0.0])]) == {}


def test_what_an_unknown_challenger_could_gain_is_what_the_leader_lacks() -> None:
    assert abs(possible_gain({"a": 1.0, "b": 0.5, "c": 0.9}) - 0.2) < 1e-12
    assert possible_gain({"a": 1.0, "b": 1.0}) == 0.0
    assert possible_gain({}) == 1.0


def test_rows_already_lost_bound_what_a_challenger_can_still_gain() -> None:
    leader = {"a": 1.0, "b": 1.0, "c": 0.0, "d": 1.0}
    assert possible_gain(leader, {"a": 0.0}) == 0.0
    assert possible_gain(leader, {"a": 1.0}) == 0.25
    assert possible_gain(leader, {"a": 0.0, "b": 0.0}) == -0.25


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.booleans()), min_size=1, max_size=30),
)
def test_no_challenger_ever_gains_more_than_the_bound(rows: list[tuple[float, float, bool]]) -> None:
    leader = {str(i): own for i, (own, _, _) in enumerate(rows)}
    met = {str(i): other for i, (_, other, seen) in enumerate(rows) if seen}
    gain = sum(other - own for own, other, _ in rows) / len(rows)
    assert gain <= possible_gain(leader, met) + 1e-9
    assert possible_gain(leader, met) <= possible_gain(leader) + 1e-9


def read(name: str, values: list[float], right: list[float]) -> Standing:
    return replace(standing(name, values), right={str(i): share for i, share in enumerate(right)})


def test_of_two_with_the_same_hits_the_one_that_is_surer_of_the_right_labels_leads() -> None:
    sure, unsure = read("sure", [1, 1, 0, 0], [0.9, 0.9, 0.4, 0.4]), read("unsure", [1, 1, 0, 0], [0.5, 0.5, 0.1, 0.1])
    assert ranking([unsure, sure]) == ("sure", "unsure")


def test_probabilities_are_compared_with_hits_at_the_level_of_hits() -> None:
    timid = read("timid", [1, 1, 1, 1], [0.4, 0.4, 0.4, 0.4])
    written = standing("written", [1, 1, 0, 0])
    assert comparable_means([timid, written]) == pytest.approx((1.0, 0.5))
    assert ranking([written, timid])[0] == "timid"


def test_without_probabilities_hits_are_compared() -> None:
    assert comparable_means([standing("a", [1, 0]), standing("b", [1, 1])]) == (0.5, 1.0)
