"""The generated reference is what the code says today."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_reference_is_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs/reference/build.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
