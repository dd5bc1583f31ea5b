"""Sheets in the background, on both databases, against a server on a socket that counts what it is asked."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from sqlmodel import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from copilot import Copilot, CopilotError, RunStatus, UserError
from copilot.domain.completion import Decoding
from copilot.domain.prompt import PromptTemplate
from copilot.domain.saved import ModelConnection
from copilot.errors import ImportRefused, ModelConfigError, TemplateError
from copilot.evaluation.rows import ROWS_PER_SLOT
from copilot.models.limits import DEFAULT_CONCURRENCY
from copilot.service.sheet_handles import Sheet
from copilot.storage.connections import save_connection
from copilot.storage.database import Database
from copilot.storage.tables import ShardRow
from copilot.worker.lanes import SHARD_LANES, Worker
from tasks.model import OutputContract, TaskKind

UNDER_WAY = SHARD_LANES * ROWS_PER_SLOT * DEFAULT_CONCURRENCY
"""Rows that one worker has sent, or has the answer of, and has not saved yet."""
PATIENCE = 120.0
TEMPLATE = PromptTemplate(
    kind=TaskKind.CUSTOM,
    variables=("text",),
    item="Echo: {{text}}",
    contract=OutputContract(form="text"),
    decoding=Decoding(max_tokens=50),
)


class EchoServer:
    """Answers with the row's own text; refuses a row that begins with `refused`."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.seconds = 0.0
        self.refused = "bad"

    @property
    def total(self) -> int:
        return sum(self.asked.values())

    async def models(self, _request: Request) -> JSONResponse:
        return JSONResponse({"object": "list", "data": [{"id": "echo", "object": "model", "owned_by": "us"}]})

    async def chat(self, request: Request) -> JSONResponse:
        text = json.loads(await request.body())["messages"][-1]["content"].removeprefix("Echo: ")
        self.asked[text] += 1
        await asyncio.sleep(self.seconds)
        if text.startswith(self.refused):
            return JSONResponse({"error": {"message": "too odd", "type": "invalid"}}, status_code=400)
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
        return JSONResponse(
            {"id": "c", "object": "chat.completion", "created": 0, "model": "echo", "choices": [choice], "usage": usage}
        )


@pytest.fixture
def server() -> Iterator[tuple[EchoServer, str]]:
    echo = EchoServer()
    routes = [Route("/v1/models", echo.models), Route("/v1/chat/completions", echo.chat, methods=["POST"])]
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(Starlette(routes=routes), log_level="error", ws="none", timeout_graceful_shutdown=1)
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield echo, f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            running.should_exit = True
            thread.join()


@pytest.fixture
def copilot(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copilot]:
    """An installation whose operator keeps the workers: nothing starts one by itself."""
    monkeypatch.setenv("FALCONER_START_WORKER", "false")
    url = database.engine.url.render_as_string(hide_password=False)
    with Copilot(tmp_path / "home", database=url) as opened:
        opened.save_template("echo", TEMPLATE)
        yield opened


def rows(count: int) -> list[dict[str, str]]:
    return [{"number": str(n), "text": f"row {n}"} for n in range(count)]


def work(copilot: Copilot) -> None:
    """Work in this process until there is nothing to do."""
    settings, database = copilot.workspace.settings, copilot.workspace.database
    asyncio.run(Worker(settings=settings, database=database).run())


