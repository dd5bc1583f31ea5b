"""What a run has spent, and the caps it may not pass."""

from collections.abc import Iterable

from copilot.domain.completion import CompletionRequest, Usage
from copilot.domain.ledger import CallLog, Unanswered
from copilot.domain.run import Budget, Role
from copilot.errors import BudgetExhausted

FIRST_GUESS_CHARACTERS_PER_TOKEN = 3.0
"""Until a server has counted; low, so that the guess errs towards stopping early."""
MESSAGE_OVERHEAD = 8
"""Tokens a chat template adds around one message, at most."""


class Meter:
    """Counts calls and tokens by role and refuses what would pass a cap.

    Replayed completions count like paid ones: a resumed run decides as the first one did. Calls of earlier sessions
    that brought no answer count from the start; so that they change no decision of the search, they are taken from
    what is held for the holdout, down to half of it.

    Args:
        budget: the caps.
        log: notes every call of the run before it is sent; None: the run has one session only.
    """

    def __init__(self, budget: Budget, *, log: CallLog | None = None) -> None:
        self.budget = budget
        self.usage: dict[Role, Usage] = {role: Usage() for role in Role}
        self.replayed_calls = 0
        self._characters = 0
        self._counted_tokens = 0
        self._reserved = 0
        self.held_calls = 0
        """Calls that `fits` leaves for a later stage (the holdout)."""
        self.held_tokens = 0
        self._log = log
        self._answered = 0
        """Requests whose answer is there: what remains of the calls brought none."""
        self._sent = 0 if log is None else log.sent()
        found = {} if log is None else log.unanswered()
        self._unanswered = {key: entry for key, entry in found.items() if not entry.problem}
        self._refused = {key: entry for key, entry in found.items() if entry.problem}
        self._uncounted = set(self._refused)
        for entry in self._unanswered.values():
            self.usage[entry.role] += Usage(calls=entry.calls)

    @property
    def calls(self) -> int:
        """Calls so far, retries and those of earlier sessions that brought no answer included."""
        return sum(usage.calls for usage in self.usage.values())

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens so far."""
        return sum(usage.tokens for usage in self.usage.values())

    @property
    def calls_left(self) -> int:
        """Calls until the cap."""
        return max(0, self.budget.max_calls - self.calls)

    @property
    def plannable_calls(self) -> int:
        """Calls that a stage may plan with: what is held is left alone, and calls without an answer do not matter."""
        return max(0, self.budget.max_calls - self._answered - self.held_calls)

    @property
    def open_calls(self) -> int:
        """Calls that may be made now without touching what is held."""
        unanswered = max(0, self.calls - self._answered)
        return max(0, self.calls_left - (self.held_calls - min(unanswered, self.held_calls // 2)))

    def total(self) -> dict[Role, Usage]:
        """Return all that the run has used.

        An answer that an earlier session paid for, and that the cap now leaves no use for, is a call of the task.
        """
        unused = Usage(calls=max(0, self._sent - self.calls))
        return {role: usage + unused if role is Role.TASK else usage for role, usage in self.usage.items()}

    def spent_in_vain(self, key: str) -> int:
        """Return how often earlier sessions sent a request that they got no answer to."""
        entry = self._unanswered.get(key)
        return entry.calls if entry else 0

    def estimate(self, request: CompletionRequest) -> int:
        """Return the tokens this request may cost at most, by the characters per token seen so far."""
        rate = FIRST_GUESS_CHARACTERS_PER_TOKEN
        if self._counted_tokens:
            rate = self._characters / self._counted_tokens
        characters = sum(len(message.content) for message in request.messages)
        answer = 1 if request.labels else request.decoding.max_tokens
        return int(1.1 * characters / rate) + MESSAGE_OVERHEAD * len(request.messages) + answer

    def fits(self, requests: Iterable[CompletionRequest], *, calls_each: int = 1) -> int:
        """Return how many of these requests, from the first, the caps allow; none after these but one is made.

        Args:
            requests: in the order in which they are to be sent.
            calls_each: calls that go with each, itself included.
        """
        calls, count = self.open_calls, 0
        tokens = None if self.budget.max_tokens is None else self.budget.max_tokens - self.tokens - self.held_tokens
        for request in requests:
            calls -= calls_each
            if tokens is not None:
                tokens -= self.estimate(request)
            if calls < 0 or (tokens is not None and tokens < 0):
                break
            count += 1
        return count

    def fits_any(self, count: int) -> bool:
        """Tell whether the caps allow so many calls, whichever they are."""
        return self.budget.max_tokens is None and count <= self.open_calls

    def attempt(self, role: Role, request: CompletionRequest, key: str = "") -> int:
        """Count one call that is about to be sent, in the log first: a killed process has counted it, too.

        Returns:
            The tokens reserved for it, to be handed to `settle` or `release`.

        Raises:
            BudgetExhausted: the call would pass a cap.
            StaleWorker: another worker has taken the run over.
        """
        # The second sum matters while a resumed run has not yet come by all that its earlier sessions paid for.
        if max(self.calls, self._sent) >= self.budget.max_calls:
            raise BudgetExhausted(f"The cap of {self.budget.max_calls} calls is reached.")
        cost = self.estimate(request)
        cap = self.budget.max_tokens
        if cap is not None and self.tokens + self._reserved + cost > cap:
            raise BudgetExhausted(f"The cap of {cap} tokens is reached.")
        if self._log is not None:
            self._log.note(key, role)
        self._reserved += cost
        self._sent += 1
        self.usage[role] += Usage(calls=1)
        return cost

    def release(self, reserved: int) -> None:
        """Give back what attempts had reserved."""
        self._reserved -= reserved

    def settle(self, role: Role, request: CompletionRequest, usage: Usage) -> None:
        """Count the tokens of an answer whose calls were counted by `attempt`."""
        self.usage[role] += usage.model_copy(update={"calls": 0})
        self._learn(request, usage)

    def refuse(self, key: str, refusal: Unanswered) -> None:
        """Note that a request whose calls were counted by `attempt` will never be answered."""
        self._answered += 1
        if self._log is not None:
            self._refused[key] = refusal
            self._log.refuse(key, refusal.problem, overflow=refusal.overflow)

    def refusal(self, key: str) -> Unanswered | None:
        """Return that the run was refused this request, counted like a stored answer; None: it was not."""
        entry = self._refused.get(key)
        if entry is not None and key in self._uncounted:
            self._uncounted.discard(key)
            self._answered += 1
            self.usage[entry.role] += Usage(calls=entry.calls)
            self.replayed_calls += entry.calls
        return entry

    def replay(self, role: Role, request: CompletionRequest, usage: Usage) -> None:
        """Count a stored answer as if it were paid now.

        Raises:
            BudgetExhausted: it would pass the cap on calls.
        """
        if self.calls_left < usage.calls:
            raise BudgetExhausted(f"The cap of {self.budget.max_calls} calls is reached.")
        self.usage[role] += usage
        self.replayed_calls += usage.calls
        self._learn(request, usage)

    def _learn(self, request: CompletionRequest, usage: Usage) -> None:
        self._answered += 1
        self._characters += sum(len(message.content) for message in request.messages)
        self._counted_tokens += usage.prompt_tokens
