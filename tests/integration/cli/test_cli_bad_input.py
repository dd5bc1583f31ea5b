"""Whatever is wrong: one sentence that says what, where and what to do; the right exit code; nothing lost."""

import json
import os
import resource
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.cli.conftest import ModelServer, Terminal

TASK = "name: t\nkind: classification\ndescription: Sort it.\n"
FILES = {
    "task.yaml": TASK,
    "broken.yaml": "name: t\nkind: [unclosed\n",
    "criterion.yaml": TASK + "criteria: [exact_mach]\n",
    "label.yaml": TASK + "labels: [yes please, '']\n",
    "examples.csv": "text,label\n" + "".join(f"text {n},{'a' if n % 2 else 'b'}\n" for n in range(30)),
    "columns.csv": "foo,bar\nhello,there\nwell,now\n",
    "labels.csv": "text,label\none thing,\nother thing,\n",
}
CASES = [
    (["improve", "none.yaml", "--examples", "examples.csv"], ["none.yaml", "no such file"]),
    (["improve", "task.yaml", "--examples", "none.csv"], ["none.csv"]),
    (["improve", "task.yaml"], ["--examples"]),
    (["improve", "broken.yaml", "--examples", "examples.csv"], ["broken.yaml", "line 3"]),
    (["improve", "criterion.yaml", "--examples", "examples.csv"], ["criterion.yaml", "exact_mach", "exact_match"]),
    (["improve", "label.yaml", "--examples", "examples.csv"], ["label.yaml", "line 4", "empty"]),
    (["improve", "task.yaml", "--examples", "columns.csv"], ["columns.csv", "'text'", "'foo'"]),
    (["improve", "task.yaml", "--examples", "labels.csv"], ["labels.csv", "label is empty"]),
    (["improve", "task.yaml", "--examples", "examples.csv", "--model", "gpt"], ["'gpt'", "http(s)"]),
    (["improve", "task.yaml", "--examples", "examples.csv", "--json", "no/such/result.json"], ["no/such"]),
    (["estimate", "task.yaml", "--examples", "examples.csv", "--column", "text"], ["--column"]),
    (["run", "none", "--input", "examples.csv", "--output", "out.jsonl"], ["none", "template list"]),
    (["runs", "show", "none"], ["none", "runs list"]),
    (["resume"], ["no unfinished run"]),
    (["template", "export", "none@production"], ["none"]),
    (["models", "add", "mine", "localhost:8000"], ["localhost:8000", "/v1"]),
    (["models", "add", "mine", "http://localhost:8000/v1", "--key-variable", "sk-secret"], ["environment variable"]),
]


@pytest.fixture
def files(terminal: "Terminal") -> "Terminal":
    for name, text in FILES.items():
        terminal.write(name, text)
    return terminal


@pytest.mark.parametrize(("arguments", "words"), CASES, ids=[" ".join(case[0])[:60] for case in CASES])
def test_what_the_user_can_mend_is_said_in_a_sentence(
    files: "Terminal", arguments: list[str], words: list[str]
) -> None:
    done = files.run(*arguments, code=2)
    last = done.stderr.strip().splitlines()[-1]
    missing = [word for word in words if word not in last]
    assert not missing, last
    assert "sk-secret" not in done.stdout + done.stderr


def test_with_json_the_error_is_on_standard_output_too(files: "Terminal") -> None:
    done = files.run("estimate", "none.yaml", "--examples", "examples.csv", "--json", code=2)
    assert json.loads(done.stdout)["error"] == done.stderr.strip()


def test_a_command_line_that_is_not_understood_is_an_error_of_the_user(terminal: "Terminal") -> None:
    done = terminal.run("improve", "--no-such-option", code=2)
    assert "--no-such-option" in done.stderr


