"""A model server to be scripted, and the command line as a process of its own."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

Answer = Callable[[str], str | tuple[int, dict[str, Any]]]
FALCONER = Path(sys.executable).with_name("falconer")


def sorted_by_word(prompt: str) -> str:
    """Answer as a small model would: the right label where the prompt says what the labels mean, else chatter."""
    last = prompt.rsplit("\n", 1)[-1] if "ticket" in prompt else prompt
    label = "refund" if "money" in last else "delivery"
    return label if "refund" in prompt.replace(last, "") else f"I think it is about {label}, is it not?"


@dataclass
class ModelServer:
    """An OpenAI-compatible server on the loopback that answers by a function and counts."""

    answer: Answer = sorted_by_word
    delay: float = 0.0
    calls: int = 0
    prompts: list[str] = field(default_factory=list)
    counted: dict[str, dict[str, int]] = field(default_factory=dict)
    """Figures of what was asked under /NAME/v1 instead of /v1, by name."""
    url: str = ""

    def __post_init__(self) -> None:
        outer = self
        counting = threading.Lock()  # requests come side by side, and none may go uncounted

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path.endswith("/usage"):
                    self.reply(200, outer.counted.get(self.path.split("/")[1], {"calls": 0}))
                elif self.path.endswith("/v1/models"):
                    self.reply(200, {"object": "list", "data": [{"id": "scripted", "object": "model"}]})
                else:
                    self.reply(404, {"error": {"message": "not here"}})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if not self.path.endswith("/chat/completions"):
                    self.reply(404, {"error": {"message": "not here"}})
                    return
                prompt = "\n".join(message["content"] for message in body["messages"])
                with counting:
                    outer.calls += 1
                    outer.prompts.append(prompt)
                time.sleep(outer.delay)
                answer = outer.answer(prompt)
                if isinstance(answer, tuple):
                    self.reply(*answer)
                    return
                usage = {"prompt_tokens": len(prompt.split()), "completion_tokens": len(answer.split())}
                with counting:
                    figures = outer.counted.setdefault(self.path.split("/")[1], {})
                    for key, number in {"calls": 1, **usage}.items():
                        figures[key] = figures.get(key, 0) + number
                choice = {"index": 0, "message": {"role": "assistant", "content": answer}, "finish_reason": "stop"}
                self.reply(
                    200,
                    {
                        "id": "1",
                        "object": "chat.completion",
                        "created": 0,
                        "model": "scripted",
                        "choices": [choice],
                        "usage": usage | {"total_tokens": sum(usage.values())},
                    },
                )

            def reply(self, status: int, content: dict[str, Any]) -> None:
                data = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                if status >= 429:
                    self.send_header("retry-after", "0")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that was killed is part of the tests."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Terminal:
    """Runs `falconer` in a folder with an empty home."""

    folder: Path
    environment: dict[str, str]
    program: Path = FALCONER

    def start(self, *arguments: str, preexec: Callable[[], None] | None = None) -> "subprocess.Popen[str]":
        """Start a command."""
        return subprocess.Popen(
            [str(self.program), *arguments],
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=preexec,
        )

    def run(
        self, *arguments: str, code: int = 0, preexec: Callable[[], None] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end; its exit code must be `code`, and no stack trace may be seen."""
        process = self.start(*arguments, preexec=preexec)
        output, errors = process.communicate(timeout=240)
        done = subprocess.CompletedProcess(arguments, process.returncode, output, errors)
        assert "Traceback" not in output + errors, errors
        assert done.returncode == code, f"{done.returncode}: {output}\n{errors}"
        return done

    def write(self, name: str, text: str) -> str:
        """Write a file into the folder; return its name."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def tickets(self, count: int = 60) -> tuple[str, str]:
        """Write a task with examples; return the names of both files."""
        task = self.write(
            "task.yaml",
            "name: tickets\nkind: classification\ndescription: Sort the ticket by what the customer wants.\n"
            "labels: [refund, delivery]\nprompt: 'What is this ticket about? {text}'\n",
        )
        rows = [
            {"text": f"ticket {n}: {'I want my money back' if n % 2 else 'where is my parcel'} ({n * 7} days)",
             "label": "refund" if n % 2 else "delivery"}
            for n in range(count)
        ]  # fmt: skip
        return task, self.write("examples.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    def inputs(self, count: int, pad: int = 0) -> str:
        """Write rows without answers, each some characters longer if need be; return the file's name."""
        rows = [
            {"id": f"r{n}", "text": f"{'.' * pad}ticket {n}: {'money' if n % 3 == 0 else 'parcel'}"}
            for n in range(count)
        ]
        return self.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.close()


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    folder = tmp_path / "work"
    folder.mkdir()
    # Commands start twice as fast where Python may keep its compiled files.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FALCONER_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return Terminal(folder, kept | {"FALCONER_HOME": str(tmp_path / "home"), "COLUMNS": "100"})
