"""What worker processes cost and give: on SQLite and PostgreSQL, with the fake model, so that nothing else is measured.

    python benchmarks/workers.py                          1, 4 and 8 workers on both databases
    python benchmarks/workers.py --workers 4 --database postgres
    python benchmarks/workers.py --away                   and how long a killed worker of another machine is waited for

PostgreSQL is a throwaway server (Debian: apt-get install postgresql). `--away` needs root: the worker that is killed
runs in a process namespace of its own, so that the others cannot see that it is gone. Exit code 1 where a row was lost
or saved twice, or a kill was not made good.
"""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from copilot import Copilot
from copilot.domain.completion import Decoding
from copilot.domain.prompt import PromptTemplate
from copilot.service.sheet_handles import Sheet
from tasks.model import OutputContract, TaskKind

TEMPLATE = PromptTemplate(
    kind=TaskKind.CUSTOM,
    variables=("text",),
    item="{{text}}",
    contract=OutputContract(form="text"),
    decoding=Decoding(max_tokens=8),
)
IDLE_SECONDS = 10.0
SUBMITS = 10
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """One number of workers on one database."""

    start_median: float
    start_worst: float
    shards_per_second: float
    idle_cpu_percent: float
    idle_transactions: float | None
    takeover: float
    away: float | None
    sound: bool


@contextmanager
def postgres() -> Iterator[str]:
    """Give the URL of an empty database on a throwaway server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        sys.exit("PostgreSQL's programs are not installed: apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as name:
        user = "postgres" if os.geteuid() == 0 else None
        if user:
            shutil.chown(name, user)

        def call(program: str, *arguments: str) -> None:
            command = [str(found[-1].parent / program), "-D", f"{name}/data", *arguments]
            subprocess.run(command, user=user, cwd=name, stdout=subprocess.DEVNULL, check=True)

        call("initdb", "-U", "falconer", "-A", "trust", "-E", "UTF8")
        call("pg_ctl", "start", "-w", "-l", f"{name}/log", "-o", f"-k {name} -c listen_addresses=")
        try:
            yield f"postgresql://falconer@/postgres?host={name}"
        finally:
            call("pg_ctl", "stop", "-w", "-m", "immediate")


class Crew:
    """Worker processes of one installation."""

    def __init__(self, home: Path, url: str) -> None:
        self._environment = os.environ | {"FALCONER_HOME": str(home), "FALCONER_DATABASE_URL": url}
        self._running: list[subprocess.Popen[bytes]] = []

    def add(self, *, before: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        """Start one more."""
        command = [*before, sys.executable, "-m", "copilot.worker", "--stay"]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, env=self._environment, stderr=quiet, start_new_session=True)
        self._running.append(process)
        return process

    def cpu_seconds(self) -> float:
        """Return the processor time that all have used."""
        total = 0
        for process in self._running:
            fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill one and all it has started at once."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._running.remove(process)

    def end(self) -> None:
        """Tell all to end."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(timeout=60)


def rows(count: int) -> list[dict[str, str]]:
    """Return so many different rows."""
    return [{"text": f"row {n} of an invented sheet"} for n in range(count)]


def submit(copilot: Copilot, count: int) -> Sheet:
    """Submit so many rows."""
    return copilot.sheets.submit("echo", rows(count), model="fake")


def start_times(copilot: Copilot) -> list[float]:
    """Return the seconds from submitting one row to its start."""
    found = []
    for _ in range(SUBMITS):
        sheet = submit(copilot, 1)
        submitted = time.time()
        begun = sheet.wait().progress().started_at
        assert begun is not None, "it is finished"
        found.append(max(0.0, begun.timestamp() - submitted))
    return found


def query(copilot: Copilot, statement: str, **values: object) -> list[tuple[object, ...]]:
    """Ask the database something that the product does not."""
    with copilot.workspace.database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement), values)]


def transactions(copilot: Copilot) -> float | None:
    """Return how many transactions a PostgreSQL server has seen; None: it is SQLite."""
    if copilot.workspace.database.is_sqlite:
        return None
    found = query(
        copilot, "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
    )
    return float(str(found[0][0]))


def idle_cost(copilot: Copilot, crew: Crew, workers: int) -> tuple[float, float | None]:
    """Return what one idle worker takes: percent of a core, transactions a second."""
    time.sleep(1.5)
    cpu, seen = crew.cpu_seconds(), transactions(copilot)
    time.sleep(IDLE_SECONDS)
    share = 100 * (crew.cpu_seconds() - cpu) / IDLE_SECONDS / workers
    after = transactions(copilot)
    return share, None if seen is None or after is None else (after - seen) / IDLE_SECONDS / workers


