"""`dev.py` works with the Python alone, and says in a sentence what is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BARE = [sys.executable, "-I", "-S", str(ROOT / "dev.py")]
"""Isolated and without site-packages: what a fresh machine has."""


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*BARE, *arguments], capture_output=True, text=True, check=False)


def test_help_lists_every_verb_and_needs_no_package() -> None:
    done = call("help")
    assert done.returncode == 0, done.stderr
    for verb in ("app", "demo", "sync", "check", "test", "bench", "docs", "screenshots", "lock"):
        assert f"\n  {verb} " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"), [(["check", "x"], "no arguments"), (["bench", "x"], "no benchmark 'x'")]
)
def test_a_mistake_is_answered_in_a_sentence(arguments: list[str], said: str) -> None:
    done = call(*arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_makefile_knows_the_same_verbs() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for verb in ("app", "demo", "sync", "check", "test", "bench", "docs", "screenshots", "lock", "help"):
        assert verb in makefile.split(".PHONY:")[1].splitlines()[0].split()
