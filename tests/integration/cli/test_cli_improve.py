"""`falconer improve` against a server over a socket: verdict, cap, interruption, a kill."""

import json
import signal
import time
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from tests.integration.cli.conftest import ModelServer, Terminal


def read(terminal: "Terminal", name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((terminal.folder / name).read_text())
    return content


def improve(terminal: "Terminal", server: "ModelServer", *more: str) -> list[str]:
    task, examples = terminal.tickets()
    return ["improve", task, "--examples", examples, "--model", server.url, "--max-calls", "120", *more]


def wait_for(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_task_and_examples_become_a_verdict_and_a_template(terminal: "Terminal", server: "ModelServer") -> None:
    done = terminal.run(*improve(terminal, server, "--json", "result.json", "--save", "template.yaml"))
    result = read(terminal, "result.json")
    assert result["verdict"] in ("better", "no_evidence", "worse")
    for part in ("holdout", "dev"):
        assert {
            "n", "seed_score", "best_score", "delta", "ci_low", "ci_high", "p_value", "minimum_detectable_effect",
        } <= result[part].keys()  # fmt: skip
    assert set(result["usage"]) == {"task", "copilot", "judge"}
    for usage in result["usage"].values():
        assert set(usage) == {"calls", "prompt_tokens", "cached_tokens", "completion_tokens"}
    for candidate in result["candidates"]:
        assert {"id", "parents", "operator", "rationale", "score", "n"} <= candidate.keys()
    assert result["seconds"] > 0
    assert yaml.safe_load((terminal.folder / "template.yaml").read_text())["prompt"] == result["template"]["prompt"]
    assert result["sentence"] in " ".join(done.stdout.split())
    # Every call is counted, and none is above the cap.
    assert sum(usage["calls"] for usage in result["usage"].values()) == server.calls <= 120


def test_the_same_command_again_is_served_from_what_is_stored(terminal: "Terminal", server: "ModelServer") -> None:
    command = improve(terminal, server)
    terminal.run(*command, "--json", "first.json")
    server.close()
    calls = server.calls
    again = terminal.run(*command, "--json", "-")
    assert json.loads(again.stdout) == read(terminal, "first.json")
    assert server.calls == calls


def test_after_a_kill_the_same_command_goes_on_to_the_same_result(terminal: "Terminal", server: "ModelServer") -> None:
    command = improve(terminal, server, "--json", "result.json")
    server.delay = 0.05
    process = terminal.start(*command)
    wait_for(lambda: server.calls >= 40)
    process.kill()
    process.communicate()
    killed_at = server.calls
    assert not (terminal.folder / "result.json").exists()
    server.delay = 0.0
    done = terminal.run(*command)
    assert "Going on with the run" in done.stderr
    resumed = read(terminal, "result.json")
    paid = sum(usage["calls"] for usage in resumed["usage"].values())
    assert server.calls - paid <= 4, "only calls in flight may be repeated"
    assert resumed["replayed_calls"] >= killed_at - 4

    terminal.run(*command, "--again")
    anew = read(terminal, "result.json")
    assert anew["template"]["prompt"] == resumed["template"]["prompt"]
    assert anew["candidates"] == resumed["candidates"]


def hear_ctrl_c() -> None:
    """Undo what a job in the background of a script inherits: that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_says_how_to_go_on_and_resume_does(terminal: "Terminal", server: "ModelServer") -> None:
    server.delay = 0.4
    process = terminal.start(*improve(terminal, server), preexec=hear_ctrl_c)
    wait_for(lambda: server.calls >= 20)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    run = errors.rsplit("falconer resume ", 1)[1].split()[0]
    assert json.loads(terminal.run("runs", "show", run, "--json").stdout)["status"] == "stopped"
    server.delay = 0.0
    terminal.run("resume", "--json", "result.json")
    result = read(terminal, "result.json")
    assert result["run"] == run
    assert result["replayed_calls"] >= 16


def test_a_finished_run_is_listed_shown_and_its_template_runs(terminal: "Terminal", server: "ModelServer") -> None:
    terminal.run(*improve(terminal, server, "--json", "result.json"))
    run = read(terminal, "result.json")["run"]
    assert [summary["id"] for summary in json.loads(terminal.run("runs", "list", "--json").stdout)] == [run]
    assert "Prompts tried" in terminal.run("runs", "show", run).stdout
    label = json.loads(terminal.run("template", "label", "tickets", "production", "--json").stdout)
    assert label["after"] == 1
    rows = terminal.inputs(5)
    calls = server.calls
    # Without --model the one that the template was made for is used.
    terminal.run("run", "tickets@production", "--input", rows, "--output", "out.jsonl")
    assert server.calls == calls + 5
