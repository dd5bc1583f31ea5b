"""The durable record of what models answered."""

from typing import Protocol

from copilot.domain.completion import Completion


class Ledger(Protocol):
    """Completions by key (`CompletionRequest.key`). A run that starts again replays it for free.

    `put` returns only when the entry survives a killed process.
    """

    def get(self, key: str) -> Completion | None:
        """Return the stored completion, or None."""
        ...

    def put(self, key: str, completion: Completion, *, model: str) -> None:
        """Store a completion; a key that is there already is left as it is."""
        ...


class MemoryLedger:
    """A ledger that forgets when the process ends: for tests, and for callers that store nothing."""

    def __init__(self) -> None:
        self._entries: dict[str, Completion] = {}

    def get(self, key: str) -> Completion | None:
        """Return the stored completion, or None."""
        return self._entries.get(key)

    def put(self, key: str, completion: Completion, *, model: str) -> None:
        """Store a completion; a key that is there already is left as it is."""
        self._entries.setdefault(key, completion)
