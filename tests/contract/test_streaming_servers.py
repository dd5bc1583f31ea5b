"""Answers told while a server writes them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from copilot.domain.completion import CompletionRequest
from copilot.errors import ModelError
from copilot.models.connection import ModelConnection
from copilot.models.openai_compatible import OpenAICompatibleModel

Serve = Callable[[Any], str]
Ask = Callable[..., CompletionRequest]


def server(words: list[str], *, ends: bool = True) -> tuple[Starlette, list[dict[str, Any]]]:
    """A server that streams these words, by OpenAI's book, and may forget the end."""
    bodies: list[dict[str, Any]] = []

    def frame(**fields: Any) -> str:
        chunk = {"id": "1", "created": 1, "model": "m", "object": "chat.completion.chunk", **fields}
        return f"data: {json.dumps(chunk)}\n\n"

    def frames() -> Any:
        for word in words:
            yield frame(choices=[{"index": 0, "delta": {"content": word}, "finish_reason": None}])
        if ends:
            yield frame(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
            usage = {"prompt_tokens": 5, "completion_tokens": len(words), "total_tokens": 5 + len(words)}
            yield frame(choices=[], usage=usage)
            yield "data: [DONE]\n\n"

    async def chat(request: Request) -> Response:
        bodies.append(await request.json())
        return StreamingResponse(frames(), media_type="text/event-stream")

    def models(_: Request) -> Response:
        return JSONResponse({"data": [{"id": "m"}]})

    routes = [Route("/v1/chat/completions", chat, methods=["POST"]), Route("/v1/models", models)]
    return Starlette(routes=routes), bodies


async def test_words_are_told_as_they_come(serve: Serve, ask: Ask) -> None:
    app, bodies = server(["The ", "falcon ", "flies."])
    model = OpenAICompatibleModel(ModelConnection(address=serve(app) + "/v1"))
    told: list[str] = []
    completion = await model.stream(ask(), told.append)
    await model.aclose()
    assert told == ["The ", "The falcon ", "The falcon flies."]
    assert (completion.text, completion.usage.completion_tokens) == (told[-1], 3)
    assert bodies[0]["stream_options"] == {"include_usage": True}


async def test_half_an_answer_is_an_error(serve: Serve, ask: Ask) -> None:
    app, _ = server(["The ", "fal"], ends=False)
    model = OpenAICompatibleModel(ModelConnection(address=serve(app) + "/v1"))
    told: list[str] = []
    with pytest.raises(ModelError):
        await model.stream(ask(), told.append)
    await model.aclose()
    assert told == ["The ", "The fal"]
