"""Who works on a run or a sheet, and whether they still can."""

import os
import socket
import sys
from functools import cache
from pathlib import Path

_OUTSIDE = 0xEFFFFFFC
"""The number that Linux gives to the process namespace outside all containers."""


@cache
def machine_name() -> str:
    """Return where process numbers mean what they mean here: the host, its start, and inside a container the container.

    Machines made from one image may share their name, and so may containers, each of which counts its processes from 1.
    """
    try:
        started = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
        space = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()}/{started}" + ("" if space == _OUTSIDE else f"/{space}")


def worker_name() -> str:
    """Return this process's name, `HOST:PID`."""
    return f"{machine_name()}:{os.getpid()}"


def is_dead(worker: str) -> bool:
    """Say whether the worker is a process of this machine that is no longer there.

    False where that cannot be told: on another machine, or where its number was given to a new process. Its missing
    heartbeat then tells, later.
    """
    host, _, number = worker.rpartition(":")
    if host != machine_name() or not number.isdigit() or sys.platform == "win32":
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
