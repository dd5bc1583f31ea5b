"""Starts the embedded model's process, or joins the one that another process of this home has started."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from filelock import FileLock, Timeout
from pydantic import Field

from copilot.errors import ModelServerFault
from tasks.model import Frozen

CHILD = Path(__file__).with_name("embedded_child.py")
START_SECONDS = 120.0
POLL_SECONDS = 0.05


def spare_threads() -> int:
    """Return all cores but one, at least one: a thread without a core of its own slows all the others down."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, cores - 1)


class ServerOptions(Frozen):
    """How the embedded server runs; one server is shared by all who ask for equal options in one home."""

    weights: Path | None = None
    """A GGUF file; None: the one that comes with the product."""
    parallel: int = Field(default=1, ge=1)
    """Requests that are answered at once. Each place has a prefix cache of its own, so that with a shared prefix and
    short answers one is fastest; long answers without a shared prefix gain from up to eight."""
    context: int = Field(default=4096, ge=256)
    """Tokens of prompt and answer together, per request."""
    threads: int = Field(default_factory=spare_threads, ge=1)
    linger: float = Field(default=15.0, ge=0)
    """Seconds that it stays after its last user has left, so that the next command finds it warm."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """One user's hold on a running server."""

    url: str
    key: str
    pid: int
    _lock: FileLock

    def release(self) -> None:
        """Leave; the server ends by itself when nobody is left."""
        self._lock.release()


def join_server(home: Path, options: ServerOptions) -> Lease:
    """Return a hold on the home's server for these options, which is started if need be. Blocks.

    Raises:
        ModelServerFault: it does not start.
    """
    digest = hashlib.sha256(options.model_dump_json().encode()).hexdigest()[:12]
    folder = home / "embedded" / digest
    (folder / "users").mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with FileLock(folder / "start.lock", timeout=START_SECONDS, thread_local=False):
            state = _running(folder) or _start(folder, options)
            lock = FileLock(folder / "users" / f"{uuid4().hex}.lock", thread_local=False)
            lock.acquire(timeout=1)
    except Timeout as error:
        raise ModelServerFault(f"Another process has been starting the embedded model in '{home}' too long.") from error
    return Lease(url=state["url"], key=state["key"], pid=state["pid"], _lock=lock)


def _running(folder: Path) -> dict[str, Any] | None:
    """Return the state of a server that answers and knows its key."""
    try:
        state: dict[str, Any] = json.loads((folder / "server.json").read_text())
        headers = {"authorization": f"Bearer {state['key']}"}
        answer = httpx2.get(f"{state['url']}/v1/models", headers=headers, timeout=10, trust_env=False)
    except (OSError, ValueError, KeyError, httpx2.HTTPError):
        return None
    return state if answer.status_code == 200 else None


def _start(folder: Path, options: ServerOptions) -> dict[str, Any]:
    state, log = folder / "server.json", folder / "server.log"
    state.unlink(missing_ok=True)  # a hung predecessor ends when its file is gone
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-P", str(CHILD), str(folder), options.model_dump_json()],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=os.environ | {"OMP_WAIT_POLICY": "passive"},
        )
    # It may outlive this process; while this process lives, somebody has to take note of its end.
    threading.Thread(target=child.wait, daemon=True).start()
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if state.exists():
            found: dict[str, Any] = json.loads(state.read_text())
            return found
        if child.poll() is not None:
            break
        time.sleep(POLL_SECONDS)
    child.kill()
    raise ModelServerFault(
        f"The embedded model did not start with the weights '{options.weights}'; its log is in '{log}'."
    )
