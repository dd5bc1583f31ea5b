import json

import pytest

from copilot.domain.completion import CompletionRequest, Decoding, Message
from copilot.errors import ModelOverloaded, ModelRejected
from copilot.models.fake import FakeModel
from tasks.model import ChoiceConstraint, SchemaConstraint


def request(text: str = "one two three", max_tokens: int = 20, **fields: object) -> CompletionRequest:
    made = {"messages": (Message(role="user", content=text),), "decoding": Decoding(max_tokens=max_tokens), **fields}
    return CompletionRequest.model_validate(made)


async def test_a_function_answers() -> None:
    model = FakeModel(lambda asked: asked.messages[-1].content.upper())
    completion = await model.complete(request("hello"))
    assert completion.text == "HELLO"
    assert (completion.usage.calls, completion.usage.prompt_tokens, completion.usage.completion_tokens) == (1, 1, 1)


async def test_a_script_that_meets_unseen_input_fails() -> None:
    model = FakeModel({"hello": "there"})
    assert (await model.complete(request("hello"))).text == "there"
    with pytest.raises(ModelRejected, match="no answer to: 'bye'"):
        await model.complete(request("bye"))


async def test_failures_come_in_their_order() -> None:
    model = FakeModel({"a": "b"}, failures=[None, ModelOverloaded("busy.", retry_after=1)])
    assert (await model.complete(request("a"))).text == "b"
    with pytest.raises(ModelOverloaded):
        await model.complete(request("a"))
    assert (await model.complete(request("a"))).text == "b"


async def test_draws_depend_on_seed_and_sample_only() -> None:
    text = " ".join(str(number) for number in range(200))
    first = (await FakeModel(seed=1).complete(request(text))).text
    assert first == (await FakeModel(seed=1).complete(request(text))).text
    assert first != (await FakeModel(seed=2).complete(request(text))).text
    assert first != (await FakeModel(seed=1).complete(request(text, sample_index=1))).text


async def test_long_answers_are_cut() -> None:
    completion = await FakeModel({"a": "one two three"}).complete(request("a", max_tokens=2))
    assert (completion.text, completion.finish_reason) == ("one two", "length")


async def test_a_scripted_label_is_the_likeliest() -> None:
    completion = await FakeModel(lambda _asked: "B").complete(request(labels=("A", "B", "C")))
    logprobs = completion.label_logprobs or {}
    assert max(logprobs, key=lambda label: logprobs[label]) == completion.text == "B"


async def test_draws_keep_constraints() -> None:
    schema = {
        "type": "object",
        "properties": {
            "label": {"enum": ["x", "y"]},
            "words": {"type": "array", "items": {"type": "string"}},
            "count": {"type": "integer"},
            "sure": {"type": "boolean"},
        },
    }
    found = await FakeModel().complete(request(constraint=SchemaConstraint(json_schema=schema)))
    assert json.loads(found.text) == {"label": "x", "words": ["one", "two", "three"], "count": 1, "sure": True}
    chosen = await FakeModel().complete(request(constraint=ChoiceConstraint(choices=("x", "y"))))
    assert chosen.text in {"x", "y"}
    assert chosen.constraint_used == "grammar"
