"""What a page of a run's table costs: first and last page, filters, a search, in 10,000 and 50,000 rows.

    python benchmarks/run_rows.py

Seconds of CPU, since the database works in this process. Exit code 1 where a page of the largest table takes longer
than the bar, costs more than in proportion to its rows, or needs more memory than the bar.
"""

import sys
import tempfile
import time
import tracemalloc

from copilot import Copilot
from copilot.domain.completion import Decoding, Usage
from copilot.domain.events import CandidateProposed, RunEvent, TrialFinished
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.run import RunConfig, Trial
from copilot.domain.saved import RunPlan
from copilot.domain.snapshot import RowQuery
from copilot.service.handles import Run
from copilot.storage import datasets, events, runs
from copilot.storage.database import Database
from evaluators.base import Score
from tasks.model import Dataset, Example, OutputContract, Task, TaskKind

ROWS = (10_000, 50_000)
SECONDS = 2.0
GROWTH = 1.25
"""How much more than in proportion to its rows the largest table may cost."""
MEGABYTES = 5.0
BATCH = 1000
TASK = Task(name="letters", kind=TaskKind.CUSTOM, description="Sort.")
TEMPLATE = PromptTemplate(
    kind=TaskKind.CUSTOM,
    variables=("text",),
    item="{{text}}",
    contract=OutputContract(form="text"),
    decoding=Decoding(max_tokens=5),
)


def queries(rows: int) -> dict[str, RowQuery]:
    """Return what is asked of a table."""
    return {
        "first page": RowQuery(candidate_id="seed-1"),
        "last page": RowQuery(candidate_id="seed-1", offset=rows - 50),
        "failures": RowQuery(candidate_id="seed-1", show="failures", offset=rows // 5),
        "different": RowQuery(candidate_id="seed-1", show="different"),
        "search": RowQuery(candidate_id="seed-1", search="lettre numéro 999"),
    }


def trials(n: int) -> list[RunEvent]:
    """Return what two prompts made of a row: the user's is wrong, of the other's answers one in two."""
    values = {"user": 0.0, "seed-1": float(n % 2)}
    return [
        TrialFinished(
            split="holdout",
            trial=Trial(
                candidate_id=name,
                example_id=f"row-{n}",
                output=f"réponse {n} {value:g}",
                raw=f"réponse {n} {value:g}",
                scores=(Score(evaluator="exact_match", value=value, explanation=f"because {n}"),),
                value=value,
                passed=value == 1.0,
                usage=Usage(calls=1, prompt_tokens=10, completion_tokens=2),
                latency_seconds=0.5,
            ),
        )
        for name, value in values.items()
    ]


def fill(database: Database, run_id: str, rows: int) -> None:
    """Save a run with so many held-out rows, each met by both prompts."""
    examples = (
        Example(id=f"row-{n}", inputs={"text": f"Lettre numéro {n}. " + "Reçue. " * 20}, expected=("oui",))
        for n in range(rows)
    )
    dataset = Dataset(examples=tuple(examples))
    plan = RunPlan(id=run_id, task=TASK, dataset_version=dataset.version, config=RunConfig(), task_model="fake")
    with database.writing() as session:
        datasets.save_dataset(session, dataset=dataset)
        runs.create_run(session, plan=plan)
    with database.writing() as session:
        claim = runs.claim_run(session, run_id=run_id)
        assert claim is not None
        prompts = (("user", "user"), ("seed-1", "library"))
        made = [Candidate(id=name, template=TEMPLATE, operator=operator) for name, operator in prompts]
        events.append_events(session, claim=claim, events=[CandidateProposed(candidate=one) for one in made])
        for start in range(0, rows, BATCH):
            batch = [event for n in range(start, start + BATCH) for event in trials(n)]
            events.append_events(session, claim=claim, events=batch)


def measure(run: Run, rows: int) -> tuple[dict[str, float], float]:
    """Return the seconds of CPU of each query, and the most memory in MB that one needed."""
    seconds, megabytes = {}, 0.0
    for name, query in queries(rows).items():
        begun = time.process_time()
        if not run.find_rows(query).rows:
            sys.exit(f"'{name}' found no row: the measure would be wrong.")
        seconds[name] = time.process_time() - begun
        tracemalloc.start()  # apart from the clock, which it would slow
        run.find_rows(query)
        megabytes = max(megabytes, tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    return seconds, megabytes


def main() -> int:
    """Fill the tables, measure, and say what was met."""
    print(f"{'rows':>7} " + "".join(f"{name:>12}" for name in queries(ROWS[0])) + f"{'memory MB':>12}")
    found = []
    for rows in ROWS:
        with tempfile.TemporaryDirectory() as home, Copilot(home, model="fake") as copilot:
            fill(copilot.workspace.database, "run", rows)
            found.append(measure(copilot.get_run("run"), rows))
        seconds, megabytes = found[-1]
        print(f"{rows:>7,} " + "".join(f"{took:>12.2f}" for took in seconds.values()) + f"{megabytes:>12.1f}")
    (fewer, _), (more, megabytes) = found
    growth = sum(more.values()) / sum(fewer.values()) / (ROWS[1] / ROWS[0])
    met = max(more.values()) < SECONDS and growth <= GROWTH and megabytes < MEGABYTES
    print(f"all queries together cost {growth:.2f} times what is in proportion to the rows")
    print(f"bar: {SECONDS:g} s, {GROWTH:g} times, {MEGABYTES:g} MB: {'met' if met else 'NOT met'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
