"""Who leads, who is refined, and when the shorter prompt wins."""

from copilot.optimizers.selection import Standing, finalist, paired_standard_error, parents, pareto_front, ranking


def standing(name: str, values: list[float], *, characters: int = 100) -> Standing:
    return Standing(id=name, values={str(i): v for i, v in enumerate(values)}, prompt_characters=characters)


def test_length_breaks_near_ties_only() -> None:
    long, short = standing("long", [1, 1, 1, 0], characters=1000), standing("short", [1, 1, 1, 0], characters=100)
    better = standing("better", [1, 1, 1, 1], characters=1000)
    assert ranking([long, short]) == ("short", "long")
    assert ranking([short, better])[0] == "better"


def test_within_one_standard_error_the_shorter_is_shipped() -> None:
    best = standing("best", [1, 1, 1, 0, 1, 1, 0, 1], characters=900)
    close = standing("close", [1, 1, 0, 1, 1, 1, 0, 1], characters=100)
    far = standing("far", [0, 0, 0, 0, 1, 0, 0, 0], characters=10)
    assert finalist([best, close, far]) == "close"


def test_equal_lengths_leave_the_better_one() -> None:
    best, close = standing("best", [1, 1, 1, 0, 1]), standing("close", [1, 1, 0, 0, 1])
    assert finalist([close, best]) == "best"


def test_the_paired_standard_error_uses_shared_items_only() -> None:
    first = standing("a", [1, 0, 1, 0])
    second = Standing(id="b", values={"0": 1.0, "1": 1.0}, prompt_characters=1)
    # differences 0 and -1: variance 0.5, over 2 items
    assert abs(paired_standard_error(first, second) - 0.5) < 1e-12


def test_a_specialist_stays_on_the_front() -> None:
    generalist, specialist = standing("g", [1, 1, 1, 0]), standing("s", [0, 0, 0, 1])
    assert pareto_front([generalist, specialist]) == {"g": 3, "s": 1}
    assert parents([specialist, generalist], 2) == ("g", "s")


def test_nobody_wins_an_item_that_all_fail() -> None:
    assert pareto_front([standing("a", [0.0]), standing("b", [0.0])]) == {}