@contextmanager
def workers(copilot: Copilot, count: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Processes as an operator keeps them."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FALCONER_")}
    environment["FALCONER_HOME"] = str(copilot.workspace.home)
    environment["FALCONER_DATABASE_URL"] = copilot.workspace.settings.database_url
    command = [sys.executable, "-m", "copilot.worker", "--stay"]
    started = [subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        assert all(process.wait(timeout=30) in (0, -signal.SIGKILL) for process in started)


def wait_for(moment: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not moment():
        assert time.monotonic() < deadline, "the moment never came"
        time.sleep(0.01)


def attempts(copilot: Copilot, sheet: Sheet) -> dict[range, int]:
    """How often each part of the sheet was taken, by its rows."""
    with copilot.workspace.database.reading() as session:
        found = session.exec(select(ShardRow).where(ShardRow.sheet_id == sheet.id)).all()
    return {range(shard.first_row, shard.first_row + shard.total): shard.attempt for shard in found}


def test_kill_of_one_of_two_workers_loses_no_row_and_repeats_only_those_in_flight(
    copilot: Copilot, server: tuple[EchoServer, str], tmp_path: Path
) -> None:
    echo, url = server
    echo.seconds = 0.03
    source = tmp_path / "rows.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows(700)))
    sheet = copilot.sheets.submit("echo", source, model=url)
    with workers(copilot, 2) as [first, _second]:
        wait_for(lambda: sheet.progress().workers == 2 and echo.total > 150)
        first.kill()
        assert sheet.status is RunStatus.RUNNING
        sheet.wait(timeout=PATIENCE)
    state = sheet.progress()
    assert (state.done, state.errors, state.workers, state.usage.calls) == (700, 0, 0, 700)
    assert state.finished_at is not None
    sheet.result(tmp_path / "out.jsonl")
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert written == [{**row, "output": row["text"], "error": None} for row in rows(700)]
    again = {int(text.removeprefix("row ")) for text, times in echo.asked.items() if times > 1}
    taken_over = [part for part, times in attempts(copilot, sheet).items() if times > 1]
    assert 1 <= len(taken_over) <= 2, "a worker has two parts at a time"
    assert all(any(row in part for part in taken_over) for row in again)
    assert len(again) <= UNDER_WAY
    assert echo.total == 700 + len(again), "none was asked three times"


def test_a_row_that_fails_has_an_error_and_the_others_an_answer(
    copilot: Copilot, server: tuple[EchoServer, str], tmp_path: Path
) -> None:
    _, url = server
    given = [{"text": text, "output": "old"} for text in ("good", "bad one", "", "caf\u00e9 \x00 =1+1", "last")]
    sheet = copilot.sheets.submit("echo", given, model=url, name="five rows")
    assert sheet.status is RunStatus.QUEUED
    with pytest.raises(UserError, match=r"five rows is queued: 0 of 5 rows are done"):
        sheet.result(tmp_path / "early.csv")
    work(copilot)
    state = sheet.progress()
    assert (state.status, state.done, state.errors, state.name) == (RunStatus.FINISHED, 5, 2, "five rows")
    assert [line.row for line in sheet.rows(failed=True)] == [1, 2]
    assert [line.row for line in sheet.rows(failed=False, after=0, limit=1)] == [3]
    sheet.result(tmp_path / "out.jsonl")
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["output"] is None for row in written] == [False, True, True, False, False]
    assert "too odd" in written[1]["error"]
    assert "is empty" in written[2]["error"]
    assert {row["output (input)"] for row in written} == {"old"}
    assert [line.inputs for line in sheet.rows()] == given
    assert copilot.sheets.list() == (state,)
    with pytest.raises(UserError, match=r"\.docx"):
        sheet.result(tmp_path / "out.docx")
    sheet.delete()
    with pytest.raises(UserError, match="no sheet"):
        copilot.sheets.get(sheet.id)
    assert [path.name for path in tmp_path.glob("out*")] == ["out.jsonl"], "nothing unfinished is left"


def test_rows_that_failed_are_asked_again_and_the_others_are_not(
    copilot: Copilot, server: tuple[EchoServer, str], tmp_path: Path
) -> None:
    echo, url = server
    given = [{"text": "bad luck" if n in (3, 120) else f"row {n}"} for n in range(150)] + [{"text": ""}]
    sheet = copilot.sheets.submit("echo", given, model=url)
    work(copilot)
    first = sheet.progress()
    assert (first.status, first.done, first.errors) == (RunStatus.FINISHED, 151, 3)
    before = echo.asked.copy()
    echo.refused = "nothing"
    assert sheet.retry_failed() == 3
    waiting = sheet.progress()
    assert (waiting.status, waiting.done, waiting.errors) == (RunStatus.QUEUED, 148, 0)
    assert waiting.finished_at is None
    work(copilot)
    state = sheet.progress()
    assert (state.status, state.done, state.errors) == (RunStatus.FINISHED, 151, 1)
    assert state.usage.calls == first.usage.calls + 2
    assert echo.asked - before == {"bad luck": 2}
    assert [line.row for line in sheet.rows(failed=True)] == [150]
    sheet.result(tmp_path / "out.jsonl")
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["output"] for row in written] == [row["text"] or None for row in given]


