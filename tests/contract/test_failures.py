"""What servers do when they fail, over sockets: every backend tells it with the same error and words."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from langchain_openai import ChatOpenAI
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from copilot.domain.completion import CompletionRequest
from copilot.errors import (
    ContextOverflow,
    ModelAuthFailed,
    ModelError,
    ModelNotFound,
    ModelOverloaded,
    ModelRejected,
    ModelServerFault,
    ModelUnreachable,
)
from copilot.models.base import ChatModel
from copilot.models.connection import ModelConnection
from copilot.models.langchain import LangChainModel
from copilot.models.openai_compatible import OpenAICompatibleModel
from copilot.models.retrying import RetryPolicy, complete_with_retries
from copilot.models.tgi import TgiModel

Ask = Callable[..., CompletionRequest]
Behaviour = Callable[[Request], Awaitable[Response]]
KEY = "sk-very-secret-123"
INFO = {"model_id": "m", "max_total_tokens": 2048, "max_concurrent_requests": 128}


class FailingServer:
    """Answers its metadata, and every generating request as it is told."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.calls = 0
        self.timeout = 0.5 if behaviour is slow else 20.0
        self._behaviour = behaviour

    @property
    def app(self) -> Starlette:
        """The ASGI application."""
        paths = ("/v1/chat/completions", "/generate", "/generate_stream")
        return Starlette(
            routes=[
                Route("/info", self._info),
                Route("/v1/models", self._models),
                *(Route(path, self._generate, methods=["POST"]) for path in paths),
            ]
        )

    async def _info(self, _request: Request) -> Response:
        return JSONResponse(INFO)

    async def _models(self, _request: Request) -> Response:
        return JSONResponse({"data": [{"id": "small"}]})

    async def _generate(self, request: Request) -> Response:
        self.calls += 1
        return await self._behaviour(request)


