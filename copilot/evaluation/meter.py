"""What a run has spent, and the caps it may not pass."""

from collections.abc import Sequence

from copilot.domain.completion import CompletionRequest, Usage
from copilot.domain.run import Budget, Role
from copilot.errors import BudgetExhausted

FIRST_GUESS_CHARACTERS_PER_TOKEN = 3.0
"""Until a server has counted; low, so that the guess errs towards stopping early."""
MESSAGE_OVERHEAD = 8
"""Tokens a chat template adds around one message, at most."""


class Meter:
    """Counts calls and tokens by role and refuses what would pass a cap.

    Replayed completions count like paid ones: a resumed run decides as the first one did.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.usage: dict[Role, Usage] = {role: Usage() for role in Role}
        self.replayed_calls = 0
        self._characters = 0
        self._counted_tokens = 0
        self._reserved = 0
        self.held_calls = 0
        """Calls that `fits` leaves for a later stage (the holdout)."""
        self.held_tokens = 0

    @property
    def calls(self) -> int:
        """Calls so far, retries included."""
        return sum(usage.calls for usage in self.usage.values())

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens so far."""
        return sum(usage.tokens for usage in self.usage.values())

    @property
    def calls_left(self) -> int:
        """Calls until the cap."""
        return max(0, self.budget.max_calls - self.calls)

    def estimate(self, request: CompletionRequest) -> int:
        """Return the tokens this request may cost at most, by the characters per token seen so far."""
        rate = FIRST_GUESS_CHARACTERS_PER_TOKEN
        if self._counted_tokens:
            rate = self._characters / self._counted_tokens
        characters = sum(len(message.content) for message in request.messages)
        answer = 1 if request.labels else request.decoding.max_tokens
        return int(1.1 * characters / rate) + MESSAGE_OVERHEAD * len(request.messages) + answer

    def fits(self, requests: Sequence[CompletionRequest]) -> int:
        """Return how many of these requests, from the first, the caps allow."""
        allowed = min(len(requests), max(0, self.calls_left - self.held_calls))
        if self.budget.max_tokens is None:
            return allowed
        left = self.budget.max_tokens - self.tokens - self.held_tokens
        for index, request in enumerate(requests[:allowed]):
            left -= self.estimate(request)
            if left < 0:
                return index
        return allowed

    def fits_any(self, count: int) -> bool:
        """Tell whether the caps allow so many requests, whichever they are."""
        return self.budget.max_tokens is None and count <= self.calls_left - self.held_calls

    def attempt(self, role: Role, request: CompletionRequest) -> int:
        """Count one call that is about to be sent.

        Returns:
            The tokens reserved for it, to be handed to `settle` or `release`.

        Raises:
            BudgetExhausted: the call would pass a cap.
        """
        if self.calls_left < 1:
            raise BudgetExhausted(f"The cap of {self.budget.max_calls} calls is reached.")
        cost = self.estimate(request)
        cap = self.budget.max_tokens
        if cap is not None and self.tokens + self._reserved + cost > cap:
            raise BudgetExhausted(f"The cap of {cap} tokens is reached.")
        self._reserved += cost
        self.usage[role] += Usage(calls=1)
        return cost

    def release(self, reserved: int) -> None:
        """Give back what attempts had reserved."""
        self._reserved -= reserved

    def settle(self, role: Role, request: CompletionRequest, usage: Usage) -> None:
        """Count the tokens of an answer whose calls were counted by `attempt`."""
        self.usage[role] += usage.model_copy(update={"calls": 0})
        self._learn(request, usage)

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
        self._characters += sum(len(message.content) for message in request.messages)
        self._counted_tokens += usage.prompt_tokens
