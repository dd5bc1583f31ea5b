"""Who works on a run, and whether they still can."""

import os
import socket
import sys
from pathlib import Path


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
    return _is_zombie(int(number))


def _is_zombie(number: int) -> bool:
    """Say whether the process has ended but its parent has not taken note; False where the system does not tell."""
    try:
        # The program's name stands in parentheses and may hold anything; the state is the first letter after it.
        state = Path(f"/proc/{number}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state in ("Z", "X")
