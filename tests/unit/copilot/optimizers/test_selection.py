"""Who leads, who is refined, and when the shorter prompt wins."""

from copilot.optimizers.selection import Standing, parents, pareto_front, ranking


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
