"""OpenAI-compatible servers that lack one thing or another: what is sent to them, and how the adapter steps down."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from copilot.domain.completion import Completion, CompletionRequest
from copilot.errors import ModelConfigError, ModelRejected
from copilot.models.connection import ModelConnection
from copilot.models.openai_compatible import OpenAICompatibleModel
from copilot.models.retrying import RetryPolicy, complete_with_retries
from tasks.model import ChoiceConstraint

Ask = Callable[..., CompletionRequest]
Serve = Callable[[Any], str]
CHOICE = ChoiceConstraint(choices=("World", "Sports"))


async def answer(model: OpenAICompatibleModel, request: CompletionRequest) -> Completion:
    return await complete_with_retries(model, request, policy=RetryPolicy(), before_attempt=lambda: None)


@pytest.mark.parametrize(
    ("supports", "ignores", "used", "calls"),
    [
        ({"schema", "tool"}, (), "schema", 1),
        ({"tool"}, (), "tool", 2),
        ((), (), "parsing", 3),
        ({"tool"}, {"schema"}, "parsing", 1),
    ],
    ids=["schema", "tool", "neither", "ignored"],
)
async def test_steps_down_and_says_which(
    openai_server: Any, serve: Serve, ask: Ask, supports: Any, ignores: Any, used: str, calls: int
) -> None:
    server = openai_server(supports=frozenset(supports), ignores=frozenset(ignores))
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    first = await answer(model, ask(constraint=CHOICE))
    assert (first.constraint_used, first.usage.calls) == (used, calls)
    second = await answer(model, ask(constraint=CHOICE))
    assert second.usage.calls == 1, "what was refused or ignored once is not tried again"
    assert second.constraint_used == ("tool" if ignores else used)
    await model.aclose()
    assert len(server.bodies) == calls + 1


async def test_without_probabilities_labels_are_a_choice(openai_server: Any, serve: Serve, ask: Ask) -> None:
    server = openai_server(supports=frozenset({"schema"}))
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    completion = await answer(model, ask(labels=("World", "Sports")))
    await model.aclose()
    assert completion.label_logprobs is None
    assert completion.text in {"World", "Sports"}
    assert completion.constraint_used == "schema"


async def test_an_answer_without_probabilities_is_paid_for(openai_server: Any, serve: Serve, ask: Ask) -> None:
    server = openai_server(ignores=frozenset({"logprobs"}), supports=frozenset({"schema"}))
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    completion = await answer(model, ask(labels=("World", "Sports")))
    await model.aclose()
    words = [len(message["content"].split()) for body in server.bodies for message in body["messages"]]
    assert completion.usage.calls == len(server.bodies) == 2
    assert completion.usage.prompt_tokens == sum(words)


async def test_labels_are_scored_from_what_is_shown(openai_server: Any, serve: Serve, ask: Ask) -> None:
    server = openai_server()
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    completion = await answer(model, ask(labels=("World", "Sports", "Business")))
    await model.aclose()
    logprobs = completion.label_logprobs or {}
    assert list(logprobs) == ["World", "Sports", "Business"]
    assert logprobs["Business"] == -5.0
    body = server.bodies[0]
    assert (body["max_tokens"], body["temperature"], body["top_logprobs"]) == (1, 1.0, 20)


async def test_every_parameter_is_sent_and_no_other(openai_server: Any, serve: Serve, ask: Ask) -> None:
    server = openai_server()
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    await model.complete(ask(decoding={"temperature": 0.5, "top_p": 0.9, "stop": ("x",), "seed": 7}, sample_index=2))
    await model.aclose()
    body = server.bodies[0]
    assert body.pop("messages")
    assert body == {
        "model": "small",
        "max_tokens": 24,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": ["x"],
        "seed": 9,
        "stream": False,
    }


async def test_what_a_server_is_not_known_to_understand_is_refused(openai_server: Any, serve: Serve, ask: Ask) -> None:
    server = openai_server()
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    with pytest.raises(ModelRejected, match="has no repetition penalty"):
        await model.complete(ask(decoding={"repetition_penalty": 1.2}))
    await model.aclose()
    assert server.bodies == []


async def test_a_parameter_that_a_model_refuses_is_left_out_from_then_on(
    openai_server: Any, serve: Serve, ask: Ask
) -> None:
    server = openai_server(refuses=("temperature", "top_p"))
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    calls = [(await answer(model, ask())).usage.calls for _ in range(2)]
    await model.aclose()
    assert calls == [3, 1]
    assert not {"temperature", "top_p"} & server.bodies[-1].keys()


async def test_requests_side_by_side_all_learn_what_is_refused(openai_server: Any, serve: Serve, ask: Ask) -> None:
    refusal = "Unsupported parameter: '{name}' is not supported with this model. Use 'max_completion_tokens' instead."
    server = openai_server(refuses=("max_tokens", "temperature"), refusal=refusal)
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    answers = await asyncio.gather(*(answer(model, ask(f"Question {number}")) for number in range(4)))
    await model.aclose()
    assert all(completion.text for completion in answers)
    assert server.bodies[-1]["max_completion_tokens"] == 24


async def test_a_value_that_is_refused_is_no_parameter_to_leave_out(openai_server: Any, serve: Serve, ask: Ask) -> None:
    server = openai_server(refuses=("temperature",), refusal="'{name}' must be strictly positive.")
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    with pytest.raises(ModelRejected, match="strictly positive"):
        await answer(model, ask())
    await model.aclose()
    assert len(server.bodies) == 1


async def test_vllm_gets_its_own_parameters(openai_server: Any, serve: Serve, ask: Ask) -> None:
    server = openai_server(entries=[{"id": "m", "owned_by": "vllm", "max_model_len": 4096}])
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    await model.complete(ask(decoding={"repetition_penalty": 1.2}))
    await model.aclose()
    assert model.context_length == 4096
    assert (server.bodies[0]["top_k"], server.bodies[0]["repetition_penalty"]) == (-1, 1.2)


async def test_one_of_several_models_must_be_chosen(openai_server: Any, serve: Serve, ask: Ask) -> None:
    url = serve(openai_server(entries=[{"id": "a"}, {"id": "b"}]).app) + "/v1"
    undecided = OpenAICompatibleModel(ModelConnection(address=url))
    with pytest.raises(ModelConfigError, match="serves several models; add one to the URL after a '#': a, b"):
        await undecided.prepare()
    await undecided.aclose()
    chosen = OpenAICompatibleModel(ModelConnection(address=f"{url}#b"))
    await chosen.prepare()
    assert (chosen.name, chosen.revision) == (f"{url}#b", "b")
    await chosen.aclose()


async def test_only_the_named_key_is_sent(
    openai_server: Any, serve: Serve, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "openais")
    monkeypatch.setenv("OPENAI_ORG_ID", "my-organisation")
    monkeypatch.setenv("MY_KEY", "mine")
    server = openai_server()
    url = serve(server.app) + "/v1"
    for variable in (None, "MY_KEY"):
        model = OpenAICompatibleModel(ModelConnection(address=url, key_variable=variable))
        await model.complete(ask())
        await model.aclose()
    assert [headers["authorization"] for headers in server.headers] == ["Bearer none", "Bearer mine"]
    assert "openai-organization" not in server.headers[0]
    assert "openais" not in str(server.headers)


async def test_prepare_generates_nothing(openai_server: Any, serve: Serve) -> None:
    server = openai_server()
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    await model.prepare()
    assert await model.label_tokens(("A", "B")) is None
    await model.aclose()
    assert server.bodies == []
