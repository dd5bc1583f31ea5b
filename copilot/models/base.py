"""The one interface every model server is put behind.

`complete` sends exactly one generating request: retries belong to `copilot.models.retrying`, counting and storing to
`copilot.evaluation`. So a cap on calls is a cap on what the server sees.
"""

from typing import Protocol, runtime_checkable

from copilot.domain.completion import Completion, CompletionRequest


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
