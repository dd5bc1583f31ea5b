"""The process in which the embedded model runs; started by `copilot.models.embedded_server` by its path.

It stands alone (nothing of the product is imported), so that it starts fast and stays small. Protocol, in its folder:
`server.json` (mode 0600: url, key, pid) is there while it serves; every user holds a lock on a file of its own in
`users/`, which the system releases even when the user is killed. Without users for `linger` seconds, or without its
`server.json`, the process ends.
"""

import contextlib
import json
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

POLL_SECONDS = 0.5


def main(folder: Path, options: dict[str, Any]) -> None:
    """Serve until nobody needs it."""
    key = secrets.token_urlsafe(32)
    server = start(options, key)
    state = folder / "server.json"
    write_private(state, {"url": server.listening_address, "key": key, "pid": os.getpid(), "options": options})
    signal.signal(signal.SIGTERM, lambda _number, _frame: end(state))
    idle_since = time.monotonic()
    while True:
        time.sleep(POLL_SECONDS)
        if not is_mine(state):
            os._exit(0)
        if in_use(folder / "users"):
            idle_since = time.monotonic()
        elif time.monotonic() - idle_since >= options["linger"]:
            end_unless_joined(folder, state)


def start(options: dict[str, Any], key: str) -> Any:
    """Start llama.cpp's server in this process, on a free port of the loopback interface."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = options["weights"]
    params.n_parallel = options["parallel"]
    params.n_ctx = options["context"] * options["parallel"]
    params.cpuparams.n_threads = options["threads"]
    params.cpuparams_batch.n_threads = options["threads"]
    params.n_batch = params.n_ubatch = 256  # a cancelled prompt stops after this many tokens
    params.cache_ram_mib = 256
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.cors_origins = ""
    params.endpoint_slots = False
    params.ui = False
    params.verbosity = -1  # its log would hold prompts
    return xllamacpp.Server(params)


def in_use(users: Path) -> bool:
    """Whether a live process holds one of the users' locks; forgets those of dead ones."""
    for file in users.glob("*.lock"):
        try:
            with FileLock(file, timeout=0):
                pass
        except Timeout:
            return True
        except OSError:
            continue
        file.unlink(missing_ok=True)
    return False


def end_unless_joined(folder: Path, state: Path) -> None:
    """End, unless somebody is joining at this moment: joining and leaving exclude each other."""
    with contextlib.suppress(Timeout), FileLock(folder / "start.lock", timeout=0):
        if not in_use(folder / "users"):
            end(state)


def end(state: Path) -> None:
    """Leave at once: tearing the server down waits for requests in flight, and it has nothing to save."""
    if is_mine(state):
        state.unlink(missing_ok=True)
    os._exit(0)


def is_mine(state: Path) -> bool:
    """Whether this process is the one that the folder's users know."""
    try:
        return bool(json.loads(state.read_text())["pid"] == os.getpid())
    except (OSError, ValueError, KeyError):
        return False


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Write a file that only this user can read; whoever sees it sees it whole."""
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file)
    draft.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
