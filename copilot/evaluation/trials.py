"""Candidates on examples: rendered, asked, read, scored."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass

from copilot.domain.completion import CompletionRequest
from copilot.domain.prompt import Candidate
from copilot.domain.run import Trial
from copilot.errors import BudgetExhausted
from copilot.evaluation.answer import Answer, answer
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.rubric import Helpers, Rubric
from evaluators.base import Score
from tasks.model import Example


@dataclass(frozen=True)
class _Rendered:
    """The requests of pairs, each made when it is looked at: all at once would fill the memory."""

    pairs: Sequence[tuple[Candidate, Example]]

    def __iter__(self) -> Iterator[CompletionRequest]:
        return (candidate.template.request(example.inputs) for candidate, example in self.pairs)


@dataclass(frozen=True)
class Evaluation:
    """Everything a trial needs besides the candidate and the example."""

    gateway: Gateway
    rubric: Rubric
    helpers: Helpers

    def affordable(self, pairs: Sequence[tuple[Candidate, Example]]) -> int:
        """Return how many of these pairs, from the first, the run's caps allow."""
        drawn = max((candidate.template.label_samples for candidate, _ in pairs), default=1)
        calls_each = max(1, drawn) + self.rubric.judges
        if self.gateway.meter.fits_any(calls_each * len(pairs)):
            return len(pairs)
        return self.gateway.fits(_Rendered(pairs), calls_each=calls_each)

    async def trial(self, candidate: Candidate, example: Example) -> Trial:
        """Try one candidate on one example."""
        return await self.judge(candidate, example, await answer(candidate.template, example.inputs, self.gateway))

    async def judge(self, candidate: Candidate, example: Example, given: Answer) -> Trial:
        """Score an answer. One that cannot be read is worth 0: the prompt failed to get an answer."""
        scores: tuple[Score, ...] = ()
        value: float | None = 0.0
        passed: bool | None = False
        if given.value is not None:
            context = self.helpers.context(
                example, given.value, raw=given.raw, output_tokens=given.usage.completion_tokens or None
            )
            scores, total = await self.rubric.score(context)
            value, passed = total.value, total.passed
        return Trial(
            candidate_id=candidate.id,
            example_id=example.id,
            output=given.value,
            raw=given.raw,
            scores=scores,
            value=value,
            passed=passed,
            confidence=given.confidence,
            label_logprobs=given.label_logprobs,
            problem=given.problem,
            usage=given.usage,
            latency_seconds=given.latency_seconds,
        )

    async def run(self, pairs: Sequence[tuple[Candidate, Example]]) -> AsyncGenerator[Trial, None]:
        """Yield the trials of these pairs as they finish; pairs that the cap cuts off are left out.

        Candidates are worked on side by side, each one's examples one after the other: a server that keeps a prefix
        cache per slot then computes a candidate's static prefix once, not once per slot.
        """
        queues: dict[str, deque[tuple[Candidate, Example]]] = {}
        for candidate, example in pairs:
            queues.setdefault(candidate.id, deque()).append((candidate, example))
        waiting, started = deque(queues.values()), list[deque[tuple[Candidate, Example]]]()
        running: dict[asyncio.Task[Trial], deque[tuple[Candidate, Example]]] = {}

        def fill(lane: deque[tuple[Candidate, Example]]) -> None:
            if not lane and waiting:
                lane = waiting.popleft()
                started.append(lane)
            # No slot stays idle: one whose candidate is done helps with the longest rest.
            lane = lane or max(started, key=len)
            if lane:
                running[asyncio.ensure_future(self.trial(*lane.popleft()))] = lane

        done: set[asyncio.Task[Trial]] = set()
        try:
            for _ in range(self.gateway.concurrency if pairs else 0):
                fill(deque())
            while running:
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    fill(running.pop(task))
                    try:
                        finished = task.result()
                    except BudgetExhausted:
                        continue
                    yield finished
        finally:
            for task in running:
                task.cancel()
            # What failed beside the first error is read, too: else it is printed as never retrieved.
            await asyncio.gather(*running, *done, return_exceptions=True)
