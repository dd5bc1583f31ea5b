"""The only way from a run to a model: stored answers first, then the cap, then the server with retries."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping

from copilot.domain.completion import Completion, CompletionRequest, Decoding, Message, Usage
from copilot.domain.ledger import Ledger, Unanswered
from copilot.domain.run import Role
from copilot.errors import ContextOverflow, ModelRejected
from copilot.evaluation.meter import Meter
from copilot.models.base import ChatModel
from copilot.models.limits import LimitedModel
from copilot.models.retrying import RetryPolicy, complete_with_retries


class Gateway:
    """One model in one role. A request asked twice in a run is sent, and counted, once.

    Args:
        model: asked.
        role: for what it is called.
        ledger: what it has answered before.
        meter: counts and caps.
        concurrency: requests in flight at once.
        remember: False forgets each request once it is answered: for rows without number, of which none comes twice.
    """

    def __init__(
        self,
        model: ChatModel,
        role: Role,
        *,
        ledger: Ledger,
        meter: Meter,
        concurrency: int = 4,
        remember: bool = True,
    ) -> None:
        self.model = model
        self.role = role
        self.meter = meter
        self._ledger = ledger
        self._policy = RetryPolicy()
        allowed = model.concurrency if isinstance(model, LimitedModel) else concurrency
        self.concurrency = min(concurrency, allowed)
        """Requests in flight at once; more than the server answers at once would only push each other's prefix out."""
        self._slots = asyncio.Semaphore(self.concurrency)
        self._asked: dict[str, asyncio.Task[Completion]] = {}
        self._remember = remember

    def fits(self, requests: Iterable[CompletionRequest], *, calls_each: int = 1) -> int:
        """Return how many of these requests, from the first, the caps allow; those asked before cost nothing.

        Args:
            requests: gone through up to twice and held one at a time.
            calls_each: calls that go with each, itself included.
        """
        made = _Counted(requests)
        if self.meter.fits(made, calls_each=calls_each) == made.count:
            return made.count
        made = _Counted(requests)
        new = _Counted(request for request in made if self._key(request) not in self._asked)
        allowed = self.meter.fits(new, calls_each=calls_each)
        return made.count if allowed == new.count else made.count - 1

    async def complete(self, request: CompletionRequest) -> Completion:
        """Return the answer, from the ledger where it is known.

        Raises:
            ModelError: the server failed for good.
            BudgetExhausted: the call would pass a cap.
        """
        key = self._key(request)
        task = self._asked.get(key)
        if task is None:
            task = asyncio.ensure_future(self._ask(key, request))
            self._asked[key] = task
        try:
            return await asyncio.shield(task)
        except BaseException:
            if task.done():
                self._asked.pop(key, None)
            raise
        finally:
            if not self._remember:
                self._asked.pop(key, None)

    async def aclose(self) -> None:
        """Abandon what is still in flight."""
        pending = [task for task in self._asked.values() if not task.done()]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    async def _ask(self, key: str, request: CompletionRequest) -> Completion:
        stored = self._ledger.get(key)
        if stored is not None:
            self.meter.replay(self.role, request, stored.usage)
            return stored
        refused = self.meter.refusal(key)
        if refused is not None:
            raise (ContextOverflow if refused.overflow else ModelRejected)(refused.problem)
        completion = await self._send(key, request)
        earlier = self.meter.spent_in_vain(key)
        if earlier:
            usage = completion.usage + Usage(calls=earlier)
            completion = completion.model_copy(update={"usage": usage})
        self._ledger.put(key, completion, model=self.model.name)
        self.meter.settle(self.role, request, completion.usage)
        return completion

    async def _send(self, key: str, request: CompletionRequest) -> Completion:
        reserved = calls = 0

        def before_attempt() -> None:
            nonlocal reserved, calls
            self.meter.release(reserved)
            reserved = 0
            reserved = self.meter.attempt(self.role, request, key)
            calls += 1

        try:
            async with self._slots:
                return await complete_with_retries(
                    self.model, request, policy=self._policy, before_attempt=before_attempt
                )
        except (ContextOverflow, ModelRejected) as error:
            refusal = Unanswered(
                role=self.role, calls=calls, problem=str(error), overflow=isinstance(error, ContextOverflow)
            )
            self.meter.refuse(key, refusal)
            raise
        finally:
            self.meter.release(reserved)

    def _key(self, request: CompletionRequest) -> str:
        return request.key(self.model.name, self.model.revision)


class _Counted:
    """Passes requests on and counts them."""

    def __init__(self, requests: Iterable[CompletionRequest]) -> None:
        self.count = 0
        self._requests = requests

    def __iter__(self) -> Iterator[CompletionRequest]:
        for request in self._requests:
            self.count += 1
            yield request


class ModelJudge:
    """Serves judges from a gateway (`evaluators.base.JudgeModel`)."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def probabilities(self, prompt: str, choices: tuple[str, ...]) -> Mapping[str, float]:
        """Ask for the probability of each choice; without log-probabilities the spoken choice gets 1."""
        request = CompletionRequest(
            messages=(Message(role="user", content=prompt),), decoding=Decoding(max_tokens=4), labels=choices
        )
        completion = await self._gateway.complete(request)
        if completion.label_logprobs:
            return _normalised(completion.label_logprobs)
        said = [choice for choice in choices if completion.text.strip().startswith(choice)]
        return {choice: float(choice == said[0]) for choice in choices} if said else {}


def _normalised(logprobs: Mapping[str, float]) -> dict[str, float]:
    import numpy as np

    values = np.array(list(logprobs.values()))
    shares = np.exp(values - np.logaddexp.reduce(values))
    return dict(zip(logprobs, (float(share) for share in shares), strict=True))
