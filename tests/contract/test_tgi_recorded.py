"""Our TGI adapter and our facade against TGI's OpenAPI document and responses recorded from the real server."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from openapi_schema_validator import OAS30Validator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from copilot.domain.completion import CompletionRequest
from copilot.models.connection import ModelConnection
from copilot.models.facade import build
from copilot.models.fake import FakeModel
from copilot.models.tgi import TgiModel
from tasks.model import ChoiceConstraint, SchemaConstraint

Ask = Callable[..., CompletionRequest]
Read = Callable[[str], Any]
Openapi = dict[str, Any]


def problems(openapi: Openapi, name: str, value: Any) -> list[str]:
    """What the document has against a value."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": readable(openapi["components"])}
    return [error.message for error in OAS30Validator(schema).iter_errors(value)]


def readable(node: Any) -> Any:
    """The document as the validator reads it: `nullable` beside `allOf` spelt out, no discriminators by bare name."""
    if isinstance(node, list):
        return [readable(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    found = {key: readable(inner) for key, inner in node.items() if key != "discriminator"}
    if found.get("nullable") is True and "allOf" in found:
        return {"anyOf": [{"allOf": found["allOf"]}, {"nullable": True, "enum": [None]}]}
    return found


class Replay:
    """A server that gives recorded answers and keeps what it was asked."""

    def __init__(self, *, chat: Any = None, generated: Any = None) -> None:
        self.bodies: list[dict[str, Any]] = []
        self._chat_answer = chat
        self._generated = generated

    @property
    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/info", self._info),
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/generate_stream", self._generate, methods=["POST"]),
            ]
        )

    async def _info(self, _request: Request) -> Response:
        return JSONResponse({"model_id": "meta-llama/Meta-Llama-3.1-8B-Instruct", "model_sha": "abc"})

    async def _chat(self, request: Request) -> Response:
        self.bodies.append(json.loads(await request.body()))
        return JSONResponse(self._chat_answer)

    async def _generate(self, request: Request) -> Response:
        """The recorded tokens, framed as the router frames a stream."""
        self.bodies.append(json.loads(await request.body()))
        details, text = self._generated["details"], self._generated["generated_text"]
        frames = []
        for index, token in enumerate(details["tokens"], start=1):
            event = {"index": index, "token": token, "generated_text": None, "details": None}
            if index == len(details["tokens"]):
                kept = {key: details[key] for key in ("finish_reason", "generated_tokens", "seed")}
                event |= {"generated_text": text, "details": kept | {"input_length": 3}}
            frames.append(f"data: {json.dumps(event)}\n\n")
        return PlainTextResponse("".join(frames), media_type="text/event-stream")


async def asked(replay: Replay, serve: Callable[[Any], str], request: CompletionRequest, form: str = "chat") -> Any:
    model = TgiModel(ModelConnection(address=serve(replay.app), prompt_format=form))
    try:
        return await model.complete(request)
    finally:
        await model.aclose()


@pytest.mark.parametrize(
    "name",
    ["chat_simple", "chat_continue_base", "chat_continue_final_message", "chat_tools_no_call", "chat_tool_reply"],
)
async def test_recorded_chats_are_read(
    name: str, recorded: Read, openapi: Openapi, serve: Callable[[Any], str], ask: Ask
) -> None:
    answer = recorded(name)
    assert problems(openapi, "ChatCompletion", answer) == []
    replay = Replay(chat=answer)
    completion = await asked(replay, serve, ask(decoding={"stop": ("a", "b")}))
    assert completion.text == answer["choices"][0]["message"]["content"]
    assert completion.usage.prompt_tokens == answer["usage"]["prompt_tokens"]
    assert completion.usage.completion_tokens == answer["usage"]["completion_tokens"]
    assert completion.finish_reason == {"length": "length"}.get(answer["choices"][0]["finish_reason"], "stop")
    assert problems(openapi, "ChatRequest", replay.bodies[0]) == []


async def test_a_schema_is_sent_as_tgi_reads_it(
    recorded: Read, openapi: Openapi, serve: Callable[[Any], str], ask: Ask
) -> None:
    properties = {
        "activity": {"type": "string"},
        "animals": {"type": "array", "items": {"type": "string"}},
    }
    constraint = SchemaConstraint(json_schema={"type": "object", "properties": properties})
    replay = Replay(chat=recorded("chat_json_schema"))
    completion = await asked(replay, serve, ask(constraint=constraint))
    body = replay.bodies[0]
    assert body["response_format"] == {"type": "json", "value": constraint.json_schema}
    assert problems(openapi, "ChatRequest", body) == []
    assert completion.constraint_used == "schema"


