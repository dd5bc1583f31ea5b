"""What one worker process does at once: a run, and parts of sheets beside it."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Any

from copilot.domain.saved import Claim, SavedRun
from copilot.errors import CopilotError, StorageError
from copilot.settings import Settings
from copilot.storage.database import Database
from copilot.storage.ledger import DatabaseLedger
from copilot.storage.runs import claim_run, get_run, unfinished_runs
from copilot.worker.carrying import carry
from copilot.worker.models import ModelPool
from copilot.worker.sheets import ShardJob, claim_next
from copilot.worker.working import work

LINGER_SECONDS = 2.0
POLL_SECONDS = 0.5
TROUBLE_SECONDS = 5.0
"""A worker that stays asks a database that does not answer so often."""
SHARD_LANES = 2
"""While the last rows of one shard are answered, the next one keeps the model server busy."""

log = logging.getLogger("copilot.worker")
_LEVELS = {"run": logging.INFO, "shard": logging.DEBUG}
"""A large sheet has thousands of shards."""
Lane = Callable[[], Awaitable[bool]]


class Worker:
    """Works on what waits or has lost its worker, oldest runs first, sheets in turn.

    Args:
        settings: of this installation.
        database: where the work is.
        stay: wait for more when there is nothing to do; else return after a moment.
    """

    def __init__(self, *, settings: Settings, database: Database, stay: bool = False) -> None:
        self._database = database
        self._stay = stay
        self._ledger = DatabaseLedger(database)
        self._pool = ModelPool(settings=settings, database=database)
        self._busy = 0
        self._idle_since = time.monotonic()

    async def run(self) -> None:
        """Work until there is nothing to do, or until cancelled; what is under way is then given back.

        Raises:
            StorageError: the database cannot be used, and this worker is not one that stays.
        """
        lanes: list[Lane] = [self._one_run, self._one_shard, *[self._one_more_shard] * (SHARD_LANES - 1)]
        tasks = [asyncio.ensure_future(self._keep(lane)) for lane in lanes]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._pool.aclose()
            self._ledger.close()

    async def _keep(self, lane: Lane) -> None:
        while self._stay or self._busy or time.monotonic() - self._idle_since < LINGER_SECONDS:
            pause = POLL_SECONDS
            try:
                if await lane():
                    continue
            except StorageError as error:
                if not self._stay:
                    raise
                log.warning("%s", error)
                pause = TROUBLE_SECONDS
            await asyncio.sleep(pause)

    async def _one_run(self) -> bool:
        found = await asyncio.to_thread(self._claim_run)
        if found is None:
            return False
        saved, claim = found
        events = work(saved, claim, database=self._database, ledger=self._ledger, models=self._pool.of, give_back=True)
        await self._carry(claim, events)
        return True

    async def _one_shard(self) -> bool:
        found = await asyncio.to_thread(claim_next, self._database)
        if found is None:
            return False
        claim, shard = found
        job = ShardJob(shard=shard, claim=claim, database=self._database, connect=self._pool.get)
        await self._carry(claim, carry(job, give_back=True))
        return True

    async def _one_more_shard(self) -> bool:
        # An idle worker need not ask the database in every lane.
        return await self._one_shard() if self._busy else False

    async def _carry(self, claim: Claim, items: AsyncGenerator[Any, None]) -> None:
        log.log(_LEVELS[claim.kind], "%s %s: attempt %s", claim.kind, claim.job_id, claim.attempt)
        with self._being_busy():
            try:
                async with contextlib.aclosing(items):
                    async for _ in items:
                        pass
            except CopilotError as error:
                # It is saved with the job, where whoever started it reads it.
                log.info("%s %s: %s", claim.kind, claim.job_id, error)
            except Exception:
                # It is saved, too, and no reason to give up the other lanes' work.
                log.exception("%s %s", claim.kind, claim.job_id)
            else:
                log.log(_LEVELS[claim.kind], "%s %s: finished", claim.kind, claim.job_id)

    @contextlib.contextmanager
    def _being_busy(self) -> Iterator[None]:
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self._idle_since = time.monotonic()

    def _claim_run(self) -> tuple[SavedRun, Claim] | None:
        with self._database.reading() as session:
            waiting = unfinished_runs(session)
        for summary in waiting:
            with self._database.writing() as session:
                claim = claim_run(session, run_id=summary.id)
                if claim is not None:
                    return get_run(session, run_id=summary.id), claim
        return None
