"""The background worker: one process for each home, which takes up unfinished runs until none is left."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

from copilot.errors import CopilotError
from copilot.storage.database import Database, open_database
from copilot.storage.ledger import DatabaseLedger
from copilot.storage.runs import claim_run, get_run, unfinished_runs
from copilot.worker.models import ModelPool
from copilot.worker.working import work

DATABASE_VARIABLE = "FALCONER_DATABASE"
LOCK_SECONDS = 10.0
"""A second worker waits so long: the first may be about to leave without having seen the newest run."""
LINGER_SECONDS = 2.0
POLL_SECONDS = 0.5

log = logging.getLogger("copilot.worker")


async def run_unfinished(*, home: Path, database: Database) -> None:
    """Work on the runs that wait or have lost their worker, oldest first, until there are none."""
    ledger = DatabaseLedger(database)
    pool = ModelPool(home=home, database=database)
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


async def _main(home: Path, target: str | Path) -> None:
    task = asyncio.current_task()
    assert task is not None, "this is a coroutine"
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    database = open_database(target)
    try:
        await run_unfinished(home=home, database=database)
    except asyncio.CancelledError:
        log.info("told to end")
    finally:
        database.close()


def main(arguments: list[str]) -> int:
    """Run in the home that is named; return the exit code.

    The database's URL comes by the environment, since it may hold a password and arguments are seen by all.
    """
    home = Path(arguments[0])
    target = os.environ.get(DATABASE_VARIABLE) or home
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(message)s")
    try:
        with FileLock(home / "worker.lock", timeout=LOCK_SECONDS):
            asyncio.run(_main(home, target))
    except Timeout:
        return 0
    except CopilotError as error:
        log.error("%s", error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