async def test_chat_never_sends_what_tgi_refuses_or_ignores(
    recorded: Read, serve: Callable[[Any], str], ask: Ask
) -> None:
    replay = Replay(chat=recorded("chat_simple"))
    await asked(replay, serve, ask())
    body = replay.bodies[0]
    assert body["model"] == "tgi"
    assert body["temperature"] == 0, "without it TGI samples at 1.0"
    assert not {"n", "logit_bias", "top_p", "best_of"} & set(body)


async def test_repetition_penalty_goes_by_way_of_presence_penalty(
    recorded: Read, serve: Callable[[Any], str], ask: Ask
) -> None:
    replay = Replay(chat=recorded("chat_simple"))
    await asked(replay, serve, ask(decoding={"repetition_penalty": 1.2}))
    assert replay.bodies[0]["presence_penalty"] == pytest.approx(-0.8)


@pytest.mark.parametrize("form", ["alfred-0723", "alfred-1023"])
@pytest.mark.parametrize("name", ["generate_lora_none", "generate_lora_adapter", "generate_details"])
async def test_recorded_generations_are_read(
    name: str, form: str, recorded: Read, openapi: Openapi, serve: Callable[[Any], str], ask: Ask
) -> None:
    answer = recorded(name)
    replay = Replay(generated=answer)
    completion = await asked(replay, serve, ask(), form)
    assert completion.text == answer["generated_text"].strip()
    assert completion.usage.completion_tokens == answer["details"]["generated_tokens"]
    assert completion.usage.prompt_tokens == 3
    body = replay.bodies[0]
    assert problems(openapi, "GenerateRequest", body) == []
    assert "temperature" not in body["parameters"], "0 is refused by the native endpoint"
    assert "top_p" not in body["parameters"], "1 is refused"
    assert body["parameters"]["do_sample"] is False


async def test_the_stop_text_is_taken_off(recorded: Read, serve: Callable[[Any], str], ask: Ask) -> None:
    answer = recorded("generate_all_params_stop_sequence")
    replay = Replay(generated=answer)
    completion = await asked(replay, serve, ask(decoding={"stop": ("test",)}), "alfred-1023")
    assert answer["generated_text"].endswith("test")
    assert completion.text == answer["generated_text"].removesuffix("test").strip()
    assert completion.finish_reason == "stop_sequence"
    assert replay.bodies[0]["parameters"]["stop"] == ["test", "<end_message>"]


@pytest.mark.parametrize(
    ("path", "body", "schema"),
    [
        ("/generate", {"inputs": "Hello there", "parameters": {"details": True}}, "GenerateResponse"),
        (
            "/v1/chat/completions",
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello there"}]}], "max_tokens": 4},
            "ChatCompletion",
        ),
        ("/tokenize", {"inputs": "Hello there"}, "TokenizeResponse"),
        ("/info", None, "Info"),
    ],
)
async def test_the_facade_answers_by_the_book(
    path: str, body: Any, schema: str, openapi: Openapi, serve: Callable[[Any], str]
) -> None:
    async with httpx2.AsyncClient(base_url=serve(build(FakeModel()))) as client:
        answer = await (client.get(path) if body is None else client.post(path, json=body))
        assert answer.status_code == 200
        assert problems(openapi, schema, answer.json()) == []


@pytest.mark.parametrize("include_usage", [True, False])
async def test_the_facade_streams_chats_by_the_book(
    include_usage: bool, openapi: Openapi, serve: Callable[[Any], str]
) -> None:
    body = {
        "messages": [{"role": "user", "content": "Hello there"}],
        "stream": True,
        "stream_options": {"include_usage": include_usage},
    }
    async with httpx2.AsyncClient(base_url=serve(build(FakeModel()))) as client:
        text = (await client.post("/v1/chat/completions", json=body)).text
    frames = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    assert frames[-1] == "[DONE]"
    chunks = [json.loads(frame) for frame in frames[:-1]]
    assert all(problems(openapi, "ChatCompletionChunk", chunk) == [] for chunk in chunks)
    assert ("usage" in chunks[-1]) is include_usage
    said = "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks if chunk["choices"])
    assert said == "Hello there"


async def test_the_facade_streams_generations_by_the_book(openapi: Openapi, serve: Callable[[Any], str]) -> None:
    async with httpx2.AsyncClient(base_url=serve(build(FakeModel()))) as client:
        text = (await client.post("/generate_stream", json={"inputs": "Hello there"})).text
    events = [json.loads(line.removeprefix("data: ")) for line in text.split("\n\n") if line]
    assert all(problems(openapi, "StreamResponse", event) == [] for event in events)
    assert "".join(event["token"]["text"] for event in events) == events[-1]["generated_text"] == "Hello there"
    assert events[-1]["details"]["finish_reason"] == "eos_token"


