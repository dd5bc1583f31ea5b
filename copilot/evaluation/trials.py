"""Candidates on examples: rendered, asked, read, scored."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from copilot.domain.prompt import Candidate
from copilot.domain.run import Trial
from copilot.errors import BudgetExhausted
from copilot.evaluation.answer import Answer, answer
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.rubric import Helpers, Rubric
from tasks.model import Example

WINDOW = 64
"""Pairs under way at once, at most: bounds memory; the gateway bounds the calls."""


@dataclass(frozen=True)
class Evaluation:
    """Everything a trial needs besides the candidate and the example."""

    gateway: Gateway
    rubric: Rubric
    helpers: Helpers

    def affordable(self, pairs: Sequence[tuple[Candidate, Example]]) -> int:
        """Return how many of these pairs, from the first, the run's caps allow."""
        if self.gateway.meter.fits_any(len(pairs)):
            return len(pairs)
        return self.gateway.fits([candidate.template.request(example.inputs) for candidate, example in pairs])

    async def trial(self, candidate: Candidate, example: Example) -> Trial:
        """Try one candidate on one example."""
        return await self.judge(candidate, example, await answer(candidate.template, example.inputs, self.gateway))

    async def judge(self, candidate: Candidate, example: Example, given: Answer) -> Trial:
        """Score an answer. One that cannot be read is worth 0: the prompt failed to get an answer."""
        trial = Trial(
            candidate_id=candidate.id,
            example_id=example.id,
            output=given.value,
            raw=given.raw,
            value=0.0,
            passed=False,
            confidence=given.confidence,
            label_logprobs=given.label_logprobs,
            problem=given.problem,
            usage=given.usage,
            latency_seconds=given.latency_seconds,
        )
        if given.value is None:
            return trial
        context = self.helpers.context(
            example, given.value, raw=given.raw, output_tokens=given.usage.completion_tokens or None
        )
        scores, total = await self.rubric.score(context)
        return trial.model_copy(update={"scores": scores, "value": total.value, "passed": total.passed})

    async def run(self, pairs: Sequence[tuple[Candidate, Example]]) -> AsyncIterator[Trial]:
        """Yield the trials of these pairs as they finish; pairs that the cap cuts off are left out.

        Give the pairs candidate by candidate: the server then reuses each prompt's static prefix.
        """
        waiting = iter(pairs)
        running: set[asyncio.Task[Trial]] = set()
        try:
            while True:
                for candidate, example in waiting:
                    running.add(asyncio.ensure_future(self.trial(candidate, example)))
                    if len(running) >= WINDOW:
                        break
                if not running:
                    return
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    try:
                        finished = task.result()
                    except BudgetExhausted:
                        continue
                    yield finished
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
