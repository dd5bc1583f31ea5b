"""Keeps a connection's limits: requests in flight and requests per minute."""

import asyncio
import time

from copilot.domain.completion import Completion, CompletionRequest
from copilot.models.base import ChatModel, OnText, StreamingModel
from copilot.models.labels import LabelScorer, Tokenizer

DEFAULT_CONCURRENCY = 4


class RateLimiter:
    """Spaces requests evenly, so that no minute sees more than its share."""

    def __init__(self, per_minute: float) -> None:
        self._interval = 60.0 / per_minute
        self._next = 0.0

    async def wait(self) -> None:
        """Return when the next request may start."""
        now = time.monotonic()
        start = max(now, self._next)
        self._next = start + self._interval
        if start > now:
            await asyncio.sleep(start - now)


class LimitedModel:
    """A model behind its connection's limits; belongs to the event loop in which it is first used.

    Args:
        inner: the model.
        concurrency: requests in flight at once; None: what the server says it can take, else 4.
        requests_per_minute: None: no limit.
    """

    def __init__(
        self, inner: ChatModel, *, concurrency: int | None = None, requests_per_minute: float | None = None
    ) -> None:
        self.inner = inner
        self._concurrency = concurrency
        self._limiter = RateLimiter(requests_per_minute) if requests_per_minute else None
        self._slots: asyncio.Semaphore | None = None

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.inner.name

    @property
    def revision(self) -> str:
        """What answers depend on besides the name."""
        return self.inner.revision

    @property
    def context_length(self) -> int | None:
        """Tokens of prompt and answer together."""
        return self.inner.context_length

    @property
    def concurrency(self) -> int:
        """Requests in flight at once; final after `prepare`."""
        return self._concurrency or getattr(self.inner, "slots", None) or DEFAULT_CONCURRENCY

    async def prepare(self) -> None:
        """Connect.

        Raises:
            ModelError: the server cannot be used.
        """
        await self.inner.prepare()

    async def label_tokens(self, labels: tuple[str, ...]) -> dict[str, str] | None:
        """Return each label's first token, without a generating request; None: the server does not tell.

        Raises:
            ModelRejected: two labels begin with the same token.
        """
        return await self.inner.label_tokens(labels) if isinstance(self.inner, LabelScorer) else None

    async def tokenize(self, text: str) -> list[tuple[int, str]] | None:
        """Return id and text of each token, without a generating request; None: the server does not tell."""
        return await self.inner.tokenize(text) if isinstance(self.inner, Tokenizer) else None

    async def complete(self, request: CompletionRequest) -> Completion:
        """Send one generating request when the limits let it through.

        Raises:
            ModelError: from the server.
        """
        return await self._send(request, None)

    async def stream(self, request: CompletionRequest, on_text: OnText) -> Completion:
        """As `complete`, telling of a free text as it arrives, where the server can.

        Raises:
            ModelError: from the server.
        """
        return await self._send(request, on_text)

    async def _send(self, request: CompletionRequest, on_text: OnText | None) -> Completion:
        if self._slots is None:
            await self.inner.prepare()
            self._slots = asyncio.Semaphore(self.concurrency)
        async with self._slots:
            if self._limiter:
                await self._limiter.wait()
            # A label is one token, and half of a structured answer is nothing to read.
            if on_text and isinstance(self.inner, StreamingModel) and not request.labels and not request.constraint:
                return await self.inner.stream(request, on_text)
            return await self.inner.complete(request)

    async def aclose(self) -> None:
        """Release the connections."""
        await self.inner.aclose()


class Telling:
    """A model that tells one listener of its answers as they are written."""

    def __init__(self, inner: LimitedModel, on_text: OnText) -> None:
        self._inner = inner
        self._on_text = on_text

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self._inner.name

    @property
    def revision(self) -> str:
        """What answers depend on besides the name."""
        return self._inner.revision

    @property
    def context_length(self) -> int | None:
        """Tokens of prompt and answer together."""
        return self._inner.context_length

    async def prepare(self) -> None:
        """Connect.

        Raises:
            ModelError: the server cannot be used.
        """
        await self._inner.prepare()

    async def complete(self, request: CompletionRequest) -> Completion:
        """Send one generating request, telling of the text.

        Raises:
            ModelError: from the server.
        """
        return await self._inner.stream(request, self._on_text)

    async def aclose(self) -> None:
        """Nothing to release: the model belongs to others."""
