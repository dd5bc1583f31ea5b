"""One run from claim to end: every event is saved first and then handed on."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from copilot import engine
from copilot.domain.events import RunEvent, RunFinished
from copilot.domain.ledger import Ledger
from copilot.domain.reviews import Said
from copilot.domain.saved import Claim, RunPlan, SavedRun
from copilot.engine import Models
from copilot.storage.calls import DatabaseCallLog
from copilot.storage.database import Database
from copilot.storage.datasets import get_dataset
from copilot.storage.events import append_events
from copilot.storage.runs import fail_run, heartbeat, release_run, stop_run
from copilot.worker.carrying import RunStopped as RunStopped
from copilot.worker.carrying import carry

Connect = Callable[[RunPlan], Awaitable[Models]]


async def work(
    run: SavedRun, claim: Claim, *, database: Database, ledger: Ledger, models: Connect, give_back: bool = False
) -> AsyncGenerator[RunEvent, None]:
    """Work on a claimed run to its end.

    Args:
        run: as it was saved.
        claim: the right to write for it.
        database: where everything is saved.
        ledger: what models have answered before.
        models: connects the models of a run.
        give_back: when this process is told to end, another may go on at once; else the run waits to be resumed.

    Yields:
        Each event after it was saved.

    Raises:
        RunStopped: somebody asked for it.
        StaleWorker: another worker has taken the run over.
        CopilotError: the run failed; the reason is saved with it.
    """
    job = _RunJob(run=run, claim=claim, database=database, ledger=ledger, models=models)
    async with aclosing(carry(job, give_back=give_back)) as events:
        async for event in events:
            yield event


@dataclass(frozen=True)
class _RunJob:
    """A run, as `carry` takes it."""

    run: SavedRun
    claim: Claim
    database: Database
    ledger: Ledger
    models: Connect

    def items(self) -> AsyncGenerator[RunEvent, None]:
        return _events(self.run, self.claim, ledger=self.ledger, database=self.database, connect=self.models)

    def is_last(self, item: RunEvent) -> bool:
        return isinstance(item, RunFinished)

    def save(self, batch: list[RunEvent]) -> None:
        with self.database.writing() as session:
            append_events(session, claim=self.claim, events=batch)

    def beat(self) -> bool:
        with self.database.writing() as session:
            return heartbeat(session, claim=self.claim)

    def fail(self, reason: str) -> None:
        with self.database.writing() as session:
            fail_run(session, claim=self.claim, error=reason)

    def stop(self) -> None:
        with self.database.writing() as session:
            stop_run(session, claim=self.claim)

    def release(self) -> None:
        with self.database.writing() as session:
            release_run(session, claim=self.claim)


async def _events(
    run: SavedRun, claim: Claim, *, ledger: Ledger, database: Database, connect: Connect
) -> AsyncGenerator[RunEvent, None]:
    plan = run.plan
    calls = DatabaseCallLog(database, claim)
    with database.reading() as session:
        dataset = get_dataset(session, version=plan.dataset_version)
    said = plan.options.get("said", [])
    events = engine.improve(
        plan.task,
        dataset,
        config=plan.config,
        models=await connect(plan),
        history=engine.History(
            ledger=ledger,
            calls=calls,
            said=tuple(Said.model_validate(one) for one in said) if isinstance(said, list) else (),
            holdout_used_before=bool(plan.options.get("holdout_used_before", False)),
        ),
        run_id=plan.id,
    )
    try:
        async for event in events:
            yield event
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()
        calls.close()
