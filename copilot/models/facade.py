"""`falconer serve-model`: a thin server that looks like text-generation-inference (TGI) to its clients.

Behind it is any model of ours, usually the embedded one. A stream's events are sent when the answer is whole, one per
token; log-probabilities are null except where labels are scored (a regex of alternatives, one new token and
`top_n_tokens`).
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from copilot.domain.completion import Completion, CompletionRequest
from copilot.errors import CopilotError, ModelError
from copilot.models import facade_shapes as shapes
from copilot.models.base import ChatModel
from copilot.models.facade_bodies import MAX_STOPS, ChatBody, GenerateBody, TgiError
from copilot.models.labels import Tokenizer
from copilot.models.retrying import RetryPolicy, complete_with_retries

Handler = Callable[[Request], Awaitable[Response]]
Tokens = list[tuple[int, str]]
MAX_CONCURRENT = 128
MAX_TOTAL = 4096
"""Told to clients where the model's own context length is not known."""


def build(model: ChatModel, *, api_key: str | None = None) -> Starlette:
    """Return the ASGI application.

    Args:
        model: answers; prepared at start and closed at the end.
        api_key: where set, generating requests must carry it as bearer token.
    """
    facade = _Facade(model)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await model.prepare()
        yield
        await model.aclose()

    def guarded(handler: Handler) -> Handler:
        async def guard(request: Request) -> Response:
            if api_key and request.headers.get("authorization") != f"Bearer {api_key}":
                return Response(status_code=401)
            try:
                return await handler(request)
            except TgiError as error:
                facade.counts["failure"] += 1
                return shapes.error_response(error)

        return guard

    routes = [
        Route("/", guarded(facade.compat), methods=["POST"]),
        Route("/generate", guarded(facade.generate), methods=["POST"]),
        Route("/generate_stream", guarded(facade.generate_stream), methods=["POST"]),
        Route("/v1/chat/completions", guarded(facade.chat), methods=["POST"]),
        Route("/tokenize", guarded(facade.tokenize), methods=["POST"]),
        Route("/info", facade.info),
        Route("/v1/models", facade.models),
        Route("/health", facade.health),
        Route("/metrics", facade.metrics),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def serve(model: ChatModel, *, host: str = "127.0.0.1", port: int = 8080, api_key: str | None = None) -> None:
    """Serve until interrupted."""
    import uvicorn

    uvicorn.run(build(model, api_key=api_key), host=host, port=port, log_level="warning")


@dataclass
class _Facade:
    model: ChatModel
    counts: dict[str, int] = field(
        default_factory=lambda: {"count": 0, "success": 0, "failure": 0, "input_length": 0, "generated_tokens": 0}
    )

    async def compat(self, request: Request) -> Response:
        body = await shapes.read(request, GenerateBody)
        if body.stream:
            return shapes.event_stream(self._generate_events(body))
        return JSONResponse([await self._generated(body)])

    async def generate(self, request: Request) -> Response:
        return JSONResponse(await self._generated(await shapes.read(request, GenerateBody)))

    async def generate_stream(self, request: Request) -> Response:
        return shapes.event_stream(self._generate_events(await shapes.read(request, GenerateBody)))

    async def chat(self, request: Request) -> Response:
        body = await shapes.read(request, ChatBody)
        if body.stream:
            return shapes.event_stream(self._chat_events(body))
        completion = await self._complete(body.request())
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": completion.text},
            "finish_reason": completion.finish_reason,
            "logprobs": shapes.logprobs(completion),
        }
        return JSONResponse({**self._head("chat.completion"), "choices": [choice], "usage": shapes.usage(completion)})

    async def tokenize(self, request: Request) -> Response:
        body = await shapes.read(request, GenerateBody)
        tokens = await self._tokens(body.inputs)
        if tokens is None:
            raise TgiError(404, "no_tokenizer", "No fast tokenizer or tokenizer_config.json for this model")
        found, start = [], 0
        for token_id, text in tokens:
            found.append({"id": token_id, "text": text, "start": start, "stop": start + len(text)})
            start += len(text)
        return JSONResponse(found)

    async def info(self, _request: Request) -> Response:
        total = self.model.context_length or MAX_TOTAL
        return JSONResponse(
            {
                "model_id": self.model.name,
                "model_sha": self.model.revision,
                "model_pipeline_tag": "text-generation",
                "max_concurrent_requests": MAX_CONCURRENT,
                "max_best_of": 1,
                "max_stop_sequences": MAX_STOPS,
                "max_input_tokens": total - 1,
                "max_total_tokens": total,
                "validation_workers": 1,
                "max_client_batch_size": 1,
                "router": "falconer serve-model",
                "version": metadata.version("falconer"),
            }
        )

    async def models(self, _request: Request) -> Response:
        entry = {"id": self.model.name, "object": "model", "created": 0, "owned_by": "falconer"}
        return JSONResponse({"object": "list", "data": [entry]})

    async def health(self, _request: Request) -> Response:
        try:
            await self.model.prepare()
        except CopilotError:
            return shapes.error_response(TgiError(503, "healthcheck", "unhealthy"))
        return Response()

    async def metrics(self, _request: Request) -> Response:
        lines = [f"# TYPE tgi_request_{name} counter\ntgi_request_{name} {n}" for name, n in self.counts.items()]
        return PlainTextResponse("\n".join(lines) + "\n")

    async def _complete(self, request: CompletionRequest) -> Completion:
        self.counts["count"] += 1
        try:
            completion = await complete_with_retries(
                self.model, request, policy=RetryPolicy(attempts=3), before_attempt=lambda: None
            )
        except ModelError as error:
            raise shapes.as_tgi(error) from error
        self.counts["success"] += 1
        self.counts["input_length"] += completion.usage.prompt_tokens
        self.counts["generated_tokens"] += completion.usage.completion_tokens
        return completion

    async def _generated(self, body: GenerateBody) -> dict[str, Any]:
        body.parameters.checked(stream=False)
        completion = await self._complete(body.request())
        prefix = body.inputs if body.parameters.return_full_text else ""
        answer: dict[str, Any] = {"generated_text": prefix + completion.text}
        if body.parameters.details:
            answer["details"] = {
                "finish_reason": shapes.reason(completion),
                "generated_tokens": completion.usage.completion_tokens,
                "prefill": [],
                "seed": body.parameters.seed,
                "tokens": [shapes.token(number, text) for number, text in await self._pieces(completion)],
                "top_tokens": [top] if (top := shapes.top_tokens(completion)) else [],
            }
        return answer

    async def _generate_events(self, body: GenerateBody) -> AsyncIterator[dict[str, Any]]:
        try:
            body.parameters.checked(stream=True)
            completion = await self._complete(body.request())
        except TgiError as error:
            self.counts["failure"] += 1
            yield {"error": str(error), "error_type": error.kind}
            return
        pieces = await self._pieces(completion)
        for index, (number, text) in enumerate(pieces, start=1):
            last = index == len(pieces)
            top = {"top_tokens": shapes.top_tokens(completion)} if index == 1 and completion.label_logprobs else {}
            yield {
                "index": index,
                "token": shapes.token(number, text),
                **top,
                "generated_text": completion.text if last else None,
                "details": shapes.stream_details(completion, body.parameters.seed) if last else None,
            }

    async def _chat_events(self, body: ChatBody) -> AsyncIterator[dict[str, Any]]:
        try:
            completion = await self._complete(body.request())
        except TgiError as error:
            self.counts["failure"] += 1
            yield {"error": {"message": str(error), "http_status_code": 422}}
            return
        head = self._head("chat.completion.chunk")
        pieces = await self._pieces(completion)
        for index, (_number, text) in enumerate(pieces, start=1):
            reason = completion.finish_reason if index == len(pieces) else None
            delta = {"role": "assistant", "content": text}
            yield {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]}
        if body.stream_options and body.stream_options.include_usage:
            yield {**head, "choices": [], "usage": shapes.usage(completion)}

    async def _tokens(self, text: str) -> Tokens | None:
        return await self.model.tokenize(text) if isinstance(self.model, Tokenizer) else None

    async def _pieces(self, completion: Completion) -> Tokens:
        """Return at least one piece, so that every stream has a last event."""
        return await self._tokens(completion.text) or [(0, completion.text)]

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": "",
            "object": kind,
            "created": int(time.time()),
            "model": self.model.name,
            "system_fingerprint": f"falconer-{metadata.version('falconer')}",
        }
