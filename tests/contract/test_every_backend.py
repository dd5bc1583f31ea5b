"""The same cases over every backend: what callers may rely on, whichever model is connected."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from copilot.domain.completion import CompletionRequest
from copilot.errors import ModelRejected
from copilot.models.base import ChatModel
from copilot.models.connection import ModelConnection
from copilot.models.constraints import satisfied
from copilot.models.embedded import EmbeddedModel
from copilot.models.embedded_server import Lease, ServerOptions, join_server
from copilot.models.facade import build
from copilot.models.fake import FakeModel
from copilot.models.langchain import LangChainModel
from copilot.models.openai_compatible import OpenAICompatibleModel
from copilot.models.retrying import RetryPolicy, complete_with_retries
from copilot.models.tgi import TgiModel
from copilot.models.weights import find_weights
from tasks.model import ChoiceConstraint, Constraint, RegexConstraint, SchemaConstraint

Ask = Callable[..., CompletionRequest]
LABELS = ("World", "Sports", "Business")
MODEL = pytest.mark.model
BACKENDS = [
    "fake",
    "openai",
    "langchain",
    "tgi-chat",
    "tgi-alfred-0723",
    "tgi-alfred-1023",
    pytest.param("embedded", marks=MODEL),
    pytest.param("openai-llama.cpp", marks=MODEL),
    pytest.param("tgi-embedded", marks=MODEL),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def options() -> ServerOptions:
    return ServerOptions(parallel=2, context=1024, threads=1, linger=0)


@pytest.fixture(scope="module")
def lease(home: Path, options: ServerOptions) -> Iterator[Lease]:
    """Keeps the real server alive over the module's tests; each test's model joins it."""
    held = join_server(home, options.model_copy(update={"weights": find_weights()}))
    yield held
    held.release()


@pytest.fixture(params=BACKENDS)
async def model(
    request: pytest.FixtureRequest, serve: Callable[[Any], str], openai_server: Any, home: Path, options: ServerOptions
) -> AsyncIterator[ChatModel]:
    """One model of each kind."""

    def embedded() -> EmbeddedModel:
        request.getfixturevalue("lease")
        return EmbeddedModel(home, options=options)

    def tgi(kind: str) -> TgiModel:
        inner = embedded() if kind == "embedded" else FakeModel()
        format_name = "chat" if kind == "embedded" else kind
        return TgiModel(ModelConnection(address=serve(build(inner)), prompt_format=format_name))

    kind = request.param
    found: ChatModel
    if kind == "fake":
        found = FakeModel()
    elif kind == "openai":
        found = OpenAICompatibleModel(ModelConnection(address=serve(openai_server().app) + "/v1"))
    elif kind == "langchain":
        url = serve(openai_server().app) + "/v1"
        found = LangChainModel(ChatOpenAI(model="small", base_url=url, api_key=SecretStr("none"), max_retries=0))
    elif kind == "embedded":
        found = embedded()
    elif kind == "openai-llama.cpp":
        held: Lease = request.getfixturevalue("lease")
        found = OpenAICompatibleModel(ModelConnection(address=f"{held.url}/v1"), key=held.key)
    else:
        found = tgi(kind.removeprefix("tgi-"))
    await found.prepare()
    yield found
    await found.aclose()


async def test_answers_with_its_usage(model: ChatModel, ask: Ask) -> None:
    completion = await model.complete(ask())
    assert completion.text
    assert completion.usage.calls == 1
    assert completion.usage.prompt_tokens >= 5
    assert 0 <= completion.usage.cached_tokens <= completion.usage.prompt_tokens
    assert 1 <= completion.usage.completion_tokens <= 24
    assert completion.latency_seconds > 0
    assert completion.constraint_used == "none"
    assert completion.label_logprobs is None


async def test_says_who_it_is(model: ChatModel) -> None:
    assert model.name
    assert model.revision
    assert isinstance(model, ChatModel)


async def test_the_same_request_has_the_same_answer(model: ChatModel, ask: Ask) -> None:
    assert (await model.complete(ask())).text == (await model.complete(ask())).text


async def test_stops_at_the_length_asked(model: ChatModel, ask: Ask) -> None:
    completion = await model.complete(ask("Write a long story about a falcon and a falconer.", max_tokens=4))
    assert completion.finish_reason == "length"
    assert completion.usage.completion_tokens <= 4


async def test_keeps_a_constraint_or_says_that_it_was_only_asked(
    model: ChatModel, ask: Ask, constraint: ChoiceConstraint | RegexConstraint | SchemaConstraint
) -> None:
    completion = await complete_with_retries(
        model, ask(constraint=constraint, max_tokens=60), policy=RetryPolicy(), before_attempt=lambda: None
    )
    if completion.constraint_used == "parsing":
        assert isinstance(constraint, RegexConstraint), "only the fake cannot keep a pattern"
    else:
        assert completion.constraint_used in {"grammar", "schema", "tool"}
        assert satisfied(constraint, completion.text)


async def test_scores_every_label_in_one_call(model: ChatModel, ask: Ask) -> None:
    completion = await model.complete(ask(labels=LABELS))
    assert completion.usage.calls == 1
    found = completion.label_logprobs or {}
    assert set(found) == set(LABELS)
    assert all(value <= 0 for value in found.values())
    assert completion.text == max(found, key=lambda label: found[label])
    assert completion.usage.completion_tokens == 1


@pytest.mark.parametrize(
    "broken",
    [
        RegexConstraint(pattern="(a|b"),
        ChoiceConstraint(choices=()),
        SchemaConstraint(json_schema={"type": "object"}),
        SchemaConstraint(json_schema={"properties": {"a": {"type": "strin"}}}),
    ],
    ids=["regex", "choice", "no-properties", "schema"],
)
async def test_refuses_a_constraint_that_cannot_be(model: ChatModel, ask: Ask, broken: Constraint) -> None:
    with pytest.raises(ModelRejected) as caught:
        await model.complete(ask(constraint=broken))
    assert str(caught.value).endswith(".")


async def test_a_schema_answer_is_json_with_its_keys(model: ChatModel, ask: Ask) -> None:
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    request = ask(constraint=SchemaConstraint(json_schema=schema), max_tokens=60)
    completion = await complete_with_retries(model, request, policy=RetryPolicy(), before_attempt=lambda: None)
    if completion.finish_reason != "length":
        assert isinstance(json.loads(completion.text)["answer"], str)
