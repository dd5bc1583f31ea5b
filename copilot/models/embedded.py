"""The model that comes with the product: llama.cpp in a process of its own, with no key and no network.

Everything about a request is the llama.cpp dialect of `openai_compatible`; here is only the server's life. Answers are
streamed, so that a request that nobody waits for any more stops at once.
"""

import asyncio
from importlib import metadata
from pathlib import Path

from copilot.domain.completion import Completion, CompletionRequest
from copilot.errors import ModelUnreachable
from copilot.models.base import OnText
from copilot.models.connection import ModelConnection
from copilot.models.embedded_server import Lease, ServerOptions, join_server
from copilot.models.openai_compatible import OpenAICompatibleModel
from copilot.models.weights import find_weights, weights_hash
from copilot.settings import ANSWER_SECONDS


class EmbeddedModel:
    """A GGUF model, served by one process per home that all users of the home share.

    Args:
        home: the folder under which the server is found by others.
        options: which weights and how the server runs.
        timeout: seconds to wait for an answer.

    Raises:
        ModelConfigError: the weights are missing.
    """

    def __init__(self, home: Path, *, options: ServerOptions | None = None, timeout: float = ANSWER_SECONDS) -> None:
        wanted = options or ServerOptions()
        self._weights = find_weights(wanted.weights)
        self._name = f"embedded:{self._weights}" if wanted.weights else "embedded"
        self._options = wanted.model_copy(update={"weights": self._weights})
        self._home = home
        self._timeout = timeout
        self._lease: Lease | None = None
        self._inner: OpenAICompatibleModel | None = None
        self._hash = ""
        self._starting = asyncio.Lock()

    @property
    def name(self) -> str:
        """`embedded`, with the path of other weights where given."""
        return self._name

    @property
    def revision(self) -> str:
        """The weights' hash and the engine's version."""
        return f"{self._hash} xllamacpp {metadata.version('xllamacpp')}"

    @property
    def context_length(self) -> int | None:
        """Tokens of prompt and answer together."""
        return self._options.context

    @property
    def slots(self) -> int | None:
        """Requests that are answered at once."""
        return self._options.parallel

    @property
    def server_pid(self) -> int | None:
        """Process id of the server; None: not joined."""
        return self._lease.pid if self._lease else None

    async def prepare(self) -> None:
        """Start the server or join the running one.

        Raises:
            ModelServerFault: it does not start.
        """
        await self._ready()

    async def label_tokens(self, labels: tuple[str, ...]) -> dict[str, str] | None:
        """Return each label's first token, without a generating request.

        Raises:
            ModelRejected: two labels begin with the same token.
        """
        return await (await self._ready()).label_tokens(labels)

    async def tokenize(self, text: str) -> list[tuple[int, str]] | None:
        """Return id and text of each token, without a generating request."""
        return await (await self._ready()).tokenize(text)

    async def complete(self, request: CompletionRequest) -> Completion:
        """Send one generating request.

        Raises:
            ModelError: translated; after `ModelUnreachable` the next request finds a server again.
        """
        return await self._send(request, None)

    async def stream(self, request: CompletionRequest, on_text: OnText) -> Completion:
        """As `complete` for a request without labels and constraint, telling of the text as it arrives.

        Raises:
            ModelError: as `complete`.
        """
        return await self._send(request, on_text)

    async def _send(self, request: CompletionRequest, on_text: OnText | None) -> Completion:
        inner = await self._ready()
        try:
            return await (inner.stream(request, on_text) if on_text else inner.complete(request))
        except ModelUnreachable:
            if self._inner is inner:
                await self.aclose()
            raise

    async def aclose(self) -> None:
        """Leave the server; it ends when nobody is left."""
        inner, self._inner = self._inner, None
        lease, self._lease = self._lease, None
        if lease:
            lease.release()
        if inner:
            await inner.aclose()

    async def _ready(self) -> OpenAICompatibleModel:
        if self._inner:
            return self._inner
        async with self._starting:
            if self._inner is None:
                self._lease = await asyncio.to_thread(join_server, self._home, self._options)
                self._hash = await asyncio.to_thread(weights_hash, self._weights, self._home / "embedded")
                connection = ModelConnection(address=f"{self._lease.url}/v1", timeout=self._timeout)
                inner = OpenAICompatibleModel(connection, key=self._lease.key, label=self._name, local=True)
                await inner.prepare()
                self._inner = inner
            return self._inner
