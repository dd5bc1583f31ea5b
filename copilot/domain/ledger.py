"""The durable record of what models were asked and what they answered."""

from dataclasses import dataclass, replace
from typing import Protocol

from copilot.domain.completion import Completion
from copilot.domain.run import Role


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


@dataclass(frozen=True)
class Unanswered:
    """A request that was sent in an earlier session of the run and has no stored answer."""

    role: Role
    calls: int
    """How often it was sent."""
    problem: str = ""
    """Why the server will never answer it, in a sentence; empty: it may be asked again."""
    overflow: bool = False
    """It does not fit into the model's context."""


class CallLog(Protocol):
    """Every call of one run, noted before it is sent: what keeps the cap over all sessions of the run.

    `note` and `refuse` return only when the entry survives a killed process.
    """

    def sent(self) -> int:
        """Return how many calls the run has sent so far."""
        ...

    def unanswered(self) -> dict[str, Unanswered]:
        """Return the requests without a stored answer, by key (`CompletionRequest.key`)."""
        ...

    def note(self, key: str, role: Role) -> None:
        """Note a call that is about to be sent.

        Raises:
            StaleWorker: another worker has taken the run over; nothing may be sent.
        """
        ...

    def refuse(self, key: str, problem: str, *, overflow: bool) -> None:
        """Note that the server will never answer this request, so that it is not asked again."""
        ...


class MemoryCallLog:
    """A log that forgets when the process ends.

    Args:
        ledger: where the answers are.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._entries: dict[str, Unanswered] = {}

    def sent(self) -> int:
        """Return how many calls were noted."""
        return sum(entry.calls for entry in self._entries.values())

    def unanswered(self) -> dict[str, Unanswered]:
        """Return the requests without a stored answer."""
        return {key: entry for key, entry in self._entries.items() if self._ledger.get(key) is None}

    def note(self, key: str, role: Role) -> None:
        """Note a call that is about to be sent."""
        known = self._entries.get(key)
        self._entries[key] = Unanswered(role=role, calls=1 + (known.calls if known else 0))

    def refuse(self, key: str, problem: str, *, overflow: bool) -> None:
        """Note that the server will never answer this request."""
        self._entries[key] = replace(self._entries[key], problem=problem, overflow=overflow)
