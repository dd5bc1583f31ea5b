"""Every way in which a model server can be wrong has its own sentence, told by a test against a real server."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from copilot import Copilot
from copilot.errors import CopilotError, ModelConfigError
from copilot.types import ConnectionDraft

ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "small",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "ready"}}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
}
MODELS = {"object": "list", "data": [{"id": "small", "object": "model", "created": 1, "owned_by": "us"}]}


class Handler(BaseHTTPRequestHandler):
    """Answers by the first part of the path."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._answer()

    def _answer(self) -> None:
        kind = self.path.split("/")[1]
        if kind == "silent":
            time.sleep(3)
        if kind == "locked" and self.headers.get("authorization") != "Bearer right":
            return self._send(401, '{"error": {"message": "Incorrect API key provided"}}')
        if kind == "website":
            return self._send(200, "<!doctype html><title>Welcome</title>", "text/html")
        if kind == "broken":
            return self._send(500, '{"error": "out of memory"}')
        if kind == "busy":
            return self._send(429, '{"error": "slow down"}')
        if kind not in ("good", "locked", "silent"):
            return self._send(404, "Not Found", "text/plain")
        if self.path.endswith("/models"):
            return self._send(200, json.dumps(MODELS))
        if self.path.endswith("/chat/completions"):
            return self._send(200, json.dumps(ANSWER))
        return self._send(404, "Not Found", "text/plain")

    def _send(self, status: int, text: str, kind: str = "application/json") -> None:
        body = text.encode()
        try:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # the client has given up waiting

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture
def copilot(tmp_path: Path) -> Iterator[Copilot]:
    with Copilot(tmp_path, model="fake") as made:
        yield made


def test_a_server_that_works_says_so(copilot: Copilot, server: str) -> None:
    found = copilot.connections.test(ConnectionDraft(name="good", address=f"{server}/good/v1"))
    assert (found.answer, found.prompt_tokens, found.revision) == ("ready", 9, "small")


@pytest.mark.parametrize(
    ("path", "said", "advice"),
    [
        ("/locked/v1", "refused the key (401)", "set the right key in the environment"),
        ("/nowhere/v1", "no such address or model (404)", "check the URL"),
        ("/website/v1", "cannot be read", "check that the URL leads to a model server"),
        ("/broken/v1", "failed (500)", "see its log"),
        ("/busy/v1", "is at its limit (429)", "asked again"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    copilot: Copilot, server: str, path: str, said: str, advice: str
) -> None:
    with pytest.raises(CopilotError) as told:
        copilot.connections.test(ConnectionDraft(name="x", address=server + path))
    assert said in str(told.value) and advice in str(told.value)
    assert server in str(told.value)


def test_a_silent_server_is_told_of_in_its_own_time(copilot: Copilot, server: str) -> None:
    draft = ConnectionDraft(name="x", address=f"{server}/silent/v1", timeout=0.5)
    started = time.monotonic()
    with pytest.raises(CopilotError, match="did not answer in time; check that it is running, or raise"):
        copilot.connections.test(draft)
    assert time.monotonic() - started < 3


def test_a_closed_port_is_told_of(copilot: Copilot) -> None:
    with pytest.raises(CopilotError, match="cannot be reached; check the URL and that the server is running"):
        copilot.connections.test(ConnectionDraft(name="x", address="http://127.0.0.1:9/v1"))


def test_a_website_is_no_text_generation_server(copilot: Copilot, server: str) -> None:
    for path in ("/website", "/good", "/nowhere"):
        with pytest.raises(CopilotError, match="check"):
            copilot.connections.test(ConnectionDraft(name="x", address=f"tgi:{server}{path}"))


def test_the_right_key_comes_from_the_environment(
    copilot: Copilot, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = ConnectionDraft(name="locked", address=f"{server}/locked/v1", key_variable="OFFICE_KEY")
    monkeypatch.delenv("OFFICE_KEY", raising=False)
    with pytest.raises(CopilotError, match=r"'OFFICE_KEY' with the key for .* is empty; set it"):
        copilot.connections.test(draft)
    monkeypatch.setenv("OFFICE_KEY", "right")
    assert copilot.connections.test(draft).answer == "ready"
    copilot.connections.add(draft)
    assert "right" not in (copilot.workspace.home / "falconer.db").read_bytes().decode("latin-1")


def test_a_file_that_is_no_model_is_told_of(copilot: Copilot, tmp_path: Path) -> None:
    file = tmp_path / "notes.gguf"
    file.write_text("not a model")
    with pytest.raises(CopilotError, match="holds no model weights"):
        copilot.connections.test(ConnectionDraft(name="x", address=f"embedded:{file}"))
    with pytest.raises(CopilotError, match="cannot be read"):
        copilot.connections.test(ConnectionDraft(name="x", address=f"embedded:{tmp_path / 'none.gguf'}"))


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (ConnectionDraft(name="a b", address="http://localhost/v1"), "cannot be saved"),
        (ConnectionDraft(name="x", address="http://localhost:8000"), "does not end in /v1"),
        (ConnectionDraft(name="x", address="localhost:8000/v1"), "is no model's address"),
        (ConnectionDraft(name="x", address="http:///v1"), "names no server"),
        (ConnectionDraft(name="x", address="http://me:secret@host/v1"), "must not hold a password"),
        (ConnectionDraft(name="x", address="http://host/v1", key_variable="sk-123"), "not the key"),
        (ConnectionDraft(name="Embedded", address="http://host/v1"), "already; choose another name"),
    ],
)
def test_what_cannot_be_right_is_not_saved(copilot: Copilot, draft: ConnectionDraft, said: str) -> None:
    with pytest.raises(ModelConfigError, match=said):
        copilot.connections.add(draft)
    assert [connection.name for connection in copilot.connections.list()] == ["embedded"]


def test_a_changed_connection_takes_the_others_place_and_is_used_at_once(copilot: Copilot, server: str) -> None:
    copilot.connections.add(ConnectionDraft(name="office", address=f"{server}/broken/v1", prompt_price=1.0))
    with pytest.raises(CopilotError, match="failed"):
        copilot.portal.call(copilot.workspace.model("office"))
    draft = ConnectionDraft.of(copilot.connections.get("office"))
    assert (draft.address, draft.prompt_price) == (f"{server}/broken/v1", 1.0)
    copilot.connections.add(
        draft.model_copy(update={"name": "bureau", "address": f"{server}/good/v1"}), replace="office"
    )
    copilot.connections.add(ConnectionDraft(name="office", address=f"{server}/good/v1"))
    assert copilot.portal.call(copilot.workspace.model("office")).revision == "small"
    with pytest.raises(ModelConfigError, match="'office' already"):
        copilot.connections.add(ConnectionDraft(name="office", address=f"{server}/good/v1"))


def test_a_removed_connection_comes_back(copilot: Copilot) -> None:
    saved = copilot.connections.add(ConnectionDraft(name="office", address="http://host/v1", concurrency=3))
    gone = copilot.connections.remove("office")
    with pytest.raises(ModelConfigError, match="no model connection 'office'"):
        copilot.connections.get("office")
    copilot.connections.restore(gone)
    assert copilot.connections.get("office") == saved
    with pytest.raises(ModelConfigError, match="cannot be removed"):
        copilot.connections.remove("embedded")
