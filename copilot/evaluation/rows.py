"""A template over rows: any number of them, in order, with flat memory."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import aclosing

from copilot.domain.completion import Completion
from copilot.domain.ledger import Ledger
from copilot.domain.prompt import PromptTemplate
from copilot.domain.run import Budget, Role
from copilot.domain.sheets import Cell, RowOutput, as_text
from copilot.errors import ModelError
from copilot.evaluation.answer import Answer, answer
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.meter import Meter
from copilot.models.base import ChatModel, OnText
from copilot.models.limits import LimitedModel, Telling

NO_CAP = Budget(max_calls=10**15)
FAILURES_PER_SLOT = 2
"""Rows in a row that may fail for the server's sake, per request in flight, before the whole is given up."""
ROWS_PER_SLOT = 2
"""Rows under way, per request in flight: while one takes long, the others need not wait for it."""


class _NoLedger:
    """Rows are kept in the output, not a second time in the database."""

    def get(self, key: str) -> Completion | None:
        return None

    def put(self, key: str, completion: Completion, *, model: str) -> None:
        return None


class Runner:
    """One template on one model.

    Args:
        template: what is sent.
        model: connected.
        budget: None: no cap.
        ledger: keeps answers; None: nothing is kept.
        labels: what people call the template's variables, where that is something else.
    """

    def __init__(
        self,
        template: PromptTemplate,
        model: LimitedModel,
        *,
        budget: Budget | None = None,
        ledger: Ledger | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self.template = template
        self.meter = Meter(budget or NO_CAP)
        self._model = model
        self._labels = labels or {}
        self._ledger = ledger or _NoLedger()
        self._gateway = self._opened(model)

    async def run(self, inputs: Mapping[str, Cell], *, on_text: OnText | None = None) -> RowOutput:
        """Run one row.

        Args:
            inputs: a text for each of the template's variables.
            on_text: told of a free text as it arrives, where the server streams it.

        Raises:
            TemplateError: an input is missing.
            ModelError: the server failed.
        """
        texts = {name: as_text(cell) for name, cell in inputs.items()}
        needed = self.template.variables
        if needed and all(not texts.get(name, "x").strip() for name in needed):
            names = ", ".join(self._labels.get(name, name) for name in needed)
            return RowOutput(output=None, error=f"The row is empty: {names} has no text.")
        gateway = self._gateway if on_text is None else self._opened(Telling(self._model, on_text))
        return _row_output(await answer(self.template, texts, gateway))

    async def map(self, rows: Iterable[Mapping[str, Cell]]) -> AsyncGenerator[RowOutput, None]:
        """Run rows and yield what comes out in the same order.

        A row that fails has an `error`. Where the server fails for many rows in a row, the whole is given up, and of
        those rows nothing is yielded: so whoever goes on later begins with them.

        Raises:
            ModelError: the server failed for every row.
            TemplateError: a row lacks an input.
        """
        async with aclosing(self._results(enumerate(rows), in_order=True)) as results:
            async for _, result in results:
                yield result

    async def each(
        self, rows: Iterable[tuple[int, Mapping[str, Cell]]], *, proven: bool = False
    ) -> AsyncGenerator[tuple[int, RowOutput], None]:
        """Run numbered rows as `map` does, but yield each with its number as soon as it is answered.

        Args:
            rows: number and inputs.
            proven: the model has answered other rows, so a few that fail are no reason to give up.

        Raises:
            ModelError: the server failed for every row.
            TemplateError: a row lacks an input.
        """
        async with aclosing(self._results(rows, in_order=False, proven=proven)) as results:
            async for numbered in results:
                yield numbered

    async def _results(
        self, rows: Iterable[tuple[int, Mapping[str, Cell]]], *, in_order: bool, proven: bool = False
    ) -> AsyncGenerator[tuple[int, RowOutput], None]:
        most_failures = FAILURES_PER_SLOT * self._model.concurrency
        waiting = iter(rows)
        running: dict[asyncio.Task[RowOutput], int] = {}
        failed: list[tuple[int, ModelError]] = []
        try:
            while self._fill(running, waiting):
                if not in_order:
                    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                task = next(task for task in running if in_order or task.done())
                number = running.pop(task)
                try:
                    result = await task
                except ModelError as error:
                    failed.append((number, error))
                    if not error.retryable or len(failed) >= most_failures:
                        raise
                    continue
                for past, reason in failed:
                    yield past, RowOutput(output=None, error=str(reason))
                failed.clear()
                proven = True
                yield number, result
            if failed and not proven:
                raise failed[0][1]
            for past, reason in failed:
                yield past, RowOutput(output=None, error=str(reason))
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def aclose(self) -> None:
        """Abandon what is in flight."""
        await self._gateway.aclose()

    def _opened(self, model: ChatModel) -> Gateway:
        width = self._model.concurrency
        return Gateway(model, Role.TASK, ledger=self._ledger, meter=self.meter, concurrency=width, remember=False)

    def _fill(
        self, running: dict[asyncio.Task[RowOutput], int], waiting: Iterator[tuple[int, Mapping[str, Cell]]]
    ) -> bool:
        window = ROWS_PER_SLOT * self._model.concurrency
        while len(running) < window and (numbered := next(waiting, None)) is not None:
            running[asyncio.ensure_future(self.run(numbered[1]))] = numbered[0]
        return bool(running)


def _row_output(given: Answer) -> RowOutput:
    return RowOutput(
        output=given.value,
        error=given.problem if given.value is None else None,
        confidence=given.confidence,
        usage=given.usage,
        seconds=given.latency_seconds,
    )
