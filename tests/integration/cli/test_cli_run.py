"""`falconer run`: order, formats, failing rows, going on after a kill."""

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from copilot.domain.completion import Decoding
from copilot.domain.prompt import PromptTemplate
from copilot.export.templates import save_template_file
from tasks import loading
from tasks.model import OutputContract, TaskKind

if TYPE_CHECKING:
    from tests.integration.cli.conftest import ModelServer, Terminal


@pytest.fixture
def template(terminal: "Terminal") -> str:
    prompt = PromptTemplate(
        kind=TaskKind.CLASSIFICATION,
        variables=("text",),
        item="refund or delivery?\n{{text}}",
        contract=OutputContract(form="label", labels=("refund", "delivery")),
        decoding=Decoding(max_tokens=8),
    )
    save_template_file(terminal.folder / "template.yaml", prompt, name="sort")
    return "template.yaml"


def lines(terminal: "Terminal", name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (terminal.folder / name).read_text().splitlines()]


def run(template: str, rows: str, output: str, server: "ModelServer") -> list[str]:
    return ["run", template, "--input", rows, "--output", output, "--model", server.url]


def wanted(number: int) -> str:
    return "refund" if number % 3 == 0 else "delivery"


def test_one_output_row_for_each_input_row_in_order(terminal: "Terminal", server: "ModelServer", template: str) -> None:
    terminal.run(*run(template, terminal.inputs(30), "out.jsonl", server))
    rows = lines(terminal, "out.jsonl")
    assert [row["id"] for row in rows] == [f"r{n}" for n in range(30)]
    assert [row["output"] for row in rows] == [wanted(n) for n in range(30)]
    assert all(row["error"] is None for row in rows)


@pytest.mark.parametrize("output", ["out.csv", "out.tsv", "out.xlsx"])
def test_spreadsheets_can_be_written(terminal: "Terminal", server: "ModelServer", template: str, output: str) -> None:
    terminal.run(*run(template, terminal.inputs(6), output, server))
    table = loading.load_table(terminal.folder / output)
    assert [row["output"] for row in table.rows] == [wanted(n) for n in range(6)]
    assert [row["id"] for row in table.rows] == [f"r{n}" for n in range(6)]


def test_a_row_that_fails_has_an_error_and_the_others_an_output(
    terminal: "Terminal", server: "ModelServer", template: str
) -> None:
    too_long = {"error": {"message": "maximum context length is 10 tokens", "code": "context_length_exceeded"}}
    server.answer = lambda prompt: (400, too_long) if "ticket 3:" in prompt else "delivery"
    rows = terminal.inputs(6)
    done = terminal.run(*run(template, rows, "out.jsonl", server), "--json")
    written = lines(terminal, "out.jsonl")
    assert [row["output"] for row in written] == ["delivery"] * 3 + [None] + ["delivery"] * 2
    assert written[3]["error"]
    assert json.loads(done.stdout)["errors"] == 1


def test_after_a_kill_the_same_command_goes_on(terminal: "Terminal", server: "ModelServer", template: str) -> None:
    from time import sleep

    server.delay = 0.05
    command = run(template, terminal.inputs(60), "out.jsonl", server)
    process = terminal.start(*command)
    while server.calls < 20:
        sleep(0.02)
    process.kill()
    process.communicate()
    before = server.calls
    written = (terminal.folder / "out.jsonl").read_text().count("\n")
    assert 0 < written < 60
    server.delay = 0.0
    terminal.run(*command)
    assert [row["output"] for row in lines(terminal, "out.jsonl")] == [wanted(n) for n in range(60)]
    # Answers that came before their turn are kept beside the output: not all that is missing is paid again.
    after = server.calls
    assert 60 <= after <= before + 60 - written
    terminal.run(*command)
    assert server.calls == after, "what is complete is not paid again"


