"""Halves of surrogate pairs, which no encoding can write, never get into what is hashed, saved or sent."""

import json

import pytest

from copilot.domain.completion import Completion, CompletionRequest, Decoding, Message, Usage
from copilot.domain.feedback import Feedback
from copilot.domain.prompt import Demonstration, PromptTemplate
from copilot.optimizers.reflection import Tier, read_proposal, self_test_request
from tasks.characters import mended
from tasks.model import Dataset, Example, OutputContract, Task, TaskKind

HALF = "a\ud800b"
MENDED = "a\ufffdb"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("caf\u00e9 \U0001f985", "caf\u00e9 \U0001f985"),
        (HALF, MENDED),
        ("\udc00", "\ufffd"),
        ("\ud83e\udd85", "\U0001f985"),
        ("cut off \ud83e", "cut off \ufffd"),
        ("\ud800\ud83e\udd85", "\ufffd\U0001f985"),
    ],
)
def test_halves_are_joined_or_replaced(text: str, expected: str) -> None:
    assert mended(text) == expected


def _template(text: str) -> PromptTemplate:
    return PromptTemplate(
        kind=TaskKind.CUSTOM,
        variables=("text",),
        system=text,
        instruction=text,
        item=text + "{{text}}",
        demonstrations=(Demonstration(inputs={"text": text}, output=text),),
        contract=OutputContract(form="text"),
        decoding=Decoding(max_tokens=5),
    )


def test_a_template_with_halves_is_that_with_the_replacement() -> None:
    assert _template(HALF) == _template(MENDED)
    assert _template(HALF).content_hash == _template(MENDED).content_hash


def test_a_row_with_halves_can_be_sent_and_kept() -> None:
    request = _template("x").request({"text": HALF})
    assert request.key("m", "1") == _template("x").request({"text": MENDED}).key("m", "1")
    assert MENDED in request.model_dump_json()


def test_what_a_model_says_is_mended_as_it_comes() -> None:
    completion = Completion(text="half a pair \ud83e", usage=Usage())
    assert completion.text == "half a pair \ufffd"
    assert json.loads(completion.model_dump_json())["text"] == completion.text
    message = Message(role="assistant", content=completion.text)
    assert CompletionRequest(messages=(message,), decoding=Decoding(max_tokens=1)).key("m", "1")


def test_examples_tasks_and_feedback_made_in_code_are_mended() -> None:
    example = Example(id="1", inputs={"text": HALF}, expected=(HALF,), group=HALF)
    assert example == Example(id="1", inputs={"text": MENDED}, expected=(MENDED,), group=MENDED)
    assert Dataset(examples=(example,)).version
    task = Task(name=HALF, kind=TaskKind.CUSTOM, description=HALF, prompt=HALF, labels=(HALF,))
    assert {task.name, task.description, task.prompt, *task.labels} == {MENDED}
    said = Feedback(run_id="r", candidate_id="c", example_id="e", comment=HALF, edited_output=HALF)
    assert said.model_dump_json() and said.comment == said.edited_output == MENDED


def test_a_proposal_that_escapes_a_half_in_its_json_is_mended() -> None:
    proposed = json.dumps({"instruction": f"Answer the question briefly {HALF}.", "rationale": HALF})
    proposal = read_proposal(Tier.REWRITES, self_test_request(), proposed, _template("x"))
    assert proposal.template is not None
    assert MENDED in proposal.template.instruction and proposal.template.content_hash
