"""The application in a process of its own, as people start it, over a home that only this test knows."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class AppServer:
    """One server on one home; it can be killed and started again at the same address.

    Args:
        home: folder of the database.
        model: the value of FALCONER_MODEL.
        environment: further variables.
    """

    def __init__(self, home: Path, *, model: str = "fake", environment: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.port = free_port()
        self._environment = {
            **os.environ,
            "FALCONER_HOME": str(home),
            "FALCONER_MODEL": model,
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it said so far."""
        file = self.home / "server.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def start(self) -> None:
        """Start, and wait until it answers.

        Raises:
            RuntimeError: it ended, or did not answer in time; the message is its log.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.server", "--port", str(self.port), "--no-browser"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The application did not start:\n{self.log}")
            # A refused connection returns at once: this is the pause between two knocks, not a guess at readiness.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    @property
    def memory(self) -> int:
        """Bytes of the server process that lie in memory now."""
        assert self._process is not None, "the server was started"
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) * 1024

    def kill(self) -> None:
        """End the server and all that it started as a power cut would: nothing is put away."""
        for number in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def processes(self) -> Iterator[int]:
        """Yield the processes that work on this home: the server, its worker, its model server."""
        mark = f"FALCONER_HOME={self.home}\0".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if int(folder.name) != os.getpid() and mark in (folder / "environ").read_bytes() + b"\0":
                    yield int(folder.name)

    def close(self) -> None:
        """End everything that was started."""
        self.kill()


Serve = Callable[..., AppServer]
"""What starts a server on a home: see the fixture `serve`."""
