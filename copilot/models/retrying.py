"""Asks a model again after errors that may pass, within limits of attempts and time.

The only place that retries: clients are opened with their own retries off, so that each attempt is counted.
"""

import time
from collections.abc import Callable

from pydantic import Field
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_base, wait_random_exponential

from copilot.domain.completion import Completion, CompletionRequest, Usage
from copilot.errors import ConstraintRejected, ModelError
from copilot.models.base import ChatModel
from tasks.model import Frozen


class RetryPolicy(Frozen):
    """How often and how long to ask again."""

    attempts: int = Field(default=6, ge=1)
    """Requests in all, the first one included."""
    first_wait: float = Field(default=0.5, gt=0)
    """Seconds; the longest wait before the second attempt, doubled each time and drawn at random below that."""
    longest_wait: float = Field(default=30.0, gt=0)
    """Seconds; a server's Retry-After may be longer."""
    deadline: float = Field(default=900.0, gt=0)
    """Seconds from the first attempt after which no further one starts: room for a second one after a first that got
    no answer in time."""


class _Wait(wait_base):
    """What the server asked for, else exponential back-off with full jitter; none after a step down."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._backoff = wait_random_exponential(multiplier=policy.first_wait, max=policy.longest_wait)

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        if isinstance(error, ConstraintRejected):
            return 0.0
        if isinstance(error, ModelError) and error.retry_after is not None:
            return error.retry_after
        return self._backoff(retry_state)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ModelError) and error.retryable


async def complete_with_retries(
    model: ChatModel, request: CompletionRequest, *, policy: RetryPolicy, before_attempt: Callable[[], None]
) -> Completion:
    """Return the model's answer; its `usage` counts every attempt, and the tokens of answers that were of no use.

    Args:
        model: asked once per attempt.
        request: sent unchanged each time.
        policy: the limits.
        before_attempt: called before every attempt, the first one included; it charges the budget and may raise.

    Raises:
        ModelError: the last one, when it cannot pass or a limit is reached.
        BudgetExhausted: from `before_attempt`.
    """
    started = time.monotonic()
    try:
        # Nearly all requests succeed at once; the machinery below costs as much as everything else in an evaluation.
        before_attempt()
        return _counted(await model.complete(request), Usage())
    except ModelError as error:
        if not _may_pass(error):
            raise
        failed: ModelError | None = error
    in_vain = Usage()
    left = policy.deadline - (time.monotonic() - started)
    retrying = AsyncRetrying(
        stop=stop_after_attempt(policy.attempts) | stop_before_delay(left),
        wait=_Wait(policy),
        retry=retry_if_exception(_may_pass),
        reraise=True,
    )
    async for attempt in retrying:
        with attempt:
            if failed is not None:
                first, failed = failed, None
                raise first
            before_attempt()
            completion = await model.complete(request)
        if attempt.retry_state.outcome is not None and attempt.retry_state.outcome.failed:
            in_vain += _spent(attempt.retry_state.outcome.exception())
    return _counted(completion, in_vain)


def _spent(error: BaseException | None) -> Usage:
    if isinstance(error, ConstraintRejected):
        return Usage(calls=1, prompt_tokens=error.prompt_tokens, completion_tokens=error.completion_tokens)
    return Usage(calls=1)


def _counted(completion: Completion, in_vain: Usage) -> Completion:
    one = completion.usage if completion.usage.calls == 1 else completion.usage.model_copy(update={"calls": 1})
    usage = one + in_vain if in_vain.calls else one
    return completion if usage == completion.usage else completion.model_copy(update={"usage": usage})
