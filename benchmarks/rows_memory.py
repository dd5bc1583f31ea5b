"""Whether `falconer run` needs more memory for more rows: its peak for files of 10 thousand to a million rows.

    python benchmarks/rows_memory.py              10 k and 100 k rows, .jsonl and .csv
    python benchmarks/rows_memory.py --full       and 1 M rows
    python benchmarks/rows_memory.py --rows 10000 200000 --format jsonl

Each file goes through the command line in a process of its own, on the fake model. Exit code 1 where the largest file
needs more than 1.2 times the memory of the smallest. What a million rows would take is reckoned from the two largest
files of a format, in seconds of CPU: other processes on the machine do not count.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

BAR = 1.2
MILLION = 1_000_000
TEMPLATE = """\
schema_version: 1
name: tickets
prompt:
  kind: classification
  variables: [text]
  instruction: 'Which team has to read this: billing or delivery?'
  item: '{{text}}'
  contract: {form: label, labels: [billing, delivery], constraint: {type: choice, choices: [billing, delivery]}}
  decoding: {max_tokens: 8}
"""
WORDS = ("invoice", "parcel", "refund", "driver", "charge", "late", "price", "door", "address", "order", "please")


@dataclass(frozen=True)
class Measured:
    """One run of the command."""

    rows: int
    peak_mib: float
    cpu_seconds: float
    seconds: float


def write_rows(path: Path, rows: int) -> None:
    """Write so many different invented rows, none of which is kept in memory."""
    draw = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream) if path.suffix == ".csv" else None
        if table is not None:
            table.writerow(["number", "text"])
        for number in range(rows):
            text = " ".join(draw.choices(WORDS, k=25)) + f" {number}"
            if table is not None:
                table.writerow([number, text])
            else:
                stream.write(json.dumps({"number": str(number), "text": text}) + "\n")


def count_rows(path: Path) -> int:
    """Return the rows of an output."""
    with path.open("rb") as stream:
        return sum(1 for _ in stream) - (path.suffix == ".csv")


def measure(folder: Path, *, rows: int, suffix: str) -> Measured:
    """Run the command on so many rows; return the peak of its resident memory."""
    source, output, template = folder / f"rows.{suffix}", folder / f"out.{suffix}", folder / "template.yaml"
    write_rows(source, rows)
    template.write_text(TEMPLATE)
    output.unlink(missing_ok=True)
    falconer = Path(sys.executable).with_name("falconer")
    files = ["--input", str(source), "--output", str(output), "--model", "fake"]
    started = time.perf_counter()
    peak, cpu = _cost_of([str(falconer), "run", str(template), *files], home=folder)
    seconds = time.perf_counter() - started
    if (found := count_rows(output)) != rows:
        sys.exit(f"{found:,} rows came out of {rows:,}: the measure would be wrong.")
    return Measured(rows=rows, peak_mib=peak, cpu_seconds=cpu, seconds=seconds)


def _cost_of(command: list[str], *, home: Path) -> tuple[float, float]:
    """Return the peak resident memory of a command in MiB, and its CPU seconds.

    A fresh process in between runs it, since the largest child of a process is all that the system remembers.
    """
    watcher = (
        "import json, resource, subprocess, sys\n"
        "code = subprocess.run(json.loads(sys.argv[1]), stderr=subprocess.DEVNULL).returncode\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(code, used.ru_maxrss, used.ru_utime + used.ru_stime)\n"
    )
    environment = os.environ | {"FALCONER_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", watcher, json.dumps(command)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    code, peak, cpu = done.stdout.split()[-3:]
    if code != "0":
        sys.exit(f"The command failed: {' '.join(command)}")
    unit = 1 if sys.platform == "darwin" else 1024
    return int(peak) * unit / 2**20, float(cpu)


def _reckoned(one: Measured, other: Measured) -> float:
    """Return the CPU seconds of a million rows: starting up, and so much for each further row."""
    a_row = (other.cpu_seconds - one.cpu_seconds) / (other.rows - one.rows)
    return other.cpu_seconds + a_row * (MILLION - other.rows)


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--full", action="store_true", help="1 M rows, too")
    parser.add_argument("--format", choices=["jsonl", "csv"], nargs="+", default=["jsonl", "csv"])
    given = parser.parse_args()
    sizes = sorted({*given.rows, *([MILLION] if given.full else [])})
    worst = 0.0
    print(f"{'format':8} {'rows':>10} {'peak MiB':>9} {'CPU s':>8} {'wall s':>8} {'rows/CPU s':>10}")
    for suffix in given.format:
        found = []
        for rows in sizes:
            with tempfile.TemporaryDirectory() as folder:
                found.append(measure(Path(folder), rows=rows, suffix=suffix))
            last = found[-1]
            print(
                f"{suffix:8} {last.rows:>10,} {last.peak_mib:>9.1f} {last.cpu_seconds:>8.1f} {last.seconds:>8.1f} "
                f"{rows / last.cpu_seconds:>10,.0f}",
                flush=True,
            )
        ratio = found[-1].peak_mib / found[0].peak_mib
        worst = max(worst, ratio)
        if len(found) > 1 and found[-1].rows < MILLION:
            print(f"{suffix:8} {MILLION:,} rows would take {_reckoned(*found[-2:]) / 60:.1f} minutes of one core")
        print(f"{suffix:8} {found[-1].rows:,} rows need {ratio:.2f} times the memory of {found[0].rows:,}", flush=True)
    print(f"bar: below {BAR} times: {'met' if worst < BAR else 'NOT met'}")
    return 0 if worst < BAR else 1


if __name__ == "__main__":
    sys.exit(main())
