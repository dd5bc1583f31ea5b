"""Two prompts of two runs beside each other, on both databases: which rows count, and what is said of them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlmodel import Session

from copilot.domain.completion import Decoding
from copilot.domain.events import CandidateProposed, TrialFinished
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.run import RunConfig, Trial
from copilot.domain.saved import RunPlan
from copilot.domain.snapshot import Part, RowQuery
from copilot.errors import UserError
from copilot.service import run_rows
from copilot.service.comparing import Comparisons
from copilot.service.workspace import Workspace
from copilot.storage import datasets, events, runs, shared_rows
from copilot.storage.database import Database
from copilot.storage.trial_rows import Selection
from evaluators.base import Score
from tasks.model import Dataset, Example, OutputContract, SuccessCriterion, Task, TaskKind

TASK = Task(name="Tickets", kind=TaskKind.CUSTOM, description="Sort.")
OTHER_CRITERIA = TASK.model_copy(update={"criteria": (SuccessCriterion(evaluator="exact_match", weight=2.0),)})
TEMPLATE = PromptTemplate(
    kind=TaskKind.CUSTOM,
    variables=("text",),
    item="{{text}}",
    contract=OutputContract(form="text"),
    decoding=Decoding(max_tokens=5),
)


def trial(candidate: str, n: int, value: float) -> Trial:
    output = "yes" if value else "no"
    score = Score(evaluator="exact_match", value=value, explanation="because")
    said = {"output": output, "raw": output, "scores": (score,), "value": value, "passed": value > 0}
    return Trial.model_validate({"candidate_id": candidate, "example_id": f"{n}", **said})


def fill(
    workspace: Workspace,
    run_id: str,
    trials: Mapping[str, Mapping[int, tuple[str, float]]],
    *,
    changed: frozenset[int] = frozenset(),
    task: Task = TASK,
) -> None:
    """Make a run of 40 examples; its prompts have met some of them, each in a part of the data and with a score."""
    rows = tuple(
        Example(id=f"{n}", inputs={"text": f"letter {n}{' anew' if n in changed else ''}"}, expected=("yes",))
        for n in range(40)
    )
    dataset = Dataset(examples=rows)
    plan = RunPlan(id=run_id, task=task, dataset_version=dataset.version, config=RunConfig(), task_model="fake")
    with workspace.database.writing() as session:
        datasets.save_dataset(session, dataset=dataset)
        runs.create_run(session, plan=plan)
    with workspace.database.writing() as session:
        claim = runs.claim_run(session, run_id=run_id)
        assert claim is not None
        made = [
            CandidateProposed(
                candidate=Candidate(
                    id=name, template=TEMPLATE.model_copy(update={"system": name}), operator=name.partition("-")[0]
                )
            )
            for name in trials
        ]
        told = [
            TrialFinished.model_validate({"split": split, "trial": trial(name, n, value)})
            for name, met in trials.items()
            for n, (split, value) in met.items()
        ]
        events.append_events(session, claim=claim, events=[*made, *told])


@pytest.fixture
def workspace(database: Database, tmp_path: Path) -> Iterator[Workspace]:
    """An installation on either database, with a run that kept rows 20 to 39 aside."""
    opened = Workspace(tmp_path / "home")
    opened.__dict__["database"] = database
    mine = {n: ("dev" if n < 20 else "holdout", 0.0 if n % 4 else 1.0) for n in range(40)}
    fill(opened, "run-1", {"user": mine, "seed-1": {n: (split, 1.0) for n, (split, _) in mine.items()}})
    yield opened
    del opened.__dict__["database"]


def ids(workspace: Workspace, part: Part) -> set[int]:
    query = RowQuery(candidate_id="seed-1", against="run-2/user", part=part, limit=100)
    found = run_rows.page(workspace, "run-1", query)
    assert part == "all" or all(row.other is not None for row in found.rows)
    return {int(row.example.id) for row in found.rows}


def test_rows_kept_aside_in_both_runs_count_first(workspace: Workspace) -> None:
    theirs = {n: ("holdout" if 10 <= n < 30 else "dev", 0.0 if n % 2 else 1.0) for n in range(5, 40)}
    fill(workspace, "run-2", {"user": theirs, "seed-7": {0: ("dev", 1.0)}})
    comparisons = Comparisons(workspace)
    found = comparisons.between("run-1/seed-1", "run-2/user")
    shared = found.shared
    assert (shared.aside, shared.first_aside, shared.second_aside, shared.used, shared.n) == (10, 10, 10, 5, 35)
    assert found.part == "shared_aside" and found.found is not None and found.found.n == 10
    assert (found.first.score, found.second.score) == (1.0, 0.5)
    assert found.found.delta == 0.5 and found.found.ci_low is not None and 0 < found.found.ci_low < 0.5
    assert found.first.low is not None and found.first.low < 1.0 == found.first.high
    assert found.first.facts.n == found.second.facts.n == 10
    assert [one.n for one in (*found.first.facts.criteria, *found.second.facts.criteria)] == [10, 10]
    assert ids(workspace, "shared_aside") == set(range(20, 30)) and ids(workspace, "shared") == set(range(5, 40))

    everything = comparisons.between("run-1/seed-1", "run-2/user", part="shared")
    assert everything.part == "shared" and everything.first.facts.n == 35
    turned = comparisons.between("run-2/user", "run-1/seed-1")
    assert turned.found is not None and turned.found.delta == -0.5
    assert (turned.shared.first_aside, turned.shared.second_aside) == (10, 10)
    page = run_rows.page(workspace, "run-1", RowQuery(candidate_id="seed-1", against="run-2/user", part="shared_aside"))
    assert page.counts["different"] == 5


def test_used_for_one_and_kept_aside_for_the_other_is_told_apart(workspace: Workspace) -> None:
    fill(workspace, "run-2", {"user": {n: ("dev", 1.0) for n in range(15, 40)}})
    found = Comparisons(workspace).between("run-1/seed-1", "run-2/user")
    assert found.part == "shared" and found.shared.aside == 0
    assert (found.shared.first_aside, found.shared.used) == (20, 5)


def test_no_rows_in_common_is_no_comparison(workspace: Workspace) -> None:
    fill(workspace, "run-2", {"user": {}})
    found = Comparisons(workspace).between("run-1/seed-1", "run-2/user")
    assert found.shared.n == 0 and found.found is not None and found.found.delta is None
    assert found.first.score is None and found.first.facts.n == 0 and ids(workspace, "shared") == set()


def test_an_example_that_was_changed_since_is_another_one(workspace: Workspace) -> None:
    theirs = {n: ("holdout", 1.0) for n in range(20, 40)}
    fill(workspace, "run-2", {"user": theirs}, changed=frozenset(range(25, 40)))
    assert Comparisons(workspace).between("run-1/seed-1", "run-2/user").shared.n == 5
    page = run_rows.page(workspace, "run-1", RowQuery(candidate_id="seed-1", against="run-2/user", limit=100))
    assert sum(row.other is not None for row in page.rows) == 5


def test_scores_by_other_criteria_are_not_compared(workspace: Workspace) -> None:
    fill(workspace, "run-2", {"user": {n: ("holdout", 1.0) for n in range(40)}}, task=OTHER_CRITERIA)
    found = Comparisons(workspace).between("run-1/seed-1", "run-2/user")
    assert not found.scored_alike and found.first.score is None and found.shared.n == 40


def test_within_one_run_an_attempt_is_compared_where_both_answered(workspace: Workspace) -> None:
    found = Comparisons(workspace).between("run-1/seed-1", "run-1/user")
    assert found.shared.aside == 20 and found.shared.used == 20 and found.found is not None and found.found.n == 20


def test_prompts_of_another_run_are_listed_and_their_words_compared(workspace: Workspace) -> None:
    fill(workspace, "run-2", {"user": {1: ("dev", 1.0)}, "seed-1": {}})
    comparisons = Comparisons(workspace)
    listed = comparisons.prompts("run-2")
    assert [prompt.id for prompt in listed.prompts] == ["user"] and listed.answers == {"user": 1}
    assert listed.chosen_id is None
    with pytest.raises(UserError, match="RUN/PROMPT"):
        comparisons.between("user", "run-2/user")
    with pytest.raises(UserError, match="no such prompt"):
        comparisons.between("run-1/user", "run-2/seed-9")


def test_a_comparison_of_two_prompts_reads_no_others(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    met = {n: ("dev", 1.0) for n in range(40)}
    fill(workspace, "run-2", {f"seed-{n}": met for n in range(60)})
    read: list[int] = []

    def counted(session: Session, selection: Selection) -> tuple[shared_rows.SharedValue, ...]:
        found = shared_values(session, selection)
        read.append(len(found))
        return found

    shared_values = shared_rows.shared_values
    monkeypatch.setattr(shared_rows, "shared_values", counted)
    assert Comparisons(workspace).between("run-2/seed-3", "run-1/seed-1").shared.n == 40
    assert read == [40]
