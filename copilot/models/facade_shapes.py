"""What TGI's bodies, errors and streams look like on the wire."""

import json
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from copilot.domain.completion import Completion
from copilot.errors import ContextOverflow, ModelAuthFailed, ModelError, ModelOverloaded, ModelRejected
from copilot.models.facade_bodies import TgiError, invalid

Body = TypeVar("Body", bound=BaseModel)


async def read(request: Request, kind: type[Body]) -> Body:
    """Read a body; what cannot be read is answered in plain text, as TGI does.

    Raises:
        TgiError: 400, 415 or 422 without a kind.
    """
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise TgiError(415, "", "Expected request with `Content-Type: application/json`")
    try:
        content = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise TgiError(400, "", f"Failed to parse the request body as JSON: {error}") from error
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = f"Failed to deserialize the JSON body into the target type: {where}: {first['msg']}"
        raise TgiError(422, "", message) from error


def error_response(error: TgiError) -> Response:
    """Return the error as JSON, or as plain text where TGI never came to read the request."""
    if not error.kind:
        return PlainTextResponse(str(error), error.status)
    return JSONResponse({"error": str(error), "error_type": error.kind}, error.status)


def as_tgi(error: ModelError) -> TgiError:
    """Return the TGI error that says the same as ours."""
    if isinstance(error, ContextOverflow):
        return invalid(f"`inputs` tokens + `max_new_tokens` must be <= the model's context. {error}")
    if isinstance(error, ModelOverloaded):
        return TgiError(429, "overloaded", "Model is overloaded")
    if isinstance(error, ModelRejected | ModelAuthFailed):
        return invalid(str(error))
    return TgiError(424, "generation", f"Request failed during generation: {error}")


def event_stream(events: AsyncIterator[dict[str, Any]]) -> Response:
    """Return server-sent events; only a chat ends with `[DONE]`."""

    async def frames() -> AsyncIterator[str]:
        chat = False
        async for event in events:
            chat = chat or "choices" in event or isinstance(event.get("error"), dict)
            yield f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
        if chat:
            yield "data: [DONE]\n\n"

    return StreamingResponse(frames(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def token(number: int, text: str, logprob: float | None = None) -> dict[str, Any]:
    """Return one token."""
    return {"id": number, "text": text, "logprob": logprob, "special": False}


def top_tokens(completion: Completion) -> list[dict[str, Any]]:
    """Return the likeliest labels, at most five, in place of tokens."""
    ranked = sorted((completion.label_logprobs or {}).items(), key=lambda item: -item[1])[:5]
    return [token(0, label, logprob) for label, logprob in ranked]


def logprobs(completion: Completion) -> dict[str, Any] | None:
    """Return the likeliest labels as a chat tells the alternatives of a token."""
    top = [{"token": token["text"], "logprob": token["logprob"]} for token in top_tokens(completion)]
    return {"content": [{**top[0], "top_logprobs": top}]} if top else None


def usage(completion: Completion) -> dict[str, int]:
    """Return the token counts."""
    counted = completion.usage
    return {
        "prompt_tokens": counted.prompt_tokens,
        "completion_tokens": counted.completion_tokens,
        "total_tokens": counted.tokens,
    }


def stream_details(completion: Completion, seed: int | None) -> dict[str, Any]:
    """Return the details of a stream's last event."""
    return {
        "finish_reason": reason(completion),
        "generated_tokens": completion.usage.completion_tokens,
        "input_length": completion.usage.prompt_tokens,
        "seed": seed,
    }


def reason(completion: Completion) -> str:
    """Return the native endpoint's finish reason."""
    return {"stop": "eos_token"}.get(completion.finish_reason, completion.finish_reason)