def takeover(copilot: Copilot, crew: Crew, victim: subprocess.Popen[bytes], count: int) -> float:
    """Kill the worker that was added last in the middle of a sheet; return the seconds until others have all it had."""
    before = {str(name) for (name,) in query(copilot, "SELECT DISTINCT worker FROM sheet_shards")}
    sheet = submit(copilot, count)
    running = "SELECT id, worker FROM sheet_shards WHERE sheet_id = :sheet AND status = 'running'"
    held: list[tuple[object, ...]] = []
    while not held:
        if sheet.progress().done == count:
            # It was faster than the new worker's start.
            sheet = submit(copilot, count)
        held = [row for row in query(copilot, running, sheet=sheet.id) if str(row[1]) not in before]
    crew.kill(victim)
    killed = time.monotonic()
    while any(row in held for row in query(copilot, running, sheet=sheet.id)):
        time.sleep(0.01)
    seconds = time.monotonic() - killed
    sheet.wait()
    return seconds


def is_sound(copilot: Copilot) -> bool:
    """Say whether every row of every sheet has one answer and was counted once."""
    answers = {name: n for name, n in query(copilot, "SELECT sheet_id, count(*) FROM sheet_answers GROUP BY sheet_id")}
    states = copilot.sheets.list(limit=1000)
    return all(state.done == state.total == state.usage.calls == answers[state.id] for state in states)


def measure(url: str, *, workers: int, count: int, away: bool) -> Measured:
    """Start so many workers on a database and measure."""
    with tempfile.TemporaryDirectory() as home, Copilot(home, database=url) as copilot:
        copilot.workspace.upgrade()
        copilot.save_template("echo", TEMPLATE)
        crew = Crew(Path(home), url)
        try:
            for _ in range(workers):
                crew.add()
            submit(copilot, 500 * workers).wait()
            starts = start_times(copilot)
            sheet = submit(copilot, count)
            state = sheet.wait().progress()
            assert state.started_at is not None and state.finished_at is not None, "it is finished"
            shards = len(query(copilot, "SELECT id FROM sheet_shards WHERE sheet_id = :sheet", sheet=sheet.id))
            share, asked = idle_cost(copilot, crew, workers)
            same = takeover(copilot, crew, crew.add(), count)
            gone = None
            if away:
                alone = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
                gone = takeover(copilot, crew, crew.add(before=alone), count)
            return Measured(
                start_median=statistics.median(starts),
                start_worst=max(starts),
                shards_per_second=shards / (state.finished_at - state.started_at).total_seconds(),
                idle_cpu_percent=share,
                idle_transactions=asked,
                takeover=same,
                away=gone,
                sound=is_sound(copilot),
            )
        finally:
            crew.end()


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--database", choices=["sqlite", "postgres"], nargs="+", default=["sqlite", "postgres"])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--away", action="store_true")
    given = parser.parse_args()
    os.environ["FALCONER_START_WORKER"] = "false"
    print(
        f"{'database':9} {'workers':>7} {'start s':>8} {'worst':>6} {'shards/s':>9} {'rows/s':>7} {'idle CPU %':>11} "
        f"{'idle tx/s':>10} {'takeover s':>11} {'away s':>7}"
    )
    sound = True
    for kind in given.database:
        for workers in given.workers:
            with tempfile.TemporaryDirectory() as folder:
                if kind == "sqlite":
                    found = measure(f"sqlite:///{folder}/x.db", workers=workers, count=given.rows, away=given.away)
                else:
                    with postgres() as url:
                        found = measure(url, workers=workers, count=given.rows, away=given.away)
            sound &= found.sound
            asked = "-" if found.idle_transactions is None else f"{found.idle_transactions:.1f}"
            gone = "-" if found.away is None else f"{found.away:.1f}"
            print(
                f"{kind:9} {workers:>7} {found.start_median:>8.2f} {found.start_worst:>6.2f} "
                f"{found.shards_per_second:>9.1f} {100 * found.shards_per_second:>7,.0f} "
                f"{found.idle_cpu_percent:>11.1f} {asked:>10} {found.takeover:>11.2f} {gone:>7} "
                f"{'' if found.sound else 'UNSOUND'}",
                flush=True,
            )
    print("no row lost, none saved or counted twice" if sound else "rows were lost or saved twice")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
