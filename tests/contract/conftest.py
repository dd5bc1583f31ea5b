"""Servers on real sockets, and one model per kind of backend."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from copilot.domain.completion import Completion, CompletionRequest, Decoding, Message
from copilot.models.fake import FakeModel
from tasks.model import ChoiceConstraint, RegexConstraint, SchemaConstraint

TGI = Path(__file__).parents[1] / "fixtures" / "tgi"


@contextmanager
def _served(app: Any) -> Iterator[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="error", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Start applications; each call returns a base URL."""
    opened = []

    def start(app: Any) -> str:
        server = _served(app)
        opened.append(server)
        return server.__enter__()

    yield start
    for server in reversed(opened):
        server.__exit__(None, None, None)


@dataclass
class OpenAIServer:
    """A small server with OpenAI's API over the fake model; it can lack what real ones lack."""

    supports: frozenset[str] = frozenset({"schema", "tool", "logprobs"})
    ignores: frozenset[str] = frozenset()
    """Taken without a word and without effect."""
    version: str | None = None
    """What it says at Ollama's address for that; None: it has none."""
    refuses: tuple[str, ...] = ()
    """Parameters that it answers with `refusal`, the first one that was sent."""
    refusal: str = "Unsupported value: '{name}' does not support this value with this model."
    model: FakeModel = field(default_factory=FakeModel)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=lambda: [{"id": "small", "object": "model"}])

    @property
    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/v1/models", self._models),
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
            Route("/api/version", self._version),
        ]
        return Starlette(routes=routes)

    async def _version(self, _request: Request) -> Response:
        return JSONResponse({"version": self.version} if self.version else {}, 200 if self.version else 404)

    async def _models(self, _request: Request) -> Response:
        return JSONResponse({"object": "list", "data": self.entries})

    async def _chat(self, request: Request) -> Response:
        body = json.loads(await request.body())
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        wanted = {"response_format": "schema", "tools": "tool", "logprobs": "logprobs"}
        for key, name in wanted.items():
            if body.get(key) and name not in self.supports | self.ignores:
                return JSONResponse({"error": {"message": f"Unsupported parameter: {key}", "type": "invalid"}}, 400)
        if refused := next((name for name in self.refuses if name in body), None):
            told = {"message": self.refusal.format(name=refused), "type": "invalid_request_error", "param": refused}
            return JSONResponse({"error": told}, 400)
        completion = await self.model.complete(self._request(body))
        return JSONResponse(self._answer(body, completion))

    def _request(self, body: dict[str, Any]) -> CompletionRequest:
        constraint = None
        if "response_format" in body and "schema" in self.supports:
            constraint = SchemaConstraint(json_schema=body["response_format"]["json_schema"]["schema"])
        elif body.get("tools") and "tool" in self.supports:
            constraint = SchemaConstraint(json_schema=body["tools"][0]["function"]["parameters"])
        limit = body.get("max_tokens") or body.get("max_completion_tokens")
        return CompletionRequest(
            messages=tuple(Message.model_validate(message) for message in body["messages"]),
            decoding=Decoding(max_tokens=limit, temperature=body.get("temperature", 1.0), seed=body.get("seed") or 0),
            constraint=constraint,
        )

    def _answer(self, body: dict[str, Any], completion: Completion) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": completion.text}
        if body.get("tools") and "tool" in self.supports:
            call = {"id": "1", "type": "function", "function": {"name": "answer", "arguments": completion.text}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
        choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": completion.finish_reason}
        if body.get("logprobs") and "logprobs" in self.supports:
            shown = [("World", -0.5), (" Sp", -1.5), ("The", -2.0), ("S", -4.0)]
            top = [{"token": token, "logprob": value, "bytes": None} for token, value in shown]
            choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
        prompt = completion.usage.prompt_tokens
        return {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [choice],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": completion.usage.completion_tokens,
                "total_tokens": prompt + completion.usage.completion_tokens,
                "prompt_tokens_details": {"cached_tokens": prompt // 2},
            },
        }


@pytest.fixture
def openai_server() -> type[OpenAIServer]:
    """The class of the small OpenAI server."""
    return OpenAIServer


@pytest.fixture
def ask() -> Callable[..., CompletionRequest]:
    """Make requests with a fixed question."""

    def make(text: str = "Which word fits: the team won the cup final.", **fields: Any) -> CompletionRequest:
        decoding = Decoding(max_tokens=fields.pop("max_tokens", 24), **fields.pop("decoding", {}))
        return CompletionRequest(messages=(Message(role="user", content=text),), decoding=decoding, **fields)

    return make


CHOICE = ChoiceConstraint(choices=("World news", "Sports (all)"))
REGEX = RegexConstraint(pattern=r"[a-c]{2}-\d{3}")
SCHEMA = SchemaConstraint(
    json_schema={
        "type": "object",
        "properties": {"label": {"type": "string", "enum": ["World", "Sports"]}, "sure": {"type": "boolean"}},
        "required": ["label", "sure"],
        "additionalProperties": False,
    }
)


@pytest.fixture(params=[CHOICE, REGEX, SCHEMA], ids=["choice", "regex", "schema"])
def constraint(request: pytest.FixtureRequest) -> ChoiceConstraint | RegexConstraint | SchemaConstraint:
    """Each kind of constraint."""
    found: ChoiceConstraint | RegexConstraint | SchemaConstraint = request.param
    return found


@pytest.fixture(scope="session")
def openapi() -> dict[str, Any]:
    """TGI's OpenAPI document."""
    found: dict[str, Any] = json.loads((TGI / "openapi.json").read_text())
    return found


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], Any]:
    """Responses recorded from a real TGI, by file name."""

    def read(name: str) -> Any:
        return json.loads((TGI / "responses" / f"{name}.json").read_text())

    return read
