"""The embedded model's process over its life: shared, private, cancelled, killed, left."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from copilot.domain.completion import CompletionRequest, Decoding, Message
from copilot.errors import ContextOverflow, ModelServerFault
from copilot.models.embedded import EmbeddedModel
from copilot.models.embedded_server import ServerOptions, join_server
from copilot.models.retrying import RetryPolicy, complete_with_retries
from copilot.models.weights import find_weights

pytestmark = pytest.mark.model

OPTIONS = ServerOptions(context=1024, threads=1, linger=0)
USER = """
import sys, time
from pathlib import Path
from copilot.models.embedded_server import ServerOptions, join_server
lease = join_server(Path(sys.argv[1]), ServerOptions.model_validate_json(sys.argv[2]))
print(lease.pid, flush=True)
time.sleep(600)
"""


def request(text: str = "Name a bird.", max_tokens: int = 8) -> CompletionRequest:
    return CompletionRequest(messages=(Message(role="user", content=text),), decoding=Decoding(max_tokens=max_tokens))


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "zombie" not in status.read_text()


def until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


async def test_one_server_for_all_who_share_a_home(tmp_path: Path) -> None:
    first, second = EmbeddedModel(tmp_path, options=OPTIONS), EmbeddedModel(tmp_path, options=OPTIONS)
    await asyncio.gather(first.prepare(), second.prepare())
    pid = first.server_pid
    assert pid is not None
    assert pid == second.server_pid
    await first.aclose()
    time.sleep(1.5)
    assert (await second.complete(request())).text
    await second.aclose()
    assert until(lambda: not alive(pid)), "the last one out ends it"


async def test_the_key_is_private_and_needed(tmp_path: Path) -> None:
    model = EmbeddedModel(tmp_path, options=OPTIONS)
    await model.prepare()
    state = next(tmp_path.glob("embedded/*/server.json"))
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    told = json.loads(state.read_text())
    arguments = Path(f"/proc/{model.server_pid}/cmdline").read_text()
    assert told["key"] not in arguments
    body = {"messages": [{"role": "user", "content": "a"}], "max_tokens": 1}
    answer = httpx2.post(f"{told['url']}/v1/chat/completions", json=body)
    assert answer.status_code == 401
    await model.aclose()


async def test_a_killed_server_is_replaced(tmp_path: Path) -> None:
    model = EmbeddedModel(tmp_path, options=OPTIONS)
    await model.prepare()
    first = model.server_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert until(lambda: not alive(first))
    completion = await complete_with_retries(
        model, request(), policy=RetryPolicy(attempts=3), before_attempt=lambda: None
    )
    assert completion.text
    assert completion.usage.calls == 2
    assert model.server_pid != first
    await model.aclose()


def test_the_server_ends_when_its_user_is_killed(tmp_path: Path) -> None:
    options = OPTIONS.model_copy(update={"weights": find_weights()}).model_dump_json()
    arguments = [sys.executable, "-c", USER, str(tmp_path), options]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None
        pid = int(user.stdout.readline())
        time.sleep(1.5)
        assert alive(pid)
        user.kill()
    assert until(lambda: not alive(pid))
    assert not list(tmp_path.glob("embedded/*/server.json"))


async def test_a_request_that_nobody_waits_for_stops(tmp_path: Path) -> None:
    model = EmbeddedModel(tmp_path, options=OPTIONS)
    await model.prepare()
    long = asyncio.create_task(model.complete(request("Write a very long story about falcons.", 900)))
    await asyncio.sleep(1)
    assert not long.done()
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long
    started = time.perf_counter()
    await asyncio.wait_for(model.complete(request(max_tokens=2)), timeout=60)
    seconds = time.perf_counter() - started
    assert seconds < 8, "the only place was free again"
    await model.aclose()


async def test_a_prompt_that_does_not_fit_is_said_so(tmp_path: Path) -> None:
    model = EmbeddedModel(tmp_path, options=OPTIONS)
    with pytest.raises(ContextOverflow, match="do not fit into the context of embedded"):
        await model.complete(request("falcon " * 1200))
    await model.aclose()


async def test_the_prefix_is_taken_from_the_cache(tmp_path: Path) -> None:
    model = EmbeddedModel(tmp_path, options=OPTIONS)
    static = "Sort each message into one of our boxes and give the name of the box only. " * 12
    answers = [await model.complete(request(f"{static}\n\nMessage {number}", 1)) for number in range(8)]
    await model.aclose()
    cached = sum(answer.usage.cached_tokens for answer in answers)
    assert cached >= 0.8 * sum(answer.usage.prompt_tokens for answer in answers)


def test_weights_that_cannot_be_loaded_are_said_so(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelServerFault, match=r"did not start with the weights.*its log is in"):
        join_server(tmp_path, OPTIONS.model_copy(update={"weights": broken}))
