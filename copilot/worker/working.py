"""One run from claim to end: every event is saved first and then handed on."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from copilot import engine
from copilot.domain.events import RunEvent, RunFinished
from copilot.domain.ledger import Ledger
from copilot.domain.saved import Claim, RunPlan, SavedRun
from copilot.engine import Models
from copilot.errors import CopilotError, StaleWorker
from copilot.storage.database import Database
from copilot.storage.datasets import get_dataset
from copilot.storage.events import append_events
from copilot.storage.feedback import list_feedback
from copilot.storage.runs import fail_run, heartbeat, release_run, stop_run

BATCH = 256
"""Events saved in one transaction at most, and held in memory at most."""
GATHER_SECONDS = 0.05
"""A transaction costs as much as saving fifty events: those of a fast model wait for each other so long."""
HEARTBEAT_SECONDS = 2.0


Connect = Callable[[RunPlan], Awaitable[Models]]


class RunStopped(CopilotError):
    """Somebody asked the run to stop; what it did is kept."""


@dataclass(frozen=True)
class _End:
    """The engine told everything, or failed."""

    error: BaseException | None = None


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
    queue: asyncio.Queue[RunEvent | _End] = asyncio.Queue(maxsize=BATCH)
    pump = asyncio.ensure_future(_pump(_events(run, database, ledger, models), queue))
    heart = asyncio.ensure_future(_beat(database, claim))
    try:
        while True:
            batch, end = await _next_batch(queue, heart)
            if batch:
                await asyncio.to_thread(_save, database, claim, batch)
            for event in batch:
                yield event
            if end is not None:
                if end.error is not None:
                    raise end.error
                return
    except RunStopped:
        _close(database, claim)
        raise
    except (asyncio.CancelledError, GeneratorExit):
        _close(database, claim, give_back=give_back)
        raise
    except StaleWorker:
        raise
    except Exception as error:
        _fail(database, claim, error)
        raise
    finally:
        heart.cancel()
        pump.cancel()
        await asyncio.gather(pump, heart, return_exceptions=True)


async def _events(
    run: SavedRun, database: Database, ledger: Ledger, connect: Connect
) -> AsyncGenerator[RunEvent, None]:
    plan = run.plan
    with database.reading() as session:
        dataset = get_dataset(session, version=plan.dataset_version)
        everything = list_feedback(session, task=plan.task.name)
    # Only what had been said before the run began: what is said meanwhile would make a resumed run another one.
    last = plan.options.get("last_feedback", 0)
    feedback = tuple(saved.feedback for saved in everything if isinstance(last, int) and saved.id <= last)
    events = engine.improve(
        plan.task,
        dataset,
        config=plan.config,
        models=await connect(plan),
        history=engine.History(
            ledger=ledger,
            feedback=feedback,
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


async def _pump(events: AsyncGenerator[RunEvent, None], queue: "asyncio.Queue[RunEvent | _End]") -> None:
    """Read ahead of the database, so that many events of a fast model are saved in one transaction."""
    try:
        async for event in events:
            await queue.put(event)
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        await queue.put(_End(error))
        return
    finally:
        await events.aclose()
    await queue.put(_End())


async def _next_batch(
    queue: "asyncio.Queue[RunEvent | _End]", heart: "asyncio.Future[None]"
) -> tuple[list[RunEvent], _End | None]:
    """Wait for an event and take what has come with it.

    Raises:
        RunStopped: somebody asked for it.
        StorageError: the heartbeat could not be given.
    """
    getting = asyncio.ensure_future(queue.get())
    waited: set[asyncio.Future[Any]] = {getting, heart}
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    if not getting.done():
        getting.cancel()
        heart.result()
        raise RunStopped("The run was stopped; what it has done is kept.")
    batch: list[RunEvent] = []
    item = getting.result()
    if not isinstance(item, _End | RunFinished):
        await asyncio.sleep(GATHER_SECONDS)
    while not isinstance(item, _End):
        batch.append(item)
        if queue.empty() or isinstance(item, RunFinished):
            return batch, None
        item = queue.get_nowait()
    return batch, item


async def _beat(database: Database, claim: Claim) -> None:
    """Show signs of life until the run is asked to stop."""
    while not await asyncio.to_thread(_is_stopping, database, claim):
        await asyncio.sleep(HEARTBEAT_SECONDS)


def _is_stopping(database: Database, claim: Claim) -> bool:
    with database.writing() as session:
        return heartbeat(session, claim=claim)


def _save(database: Database, claim: Claim, events: list[RunEvent]) -> None:
    with database.writing() as session:
        append_events(session, claim=claim, events=events)


def _close(database: Database, claim: Claim, *, give_back: bool = False) -> None:
    try:
        with database.writing() as session:
            (release_run if give_back else stop_run)(session, claim=claim)
    except StaleWorker:
        # It ended, or somebody else has it: either way nothing is left to note.
        return


def _fail(database: Database, claim: Claim, error: Exception) -> None:
    sentence = str(error) if isinstance(error, CopilotError) else f"A fault of the program: {type(error).__name__}."
    try:
        with database.writing() as session:
            fail_run(session, claim=claim, error=sentence)
    except CopilotError:
        # A full disk is both the reason and why it cannot be noted; the first error is the one to tell.
        return