GENERATE = "/generate"
CHAT = "/v1/chat/completions"
REFUSED: list[tuple[str, Any, int, str]] = [
    (GENERATE, {"inputs": ""}, 422, "Input validation error: `inputs` cannot be empty"),
    (GENERATE, {"inputs": "a", "parameters": {"temperature": 0.0}}, 422, "`temperature` must be strictly positive"),
    (GENERATE, {"inputs": "a", "parameters": {"top_p": 1.0}}, 422, "`top_p` must be > 0.0 and < 1.0"),
    (GENERATE, {"inputs": "a", "parameters": {"max_new_tokens": 0}}, 422, "`max_new_tokens` must be strictly positive"),
    (GENERATE, {"inputs": "a", "parameters": {"stop": list("abcde")}}, 422, "`stop` supports up to 4 stop sequences."),
    (GENERATE, {"inputs": "a", "parameters": {"top_n_tokens": 6}}, 422, "`top_n_tokens` must be >= 0 and <= 5."),
    (GENERATE, {"inputs": "a", "parameters": {"stop": "a"}}, 422, "Failed to deserialize the JSON body"),
    (GENERATE, {}, 422, "Failed to deserialize the JSON body"),
    (CHAT, {"messages": [{"role": "user", "content": "a"}], "stop": "a"}, 422, "Failed to deserialize the JSON body"),
    (
        CHAT,
        {"messages": [{"role": "user", "content": "a"}], "response_format": {"type": "json_schema", "json_schema": {}}},
        422,
        "Failed to deserialize the JSON body",
    ),
    (
        CHAT,
        {"messages": [{"role": "user", "content": "a"}], "response_format": {"type": "json", "value": {"type": "x"}}},
        422,
        "grammar is not valid: Grammar must have a 'properties' field",
    ),
    (CHAT, {"messages": [{"role": "user", "content": "a"}], "top_p": 1.0}, 422, "`top_p` must be > 0.0 and < 1.0"),
]


@pytest.mark.parametrize(("path", "body", "code", "message"), REFUSED)
async def test_the_facade_refuses_as_tgi_does(
    path: str, body: Any, code: int, message: str, openapi: Openapi, serve: Callable[[Any], str]
) -> None:
    async with httpx2.AsyncClient(base_url=serve(build(FakeModel()))) as client:
        answer = await client.post(path, json=body)
    assert answer.status_code == code
    if message.startswith("Failed"):
        assert answer.text.startswith(message)
        assert answer.headers["content-type"].startswith("text/plain")
    else:
        assert message in answer.json()["error"]
        assert problems(openapi, "ErrorResponse", answer.json()) == []


async def test_the_facade_asks_for_its_key(serve: Callable[[Any], str]) -> None:
    async with httpx2.AsyncClient(base_url=serve(build(FakeModel(), api_key="k"))) as client:
        refused = await client.post("/generate", json={"inputs": "a"})
        taken = await client.post("/generate", json={"inputs": "a"}, headers={"authorization": "Bearer k"})
        open_to_all = [(await client.get(path)).status_code for path in ("/info", "/health", "/metrics", "/v1/models")]
    assert (refused.status_code, refused.content) == (401, b"")
    assert taken.status_code == 200
    assert open_to_all == [200, 200, 200, 200]


async def test_the_facade_counts(serve: Callable[[Any], str]) -> None:
    async with httpx2.AsyncClient(base_url=serve(build(FakeModel()))) as client:
        await client.post("/generate", json={"inputs": "one two"})
        await client.post("/generate", json={"inputs": ""})
        text = (await client.get("/metrics")).text
    assert "tgi_request_success 1\n" in text
    assert "tgi_request_failure 1\n" in text
    assert "tgi_request_input_length 2\n" in text


async def test_langchains_and_other_clients_bodies_without_json(serve: Callable[[Any], str]) -> None:
    async with httpx2.AsyncClient(base_url=serve(build(FakeModel()))) as client:
        plain = await client.post("/generate", content=b"hello")
        broken, deep = [
            await client.post("/generate", content=content, headers={"content-type": "application/json"})
            for content in (b"{", b"[" * 50_000)
        ]
    assert (plain.status_code, plain.text) == (415, "Expected request with `Content-Type: application/json`")
    assert broken.status_code == deep.status_code == 400
    assert broken.text.startswith("Failed to parse the request body as JSON")


async def test_a_choice_of_labels_reaches_the_model_as_labels(serve: Callable[[Any], str], ask: Ask) -> None:
    asked_of_model: list[CompletionRequest] = []

    def script(request: CompletionRequest) -> str:
        asked_of_model.append(request)
        return "B (second)"

    model = TgiModel(ModelConnection(address=serve(build(FakeModel(script)))))
    completion = await model.complete(ask(labels=("A|first", "B (second)")))
    await model.aclose()
    assert asked_of_model[0].labels == ("A|first", "B (second)")
    assert completion.text == "B (second)"
    assert ChoiceConstraint(choices=asked_of_model[0].labels)