@pytest.fixture(params=["openai", "langchain", "tgi-chat", "tgi-alfred-1023"])
def connect(
    request: pytest.FixtureRequest, serve: Callable[[Any], str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[FailingServer], ChatModel]:
    """Connect each kind of adapter to a failing server."""
    monkeypatch.setenv("TEST_KEY", KEY)

    def make(server: FailingServer) -> ChatModel:
        url, timeout = serve(server.app), server.timeout
        connection = ModelConnection(address=f"{url}/v1", key_variable="TEST_KEY", timeout=timeout)
        if request.param == "openai":
            return OpenAICompatibleModel(connection)
        if request.param == "langchain":
            chat = ChatOpenAI(model="s", base_url=f"{url}/v1", api_key=SecretStr(KEY), max_retries=0, timeout=timeout)
            return LangChainModel(chat, key=KEY)
        return TgiModel(connection.model_copy(update={"prompt_format": request.param.removeprefix("tgi-")}))

    return make


def status(code: int, message: str, headers: dict[str, str] | None = None) -> Behaviour:
    async def answer(_request: Request) -> Response:
        body = {"error": {"message": f"{message} (key {KEY})", "type": "x"}}
        return JSONResponse(body, code, headers=headers)

    return answer


async def empty_401(_request: Request) -> Response:
    return Response(status_code=401)


async def plain_422(_request: Request) -> Response:
    return PlainTextResponse("Failed to deserialize the JSON body into the target type: missing field `value`", 422)


async def garbage(_request: Request) -> Response:
    return PlainTextResponse("<html>Welcome to nginx</html>", 200)


async def slow(_request: Request) -> Response:
    await asyncio.sleep(2)
    return Response()


async def dropped(_request: Request) -> Response:
    async def half() -> AsyncIterator[bytes]:
        yield b'data: {"index": 1, '
        raise ConnectionResetError

    return StreamingResponse(half(), media_type="text/event-stream", headers={"content-length": "1000"})


CASES: list[tuple[str, Behaviour, type[ModelError], str]] = [
    ("400", status(400, "bad"), ModelRejected, "refused the request"),
    ("401", status(401, "wrong key"), ModelAuthFailed, "set the right key"),
    ("401-empty", empty_401, ModelAuthFailed, "set the right key"),
    ("403", status(403, "forbidden"), ModelAuthFailed, "set the right key"),
    ("404", status(404, "no model"), ModelNotFound, "check the URL and the model's name"),
    ("413", status(413, "payload too large"), ModelRejected, "refused the request"),
    ("422", status(422, "unprocessable"), ModelRejected, "refused the request"),
    ("422-plain", plain_422, ModelRejected, "missing field"),
    ("429", status(429, "slow down", {"retry-after": "7"}), ModelOverloaded, "at its limit"),
    ("500", status(500, "boom"), ModelServerFault, r"failed \(500\)"),
    ("502", status(502, "bad gateway"), ModelServerFault, r"failed \(502\)"),
    ("503", status(503, "loading"), ModelOverloaded, "at its limit"),
    ("504", status(504, "gateway"), ModelUnreachable, "did not answer in time"),
    ("overflow", status(400, "maximum context length is 2048 tokens"), ContextOverflow, "do not fit"),
    ("garbage", garbage, ModelServerFault, "cannot be read|Unexpected response type"),
    ("timeout", slow, ModelUnreachable, "did not answer in time"),
    ("dropped", dropped, ModelUnreachable, "connection"),
]


@pytest.mark.parametrize(("behaviour", "kind", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_a_failure_becomes_one_of_our_errors(
    connect: Callable[[FailingServer], ChatModel], ask: Ask, behaviour: Behaviour, kind: type[ModelError], words: str
) -> None:
    server = FailingServer(behaviour)
    model = connect(server)
    with pytest.raises(ModelError) as caught:
        await model.complete(ask())
    await model.aclose()
    assert type(caught.value) is kind
    assert server.calls == 1, "one request is one request: no client retries by itself"
    message = str(caught.value)
    assert re.search(words, message)
    assert KEY not in message
    assert "\n" not in message
    assert message.endswith(".")


async def test_retry_after_is_handed_on(connect: Callable[[FailingServer], ChatModel], ask: Ask) -> None:
    model = connect(FailingServer(status(429, "slow down", {"retry-after": "7"})))
    with pytest.raises(ModelOverloaded) as caught:
        await model.complete(ask())
    await model.aclose()
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(("code", "calls"), [(500, 3), (503, 3), (401, 1), (404, 1), (422, 1)])
async def test_only_what_may_pass_is_asked_again(
    connect: Callable[[FailingServer], ChatModel], ask: Ask, code: int, calls: int
) -> None:
    server = FailingServer(status(code, "no"))
    model = connect(server)
    charged: list[int] = []
    policy = RetryPolicy(attempts=3, first_wait=0.001)
    with pytest.raises(ModelError):
        await complete_with_retries(model, ask(), policy=policy, before_attempt=lambda: charged.append(1))
    await model.aclose()
    assert server.calls == len(charged) == calls


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("validation", ModelRejected),
        ("overloaded", ModelOverloaded),
        ("generation", ModelServerFault),
        ("incomplete_generation", ModelServerFault),
    ],
)
async def test_tgi_tells_errors_inside_a_stream(
    serve: Callable[[Any], str], ask: Ask, kind: str, error: type[ModelError]
) -> None:
    async def answer(_request: Request) -> Response:
        event = json.dumps({"error": "Something is wrong", "error_type": kind})
        return PlainTextResponse(f"data: {event}\n\n", media_type="text/event-stream")

    address = serve(FailingServer(answer).app)
    model = TgiModel(ModelConnection(address=address, prompt_format="alfred-0723"))
    with pytest.raises(error, match="Something is wrong"):
        await model.complete(ask())
    await model.aclose()


@pytest.mark.parametrize("kind", [OpenAICompatibleModel, TgiModel])
async def test_nobody_listens(kind: type[OpenAICompatibleModel] | type[TgiModel]) -> None:
    model = kind(ModelConnection(address="http://127.0.0.1:9/v1"))
    with pytest.raises(ModelUnreachable, match="check the URL and that the server is running"):
        await model.prepare()
    await model.aclose()
