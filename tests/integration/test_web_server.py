"""The server as people start it: a port, a sample task, headers on all it answers, and a clean end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.guard import HEADERS
from copilot import Copilot

COMMAND = [str(Path(sys.executable).with_name("falconer")), "app", "--no-browser"]
START_SECONDS = 60.0


@contextmanager
def started(home: Path, *options: str, cwd: Path | None = None) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Start it; yield the process, its address and what it said on the way."""
    process = subprocess.Popen(
        [*COMMAND, *options],
        cwd=cwd or home,
        env={**os.environ, "FALCONER_HOME": str(home), "FALCONER_MODEL": "fake"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr
    said = ""
    try:
        while not (found := re.search(r"http://\S+:\d+", said)):
            line = process.stderr.readline()
            assert line, f"It ended: {said}"
            said += line
        address = found[0].replace("localhost", "127.0.0.1")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{address}/_stcore/health", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        yield process, address, said
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        process.stderr.close()


def test_it_starts_in_any_folder_with_a_sample_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    # A folder in which `app` and `streamlit` mean something else.
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / ".streamlit").mkdir(parents=True)
    (elsewhere / "app.py").write_text("raise SystemExit('the wrong app')")
    (elsewhere / ".streamlit" / "config.toml").write_text("[browser]\ngatherUsageStats = true\n[server]\nport = 1\n")
    home = tmp_path / "home"
    home.mkdir()
    with started(home, "--port", "0", cwd=elsewhere) as (process, address, _):
        answers = {
            path: httpx.get(address + path)
            for path in ("/", "/settings", "/app/static/inter.woff2", "/look/start.js", "/nowhere/at/all", "/look/no")
        }
        for answer in answers.values():
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answers["/"].status_code == answers["/settings"].status_code == 200
        assert "<title>Falconer</title>" in answers["/settings"].text
        assert answers["/app/static/inter.woff2"].headers["content-type"] == "font/woff2"
        assert answers["/look/no"].status_code == answers["/nowhere/at/all"].status_code == 404
        assert "There is no page at this address" in answers["/nowhere/at/all"].text
        assert "<script" not in answers["/nowhere/at/all"].text
        assert httpx.get(f"{address}/_stcore/health").status_code == 200
        assert httpx.get(f"{address}/settings/").headers["location"].endswith("/settings")
        assert httpx.get(f"{address}/index.html").status_code == 404
        assert httpx.get(f"{address}/static/js/nothing.js").status_code == 404
        script = re.search(r"\./(static/js/[\w.-]+\.js)", answers["/"].text)
        assert script and httpx.get(f"{address}/{script[1]}").headers["content-type"].endswith("javascript")
        assert httpx.get(address, headers={"host": "evil.example"}).status_code == 403
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
        assert process.stderr and "Stopped. What runs in the background goes on." in process.stderr.read()
    with Copilot(home, model="fake") as copilot:
        (sample,) = copilot.tasks.list()
        copilot.tasks.delete(sample.task.id)
    with started(home, "--port", "0"), Copilot(home, model="fake") as copilot:
        assert copilot.tasks.list() == ()


def test_a_taken_port_is_told_of_or_passed_over(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "--port", str(port)],
            env={**os.environ, "FALCONER_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == f"Port {port} is taken or not allowed; choose another --port, or leave it out.\n"


def test_without_a_port_the_next_free_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    from app import server

    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(server, "PORT", taken.getsockname()[1])
        with server.bind("127.0.0.1", None) as found:
            assert server.PORT < found.getsockname()[1] <= server.PORT + server.TRIED


def test_a_host_of_another_machine_is_told_of() -> None:
    from app import server

    with pytest.raises(Exception, match=r"Nothing can listen at 192\.0\.2\.1: .*Choose another --host"):
        server.bind("192.0.2.1", 8501)
