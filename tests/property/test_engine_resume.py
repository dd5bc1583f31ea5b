"""A run killed anywhere and started again finds the same prompt, and pays only for what was in flight.

However often it is killed, stopped or given up by an overloaded server, all its sessions together keep the cap.
"""

import asyncio
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.domain.completion import Completion, CompletionRequest
from copilot.domain.events import RunFinished
from copilot.domain.ledger import MemoryCallLog, MemoryLedger
from copilot.domain.run import Budget, RunConfig, RunResult
from copilot.engine import History, Models, improve
from copilot.errors import ModelOverloaded, ModelRejected, ModelServerFault
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


def finish(
    model: CountingModel, ledger: MemoryLedger, *, n: int, calls: int, seed: int, log: MemoryCallLog | None = None
) -> RunResult:
    async def run() -> RunResult:
        config = RunConfig(seed=seed, budget=Budget(max_calls=calls), concurrency=CONCURRENCY)
        models = Models(task=model, copilot=model)
        history = History(ledger=ledger, calls=log)
        async for event in improve(TASK, dataset(n), config=config, models=models, history=history, run_id="run"):
            if isinstance(event, RunFinished):
                return event.result
        raise AssertionError("the run ended without a result")

    return asyncio.run(run())


def essence(result: RunResult) -> dict[str, object]:
    return result.model_dump(exclude={"seconds", "replayed_calls"})


def found(result: RunResult) -> dict[str, object]:
    """What the search found: all but the holdout, which pays for the calls that brought no answer."""
    return {"candidates": result.candidates, "dev": result.verdict.dev, "notes": result.verdict.notes}


def decided(result: RunResult) -> dict[str, object]:
    """All but what it took to get there."""
    return result.model_dump(exclude={"seconds", "replayed_calls", "usage"})


def spent(result: RunResult) -> int:
    return sum(usage.calls for usage in result.usage.values())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), n=st.sampled_from([24, 44, 80]), calls=st.integers(40, 160), seed=st.integers(1, 3))
def test_killed_anywhere_the_run_finds_the_same_and_pays_nothing_twice(
    data: st.DataObject, n: int, calls: int, seed: int
) -> None:
    whole = CountingModel()
    expected = finish(whole, MemoryLedger(), n=n, calls=calls, seed=seed)
    assert whole.asked == spent(expected) <= calls

    ledger = MemoryLedger()
    log = MemoryCallLog(ledger)
    first = CountingModel(dies_at=data.draw(st.integers(1, whole.asked), label="dies at"))
    try:
        finish(first, ledger, n=n, calls=calls, seed=seed, log=log)
    except Crash:
        pass
    else:
        raise AssertionError("the model did not die")
    in_vain = sum(entry.calls for entry in log.unanswered().values())
    assert 0 < in_vain <= CONCURRENCY

    second = CountingModel()
    resumed = finish(second, ledger, n=n, calls=calls, seed=seed, log=log)

    assert spent(resumed) == log.sent() <= min(calls, whole.asked + in_vain)
    assert first.asked + second.asked <= log.sent()
    if not expected.verdict.cross_fitted:
        assert found(resumed) == found(expected)
        lost = 0 if whole.asked + in_vain <= calls else in_vain
        assert expected.verdict.holdout.n - lost <= resumed.verdict.holdout.n <= expected.verdict.holdout.n
        if resumed.verdict.holdout.n == expected.verdict.holdout.n:
            assert decided(resumed) == decided(expected)


class Overloaded(CountingModel):
    """Fails for good at given calls, dies at another, as the tester draws it."""

    def __init__(self, *, fails: frozenset[int], rejects: frozenset[int], dies_at: int | None) -> None:
        super().__init__(dies_at=dies_at)
        self._fails, self._rejects = fails, rejects

    async def complete(self, request: CompletionRequest) -> Completion:
        number = self.asked + 1
        completion = await super().complete(request)
        if number in self._fails:
            raise Gone("The server gave up.")
        if number in self._rejects:
            raise ModelRejected("The server will not take this.")
        if number % 5 == 0:
            raise ModelOverloaded("Busy.", retry_after=0.0)
        return completion


class Gone(ModelServerFault):
    """Not worth another attempt."""

    retryable = False


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), n=st.sampled_from([24, 60]), calls=st.integers(30, 120), seed=st.integers(1, 3))
def test_all_sessions_together_keep_the_cap_whatever_goes_wrong(
    data: st.DataObject, n: int, calls: int, seed: int
) -> None:
    ledger = MemoryLedger()
    log = MemoryCallLog(ledger)
    moments = st.integers(1, calls)
    asked = 0
    for session in range(6):
        troubled = session < 5
        model = Overloaded(
            fails=frozenset(data.draw(st.sets(moments, max_size=2), label="fails at")) if troubled else frozenset(),
            rejects=frozenset(data.draw(st.sets(moments, max_size=3), label="rejects at")),
            dies_at=data.draw(st.none() | moments, label="dies at") if troubled else None,
        )
        result = None
        try:
            result = finish(model, ledger, n=n, calls=calls, seed=seed, log=log)
        except (Crash, Gone):
            assert troubled
        asked += model.asked
        assert asked <= log.sent() <= calls
        if result is not None:
            assert spent(result) == log.sent()
            break
    assert result is not None


def test_a_refused_request_is_not_sent_again_when_the_run_goes_on() -> None:
    ledger = MemoryLedger()
    log = MemoryCallLog(ledger)
    first = Overloaded(fails=frozenset(), rejects=frozenset({7, 9}), dies_at=60)
    with suppress(Crash):
        finish(first, ledger, n=60, calls=100, seed=1, log=log)
    refused = {key: entry for key, entry in log.unanswered().items() if entry.problem}
    assert len(refused) == 2
    finish(CountingModel(), ledger, n=60, calls=100, seed=1, log=log)
    assert {key: entry for key, entry in log.unanswered().items() if entry.problem} == refused


def test_a_finished_run_is_served_from_the_ledger_without_a_call() -> None:
    ledger = MemoryLedger()
    first = finish(CountingModel(), ledger, n=80, calls=120, seed=1)
    again = CountingModel()
    second = finish(again, ledger, n=80, calls=120, seed=1)
    assert again.asked == 0
    assert essence(second) == essence(first)
