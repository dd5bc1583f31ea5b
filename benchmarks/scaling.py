"""How a search grows: halving with 5 to 500 candidates on 10 to 1,000 examples, everything saved.

    python benchmarks/scaling.py                    our own time, on the fake model; exit code 1 below the bar
    python benchmarks/scaling.py --model URL        calls a second and cached share on a server
    python benchmarks/scaling.py --report FILE.md   either, written into a page as well

Examples and candidates are invented; candidates are the library's prompts, then these with one more line each.
"""

import argparse
import asyncio
import io
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

from _marked import replace_marked
from overhead import HEAD, Cost, dataset, improve, one_core, show, task

from copilot import Budget
from copilot.domain.completion import Usage
from copilot.domain.events import RunEvent, TrialFinished
from copilot.domain.prompt import Candidate
from copilot.domain.run import Role, RunConfig
from copilot.domain.saved import Claim
from copilot.engine.improve import prepare
from copilot.engine.search import Search
from copilot.engine.stages import halve
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.meter import Meter
from copilot.evaluation.rubric import Helpers
from copilot.evaluation.trials import Evaluation
from copilot.optimizers.seeds import first_candidates
from copilot.service import runs
from copilot.service.workspace import Workspace
from copilot.storage.events import append_events

SCALE = (10, 100, 1000)
"""Examples."""
CROWD = (5, 50, 500)
"""Candidates."""
FLAT = 1.25
"""The largest search may cost so many times as much per evaluation as the middle one."""
MOST_MICROSECONDS = 1000
BATCH = 256
"""Events saved in one transaction."""


def own_time(kind: str) -> int:
    """Show the cost of one evaluation as examples and candidates grow; return 1 where it grows with them."""
    improve(kind, examples=60, calls=100)
    print("A whole run, by examples (its fixed cost is shared by ever more evaluations):")
    print(HEAD)
    for examples in SCALE:
        show(kind, improve(kind, examples=examples, calls=20_000))
    print("\nHalving, with everything saved: microseconds of CPU per evaluation (number of evaluations)")
    found: dict[tuple[int, int], float] = {}
    head()
    for examples in SCALE:
        print(f"{examples:>10,}", end="")
        for count in CROWD:
            cost, _ = asyncio.run(halving(kind, "fake", candidates=count, examples=examples, most_calls=10**9))
            found[examples, count] = cost.microseconds
            print(f"{cost.microseconds:>11,.0f} ({cost.evaluations:>7,})", end="", flush=True)
        print()
    # Measured against the middle: in the smallest cells few evaluations share the fixed steps of a run.
    middle, worst = found[SCALE[1], CROWD[1]], found[SCALE[-1], CROWD[-1]]
    flat = worst <= min(FLAT * middle, MOST_MICROSECONDS)
    print(f"The largest costs {worst / middle:.2f} times the middle one; ", end="")
    print(f"bar: {FLAT} times and {MOST_MICROSECONDS:,} us, ", end="")
    print("met" if flat else "NOT met")
    return 0 if flat else 1


def on_server(kind: str, model: str, *, most_calls: int) -> int:
    """Show how fast a server answers, and how much it need not compute, as examples and candidates grow."""
    print(f"Halving on a server, at most {most_calls:,} calls: calls a second, cached share (number of calls)")
    head()
    for examples in SCALE:
        print(f"{examples:>10,}", end="")
        for count in CROWD:
            cost, usage = asyncio.run(halving(kind, model, candidates=count, examples=examples, most_calls=most_calls))
            served = f"{usage.calls / cost.wall_seconds:.1f}, {usage.cached_tokens / usage.prompt_tokens:.0%}"
            print(f"{served:>12} ({usage.calls:>6,})", end="", flush=True)
        print()
    return 0


def head() -> None:
    """Print the numbers of candidates above their columns."""
    print(f"{'examples':>10}" + "".join(f"{count:>10,} candidates" for count in CROWD))


async def halving(kind: str, model: str, *, candidates: int, examples: int, most_calls: int) -> tuple[Cost, Usage]:
    """Run the search's halving over so many different prompts, and save what it tells as a worker does."""
    rows = dataset(kind, examples)
    config = RunConfig(budget=Budget(max_calls=most_calls))
    assignment = runs.Assignment(task=task(kind), dataset=rows, model=model, config=config)
    with tempfile.TemporaryDirectory() as home:
        workspace = Workspace(home)
        claim = runs.start(workspace, assignment).claim
        assert claim is not None
        setup = prepare(task(kind), rows, config=config, context_length=None)
        gateway = Gateway(await workspace.model(model), Role.TASK, ledger=workspace.ledger, meter=Meter(config.budget))
        evaluation = Evaluation(gateway=gateway, rubric=setup.rubric, helpers=Helpers())
        search = Search(ground=setup.ground, evaluation=evaluation, items=rows.examples, config=config)
        search.add(crowd(first_candidates(setup.ground, 5), candidates))
        told: list[RunEvent] = []
        started, wall, evaluations = time.process_time(), time.perf_counter(), 0
        async for event in halve(search, list(search.candidates), first_rung=setup.plan.first_rung):
            evaluations += isinstance(event, TrialFinished)
            told.append(event)
            if len(told) == BATCH:
                save(workspace, claim, told)
        save(workspace, claim, told)
        cost = Cost(
            examples=examples,
            evaluations=evaluations,
            candidates=candidates,
            cpu_seconds=time.process_time() - started,
            wall_seconds=time.perf_counter() - wall,
        )
        await workspace.aclose()
    return cost, gateway.meter.usage[Role.TASK]


def crowd(seeds: Sequence[Candidate], count: int) -> list[Candidate]:
    """Return so many different candidates: the seeds, then seeds with one more line each."""
    made = list(seeds[:count])
    for number in range(len(made), count):
        seed = seeds[number % len(seeds)]
        template = seed.template.model_copy(update={"instruction": f"{seed.template.instruction}\nRule {number}."})
        made.append(Candidate(id=f"more-{number}", template=template, operator=seed.operator))
    return made


def save(workspace: Workspace, claim: Claim, told: list[RunEvent]) -> None:
    """Save events in one transaction, and forget them."""
    with workspace.database.writing() as session:
        append_events(session, claim=claim, events=told)
    told.clear()


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", default="classification", choices=["summarization", "classification"])
    parser.add_argument("--model", metavar="URL", help="of a server; nothing: the fake model, whose time is ours")
    parser.add_argument("--most-calls", type=int, default=2000, help="of one cell, on a server")
    parser.add_argument("--report", type=Path, metavar="FILE.md")
    given = parser.parse_args()
    if given.report is None:
        return measure(given)
    with redirect_stdout(io.StringIO()) as told:
        code = measure(given)
    command = "python benchmarks/scaling.py" + (" --model URL" if given.model else "")
    replace_marked(given.report, command, f"```\n{told.getvalue()}```")
    return code


def measure(given: argparse.Namespace) -> int:
    """Measure what the command line asks for."""
    if given.model:
        return on_server(given.kind, given.model, most_calls=given.most_calls)
    with one_core():
        return own_time(given.kind)


if __name__ == "__main__":
    sys.exit(main())
