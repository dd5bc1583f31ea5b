"""From what a user writes to a model that answers. Client libraries are loaded only for the server that is named."""

import re
from collections.abc import Mapping
from pathlib import Path

from copilot.errors import ModelConfigError
from copilot.models.base import ChatModel
from copilot.models.connection import ModelConnection
from copilot.models.limits import LimitedModel

POSSIBLE = (
    "'embedded', a path ending in .gguf, 'http(s)://.../v1' (OpenAI-compatible), 'tgi:http(s)://...', "
    "'langchain:provider:model' or 'fake'"
)


def connect(
    address: str | ModelConnection, *, home: Path, known: Mapping[str, ModelConnection] | None = None
) -> LimitedModel:
    """Return the model for a name or address. Nothing is sent before `prepare` or the first request.

    Args:
        address: one of `POSSIBLE`, the name of a known connection, or a connection.
        home: the folder of this installation; the embedded server is shared by all who use it.
        known: connections that the user has saved, by name.

    Raises:
        ModelConfigError: nothing is called so, or its key or weights are missing.
    """
    connection = address if isinstance(address, ModelConnection) else _find(address.strip(), known or {})
    return LimitedModel(
        _open(connection, home),
        concurrency=connection.concurrency,
        requests_per_minute=connection.requests_per_minute,
    )


def _find(address: str, known: Mapping[str, ModelConnection]) -> ModelConnection:
    return known.get(address) or ModelConnection(address=address)


def _open(connection: ModelConnection, home: Path) -> ChatModel:
    address = connection.address
    kind, _, rest = address.partition(":")
    if address == "fake":
        from copilot.models.fake import FakeModel

        return FakeModel()
    if kind == "embedded" or address.endswith(".gguf"):
        path = rest if kind == "embedded" else address
        return _embedded(connection, home, Path(path) if path else None)
    if kind == "tgi" and re.match(r"https?://.", rest):
        from copilot.models.tgi import TgiModel

        return TgiModel(connection.model_copy(update={"address": rest}))
    if kind == "langchain" and rest:
        from copilot.models.langchain import LangChainModel

        return LangChainModel(rest, key=connection.read_key(), timeout=connection.timeout)
    if kind in {"http", "https"}:
        return _openai(connection)
    raise ModelConfigError(f"No model is called '{address}'; possible are {POSSIBLE}.")


def _embedded(connection: ModelConnection, home: Path, weights: Path | None) -> ChatModel:
    from copilot.models.embedded import EmbeddedModel
    from copilot.models.embedded_server import ServerOptions

    options = ServerOptions(weights=weights)
    if connection.concurrency:
        options = options.model_copy(update={"parallel": connection.concurrency})
    return EmbeddedModel(home, options=options, timeout=connection.timeout)


def _openai(connection: ModelConnection) -> ChatModel:
    if not connection.address.split("#")[0].rstrip("/").endswith("/v1"):
        raise ModelConfigError(
            f"The model's URL '{connection.address}' does not end in /v1; OpenAI-compatible servers have their API "
            f"there. For text-generation-inference write 'tgi:{connection.address}'."
        )
    from copilot.models.openai_compatible import OpenAICompatibleModel

    return OpenAICompatibleModel(connection)
