"""The one interface every model server is put behind.

`complete` sends exactly one generating request: retries belong to `copilot.models.retrying`, counting and storing to
`copilot.evaluation`. So a cap on calls is a cap on what the server sees.
"""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from copilot.domain.completion import Completion, CompletionRequest

OnText = Callable[[str], None]
"""Told of the whole answer so far; where a request is sent again, the answer begins anew."""


@runtime_checkable
class ChatModel(Protocol):
    """A model that answers chats."""

    @property
    def name(self) -> str:
        """What the user calls it: `embedded`, a URL, a model id."""
        ...

    @property
    def revision(self) -> str:
        """What answers depend on besides the name: weights' hash, served model id; part of the ledger's key."""
        ...

    @property
    def context_length(self) -> int | None:
        """Tokens of prompt and answer together; None: not known."""
        ...

    async def prepare(self) -> None:
        """Connect and learn what the server is and can do, without a generating request.

        Raises:
            ModelError: the server cannot be used; the message says why and what to do.
        """
        ...

    async def complete(self, request: CompletionRequest) -> Completion:
        """Send one generating request.

        Raises:
            ModelError: translated once from the client's own errors.
        """
        ...

    async def aclose(self) -> None:
        """Release connections and child processes."""
        ...


@runtime_checkable
class StreamingModel(Protocol):
    """A model that can tell of an answer while it is written."""

    async def stream(self, request: CompletionRequest, on_text: OnText) -> Completion:
        """As `ChatModel.complete`, telling of the text as it arrives.

        Raises:
            ModelError: as `ChatModel.complete`.
        """
        ...
