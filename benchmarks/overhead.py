"""What Falconer itself costs per evaluation: a whole improvement on the fake model, with everything saved.

    python benchmarks/overhead.py                 evaluations a second on one core; exit code 1 below the bar
    python benchmarks/overhead.py --profile       and where the time goes

The run goes through the SDK: SQLite in a fresh home keeps every completion, event, trial and candidate. Time is the CPU
time of all threads of the process, which is pinned to one core, so that other processes do not count.
"""

import argparse
import cProfile
import os
import pstats
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from copilot import Budget, Copilot, Example, Task
from copilot.domain.events import RunEvent, TrialFinished
from copilot.service import runs
from tasks.model import Dataset, TaskKind

BAR = 1000
"""Evaluations a second."""
LABELS = ("billing", "delivery", "returns", "technical", "account", "feedback")
WORDS: tuple[str, ...] = tuple(
    word
    for line in (
        "invoice parcel refund password charge late box login money truck door shelf screw table lamp order number",
        "address driver photo mail answer week again please wrong missing broken cancel renew price voucher app page",
    )
    for word in line.split()
)


@dataclass(frozen=True)
class Cost:
    """What one improvement took."""

    examples: int
    evaluations: int
    candidates: int
    cpu_seconds: float
    wall_seconds: float

    @property
    def a_second(self) -> float:
        """Evaluations per second of CPU."""
        return self.evaluations / self.cpu_seconds

    @property
    def microseconds(self) -> float:
        """CPU time of one evaluation."""
        return 1e6 * self.cpu_seconds / self.evaluations


def text(draw: random.Random, words: int) -> str:
    """Return an invented message."""
    return " ".join(draw.choice(WORDS) for _ in range(words)).capitalize() + "."


def dataset(kind: str, n: int, *, seed: int = 1) -> Dataset:
    """Return n invented examples of a kind of task."""
    draw = random.Random(seed)
    rows = []
    for number in range(n):
        body = f"{text(draw, 30)} ({number})"
        expected: tuple[str, ...]
        if kind == "classification":
            inputs, expected = {"text": body}, (draw.choice(LABELS),)
        elif kind == "document_qa":
            inputs, expected = {"document": body, "question": text(draw, 8)}, (" ".join(body.split()[3:6]),)
        elif kind == "keyword_extraction":
            inputs, expected = {"document": body}, tuple(dict.fromkeys(body.lower().split()[2:7]))
        else:
            inputs, expected = {"document": body}, (text(draw, 10),)
        rows.append(Example(id=str(number), inputs=inputs, expected=expected))
    return Dataset(examples=tuple(rows))


def task(kind: str) -> Task:
    """Return a task of a kind."""
    labels = LABELS if kind == "classification" else ()
    return Task(name=kind, kind=TaskKind(kind), description="Sort or read the message of a customer.", labels=labels)