def test_an_output_cut_in_the_middle_of_a_row_is_completed(
    terminal: "Terminal", server: "ModelServer", template: str
) -> None:
    command = run(template, terminal.inputs(10), "out.csv", server)
    terminal.run(*command)
    whole = (terminal.folder / "out.csv").read_bytes()
    (terminal.folder / "out.csv").write_bytes(whole[: len(whole) // 2])
    terminal.run(*command)
    assert (terminal.folder / "out.csv").read_bytes() == whole
    assert 10 < server.calls < 20


def test_an_output_of_another_prompt_is_not_taken_for_this_one(
    terminal: "Terminal", server: "ModelServer", template: str
) -> None:
    rows = terminal.inputs(4)
    terminal.run(*run(template, rows, "out.jsonl", server))
    text = (terminal.folder / template).read_text()
    terminal.write("other.yaml", text.replace("refund or delivery?", "delivery or refund?"))
    done = terminal.run(*run("other.yaml", rows, "out.jsonl", server), code=2)
    assert "another prompt" in done.stderr
    terminal.run(*run("other.yaml", rows, "out.jsonl", server), "--overwrite")
    assert "delivery or refund?" in server.prompts[-1]


def test_a_file_of_somebody_else_is_left_alone(terminal: "Terminal", server: "ModelServer", template: str) -> None:
    terminal.write("notes.jsonl", "my notes\n")
    terminal.run(*run(template, terminal.inputs(2), "notes.jsonl", server), code=2)
    assert (terminal.folder / "notes.jsonl").read_text() == "my notes\n"


def test_a_column_under_another_name_can_be_named(terminal: "Terminal", server: "ModelServer", template: str) -> None:
    with (terminal.folder / "odd.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["when", "what they said"], ["May", "ticket: money"], ["June", "ticket: parcel"]])
    done = terminal.run(*run(template, "odd.csv", "out.jsonl", server), code=2)
    assert "'text'" in done.stderr
    assert "odd.csv" in done.stderr
    terminal.run(*run(template, "odd.csv", "out.jsonl", server), "--column", "text=what they said")
    assert [row["output"] for row in lines(terminal, "out.jsonl")] == ["refund", "delivery"]


def test_a_server_that_fails_for_all_ends_the_command_and_loses_nothing(
    terminal: "Terminal", server: "ModelServer", template: str
) -> None:
    rows = terminal.inputs(40)
    # By row, not by number of calls: side by side, an earlier row's call may be the later one.
    failing = (500, {"error": {"message": "boom"}})
    server.answer = lambda prompt: failing if int(prompt.split()[-2].strip(":")) >= 10 else "delivery"
    done = terminal.run(*run(template, rows, "out.jsonl", server), code=1)
    assert len(done.stderr.strip().splitlines()) <= 2
    kept = lines(terminal, "out.jsonl")
    assert [row["id"] for row in kept] == [f"r{n}" for n in range(10)]
    assert all(row["error"] is None for row in kept)
    server.answer = lambda prompt: "delivery"
    terminal.run(*run(template, rows, "out.jsonl", server))
    assert [row["output"] for row in lines(terminal, "out.jsonl")] == ["delivery"] * 40


@pytest.mark.parametrize("output", ["out.jsonl", "out.csv", "out.xlsx"])
def test_rows_that_failed_are_asked_again_and_the_others_stay(
    terminal: "Terminal", server: "ModelServer", template: str, output: str
) -> None:
    failing = (400, {"error": {"message": "no such luck"}})
    server.answer = lambda prompt: failing if "ticket 3:" in prompt or "ticket 7:" in prompt else "delivery"
    command = run(template, terminal.inputs(12), output, server)
    first = terminal.run(*command)
    assert "2 of them failed" in first.stderr
    assert "--retry-failed" in first.stderr
    calls = server.calls
    server.answer = lambda prompt: failing if "ticket 7:" in prompt else "refund"
    again = terminal.run(*command, "--retry-failed")
    assert "12 rows" in again.stderr and "1 of them failed" in again.stderr
    assert server.calls == calls + 2
    table = loading.load_table(terminal.folder / output)
    assert [row["output"] for row in table.rows] == ["delivery"] * 3 + ["refund"] + ["delivery"] * 3 + [""] + (
        ["delivery"] * 4
    )
    assert [row["id"] for row in table.rows if row["error"]] == ["r7"]
    server.answer = lambda prompt: "refund"
    terminal.run(*command, "--retry-failed")
    terminal.run(*command, "--retry-failed")
    assert server.calls == calls + 3
    assert sorted(file.name for file in terminal.folder.iterdir() if file.name.startswith("out")) == [output]


def test_what_was_asked_again_before_a_server_went_away_is_not_paid_twice(
    terminal: "Terminal", server: "ModelServer", template: str
) -> None:
    refused = (400, {"error": {"message": "no such luck"}})
    server.answer = lambda prompt: "delivery" if "ticket 0:" in prompt else refused
    command = run(template, terminal.inputs(41), "out.jsonl", server)
    terminal.run(*command)
    before = (terminal.folder / "out.jsonl").read_bytes()
    gone = (500, {"error": {"message": "boom"}})
    server.answer = lambda prompt: gone if int(prompt.split()[-2].strip(":")) > 10 else "refund"
    terminal.run(*command, "--retry-failed", code=1)
    assert (terminal.folder / "out.jsonl").read_bytes() == before
    asked = len(server.prompts)
    server.answer = lambda prompt: "delivery"
    terminal.run(*command, "--retry-failed")
    assert len(server.prompts) == asked + 30
    outputs = [row["output"] for row in lines(terminal, "out.jsonl")]
    assert outputs == ["delivery"] + ["refund"] * 10 + ["delivery"] * 30