def test_a_server_that_is_not_there_is_named(files: "Terminal") -> None:
    done = files.run("improve", "task.yaml", "--examples", "examples.csv", "--model", "http://127.0.0.1:9/v1", code=1)
    assert "http://127.0.0.1:9/v1 cannot be reached" in done.stderr
    run = json.loads(files.run("runs", "list", "--json").stdout)[0]
    assert run["status"] == "failed"
    assert "cannot be reached" in run["error"]


def test_a_server_that_fails_is_named_and_the_run_goes_on_later(terminal: "Terminal", server: "ModelServer") -> None:
    task, examples = terminal.tickets(40)
    answer = server.answer
    server.answer = lambda prompt: (500, {"error": {"message": "boom"}}) if server.calls > 30 else answer(prompt)
    command = ["improve", task, "--examples", examples, "--model", server.url, "--max-calls", "80"]
    done = terminal.run(*command, code=1)
    assert server.url in done.stderr.strip().splitlines()[-1]
    server.answer = answer
    result = json.loads(terminal.run(*command, "--json", "-").stdout)
    assert result["replayed_calls"] >= 20


def test_prompts_that_do_not_fit_do_not_end_the_run(terminal: "Terminal", server: "ModelServer") -> None:
    task, examples = terminal.tickets(40)
    answer = server.answer
    message = "This model's maximum context length is 40 tokens."
    error = {"error": {"message": message, "code": "context_length_exceeded"}}
    server.answer = lambda prompt: (400, error) if len(prompt) > 200 else answer(prompt)
    done = terminal.run(
        "improve", task, "--examples", examples, "--model", server.url, "--max-calls", "80", "--json", "-"
    )
    assert json.loads(done.stdout)["verdict"] in ("better", "no_evidence", "worse")


def test_a_full_disk_is_said_and_nothing_is_lost(terminal: "Terminal", server: "ModelServer") -> None:
    """A limit on the size of files, set while the command runs, stands for the disk's: writing fails alike."""
    task, examples = terminal.tickets(60)
    command = ["improve", task, "--examples", examples, "--model", server.url, "--max-calls", "120"]
    server.delay = 0.05
    process = terminal.start(*command)
    while server.calls < 20:
        time.sleep(0.02)
    size = max(file.stat().st_size for file in (terminal.folder.parent / "home").iterdir())
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, size))
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1, output + errors
    assert "Traceback" not in errors
    last = errors.strip().splitlines()[-1]
    assert "falconer.db" in last
    assert "disk" in last
    server.delay = 0.0
    result = json.loads(terminal.run(*command, "--json", "-").stdout)
    assert result["verdict"] in ("better", "no_evidence", "worse")
    assert result["replayed_calls"] >= 10


def test_a_full_disk_ends_an_output_between_two_rows(terminal: "Terminal", server: "ModelServer") -> None:
    task, examples = terminal.tickets(40)
    terminal.run("improve", task, "--examples", examples, "--model", server.url, "--max-calls", "60")
    command = ["run", "tickets", "--input", terminal.inputs(100, pad=3000), "--output", "out.jsonl"]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = terminal.run(*command, code=1, preexec=limit)
    assert "out.jsonl" in done.stderr
    terminal.run(*command)
    rows = [json.loads(line) for line in (terminal.folder / "out.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == [f"r{n}" for n in range(100)]


def test_a_reader_that_leaves_early_is_no_error_worth_a_word(terminal: "Terminal") -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    process = subprocess.Popen(
        [str(terminal.program), "models", "list"],
        cwd=terminal.folder,
        env=terminal.environment,
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write_end)
    _, errors = process.communicate(timeout=60)
    assert errors == ""
    assert process.returncode != 0


def test_help_is_there_at_once(terminal: "Terminal") -> None:
    terminal.run("--help")
    before = os.times().children_user + os.times().children_system
    assert "improve" in terminal.run("--help").stdout
    used = os.times().children_user + os.times().children_system - before
    assert used < 1.0, f"{used:.2f} s of processor time: something heavy is imported"
