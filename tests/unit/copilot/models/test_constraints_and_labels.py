import math
import re

import pytest

from copilot.domain.completion import Completion, Usage
from copilot.errors import ModelRejected
from copilot.models import constraints, labels, llamacpp
from copilot.models.steps import Steps
from tasks.model import ChoiceConstraint, RegexConstraint, SchemaConstraint

CHOICE = ChoiceConstraint(choices=('say "hi"', "a|b (c)"))


def completion(text: str, finish_reason: str = "stop") -> Completion:
    return Completion.model_validate({"text": text, "usage": Usage(calls=1), "finish_reason": finish_reason})


def test_a_grammar_quotes_its_choices() -> None:
    assert constraints.as_gbnf(CHOICE) == r'root ::= "say \"hi\"" | "a|b (c)"'


def test_a_choice_as_regex_matches_only_its_choices() -> None:
    pattern = constraints.as_regex(CHOICE)
    assert all(re.fullmatch(pattern, choice) for choice in CHOICE.choices)
    assert not re.fullmatch(pattern, "a")


@pytest.mark.parametrize(
    ("pattern", "text", "kept"), [("a|b", "b", True), ("^ab$", "ab", True), ("ab", "xab", False), (r"\$", "$", True)]
)
def test_a_pattern_must_match_the_whole_text(pattern: str, text: str, kept: bool) -> None:
    assert constraints.satisfied(RegexConstraint(pattern=pattern), text) is kept
    assert bool(re.search(constraints.anchored(pattern), text)) is kept


def test_texts_are_wrapped_and_unwrapped() -> None:
    assert constraints.as_schema(CHOICE)["required"] == ["answer"]
    assert constraints.unwrapped(CHOICE, '{"answer": "x"}') == "x"
    assert constraints.unwrapped(CHOICE, '"x"') == "x"
    assert constraints.unwrapped(CHOICE, "x") == "x"
    schema = SchemaConstraint(json_schema={"properties": {}})
    assert constraints.unwrapped(schema, '{"answer": "x"}') == '{"answer": "x"}'


def test_an_answer_of_brackets_only_is_no_json() -> None:
    deep = "[" * 50_000
    assert not constraints.satisfied(SchemaConstraint(json_schema={"type": "array"}), deep)
    assert constraints.unwrapped(CHOICE, deep) == deep


def test_a_refused_means_is_not_tried_again() -> None:
    steps = Steps()
    ladder: tuple[constraints.Means, ...] = ("schema", "tool", "parsing")
    assert steps.current(CHOICE, ladder) == "schema"
    assert steps.rejected(CHOICE, "schema", ModelRejected("response_format is not supported."))
    assert steps.current(CHOICE, ladder) == "tool"
    assert not steps.rejected(CHOICE, "tool", ModelRejected("max_tokens is too large."))
    assert steps.rejected(CHOICE, "tool", ModelRejected("tools are not supported."))
    assert steps.current(CHOICE, ladder) == "parsing"
    assert not steps.rejected(CHOICE, "parsing", ModelRejected("response_format"))
    assert steps.current(RegexConstraint(pattern="a"), ladder) == "schema"


def test_an_answer_that_breaks_its_constraint_shows_that_it_was_ignored() -> None:
    steps = Steps()
    pattern = RegexConstraint(pattern="[0-9]+")
    found = steps.validated(pattern, "grammar", completion("seven"))
    assert found.constraint_used == "parsing"
    assert steps.current(pattern, ("grammar", "schema", "parsing")) == "schema"
    assert steps.current(RegexConstraint(pattern="[a-z]+"), ("grammar", "parsing")) == "grammar"


def test_an_answer_that_was_cut_off_shows_nothing() -> None:
    steps = Steps()
    schema = SchemaConstraint(json_schema={"properties": {"a": {}}})
    assert steps.validated(schema, "schema", completion('{"a": ', "length")).constraint_used == "schema"
    assert steps.current(schema, ("schema", "parsing")) == "schema"


def test_labels_are_matched_by_the_tokens_that_begin_them() -> None:
    shown = [("Wor", -0.1), (" Sports", -2.0), ("The", -3.0), ("W", -5.0)]
    found = labels.match_by_text(("World", "Sports", "Business"), shown)
    assert found is not None
    assert found["World"] == pytest.approx(math.log(math.exp(-0.1) + math.exp(-5.0)))
    assert found["Sports"] == pytest.approx(-2.0)
    assert found["Business"] == pytest.approx(-6.0), "one below the lowest that was shown"


def test_a_token_of_two_labels_is_shared() -> None:
    found = labels.match_by_text(("Sports", "Space"), [("Sp", -1.0)])
    assert found == pytest.approx({"Sports": -1 - math.log(2), "Space": -1 - math.log(2)})


def test_no_label_was_shown() -> None:
    assert labels.match_by_text(("A", "B"), [("The", -0.1), ("", -1.0)]) is None


def test_labels_with_one_first_token_are_refused_in_words() -> None:
    with pytest.raises(
        ModelRejected, match=r"'very good' and 'very bad' begin with the same token 'very'.*letter codes"
    ):
        labels.require_distinct({"very good": "very", "very bad": "very"})


def test_two_of_many_labels_may_share_a_first_token_and_its_probability() -> None:
    tokens = {f"label {number}": (number, f"{number}") for number in range(30)} | {"label 29": (28, "28")}
    labels.require_distinct({name: piece for name, (_id, piece) in tokens.items()})
    biased = [token_id for token_id, _bias in llamacpp.label_options(tokens)["logit_bias"]]
    assert len(biased) == len(set(biased)) == 29
    found = llamacpp.read_labels([{"id": 28, "prob": 0.5}, {"id": 0, "prob": 0.5}], tokens)
    assert found["label 28"] == found["label 29"] == pytest.approx(math.log(0.25))
    assert found["label 0"] == pytest.approx(math.log(0.5))


def test_exact_probabilities_are_read_by_token_id() -> None:
    tokens = {"A": (7, "A"), "B": (9, "B"), "C": (11, "C")}
    shown = [{"id": 7, "prob": 0.75}, {"id": 9, "prob": 0.25}, {"id": 1, "prob": 0.0}]
    found = llamacpp.read_labels(shown, tokens)
    assert found == pytest.approx({"A": math.log(0.75), "B": math.log(0.25), "C": math.log(0.25) - 1})


def test_slashes_and_line_ends_in_patterns_survive() -> None:
    made = llamacpp.constraint_options(RegexConstraint(pattern="a/b\nc"), "grammar")
    assert made["grammar"] == "%llguidance {}\nstart: /a\\/b\\nc/"
