"""The tutorial is true: its blocks run in order, and print what it shows.

Blocks of `sh` and `python` run in one folder, with the environment's programs and a fresh FALCONER_HOME. A block of
`text` that follows one shows its output: its lines occur in the real output in that order, `...` standing for
whatever differs between machines.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PROGRAMS = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}


class Step(NamedTuple):
    language: str
    code: str
    shown: str | None


def steps(text: str) -> Iterator[Step]:
    blocks = [(found[1], found[2]) for found in BLOCK.finditer(text)]
    for number, (language, code) in enumerate(blocks):
        if language in PROGRAMS:
            after = blocks[number + 1] if number + 1 < len(blocks) else ("", "")
            yield Step(language, code, after[1] if after[0] == "text" else None)


def missing_line(shown: str, output: str) -> str | None:
    """The first line of what is shown that does not come next in the output; None where all do."""
    rest = [" ".join(line.split()) for line in output.splitlines()]
    for line in filter(None, (" ".join(line.split()) for line in shown.splitlines())):
        if line == "...":
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in line.split("...")))
        while rest and not pattern.fullmatch(rest[0]):
            rest.pop(0)
        if not rest:
            return line
        rest.pop(0)
    return None


def test_output_is_compared_line_by_line() -> None:
    assert missing_line("one\n...\nthree: ... s\n", "one\ntwo\nthree: 0.4 s\n") is None
    assert missing_line("one\nthree\n", "three\none\n") == "three"
    assert missing_line("two\n", "one\n") == "two"


@pytest.mark.model
def test_the_tutorial_runs(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FALCONER_HOME": str(tmp_path / "home"),
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }
    folder = tmp_path / "work"
    folder.mkdir()
    done = 0
    for step in steps(TUTORIAL.read_text(encoding="utf-8")):
        ran = subprocess.run(
            [*PROGRAMS[step.language], step.code],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )
        assert ran.returncode == 0, f"{step.code}\nended with {ran.returncode}:\n{ran.stdout}"
        if step.shown is not None:
            missing = missing_line(step.shown, ran.stdout)
            assert missing is None, f"{step.code}\ndoes not print\n{missing}\nbut\n{ran.stdout}"
        done += 1
    assert done >= 5
