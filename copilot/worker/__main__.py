"""The background worker: one process for each home, which takes up unfinished runs until none is left."""

import asyncio
import contextlib
import logging
import signal
import sys
import time

from filelock import FileLock, Timeout

from copilot.errors import CopilotError
from copilot.settings import Settings, load_settings
from copilot.storage.database import Database, open_database
from copilot.storage.ledger import DatabaseLedger
from copilot.storage.runs import claim_run, get_run, unfinished_runs
from copilot.worker.models import ModelPool
from copilot.worker.working import work

LOCK_SECONDS = 10.0
"""A second worker waits so long: the first may be about to leave without having seen the newest run."""
LINGER_SECONDS = 2.0
POLL_SECONDS = 0.5

log = logging.getLogger("copilot.worker")


async def run_unfinished(*, settings: Settings, database: Database) -> None:
    """Work on the runs that wait or have lost their worker, oldest first, until there are none."""
    ledger = DatabaseLedger(database)
    pool = ModelPool(settings=settings, database=database)
    idle_since = time.monotonic()
    try:
        while time.monotonic() - idle_since < LINGER_SECONDS:
            with database.reading() as session:
                waiting = unfinished_runs(session)
            for summary in waiting:
                await _run(summary.id, database=database, ledger=ledger, pool=pool)
                idle_since = time.monotonic()
            await asyncio.sleep(POLL_SECONDS)
    finally:
        await pool.aclose()
        ledger.close()


async def _run(run_id: str, *, database: Database, ledger: DatabaseLedger, pool: ModelPool) -> None:
    with database.writing() as session:
        claim = claim_run(session, run_id=run_id)
        saved = get_run(session, run_id=run_id)
    if claim is None:
        return
    log.info("run %s: attempt %s", run_id, claim.attempt)
    events = work(saved, claim, database=database, ledger=ledger, models=pool.of, give_back=True)
    try:
        async with contextlib.aclosing(events):
            async for _ in events:
                pass
    except CopilotError as error:
        # It is saved with the run, where whoever started it reads it.
        log.info("run %s: %s", run_id, error)
    else:
        log.info("run %s: finished", run_id)


async def _main(settings: Settings) -> None:
    task = asyncio.current_task()
    assert task is not None, "this is a coroutine"
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    database = open_database(settings.database_url or settings.home)
    try:
        await run_unfinished(settings=settings, database=database)
    except asyncio.CancelledError:
        log.info("told to end")
    finally:
        database.close()


def main() -> int:
    """Run in the home, and on the database, of the environment; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(message)s")
    try:
        settings = load_settings()
        with FileLock(settings.home / "worker.lock", timeout=LOCK_SECONDS):
            asyncio.run(_main(settings))
    except Timeout:
        return 0
    except CopilotError as error:
        log.error("%s", error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
