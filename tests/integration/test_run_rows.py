"""A run's table on both databases: filters, search, order, comparison with another run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.domain.completion import Decoding, Usage
from copilot.domain.events import CandidateProposed, RunEvent, TrialFinished
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.run import RunConfig, Trial
from copilot.domain.saved import RunPlan
from copilot.domain.snapshot import RowQuery
from copilot.errors import UserError
from copilot.service import run_rows
from copilot.service.workspace import Workspace
from copilot.storage import datasets, events, runs
from copilot.storage.database import Database
from evaluators.base import Score
from tasks.model import Dataset, Example, OutputContract, Task, TaskKind

TASK = Task(name="Tickets", kind=TaskKind.CUSTOM, description="Sort.")
TEMPLATE = PromptTemplate(
    kind=TaskKind.CUSTOM,
    variables=("text",),
    item="{{text}}",
    contract=OutputContract(form="text"),
    decoding=Decoding(max_tokens=5),
)
MADE = {"user": "user", "seed-1": "library"}


def example(n: int) -> Example:
    return Example(id=f"row-{n}", inputs={"text": f"Lettre num\u00e9ro {n} \x00 \u00c9t\u00e9"}, expected=("yes",))


def trial(candidate: str, n: int, *, output: str | None, value: float | None, problem: str | None = None) -> Trial:
    score = Score(evaluator="exact_match", value=value, explanation=f"because {n}")
    return Trial(
        candidate_id=candidate,
        example_id=f"row-{n}",
        output=output,
        raw=output or "outputs inputs problem",
        scores=() if problem else (score,),
        value=0.0 if problem else value,
        passed=None if value is None and not problem else (value == 1.0 and not problem),
        problem=problem,
        usage=Usage(calls=1, prompt_tokens=10, completion_tokens=2),
        latency_seconds=0.5,
    )


def told(n: int) -> list[RunEvent]:
    """Row 0 is right, 1 wrong, 2 not scored, 3 an error; the user's prompt is always wrong."""
    kinds = [
        trial("seed-1", n, output="yes", value=1.0),
        trial("seed-1", n, output='no "quoted"', value=0.0),
        trial("seed-1", n, output="perhaps", value=None),
        trial("seed-1", n, output=None, value=None, problem="No label was named."),
    ]
    theirs = trial("user", n, output="no" if n % 8 else "yes", value=0.0 if n % 8 else 1.0)
    return [TrialFinished(split="holdout", trial=found) for found in (kinds[n % 4], theirs)]


def fill(database: Database, run_id: str, rows: int) -> None:
    dataset = Dataset(examples=tuple(example(n) for n in range(rows)))
    plan = RunPlan(id=run_id, task=TASK, dataset_version=dataset.version, config=RunConfig(), task_model="fake")
    with database.writing() as session:
        datasets.save_dataset(session, dataset=dataset)
        runs.create_run(session, plan=plan)
    with database.writing() as session:
        claim = runs.claim_run(session, run_id=run_id)
        assert claim is not None
        made = [
            Candidate(id=name, template=TEMPLATE, operator="user" if name == "user" else "library")
            for name in ("user", "seed-1")
        ]
        events.append_events(session, claim=claim, events=[CandidateProposed(candidate=one) for one in made])
        for start in range(0, rows, 1000):
            batch = [event for n in range(start, min(start + 1000, rows)) for event in told(n)]
            events.append_events(session, claim=claim, events=batch)


@pytest.fixture
def workspace(database: Database, tmp_path: Path) -> Iterator[Workspace]:
    """An installation on either database, with one run of 40 rows."""
    opened = Workspace(tmp_path / "home")
    opened.__dict__["database"] = database
    fill(database, "run-1", 40)
    yield opened
    del opened.__dict__["database"]


def page(workspace: Workspace, **wanted: object) -> tuple[list[str], dict[str, int]]:
    found = run_rows.page(
        workspace, "run-1", RowQuery.model_validate({"candidate_id": "seed-1", "limit": 100, **wanted})
    )
    assert found.total == len(found.rows)
    return [row.state for row in found.rows], {str(name): n for name, n in found.counts.items()}


def test_filters_leave_what_they_say_and_failures_come_first(workspace: Workspace) -> None:
    states, counts = page(workspace)
    assert counts == {"all": 40, "failures": 20, "passes": 10, "errors": 20, "different": 35}
    assert states == ["error"] * 10 + ["failed"] * 10 + ["unscored"] * 10 + ["passed"] * 10
    assert set(page(workspace, show="failures")[0]) == {"error", "failed"}
    assert set(page(workspace, show="errors")[0]) == {"error", "unscored"}
    assert set(page(workspace, show="passes")[0]) == {"passed"}


def test_search_reads_texts_and_no_names_of_fields(workspace: Workspace) -> None:
    assert len(page(workspace, search="num\u00e9ro 7")[0]) == 1
    assert len(page(workspace, search="LETTRE")[0]) == 40
    assert len(page(workspace, search="\u00e9t\u00e9")[0]) == 40
    assert len(page(workspace, search='no "quoted')[0]) == 10
    assert len(page(workspace, search="7 \ufffd \u00c9t\u00e9")[0]) == 4  # as a NUL is shown
    assert len(page(workspace, search="\ufffd")[0]) == 40
    for key in ("candidate_id", "inputs", "explanation", "%", "{"):
        assert page(workspace, search=key)[0] == [], key


def test_pages_meet_every_row_once(workspace: Workspace) -> None:
    seen = []
    for offset in range(0, 40, 7):
        query = RowQuery(candidate_id="seed-1", offset=offset, limit=7)
        seen += [row.example.id for row in run_rows.page(workspace, "run-1", query).rows]
    assert sorted(seen) == sorted(f"row-{n}" for n in range(40))


def test_another_run_is_put_beside(workspace: Workspace) -> None:
    fill(workspace.database, "run-2", 10)
    found = run_rows.page(workspace, "run-1", RowQuery(candidate_id="seed-1", against="run-2/seed-1", limit=100))
    assert found.against == "run-2/seed-1"
    assert sum(row.other is not None for row in found.rows) == 10
    assert found.counts["different"] == 0


def test_numbers_and_criteria(workspace: Workspace) -> None:
    found = run_rows.facts(workspace, "run-1", RowQuery(candidate_id="seed-1"))
    assert (found.n, found.passed, found.failed, found.errors, found.unscored) == (40, 10, 10, 10, 10)
    assert found.right_or_wrong and found.prompt_tokens == 10 and found.latency_seconds == 0.5
    (criterion,) = found.criteria
    assert (criterion.n, criterion.unscored, criterion.mean, criterion.passed) == (20, 10, 0.5, 10)
    assert run_rows.table_columns(workspace, "run-1", RowQuery(candidate_id="seed-1"))[0] == ("text",)


def test_an_unknown_prompt_or_row_is_one_sentence(workspace: Workspace) -> None:
    with pytest.raises(UserError, match="no such prompt"):
        run_rows.page(workspace, "run-1", RowQuery(candidate_id="seed-9"))
    with pytest.raises(UserError, match="not met"):
        run_rows.one(workspace, "run-1", RowQuery(candidate_id="seed-1"), "nowhere")
