"""Runs one system in one cell through the harness's counting server."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.compare.records import Cell, Record, allowance

START_SECONDS = 120
FALCONER = Path(sys.executable).with_name("falconer")


@dataclass(frozen=True)
class Bench:
    """Where everything is."""

    harness: Path
    """Folder with the counting server, the scorer, and the scripts of both sides."""
    data: Path
    """Folder of folders by kind of task, each with its sets."""
    peers_python: Path
    """Interpreter that has DSPy, and what the counting server needs."""
    logs: Path
    test: int
    port: int
    threads: int

    def folder(self, cell: Cell) -> Path:
        """Return the set's folder."""
        return self.data / cell.task / cell.data

    @contextmanager
    def serving(self, weights: Path) -> Iterator[str]:
        """Run the counting server with a model; yield its URL."""
        url = f"http://127.0.0.1:{self.port}"
        arguments: list[str | Path] = [self.harness / "serve.py", weights]
        arguments += ["--port", str(self.port), "--threads", str(self.threads)]
        with (self.logs / f"server-{self.port}.log").open("w", encoding="utf-8") as log:
            server = subprocess.Popen(
                [self.peers_python, *arguments],
                stdout=log,
                stderr=log,
                env=os.environ | {"OMP_WAIT_POLICY": "passive"},
            )
            try:
                _wait_for(url)
                yield url
            finally:
                server.terminate()
                with suppress(subprocess.TimeoutExpired):
                    server.wait(30)
                server.kill()

    def peer(self, cell: Cell, optimizer: str, url: str) -> Record:
        """Measure one of DSPy's optimisers at its native settings."""
        arguments = ["--optimizer", optimizer]
        return self._measured(cell, optimizer, url, script="peer_dspy.py", arguments=arguments)

    def ours(self, cell: Cell, share: str, best: Record, url: str) -> Record:
        """Measure ours, capped at a share of the best peer's calls and tokens."""
        calls, tokens = allowance(best, share)
        arguments = ["--max-calls", str(calls), "--max-tokens", str(tokens)]
        return self._measured(cell, f"ours-{share}", url, script="ours.py", arguments=arguments)

    def _measured(self, cell: Cell, system: str, url: str, *, script: str, arguments: list[str]) -> Record:
        log_file = self.logs / f"{cell.model}-{cell.data}-{cell.seed}-{system}.log"
        with tempfile.TemporaryDirectory() as folder, log_file.open("w", encoding="utf-8") as log:
            rows_file, figures_file = Path(folder) / "rows.json", Path(folder) / "figures.jsonl"
            command: list[str | Path] = [self.peers_python, Path(__file__).with_name("rows_recorder.py"), rows_file]
            command += [self.harness / script, "--task", cell.task, "--data", self.folder(cell), "--url", url]
            command += ["--seed", str(cell.seed), "--test", str(self.test), "--out", figures_file, *arguments]
            environment = os.environ | {"FALCONER": str(FALCONER)}
            done = subprocess.run(command, stdout=log, stderr=log, env=environment, check=False)
            if done.returncode:
                raise SystemExit(f"{system} on {cell} ended with exit code {done.returncode}; see {log_file}.")
            rows: dict[str, float] = json.loads(rows_file.read_text(encoding="utf-8"))
            figures: dict[str, Any] = json.loads(figures_file.read_text(encoding="utf-8"))
        lines = (self.folder(cell) / "test.jsonl").read_text(encoding="utf-8").splitlines()
        record = Record(
            cell=cell,
            system=system,
            rows=rows,
            n=min(self.test, len(lines)),
            cost=figures["cost"],
            use=figures["test_cost"],
            seconds=figures["seconds"],
            extra={key: figures[key] for key in ("before", "verdict", "holdout") if key in figures},
        )
        if abs(record.score - figures["after"]) > 1e-3:
            raise SystemExit(f"{system} on {cell}: the rows sum up to {record.score}, the harness says {figures}.")
        return record


def _wait_for(url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/probe/health", timeout=5).is_success:
                return
        time.sleep(0.5)
    raise SystemExit(f"The counting server did not answer at {url} within {START_SECONDS} s.")
