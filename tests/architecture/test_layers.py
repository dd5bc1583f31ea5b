"""Imports run one way: import-linter's contracts in pyproject.toml hold, and a broken one says how to mend it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
REMEDY = """
An import runs against the layers (the contracts are in pyproject.toml under [tool.importlinter]). To mend it:
- move the type or function that both sides need down, to `copilot.domain`, `tasks` or `evaluators`;
- or let the upper layer pass in what the lower one needs, behind a Protocol that the lower one declares;
- a new module of `copilot` needs a place in the contract `copilot-layers`.
"""


def test_no_import_runs_against_the_layers() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "120"},
    )
    assert done.returncode == 0, done.stdout + done.stderr + REMEDY
    assert " kept, 0 broken" in done.stdout