@contextmanager
def one_core() -> Iterator[None]:
    """Pin this process and its threads to one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def improve(kind: str, *, examples: int, calls: int) -> Cost:
    """Run one improvement in a fresh home and return what it cost."""
    seen: Counter[str] = Counter()

    def count(event: RunEvent) -> None:
        seen[event.type] += 1
        if isinstance(event, TrialFinished) and event.trial.value is None:
            seen["unscored"] += 1

    rows = dataset(kind, examples)
    with tempfile.TemporaryDirectory() as home, Copilot(home, model="fake") as copilot:
        _ = copilot.workspace.database  # made once in a home's life, not by each run
        cpu, wall = time.process_time(), time.perf_counter()
        run = copilot.improve(task(kind), rows, budget=Budget(max_calls=calls), on_event=count)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        assert run.result is not None and sum(use.calls for use in run.result.usage.values()) <= calls
    if seen["unscored"]:
        sys.exit(f"{seen['unscored']} evaluations failed: the measure would be wrong.")
    return Cost(
        examples=examples,
        evaluations=seen["trial_finished"],
        candidates=seen["candidate_proposed"],
        cpu_seconds=cpu,
        wall_seconds=wall,
    )


def show(kind: str, cost: Cost) -> None:
    """Print one line of the table."""
    print(
        f"{kind:20} {cost.examples:>8,} {cost.candidates:>10,} {cost.evaluations:>11,} {cost.cpu_seconds:>8.2f} "
        f"{cost.wall_seconds:>8.2f} {cost.a_second:>10,.0f} {cost.microseconds:>8,.0f}",
        flush=True,
    )


HEAD = (
    f"{'kind':20} {'examples':>8} {'candidates':>10} {'evaluations':>11} {'CPU s':>8} {'wall s':>8} "
    f"{'eval/CPU s':>10} {'us/eval':>8}"
)


def bar(kinds: list[str], *, examples: int, calls: int, repeat: int) -> int:
    """Measure the kinds one by one, the best of some runs each; return 1 where one stays below the bar."""
    print(HEAD)
    improve("classification", examples=60, calls=100)  # loads what is loaded once
    costs = []
    for kind in kinds:
        improve(kind, examples=40, calls=60)
        tries = [improve(kind, examples=examples, calls=calls) for _ in range(repeat)]
        # What others do on the machine only ever adds: their work evicts ours from the caches.
        costs.append(min(tries, key=lambda cost: cost.microseconds))
        show(kind, costs[-1])
    met = all(cost.a_second >= BAR for cost in costs)
    print(f"bar: {BAR:,} evaluations a second on one core, everything saved: {'met' if met else 'NOT met'}")
    return 0 if met else 1


def profile(kind: str, *, examples: int, calls: int) -> int:
    """Show where the event loop's CPU time goes (a profile costs time itself: read the shares)."""
    improve(kind, examples=60, calls=100)
    profiler = cProfile.Profile(time.thread_time)
    with tempfile.TemporaryDirectory() as home, Copilot(home, model="fake") as copilot:
        _ = copilot.workspace.database
        assignment = copilot.assignment(task(kind), dataset(kind, examples), budget=Budget(max_calls=calls))

        async def work() -> None:
            # Inside the coroutine: a profiler sees only the thread that has switched it on.
            profiler.enable()
            await copilot.work(runs.start(copilot.workspace, assignment))
            profiler.disable()

        copilot.portal.call(work())
    stats = pstats.Stats(profiler)
    total = sum(entry[2] for entry in stats.stats.values())
    parts = {
        "the fake model": ("models/fake.py", "complete"),
        "stored completions: looked up": ("storage/ledger.py", "get"),
        "stored completions: written": ("storage/ledger.py", "put"),
        "scoring": ("evaluation/rubric.py", "score"),
        "rendering prompts": ("domain/prompt.py", "render"),
        "keys of requests": ("domain/completion.py", "key"),
        "reading answers": ("evaluation/answer.py", "read"),
        "decision layers": ("optimizers/decision.py", "_chosen"),
        "measuring and dividing the examples": ("engine/improve.py", "prepare"),
        "baselines and verdict": ("engine/improve.py", "_decide"),
    }
    print(f"{'part':40} {'share':>6}   (time in everything that it calls included; not a partition)")
    for part, (file, function) in parts.items():
        seconds = sum(
            entry[3]
            for place, entry in stats.stats.items()
            if place[0].endswith(f"copilot/{file}") and place[2] == function
        )
        print(f"{part:40} {seconds / total:>6.1%}")
    stats.sort_stats("tottime").print_stats(20)
    return 0


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", action="append", choices=[kind.value for kind in TaskKind if kind != TaskKind.CUSTOM])
    parser.add_argument("--examples", type=int, default=600)
    parser.add_argument("--calls", type=int, default=20_000, help="the run's cap")
    parser.add_argument("--repeat", type=int, default=3, help="runs, of which the best counts")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    kinds = given.kind or [kind.value for kind in TaskKind if kind != TaskKind.CUSTOM]
    with one_core():
        if given.profile:
            return profile(kinds[0], examples=given.examples, calls=given.calls)
        return bar(kinds, examples=given.examples, calls=given.calls, repeat=given.repeat)


if __name__ == "__main__":
    sys.exit(main())