def test_a_cancelled_sheet_keeps_its_rows_and_goes_on(
    copilot: Copilot, server: tuple[EchoServer, str], tmp_path: Path
) -> None:
    echo, url = server
    echo.seconds = 0.02
    sheet = copilot.sheets.submit("echo", rows(600), model=url)
    waiting = copilot.sheets.submit("echo", rows(3), model=url)
    waiting.cancel()
    assert waiting.status is RunStatus.STOPPED
    with workers(copilot, 1):
        wait_for(lambda: sheet.progress().done > 50)
        with pytest.raises(UserError, match="Cancel it first"):
            sheet.delete()
        sheet.cancel()
        with pytest.raises(CopilotError, match="cancelled"):
            sheet.wait(timeout=PATIENCE)
        done = sheet.progress().done
        assert 50 < done < 600
        sheet.result(tmp_path / "part.csv", partial=True)
        assert len((tmp_path / "part.csv").read_text().splitlines()) == 1 + done
        sheet.resume()
        sheet.wait(timeout=PATIENCE)
        assert waiting.progress().done == 0
    assert sheet.progress().done == 600
    assert sum(times > 1 for times in echo.asked.values()) <= UNDER_WAY


def test_a_model_that_is_missing_is_told_in_a_sentence(copilot: Copilot, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelConfigError, match="No model is called 'nonsense'"):
        copilot.sheets.submit("echo", rows(3), model="nonsense")
    house = ModelConnection(name="house", kind="openai", url="http://127.0.0.1:9/v1", key_variable="HOUSE_KEY")
    with copilot.workspace.database.writing() as session:
        save_connection(session, connection=house)
    monkeypatch.setenv("HOUSE_KEY", "secret")
    sheet = copilot.sheets.submit("echo", rows(300), model="house")
    # The worker's machine has no such key.
    monkeypatch.delenv("HOUSE_KEY")
    work(copilot)
    state = sheet.progress()
    assert state.status is RunStatus.FAILED
    assert "HOUSE_KEY" in state.error and state.error.count(".") <= 5
    assert state.done == 0
    with pytest.raises(CopilotError, match="HOUSE_KEY"):
        sheet.wait()


def test_a_server_that_is_away_fails_the_sheet_until_it_is_back(
    copilot: Copilot, server: tuple[EchoServer, str]
) -> None:
    _, url = server
    sheet = copilot.sheets.submit("echo", rows(30), model="http://127.0.0.1:9/v1")
    work(copilot)
    assert sheet.status is RunStatus.FAILED
    assert "127.0.0.1:9" in sheet.progress().error
    assert [line.result for line in sheet.rows()] == [None] * 30
    back = ModelConnection(name="back", kind="openai", url=url)
    with copilot.workspace.database.writing() as session:
        save_connection(session, connection=back)
    other = copilot.sheets.submit("echo", rows(30), model="back")
    sheet.resume()
    work(copilot)
    assert (sheet.status, other.status) == (RunStatus.FAILED, RunStatus.FINISHED)


def test_what_cannot_be_worked_on_is_refused_and_leaves_nothing(copilot: Copilot, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no rows"):
        copilot.sheets.submit("echo", [], model="fake")
    with pytest.raises(ImportRefused, match="text"):
        copilot.sheets.submit("echo", [{"other": "x"}], model="fake")
    with pytest.raises(TemplateError):
        copilot.sheets.submit("unknown", rows(1))
    with pytest.raises(ImportRefused):
        copilot.sheets.submit("echo", tmp_path / "missing.csv", model="fake")
    assert copilot.sheets.list() == ()


def test_a_worker_is_started_by_whoever_submits(tmp_path: Path) -> None:
    with Copilot(tmp_path / "home", model="fake") as copilot:
        copilot.save_template("echo", TEMPLATE)
        sheet = copilot.sheets.submit("echo", rows(250))
        state = sheet.wait(timeout=PATIENCE).progress()
        assert (state.done, state.errors) == (250, 0)
