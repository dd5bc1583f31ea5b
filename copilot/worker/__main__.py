"""The background worker.

`python -m copilot.worker` is started by whatever needs it: one process for each home, which takes up unfinished work
until none is left. With `--stay` it is the operator's: as many as wanted, on as many machines, until told to end.
"""

import argparse
import asyncio
import contextlib
import logging
import signal
import sys

from filelock import FileLock, Timeout

from copilot.errors import CopilotError
from copilot.settings import Settings, load_settings
from copilot.storage.database import open_database
from copilot.worker.lanes import Worker

LOCK_SECONDS = 10.0
"""A second worker waits so long: the first may be about to leave without having seen the newest run."""

log = logging.getLogger("copilot.worker")


async def _main(settings: Settings, *, stay: bool) -> None:
    task = asyncio.current_task()
    assert task is not None, "this is a coroutine"
    with contextlib.suppress(NotImplementedError):
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    database = open_database(settings.database_url or settings.home)
    try:
        await Worker(settings=settings, database=database, stay=stay).run()
    except asyncio.CancelledError:
        log.info("told to end")
    finally:
        database.close()


def main(*, stay: bool = False) -> int:
    """Run in the home, and on the database, of the environment; return the exit code.

    Args:
        stay: wait for more work until told to end by SIGTERM or Ctrl-C.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(message)s")
    try:
        settings = load_settings()
        alone = contextlib.nullcontext() if stay else FileLock(settings.home / "worker.lock", timeout=LOCK_SECONDS)
        with alone:
            asyncio.run(_main(settings, stay=stay))
    except Timeout:
        return 0
    except CopilotError as error:
        log.error("%s", error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(prog="python -m copilot.worker", description=__doc__)
    arguments.add_argument("--stay", action="store_true", help="wait for more work until told to end")
    sys.exit(main(stay=arguments.parse_args().stay))
