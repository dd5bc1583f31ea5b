"""Carries a claimed job to its end: what it yields is saved first and then handed on, with a sign of life beside."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from copilot.errors import CopilotError, StaleWorker

BATCH = 256
"""Items saved in one transaction at most, and held in memory at most."""
GATHER_SECONDS = 0.05
"""A transaction costs as much as saving fifty events: those of a fast model wait for each other so long."""
HEARTBEAT_SECONDS = 2.0

T = TypeVar("T")


class RunStopped(CopilotError):
    """Somebody asked the run to stop; what it did is kept."""


class Job(Protocol[T]):
    """A claimed run, or a claimed shard of a sheet. What it writes is refused once another worker has it."""

    def items(self) -> AsyncGenerator[T, None]:
        """Do the work and yield what is to be saved."""
        ...

    def is_last(self, item: T) -> bool:
        """Say whether nothing will come after this."""
        ...

    def save(self, batch: list[T]) -> None:
        """Save items, all or none."""
        ...

    def beat(self) -> bool:
        """Give a sign of life; return whether somebody wants the job to stop."""
        ...

    def fail(self, reason: str) -> None:
        """Note why it failed."""
        ...

    def stop(self) -> None:
        """Note that it was stopped."""
        ...

    def release(self) -> None:
        """Give it back, so that another worker goes on at once."""
        ...


@dataclass(frozen=True)
class _End:
    """The job told everything, or failed."""

    error: BaseException | None = None


Waiting = asyncio.Queue[Any]


async def carry(job: Job[T], *, give_back: bool) -> AsyncGenerator[T, None]:
    """Work on a claimed job to its end.

    Args:
        job: what is to be done.
        give_back: when this process is told to end, another may go on at once; else the job waits to be resumed.

    Yields:
        Each item after it was saved.

    Raises:
        RunStopped: somebody asked for it.
        StaleWorker: another worker has taken the job over.
        CopilotError: the job failed; the reason is saved with it.
    """
    queue: Waiting = asyncio.Queue(maxsize=BATCH)
    pump = asyncio.ensure_future(_pump(job.items(), queue))
    heart = asyncio.ensure_future(_beat(job))
    try:
        while True:
            batch, end = await _next_batch(job, queue, heart)
            if batch:
                await asyncio.to_thread(job.save, batch)
            for item in batch:
                yield item
            if end is not None:
                if end.error is not None:
                    raise end.error
                return
    except RunStopped:
        _close(job, queue)
        raise
    except (asyncio.CancelledError, GeneratorExit):
        _close(job, queue, give_back=give_back)
        raise
    except StaleWorker:
        raise
    except Exception as error:
        _fail(job, error)
        raise
    finally:
        heart.cancel()
        pump.cancel()
        await asyncio.gather(pump, heart, return_exceptions=True)


async def _pump(items: AsyncGenerator[T, None], queue: Waiting) -> None:
    """Read ahead of the database, so that much of what a fast model answers is saved in one transaction."""
    try:
        async for item in items:
            await queue.put(item)
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        await queue.put(_End(error))
        return
    finally:
        await items.aclose()
    await queue.put(_End())


async def _next_batch(job: Job[T], queue: Waiting, heart: "asyncio.Future[None]") -> tuple[list[T], _End | None]:
    """Wait for an item and take what has come with it.

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
    batch: list[T] = []
    item = getting.result()
    if not isinstance(item, _End) and not job.is_last(item):
        await asyncio.sleep(GATHER_SECONDS)
    while not isinstance(item, _End):
        batch.append(item)
        if queue.empty() or job.is_last(item):
            return batch, None
        item = queue.get_nowait()
    return batch, item


async def _beat(job: Job[T]) -> None:
    """Show signs of life until the job is asked to stop."""
    while not await asyncio.to_thread(job.beat):
        await asyncio.sleep(HEARTBEAT_SECONDS)


def _close(job: Job[T], queue: Waiting, *, give_back: bool = False) -> None:
    """Save what is there, which was paid for, and let go."""
    rest: list[T] = []
    while not queue.empty():
        if not isinstance(item := queue.get_nowait(), _End):
            rest.append(item)
    try:
        if rest:
            job.save(rest)
        if give_back:
            job.release()
        else:
            job.stop()
    except StaleWorker:
        # It ended, or somebody else has it: either way nothing is left to note.
        return


def _fail(job: Job[T], error: Exception) -> None:
    try:
        job.fail(str(error) if isinstance(error, CopilotError) else f"A fault of the program: {type(error).__name__}.")
    except CopilotError:
        # A full disk is both the reason and why it cannot be noted; the first error is the one to tell.
        return
