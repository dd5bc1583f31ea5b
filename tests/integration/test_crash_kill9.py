"""`kill -9` of the whole process group, against a real server on a socket that counts what it is asked.

A killed command that is started again finds the same prompt, and the server sees at most the requests that were in
flight a second time. These count: however often it is killed, the server never sees more than the cap.
"""

import asyncio
import hashlib
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from copilot import Budget, Copilot, RunStatus

CONCURRENCY = 4
"""`RunConfig.concurrency`, and what a server that does not say otherwise is sent at once."""
CAP = 120
PATIENCE = 240.0
LABELS = ("billing", "delivery")
WORDS = ("invoice", "parcel", "refund", "driver", "charge", "late", "price", "door")


class CountingServer:
    """Answers always the same to the same request, after 20 to 50 ms, and keeps count."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        """Generating requests by the hash of their body."""
        self.fastest, self.slowest = 0.02, 0.05

    @property
    def total(self) -> int:
        return sum(self.asked.values())

    @property
    def repeated(self) -> int:
        return self.total - len(self.asked)

    def reaches(self, calls: int) -> Callable[[], bool]:
        """Return a moment: the server has been asked so often."""
        return lambda: self.total >= calls

    async def models(self, _request: Request) -> JSONResponse:
        return JSONResponse({"object": "list", "data": [{"id": "counting", "object": "model", "owned_by": "us"}]})

    async def chat(self, request: Request) -> JSONResponse:
        raw = await request.body()
        digest = hashlib.sha256(raw).hexdigest()
        self.asked[digest] += 1
        share = int(digest[:8], 16) / 0xFFFFFFFF
        await asyncio.sleep(self.fastest + share * (self.slowest - self.fastest))
        return JSONResponse(_answer(json.loads(raw), share))

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/models", self.models),
                Route("/v1/chat/completions", self.chat, methods=["POST"]),
            ]
        )


def _answer(body: dict[str, Any], share: float) -> dict[str, Any]:
    """A model that knows the words of a ticket, the better the plainer it is asked."""
    item = body["messages"][-1]["content"].lower()
    money = sum(item.count(word) for word in WORDS[::2]) - sum(item.count(word) for word in WORDS[1::2])
    knows = share < (0.9 if "label:" in item else 0.6)
    right, wrong = LABELS if (money > 0) == knows else LABELS[::-1]
    text, logprobs = f"{right.capitalize()}.", None
    if body.get("logprobs"):
        shown = [{"token": right, "logprob": -0.3, "bytes": None}, {"token": wrong, "logprob": -1.5, "bytes": None}]
        logprobs = {"content": [{**shown[0], "top_logprobs": shown}]}
    elif "response_format" in body:
        text = json.dumps({"answer": right} if "answer" in json.dumps(body["response_format"]) else {"label": right})
    usage = {"prompt_tokens": len(item.split()), "completion_tokens": 1, "total_tokens": 1 + len(item.split())}
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": logprobs}
    common = {"id": "c", "object": "chat.completion", "created": 0, "model": "counting"}
    return {**common, "choices": [choice], "usage": usage}


@pytest.fixture
def server() -> Iterator[tuple[CountingServer, str]]:
    counting = CountingServer()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(counting.app, log_level="error", ws="none", timeout_graceful_shutdown=1)
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield counting, f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            running.should_exit = True
            thread.join()


def tickets(count: int, *, seed: int = 3) -> list[dict[str, str]]:
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        said = [draw.choice(WORDS) for _ in range(5)]
        money = sum(word in WORDS[::2] for word in said)
        rows.append({"text": f"Ticket {number}: {' '.join(said)}", "label": LABELS[money < 3]})
    return rows


def write_lines(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_task(path: Path) -> Path:
    task = {"name": "tickets", "kind": "classification", "description": "Which team?", "labels": list(LABELS)}
    path.write_text(yaml.safe_dump(task | {"prompt": "Which team has to read this? {text}"}))
    return path


class Command:
    """`falconer` with its own home, in a session of its own, so that all of it can be killed at once."""

    def __init__(self, home: Path, *arguments: str | Path) -> None:
        home.mkdir(exist_ok=True)
        self.home = home
        self._arguments = [str(Path(sys.executable).with_name("falconer")), *map(str, arguments)]
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("FALCONER_")}
        self._environment["FALCONER_HOME"] = str(home)

    def finish(self) -> str:
        """Run to the end; it has to succeed."""
        done = subprocess.run(
            self._arguments, env=self._environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    def kill_when(self, moment: Callable[[], bool]) -> None:
        """Start, `kill -9` the process group at the moment, and check the database."""
        process = subprocess.Popen(
            self._arguments,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for(moment, or_end_of=process)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        check_database(self.home)


def wait_for(moment: Callable[[], bool], *, or_end_of: "subprocess.Popen[bytes] | None" = None) -> None:
    deadline = time.monotonic() + PATIENCE
    while not moment():
        assert or_end_of is None or or_end_of.poll() is None, "the command ended before it was to be killed"
        assert time.monotonic() < deadline, "the moment to kill never came"
        time.sleep(0.002)


def check_database(home: Path) -> None:
    """What a kill leaves is a sound database (or none yet)."""
    if (home / "falconer.db").exists():
        with closing(sqlite3.connect(home / "falconer.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def stored_answers(home: Path) -> int:
    with closing(sqlite3.connect(home / "falconer.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM completions").fetchone()[0])


def found(result: dict[str, Any]) -> dict[str, Any]:
    """What of RESULT.json may not depend on how often the run was killed: all that the search found.

    The calls that were in flight are taken from the holdout.
    """
    return {name: result[name] for name in ("candidates", "dev", "task", "model", "seed", "cross_fitted")}


def spent(result: dict[str, Any]) -> int:
    return sum(int(role["calls"]) for role in result["usage"].values())


def test_improve_killed_again_and_again_finds_the_same_and_keeps_the_cap(
    server: tuple[CountingServer, str], tmp_path: Path
) -> None:
    counting, url = server
    examples = write_lines(tmp_path / "examples.jsonl", tickets(60))
    task = write_task(tmp_path / "task.yaml")

    def improve(name: str) -> tuple[Command, Path, Path]:
        result, saved = tmp_path / f"{name}.json", tmp_path / f"{name}.yaml"
        files = ("--json", result, "--save", saved)
        common = ("improve", task, "--examples", examples, "--model", url, "--max-calls", str(CAP))
        return Command(tmp_path / name, *common, *files), result, saved

    whole, result, saved = improve("whole")
    whole.finish()
    expected = json.loads(result.read_text())
    uninterrupted = counting.total
    assert counting.repeated == 0
    assert uninterrupted == spent(expected) <= CAP

    counting.asked.clear()
    killed, result, saved = improve("killed")
    database = killed.home / "falconer.db"
    in_holdout = uninterrupted - expected["holdout"]["n"]
    searching = random.Random(9).sample(range(1, in_holdout - expected["holdout"]["n"]), 4)
    moments = [database.exists, *(counting.reaches(calls) for calls in [*sorted(searching), in_holdout])]
    for moment in moments:
        killed.kill_when(moment)
        assert not result.exists() and not saved.exists()
    killed.finish()

    ended = json.loads(result.read_text())
    assert found(ended) == found(expected)
    kills = len(moments) - 1
    """The first came before any request."""
    lost = kills * CONCURRENCY
    assert expected["holdout"]["n"] - lost <= ended["holdout"]["n"] <= expected["holdout"]["n"]
    assert yaml.safe_load(saved.read_text())["content_hash"] == ended["template"]["content_hash"]
    assert counting.repeated <= lost
    # What was noted but killed before it left this machine counts as well.
    assert counting.total <= spent(ended) <= min(CAP, counting.total + lost)
    check_database(killed.home)

    before = counting.total
    killed.finish()
    assert counting.total == before, "a finished run asks nothing again"


def test_rows_killed_in_the_middle_are_complete_in_order_and_hardly_asked_twice(
    server: tuple[CountingServer, str], tmp_path: Path
) -> None:
    counting, url = server
    counting.fastest, counting.slowest = 0.001, 0.02
    task = write_task(tmp_path / "task.yaml")
    examples = write_lines(tmp_path / "examples.jsonl", tickets(24))
    saved, output = tmp_path / "saved.yaml", tmp_path / "output.jsonl"
    home = tmp_path / "home"
    common = ("--examples", examples, "--model", url, "--max-calls", "30", "--save", saved)
    Command(home, "improve", task, *common).finish()

    rows = tickets(1000, seed=5)
    source = write_lines(tmp_path / "rows.jsonl", [{"number": str(n), **row} for n, row in enumerate(rows)])
    command = Command(home, "run", saved, "--input", source, "--output", output, "--model", url)
    counting.asked.clear()
    kills = [300, 650]
    for calls in kills:
        command.kill_when(counting.reaches(calls))
    command.finish()

    written = [json.loads(line) for line in output.read_text().splitlines()]
    assert [row["number"] for row in written] == [str(number) for number in range(1000)]
    assert all(row["output"] in LABELS and row["error"] is None for row in written)
    assert [row["text"] for row in written] == [row["text"] for row in rows]
    assert len(counting.asked) == 1000
    assert counting.repeated <= len(kills) * CONCURRENCY

    before = counting.total
    command.finish()
    assert counting.total == before and len(output.read_text().splitlines()) == 1000


def test_a_killed_background_worker_is_gone_on_with_by_resume(
    server: tuple[CountingServer, str], tmp_path: Path
) -> None:
    counting, url = server
    home = tmp_path / "home"
    examples = write_lines(tmp_path / "examples.jsonl", tickets(60))
    with Copilot(home, model=url) as copilot:
        task = copilot.load_task(write_task(tmp_path / "task.yaml"))
        run = copilot.start_run(task, copilot.load_examples(examples, task), budget=Budget(max_calls=CAP))
        wait_for(counting.reaches(40))
        worker = copilot.runs()[0].worker
        os.killpg(int(worker.rpartition(":")[2]), signal.SIGKILL)
        check_database(home)
        stored = stored_answers(home)
        assert copilot.runs()[0].status is RunStatus.RUNNING

        result = tmp_path / "result.json"
        Command(home, "resume", "--json", result).finish()
        ended = json.loads(result.read_text())
        assert ended["run"] == run.id
        assert ended["replayed_calls"] == stored >= 40 - CONCURRENCY
        assert counting.repeated <= CONCURRENCY
        assert counting.total <= spent(ended) <= CAP
        assert copilot.runs()[0].status is RunStatus.FINISHED


@pytest.mark.model
def test_the_embedded_model_pays_no_answer_twice(tmp_path: Path) -> None:
    home, cap = tmp_path / "home", 24
    task = write_task(tmp_path / "task.yaml")
    examples = write_lines(tmp_path / "examples.jsonl", tickets(20))
    result, saved = tmp_path / "result.json", tmp_path / "saved.yaml"
    files = ("--json", result, "--save", saved)
    arguments = ("improve", task, "--examples", examples, "--model", "embedded", "--max-calls", str(cap))
    command = Command(home, *arguments, *files)
    try:
        command.kill_when(lambda: (home / "falconer.db").exists() and _answered(home) >= 8)
        stored = stored_answers(home)
        command.finish()
    finally:
        for state in home.glob("embedded/*/server.json"):
            os.kill(json.loads(state.read_text())["pid"], signal.SIGTERM)
    ended = json.loads(result.read_text())
    assert ended["replayed_calls"] == stored >= 8
    assert stored < stored_answers(home) <= spent(ended) <= cap
    check_database(home)


def _answered(home: Path) -> int:
    try:
        return stored_answers(home)
    except sqlite3.OperationalError:
        return 0  # its tables are not made yet
