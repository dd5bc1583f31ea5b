"""Names, parameters and the catalogue."""

import subprocess
import sys

import pytest
from pydantic import JsonValue

from evaluators.length import Length
from evaluators.matching import OneOf
from evaluators.registry import EVALUATORS, BadParameter, UnknownEvaluator, catalogue, create


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("rougeL", "did you mean rouge_l?"),
        ("Exact Match", "did you mean exact_match?"),
        ("zzz", "known are: exact_match"),
    ],
)
def test_unknown_names_get_a_hint(name: str, hint: str) -> None:
    with pytest.raises(UnknownEvaluator, match="There is no criterion called") as caught:
        create(name)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("one_of", {}, "The criterion 'one_of' needs the parameter 'values'."),
        ("one_of", {"value": ["a"]}, "The criterion 'one_of' has no parameter 'value'; did you mean 'values'?"),
        ("rouge_l", {"x": 1}, "The criterion 'rouge_l' takes no parameters, so remove 'x'."),
        (
            "length",
            {"maximum": "many"},
            "The parameter 'maximum' of the criterion 'length' cannot be 'many': it must be a whole number.",
        ),
        (
            "length",
            {"minimum": 5, "maximum": 2},
            "The criterion 'length' cannot be set up like this: the minimum 5 is above the maximum 2.",
        ),
        (
            "regex",
            {"pattern": "("},
            "The criterion 'regex' cannot be set up like this: the pattern is no valid regular expression "
            "(missing ) at position 1).",
        ),
        (
            "one_of",
            {"values": "a"},
            "The parameter 'values' of the criterion 'one_of' cannot be 'a': it must be a list.",
        ),
    ],
)
def test_bad_parameters_are_named(name: str, parameters: dict[str, JsonValue], message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        create(name, parameters)
    assert str(caught.value) == message


def test_created_evaluators_carry_their_parameters() -> None:
    assert create("length", {"maximum": 40, "unit": "words"}) == Length(maximum=40, unit="words")
    assert create("one_of", {"values": ["a", "b"]}) == OneOf(values=("a", "b"))


def test_catalogue_describes_everything() -> None:
    entries = catalogue()
    assert len({entry.name for entry in entries}) == len({entry.title for entry in entries}) == len(EVALUATORS)
    for entry in entries:
        assert entry.description.endswith(".")
        assert 0 < entry.default_threshold <= 1
        assert all(parameter.description for parameter in entry.parameters)


def test_catalogue_knows_types_defaults_and_choices() -> None:
    length = next(entry for entry in catalogue() if entry.name == "length")
    by_name = {parameter.name: parameter for parameter in length.parameters}
    assert (by_name["maximum"].type, by_name["maximum"].required) == ("whole number", False)
    assert by_name["unit"].choices == ("characters", "words", "sentences", "tokens")
    assert by_name["unit"].default == "words"
    judge = next(entry for entry in catalogue() if entry.name == "judge")
    assert judge.needs == {"judge"}
    assert judge.parameters[0].required is True


def test_heavy_libraries_wait_until_they_are_needed() -> None:
    heavy = {"sklearn", "nltk", "sacrebleu", "textstat", "py3langid", "phonenumbers", "yake", "rouge_score", "scipy"}
    code = "import sys, evaluators.registry, evaluators.baselines, evaluators.statistics; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not heavy & set(done.stdout.split())
