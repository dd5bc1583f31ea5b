"""A run killed anywhere and started again ends as if nothing had happened, and pays only for what was in flight."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.domain.completion import Completion, CompletionRequest
from copilot.domain.events import RunFinished
from copilot.domain.ledger import MemoryLedger
from copilot.domain.run import Budget, RunConfig, RunResult
from copilot.engine import History, Models, improve
from copilot.models.fake import FakeModel
from tasks.model import Dataset, Example, Task, TaskKind

WORDS = ("invoice", "parcel", "refund", "password", "charge", "late", "box", "login", "money", "truck")
CONCURRENCY = 4


class Crash(BaseException):
    """Stands for a killed process: nothing may catch it."""


class CountingModel(FakeModel):
    """A fake model that counts what it is asked and dies before the nth answer."""

    def __init__(self, *, dies_at: int | None = None) -> None:
        super().__init__(seed=7)
        self.asked = 0
        self._dies_at = dies_at

    async def complete(self, request: CompletionRequest) -> Completion:
        if self._dies_at is not None and self.asked >= self._dies_at:
            await asyncio.Event().wait()  # a dead process answers nothing more
        self.asked += 1
        if self.asked == self._dies_at:
            raise Crash
        await asyncio.sleep(0)
        return await super().complete(request)


def dataset(n: int) -> Dataset:
    labels = ("billing", "delivery")
    rows = []
    for i in range(n):
        words = " ".join(WORDS[(i * step + step) % len(WORDS)] for step in range(1, 6))
        rows.append(Example(id=str(i), inputs={"text": f"{words} {i}"}, expected=(labels[i * 7 % 3 % 2],)))
    return Dataset(examples=tuple(rows))


TASK = Task(
    name="tickets", kind=TaskKind.CLASSIFICATION, description="Sort the ticket.", labels=("billing", "delivery")
)


def finish(model: CountingModel, ledger: MemoryLedger, *, n: int, calls: int, seed: int) -> RunResult:
    async def run() -> RunResult:
        config = RunConfig(seed=seed, budget=Budget(max_calls=calls), concurrency=CONCURRENCY)
        models = Models(task=model, copilot=model)
        async for event in improve(
            TASK, dataset(n), config=config, models=models, history=History(ledger=ledger), run_id="run"
        ):
            if isinstance(event, RunFinished):
                return event.result
        raise AssertionError("the run ended without a result")

    return asyncio.run(run())


def essence(result: RunResult) -> dict[str, object]:
    return result.model_dump(exclude={"seconds", "replayed_calls"})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), n=st.sampled_from([24, 44, 80]), calls=st.integers(40, 160), seed=st.integers(1, 3))
def test_killed_anywhere_the_run_ends_the_same_and_pays_nothing_twice(
    data: st.DataObject, n: int, calls: int, seed: int
) -> None:
    whole = CountingModel()
    expected = finish(whole, MemoryLedger(), n=n, calls=calls, seed=seed)
    assert whole.asked <= calls

    ledger = MemoryLedger()
    first = CountingModel(dies_at=data.draw(st.integers(1, whole.asked), label="dies at"))
    try:
        finish(first, ledger, n=n, calls=calls, seed=seed)
    except Crash:
        pass
    else:
        raise AssertionError("the model did not die")

    second = CountingModel()
    resumed = finish(second, ledger, n=n, calls=calls, seed=seed)

    assert essence(resumed) == essence(expected)
    assert first.asked + second.asked <= whole.asked + CONCURRENCY
    assert resumed.replayed_calls == whole.asked - second.asked


def test_a_finished_run_is_served_from_the_ledger_without_a_call() -> None:
    ledger = MemoryLedger()
    first = finish(CountingModel(), ledger, n=80, calls=120, seed=1)
    again = CountingModel()
    second = finish(again, ledger, n=80, calls=120, seed=1)
    assert again.asked == 0
    assert essence(second) == essence(first)
