"""The benchmark of the main job measures what it says: one line of figures, checked against the server's count."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


def row(number: int) -> dict[str, str]:
    wish = "I want my money back" if number % 2 else "where is my parcel"
    return {"text": f"ticket {number}: {wish} ({number * 7} days)", "label": "refund" if number % 2 else "delivery"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for place, split in enumerate(("train", "dev", "test")):
        lines = [json.dumps(row(100 * place + number)) + "\n" for number in range(40)]
        (tmp_path / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8")
    return tmp_path


def call(script: str, *arguments: str | Path, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout


def test_a_counting_server_agrees_and_the_table_shows_it(server: Any, data: Path, tmp_path: Path) -> None:
    kept, results = tmp_path / "kept", tmp_path / "results.jsonl"
    printed = call(
        "main_job.py",
        *("--data", data, "--task", "classification", "--url", server.url.removesuffix("/v1"), "--keep", kept),
        *("--max-calls", "60", "--train", "20", "--dev", "20", "--test", "12", "--out", results),
    )
    figures = json.loads(printed)
    assert json.loads(results.read_text()) == figures
    assert (figures["n"], figures["examples"]) == (12, 40)
    assert 0 < figures["server"]["calls"] <= 60
    assert figures["unaccounted"]["calls"] == 0
    assert figures["delta"]["low"] <= figures["delta"]["mean"] <= figures["delta"]["high"]
    assert figures["delta"]["mean"] == pytest.approx(figures["after"] - figures["user"], abs=1e-3)
    for purpose in ("user", "after"):
        answers = [json.loads(line) for line in (kept / f"{purpose}-answers.jsonl").read_text().splitlines()]
        right = sum(("money" in answer["text"]) == (answer["output"] == "refund") for answer in answers)
        assert len(answers) == 12 and "label" not in answers[0]
        assert figures[purpose] == pytest.approx(right / 12, abs=1e-3)
        assert figures["tokens_per_row"][purpose]["prompt_tokens"] > 0

    table = call("main_job_table.py", results, results)
    assert table.count(f"| {data.name} |") == 2
    assert f"{figures['server']['calls']} of 60" in table
    assert " of 2." in table.splitlines()[-1]


def test_a_folder_that_is_in_use_is_left_alone(server: Any, data: Path) -> None:
    printed = call(
        "main_job.py", "--data", data, "--task", "classification", "--url", server.url, "--keep", data, code=1
    )
    assert not printed
    assert server.calls == 0
