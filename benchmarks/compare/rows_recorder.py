"""Runs one script of a harness unchanged and notes, besides, what each test row scored.

    python rows_recorder.py ROWS.json SCRIPT.py [its arguments ...]

The harness prints means only; differences between systems are judged row by row. This file runs in the peers' own
environment, so it needs nothing but the standard library and the harness's `metrics.py` beside the script.
"""

import importlib
import json
import runpy
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the script with a scorer that takes notes."""
    out, script = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
    sys.path.insert(0, str(script.parent))
    metrics: Any = importlib.import_module("metrics")
    plain, noted = metrics.score, list[tuple[str, float]]()

    def score(task: str, prediction: Any, row: dict[str, Any]) -> float:
        value = float(plain(task, prediction, row))
        noted.append((str(row["id"]), value))
        return value

    metrics.score = score
    sys.argv = sys.argv[2:]
    data = Path(sys.argv[sys.argv.index("--data") + 1])
    lines = (data / "test.jsonl").read_text(encoding="utf-8").splitlines()
    runpy.run_path(str(script), run_name="__main__")
    tests = {str(json.loads(line)["id"]) for line in lines}
    out.write_text(json.dumps(last_phase(noted, tests)), encoding="utf-8")


def last_phase(noted: list[tuple[str, float]], tests: set[str]) -> dict[str, float]:
    """Return the scores of the last evaluation on test rows: what was noted after the optimiser's last own scoring.

    A row whose answer could not be read is never scored by the harness; it is missing here and worth 0.
    """
    scores: dict[str, float] = {}
    for name, value in reversed(noted):
        if name not in tests or name in scores:
            break
        scores[name] = value
    return scores


if __name__ == "__main__":
    main()
