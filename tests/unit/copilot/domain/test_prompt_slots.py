import pytest

from copilot.domain.completion import Decoding
from copilot.domain.prompt import PromptTemplate
from copilot.errors import TemplateError
from tasks.model import ChoiceConstraint, OutputContract, TaskKind


def template(item: str, *variables: str) -> PromptTemplate:
    return PromptTemplate(
        kind=TaskKind.CUSTOM,
        variables=variables,
        item=item,
        contract=OutputContract(form="text"),
        decoding=Decoding(max_tokens=8),
    )


def test_only_variables_are_filled_and_what_they_hold_is_left_alone() -> None:
    made = template("{{a}} {{ Preis (€) }} {{other}} {a}", "a", "Preis (€)")

    assert made.render({"a": "{{Preis (€)}}", "Preis (€)": "7"})[-1].content == "{{Preis (€)}} 7 {{other}} {a}"
    assert template("{{a}}").render({"a": "x"})[-1].content == "{{a}}"


def test_missing_input_is_named() -> None:
    with pytest.raises(TemplateError, match=r"needs the input 'a', but the row has: b\."):
        template("{{a}}", "a").render({"b": "x"})


def test_scored_labels_are_asked_for_by_their_codes() -> None:
    contract = OutputContract(
        form="label", labels=("refund", "return"), codes=("A", "B"), constraint=ChoiceConstraint(choices=("A", "B"))
    )
    made = template("{{a}}", "a").model_copy(update={"contract": contract, "label_scoring": True})

    assert made.request({"a": "x"}).labels == ("A", "B")
    assert made.request({"a": "x"}).constraint is None
