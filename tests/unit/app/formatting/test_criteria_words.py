"""Success criteria in plain words."""

import re

import pytest

from app.formatting import criteria as words
from app.formatting import criteria_names as names
from copilot import SuccessCriterion
from copilot.domain.criteria import Agreement, CriterionCheck, CriterionEntry
from copilot.service import criteria_catalogue, criteria_rules
from evaluators.registry import EVALUATORS

JARGON = re.compile(r"rouge|chrf|squad|\bf1\b|kappa|precision|recall|json|yaml|regex|token|embedding", re.IGNORECASE)


@pytest.mark.parametrize("entry", criteria_catalogue.entries(), ids=lambda entry: entry.name)
def test_every_criterion_has_words_of_its_own(entry: CriterionEntry) -> None:
    title, sentence = names.title(entry.name), names.explanation(entry.name)
    assert title != entry.name.replace("_", " ")
    assert sentence.endswith(".")
    assert not JARGON.search(title + sentence)
    for parameter in entry.parameters:
        assert names.parameter_label(entry.name, parameter.name, "") != ""
        for choice in parameter.choices:
            assert names.choice_label(choice)


def test_every_group_is_a_question_people_have() -> None:
    groups = {entry.group for entry in criteria_catalogue.entries()}
    assert names.group_title("unheard of") not in {names.group_title(group) for group in groups}


def test_a_suggested_list_is_not_shown_as_a_pattern() -> None:
    assert words.BULLETS == criteria_rules.BULLETS
    listed = SuccessCriterion(evaluator="regex", parameters={"pattern": words.BULLETS})
    assert words.summary(listed) == "a list, each line with a dash, a dot or a number"


@pytest.mark.parametrize(
    ("parameters", "shown"),
    [
        ({"maximum": 1, "unit": "sentences"}, "at most 1 sentence"),
        ({"minimum": 5, "maximum": 9}, "5 to 9 words"),
        ({"minimum": 2, "unit": "characters"}, "at least 2 characters"),
        ({}, ""),
    ],
)
def test_a_length_is_said_as_people_say_it(parameters: dict[str, int | str], shown: str) -> None:
    assert words.summary(SuccessCriterion(evaluator="length", parameters=dict(parameters))) == shown


@pytest.mark.parametrize("text", ["Short.", "Short.\nAnd kind.", ""])
def test_rules_and_meanings_of_ratings_come_apart_again(text: str) -> None:
    levels = {"5": "perfect", "1": "useless"}
    joined = words.joined_rubric(text, levels)
    assert words.split_rubric(joined) == ((text, levels) if text else ("", {}))


def test_problems_name_what_the_form_names() -> None:
    for parameters in ({}, {"minimum": 9, "maximum": 3}, {"maximum": -1}):
        sentence = words.problem_sentence(
            criteria_catalogue.problem(SuccessCriterion(evaluator="length", parameters=dict(parameters)))
        )
        assert "criterion" not in sentence and "'" not in sentence
        assert sentence.endswith(".")
    missing = criteria_catalogue.problem(SuccessCriterion(evaluator="judge"))
    assert words.problem_sentence(missing) == "Fill in “What a good answer is, in your own words” first."


@pytest.mark.parametrize(
    ("check", "tone"),
    [
        (CriterionCheck(total=4, looked_at=4, scored=4, passed=3), "good"),
        (CriterionCheck(total=4, looked_at=4, scored=4, passed=1), "mixed"),
        (CriterionCheck(total=4, looked_at=4, scored=4, passed=4, compares=True), "none"),
        (CriterionCheck(total=4, looked_at=4, obstacle="asks_model"), "none"),
        (CriterionCheck(total=4, looked_at=4, obstacle="bad_parameter", problem="Wrong."), "mixed"),
    ],
)
def test_a_check_tells_how_it_looks(check: CriterionCheck, tone: str) -> None:
    assert words.check_tone(check) == tone
    assert words.check_sentence(check).endswith(".")


def test_a_check_of_some_rows_says_so() -> None:
    check = CriterionCheck(total=50_000, looked_at=200, without_expected=1, scored=190, passed=190)
    assert words.check_sentence(check) == "190 of 190 expected answers pass this."
    assert words.check_notes(check) == [
        "Looked at 200 of 50,000 examples, evenly drawn.",
        "1 example has no expected answer.",
        "9 expected answers could not be scored.",
    ]


def test_the_search_reads_the_words_people_see() -> None:
    entries = criteria_catalogue.entries()
    assert [entry.name for entry in words.found(entries, "phone")] == ["no_personal_data"]
    assert len(words.found(entries, "  ")) == len(EVALUATORS)
    assert words.found(entries, "zebra") == []


def test_trust_is_said_with_its_figures() -> None:
    good = Agreement(n=30, rated=30, kappa=0.71, low=0.5, high=0.9, share=0.9, trust="good")
    assert "rely on it" in words.trust_sentence(good)
    assert "0.71, 95% interval 0.50 to 0.90" in words.trust_numbers(good)
    few = Agreement(n=2, rated=8, kappa=0.0, low=0.0, high=0.0, share=0.5, wanted=12)
    assert words.trust_sentence(few) == "Too few ratings to tell: rate 12 more outputs."
    assert words.trust_numbers(few) == "Same opinion on 1 of 2 outputs."
