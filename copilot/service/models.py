"""Model servers: named, tested, forgotten. Keys stay in the environment."""

import asyncio
import os
import socket
import time
from urllib.parse import urlsplit

from pydantic import JsonValue, ValidationError

from copilot.domain.completion import CompletionRequest, Decoding, Message
from copilot.domain.saved import ModelConnection
from copilot.errors import ConstraintRejected, ModelConfigError, ModelRejected
from copilot.models import facade
from copilot.models.base import ChatModel
from copilot.models.connect import connect
from copilot.models.connection import ModelConnection as Opened
from copilot.service.workspace import Workspace
from copilot.storage import connections
from tasks.model import Frozen

QUESTION = "Answer with the one word: ready"


class ModelTest(Frozen):
    """What a model server said to one small question."""

    model: str
    revision: str
    """What the server says it serves."""
    context_length: int | None
    """Tokens of prompt and answer together; None: it does not say."""
    answer: str
    seconds: float
    """Of this one answer."""
    prompt_tokens: int
    completion_tokens: int
    label_probabilities: bool
    """Whether labels can be read from probabilities, the largest help for small models."""


class ModelServer(Frozen):
    """Where a model of ours is to be served."""

    host: str = "127.0.0.1"
    port: int = 8080
    key_variable: str = ""
    """Name of the environment variable with the key that clients must send; empty: none."""

    @property
    def url(self) -> str:
        """What clients are given."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def connection_of(
    name: str, address: str, *, key_variable: str = "", model: str = "", options: dict[str, JsonValue] | None = None
) -> ModelConnection:
    """Return a connection from the address as users write it.

    Args:
        name: what it is to be called.
        address: `embedded`, a .gguf file, a URL ending in /v1, `tgi:URL`, `langchain:PROVIDER:MODEL` or `fake`.
        key_variable: name of the environment variable that holds the key.
        model: the model's id on a server that has several.
        options: concurrency, timeout, requests_per_minute, prices, prompt_format.

    Raises:
        ModelConfigError: something cannot be right.
    """
    fields: dict[str, object] = {"name": name, "key_variable": key_variable, "model": model, "options": options or {}}
    kind, _, rest = address.partition(":")
    if kind in ("http", "https"):
        fields |= {"kind": "openai", "url": address}
    elif kind == "tgi":
        fields |= {"kind": "tgi", "url": rest}
    elif kind == "langchain":
        fields |= {"kind": "langchain", "model": rest}
    elif kind == "embedded":
        fields |= {"kind": "embedded", "model": rest}
    elif address.endswith(".gguf"):
        fields |= {"kind": "embedded", "model": address}
    elif address == "fake":
        fields |= {"kind": "fake"}
    else:
        raise ModelConfigError(
            f"'{address}' is no model's address. Write embedded, a path ending in .gguf, http(s)://.../v1, "
            "tgi:http(s)://..., langchain:PROVIDER:MODEL or fake."
        )
    if kind in ("http", "https", "tgi") and not urlsplit(str(fields["url"])).hostname:
        raise ModelConfigError(f"'{address}' names no server. Write it as in http://localhost:8000/v1.")
    try:
        connection = ModelConnection.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Value error, ")
        entry = ".".join(str(part) for part in first["loc"])
        raise ModelConfigError(f"The model '{name}' cannot be saved ({entry}): {message}.") from None
    Opened.from_saved(connection)
    return connection


def add(workspace: Workspace, connection: ModelConnection) -> None:
    """Save a connection under its name; one of the same name is replaced.

    Raises:
        ModelConfigError: the name already means something else.
    """
    if connection.name in ("embedded", "fake"):
        raise ModelConfigError(f"The name '{connection.name}' is taken by a built-in model; choose another.")
    with workspace.database.writing() as session:
        connections.save_connection(session, connection=connection)


def remove(workspace: Workspace, name: str) -> None:
    """Forget a connection.

    Raises:
        ModelConfigError: there is none of this name.
    """
    with workspace.database.writing() as session:
        connections.delete_connection(session, name=name)


def list_all(workspace: Workspace) -> tuple[ModelConnection, ...]:
    """Return the embedded model and all saved connections, by name."""
    with workspace.database.reading() as session:
        return (ModelConnection(name="embedded", kind="embedded"), *connections.list_connections(session))


async def test(workspace: Workspace, name: str) -> ModelTest:
    """Ask the model one small question.

    Raises:
        ModelConfigError: nothing is called so.
        ModelError: its server cannot be used; the sentence says why and what to do.
    """
    return await ask(await workspace.model(name))


async def ask(model: ChatModel) -> ModelTest:
    """Ask a connected model one small question.

    Raises:
        ModelError: its server cannot be used; the sentence says why and what to do.
    """
    decoding = Decoding(max_tokens=8)
    started = time.monotonic()
    completion = await model.complete(
        CompletionRequest(messages=(Message(role="user", content=QUESTION),), decoding=decoding)
    )
    seconds = time.monotonic() - started
    return ModelTest(
        model=model.name,
        revision=model.revision,
        context_length=model.context_length,
        answer=completion.text.strip(),
        seconds=seconds,
        prompt_tokens=completion.usage.prompt_tokens,
        completion_tokens=completion.usage.completion_tokens,
        label_probabilities=await _shows_labels(model),
    )


async def _shows_labels(model: ChatModel) -> bool:
    request = CompletionRequest(
        messages=(Message(role="user", content="Is ice cold? Answer A for yes or B for no."),),
        decoding=Decoding(max_tokens=1),
        labels=("A", "B"),
    )
    try:
        return bool((await model.complete(request)).label_logprobs)
    except (ConstraintRejected, ModelRejected):
        # A server that shows none is none the worse for all else.
        return False


def serve(workspace: Workspace, name: str, server: ModelServer) -> None:
    """Serve a model behind an API that looks like text-generation-inference, until interrupted.

    Raises:
        ModelConfigError: nothing is called so, or the port is taken.
        ModelError: the model cannot be used.
    """
    key = os.environ.get(server.key_variable, "") if server.key_variable else None
    if key == "":
        raise ModelConfigError(f"The environment variable '{server.key_variable}' with the key is empty; set it.")
    try:
        with socket.create_server((server.host, server.port)):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelConfigError(f"Nothing can listen at {server.url}: {reason}. Choose another --port.") from None

    async def check() -> None:
        # Whether it can be used is better told as a sentence than as a server that does not start.
        await workspace.model(name)
        await workspace.models.aclose()

    asyncio.run(check())
    facade.serve(
        connect(workspace.models.connection(name), home=workspace.home), host=server.host, port=server.port, api_key=key
    )
