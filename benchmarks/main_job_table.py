"""A Markdown table of what `main_job.py` has measured.

    python benchmarks/main_job_table.py RESULTS.jsonl [--report FILE.md]

Each line of the files is a row; below the table stands how often the new prompt was better than the user's beyond the
interval, how often worse, and how often neither can be said.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from _marked import replace_marked

COMMAND = "python benchmarks/main_job_table.py"
TITLES = ("data", "model", "seed", "test rows", "yours", "new", "difference [95 %]", "verdict", "calls", "tokens a row",
          "seconds")  # fmt: skip


def outcome(figures: dict[str, Any]) -> str:
    """Say what the test rows show."""
    if figures["delta"]["low"] > 0:
        return "better"
    return "worse" if figures["delta"]["high"] < 0 else "neither"


def cells(figures: dict[str, Any]) -> list[str]:
    """Return one measurement as the cells of its row."""
    delta, server = figures["delta"], figures["server"]
    calls = server["calls"] if server else sum(role["calls"] for role in figures["usage"].values())
    costs = [figures["tokens_per_row"][purpose] for purpose in ("user", "after")]
    tokens = " to ".join(f"{cost['prompt_tokens'] + cost['completion_tokens']:.0f}" for cost in costs)
    return [
        figures["data"],
        figures["model"],
        str(figures["seed"]),
        str(figures["n"]),
        f"{figures['user']:.3f}",
        f"{figures['after']:.3f}",
        f"{delta['mean']:+.3f} [{delta['low']:+.3f}, {delta['high']:+.3f}]",
        figures["verdict"].replace("_", " "),
        f"{calls} of {figures['max_calls']}",
        tokens,
        f"{figures['seconds']:.0f}",
    ]


def table(measured: list[dict[str, Any]]) -> str:
    """Return the table and the sentence below it."""
    ordered = sorted(
        measured, key=lambda figures: (figures["model"], figures["task"], figures["data"], figures["seed"])
    )
    rows = [list(TITLES), ["---"] * len(TITLES), *(cells(figures) for figures in ordered)]
    shown = Counter(outcome(figures) for figures in ordered)
    summary = f"Better {shown['better']}, worse {shown['worse']}, neither {shown['neither']} of {len(ordered)}."
    return "\n".join([*("| " + " | ".join(row) + " |" for row in rows), "", summary])


def main() -> None:
    """Print the table of all files together."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", metavar="RESULTS.jsonl")
    parser.add_argument("--report", type=Path, metavar="FILE.md", help="write it between the marks of this page")
    given = parser.parse_args()
    lines = [line for file in given.files for line in file.read_text(encoding="utf-8").splitlines()]
    text = table([json.loads(line) for line in lines if line.strip()])
    print(text)
    if given.report:
        replace_marked(given.report, COMMAND, text)


if __name__ == "__main__":
    main()
