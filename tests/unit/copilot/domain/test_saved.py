"""Names of templates, differences between prompts, and what may be kept of a connection or run."""

from typing import Any

import pytest
from pydantic import ValidationError

from copilot.domain.completion import Decoding
from copilot.domain.difference import diff_templates
from copilot.domain.prompt import Demonstration, PromptTemplate
from copilot.domain.reference import Reference, check_label, parse_reference
from copilot.domain.run import Budget, RunConfig
from copilot.domain.saved import ModelConnection, RunPlan, new_run_id
from copilot.errors import TemplateError
from tasks.model import OutputContract, Task, TaskKind


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("Mail", Reference(name="Mail")),
        (" Mail ", Reference(name="Mail")),
        ("Mail@latest", Reference(name="Mail")),
        ("Support mail@production", Reference(name="Support mail", label="production")),
        ("Mail@3", Reference(name="Mail", version=3)),
    ],
)
def test_references_are_read(text: str, reference: Reference) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    "text", ["", "@production", "Mail@", "Mail@Pro duction", "Mail@a@b", "a/b", "mail.yaml", "a\nb", "x" * 201]
)
def test_what_names_no_template_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        parse_reference(text)


@pytest.mark.parametrize("label", ["latest", "3", "Production", "", "a b", "a@b"])
def test_what_is_no_label_is_refused(label: str) -> None:
    with pytest.raises(TemplateError):
        check_label(label)


def _template(**changes: Any) -> PromptTemplate:
    plain = PromptTemplate(
        kind=TaskKind.CUSTOM,
        variables=("text",),
        instruction="one\ntwo\n",
        item="{{text}}",
        contract=OutputContract(form="text"),
        decoding=Decoding(max_tokens=5),
    )
    return plain.model_copy(update=changes)


def test_equal_prompts_do_not_differ() -> None:
    assert diff_templates(_template(), _template()) == ()


def test_a_difference_names_the_part_and_the_lines() -> None:
    shown = (Demonstration(inputs={"text": "a"}, output="b"),)
    new = _template(instruction="one\nthree\n", demonstrations=shown, decoding=Decoding(max_tokens=9))
    instruction, demonstrations, decoding = diff_templates(_template(), new)
    assert instruction.lines == ("  one", "- two", "+ three", "  ")
    assert demonstrations.after == '{"inputs":{"text":"a"},"output":"b","example_id":""}'
    assert "- max_tokens: 5" in decoding.lines
    assert "+ max_tokens: 9" in decoding.lines


@pytest.mark.parametrize(
    "wrong",
    [
        {"key_variable": "sk-abc"},
        {"key_variable": "hf_abcDEF"},
        {"url": "https://user:secret@host/v1"},
        {"url": "https://host/v1?api_key=1"},
        {"options": {"api_key": "x"}},
        {"name": "a b"},
    ],
)
def test_a_connection_holds_no_secret(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ModelConnection.model_validate({"name": "house", "kind": "openai"} | wrong)
    kept = ModelConnection(name="house", kind="openai", key_variable="OPENAI_API_KEY", url="https://host/v1")
    assert "OPENAI_API_KEY" in kept.model_dump_json()


def test_a_signature_is_that_of_the_arguments() -> None:
    plan = RunPlan(
        task=Task(name="t", kind=TaskKind.CUSTOM), dataset_version="v", config=RunConfig(), task_model="embedded"
    )
    same = {"id": new_run_id(), "options": {"save": "x"}, "config": RunConfig(concurrency=9)}
    assert plan.model_copy(update=same).signature == plan.signature
    for other in ({"dataset_version": "w"}, {"task_model": "x"}, {"config": RunConfig(budget=Budget(max_calls=1))}):
        assert plan.model_copy(update=other).signature != plan.signature
