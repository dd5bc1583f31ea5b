"""Two prompts beside each other, in words; differences with heads, slots and folds."""

import pytest

from app.formatting.comparing import cautions, finding, rows_line, score_line
from app.formatting.diffs import folded, readable
from app.formatting.runs import cap_words
from copilot import Comparison
from copilot.types import ComparedPrompt, Piece, PromptComparison, PromptFacts, SharedRows

FACTS = PromptFacts(candidate_id="p", n=20, passed=9, failed=11, errors=0, unscored=0, mean=0.5, right_or_wrong=True)
SIDE = ComparedPrompt(run_id="r", candidate_id="p", model="m", facts=FACTS, score=0.5, low=0.3, high=0.7)
FOUND = Comparison(
    n=20,
    seed_score=0.25,
    best_score=0.5,
    delta=0.25,
    ci_low=0.1,
    ci_high=0.4,
    p_value=0.01,
    minimum_detectable_effect=0.2,
)


def compared(
    *, found: Comparison | None = FOUND, part: str = "shared_aside", model: str = "m", **rows: int
) -> PromptComparison:
    side = SIDE.model_copy(update={"model": model})
    return PromptComparison.model_validate(
        {"first": SIDE, "second": side, "shared": SharedRows(**rows), "part": part, "found": found}
    )


def pieces(*parts: tuple[str, str] | tuple[str, str, str]) -> list[Piece]:
    return [Piece.model_validate(dict(zip(("change", "text", "head"), part, strict=False))) for part in parts]


@pytest.mark.parametrize(
    ("part", "low", "high", "p_value", "word", "tone"),
    [
        ("shared_aside", 0.1, 0.4, 0.01, "Better:", "better"),
        ("shared_aside", -0.4, -0.1, 0.01, "Worse:", "worse"),
        ("shared", 0.1, 0.4, 0.01, "Higher here:", "grey"),
        ("shared", -0.4, -0.1, 0.01, "Lower here:", "grey"),
        ("shared_aside", -0.1, 0.4, 0.2, "No evidence of a difference:", "grey"),
    ],
)
def test_better_is_said_of_rows_kept_aside_for_both_alone(
    part: str, low: float, high: float, p_value: float, word: str, tone: str
) -> None:
    found = FOUND.model_copy(update={"ci_low": low, "ci_high": high, "p_value": p_value})
    said = finding(compared(found=found, part=part, aside=20), "New", "Old")
    assert said is not None and (said.word, said.tone) == (word, tone)
    assert said.rest.startswith("“New” gets 50 of 100, “Old” 25 (+25 points, 95% interval")


def test_equal_rows_have_no_interval_and_other_criteria_no_finding() -> None:
    same = FOUND.model_copy(update={"delta": 0.0, "ci_low": 0.0, "ci_high": 0.0, "p_value": 1.0})
    said = finding(compared(found=same, aside=7), "New", "Old")
    assert said is not None and said.rest.endswith("(0 points).")
    assert finding(compared(found=None, aside=7), "New", "Old") is None
    assert "different criteria" in cautions(compared(found=None, aside=7), "New", "Old")[0]
    assert score_line("New", SIDE) == "New: 50 of 100 (95% interval 30 to 70)."


def test_who_is_favoured_is_said() -> None:
    mixed = compared(part="shared", first_aside=3, second_aside=1, used=2)
    assert rows_line(mixed) == "Compared on the 6 examples that both answered."
    first, second, used = cautions(mixed, "New", "Old")
    assert "3 of these examples were kept aside for “New”" in first and first.endswith("that favours “Old”.")
    assert second.startswith("One of these examples was kept aside for “Old”") and second.endswith("favours “New”.")
    assert used.startswith("2 of these examples were used to choose")
    assert cautions(compared(aside=6, used=9), "New", "Old") == []
    assert cautions(compared(), "New", "Old")[0].startswith("No example was answered by both")
    assert "different models" in cautions(compared(model="other", aside=1), "New", "Old")[0]


def test_effort_has_a_name_or_a_number() -> None:
    assert [cap_words(calls) for calls in (100, 300, 800, 1, 70)] == [
        "Quick look",
        "Standard",
        "Thorough",
        "at most one call",
        "at most 70 calls",
    ]


def test_heads_stand_on_lines_of_their_own_and_a_slot_stays_whole() -> None:
    shown = readable(
        pieces(("new", "[User]", "user"), ("new", "\n"), ("gone", "You sort."), ("same", "{{text}}"), ("new", "Team:")),
        ("text",),
    )
    assert shown[:2] == [("Input\n", "head_added"), ("You sort.", "removed")]
    assert ("{{text}}", "variable") in shown and shown[-1] == ("Team:", "added")


def test_long_unchanged_parts_are_folded_between_changes() -> None:
    long = " ".join(f"word{n}" for n in range(100))
    sections = folded([("a", "added"), (f" {long} ", "same"), ("b", "removed")])
    assert [part.title for part in sections] == ["", "", "Show 51 unchanged words", "", ""]
    assert "".join(text for part in sections for text, _ in part.pieces) == f"a {long} b"
    assert [part.title for part in folded([(long, "same")])] == [""]
    assert [part.title for part in folded([(long, "same"), ("b", "added")])] == ["Show 75 unchanged words", "", ""]
    assert len(folded([("a", "added"), (" few words ", "same"), ("b", "added")])) == 3
