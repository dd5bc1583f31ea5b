"""What the pages of reviewers say."""

import pytest

from app.formatting import reviews
from copilot import Feedback
from copilot.types import ReviewedPrompt, WinRate


def rate(first: int, second: int, ties: int = 0, **found: float | None) -> WinRate:
    whole = {"identical": 0, "left": 0, "rate": None, "low": None, "high": None, "p_value": None, **found}
    return WinRate.model_validate({"first": first, "second": second, "ties": ties, **whole})


def test_prompts_are_named_by_what_they_are() -> None:
    prompts = [ReviewedPrompt(id="x", role=role, number=7, outputs=1, rated=0) for role in ("chosen", "own", "other")]
    assert [reviews.prompt_name(prompt) for prompt in prompts] == ["The prompt to use", "Your own prompt", "Prompt 7"]
    assert reviews.prompt_choice(prompts[2]) == "Prompt 7 (1 answer)"
    rated = prompts[0].model_copy(update={"outputs": 9, "rated": 2})
    assert reviews.prompt_choice(rated) == "The prompt to use (9 answers, 2 rated)"


@pytest.mark.parametrize(
    ("value", "word"), [(0.0, "Useless"), (0.3, "Poor"), (0.5, "Fair"), (0.8, "Good"), (1.0, "Perfect")]
)
def test_values_are_words(value: float, word: str) -> None:
    assert reviews.value_name(value) == word
    assert reviews.value_name(reviews.scale(value)) == word


def test_a_rating_is_one_line() -> None:
    said = Feedback(
        run_id="r",
        candidate_id="c",
        example_id="e",
        flag="down",
        value=0.25,
        tag="tone",
        comment="a\nb",
        edited_output="",
    )
    assert reviews.rating_words(said) == "👎 Not good · Poor · tone · “a b” · answer edited"
    assert reviews.mark(said) == "👎"
    assert reviews.mark(said.model_copy(update={"flag": None})) == "✓"
    assert reviews.clip("word " * 50).endswith("…") and len(reviews.clip("word " * 50)) <= reviews.CLIP
    assert reviews.tags([said, said]).count("tone") == 1


def test_what_is_heard_is_said() -> None:
    assert "Nothing was said yet" in reviews.heard_words(0, 0)
    assert reviews.heard_words(1, 0) == "The next improvement hears 1 opinion."
    assert reviews.heard_words(3, 2) == (
        "The next improvement hears 3 opinions, among them 2 answers as you would have written them."
    )


@pytest.mark.parametrize(
    ("found", "start"),
    [
        (rate(0, 0), "Nothing was compared yet"),
        (rate(0, 0, 4, rate=0.5, low=0.2, high=0.8), "No difference: you saw none in 4 pairs"),
        (rate(2, 18, rate=0.9, low=0.7, high=0.97, p_value=0.0004), "“B” is preferred: it wins 90% of 20"),
        (rate(18, 2, rate=0.1, low=0.03, high=0.3, p_value=0.0004), "“A” is preferred: it wins 90% of 20"),
        (rate(0, 9, 91, rate=0.545, low=0.447, high=0.639, p_value=0.004), "Mostly no difference; but where"),
        (rate(0, 4, rate=1.0, low=0.51, high=1.0, p_value=0.125), "Too few to tell: “B” wins 100% of 4"),
        (rate(9, 11, rate=0.55, low=0.34, high=0.74, p_value=0.82), "No preference shown: “B” wins 55% of 20"),
    ],
)
def test_a_comparison_ends_in_a_sentence(found: WinRate, start: str) -> None:
    assert reviews.conclusion(found, "A", "B").startswith(start)


def test_the_interval_is_told_from_the_better_side() -> None:
    words = reviews.conclusion(rate(18, 2, rate=0.1, low=0.03, high=0.3, p_value=0.0004), "A", "B")
    assert "95% interval 70% to 97%" in words


def test_small_chances_are_not_told_as_zero() -> None:
    assert "less than 0.001" in reviews.chance_words(0.00001)
    assert "0.125" in reviews.chance_words(0.125)
    assert reviews.stopped_words(0) == "" and "1 pair is not compared yet" in reviews.stopped_words(1)
    assert reviews.skipped_words(0) == "" and "2 pairs of equal answers" in reviews.skipped_words(2)
    assert "no row that both" in reviews.nothing_words(0) and "alike" in reviews.nothing_words(1)
    assert reviews.show_of("rated") == "rated" and reviews.show_of("odd") == "all"
