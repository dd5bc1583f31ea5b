"""Who works on a run, and whether they still can."""

import os
import socket
import sys


def worker_name() -> str:
    """Return this process's name, `HOST:PID`."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_dead(worker: str) -> bool:
    """Say whether the worker is a process of this machine that is no longer there.

    False where that cannot be told: on another machine, or where its number was given to a new process. Its missing
    heartbeat then tells, later.
    """
    host, _, number = worker.rpartition(":")
    if host != socket.gethostname() or not number.isdigit() or sys.platform == "win32":
        return False
    try:
        # Signal 0 is not sent; the call only says whether the process exists.
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
