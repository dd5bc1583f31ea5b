"""Runs: started, gone on with, followed, stopped, looked at."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from pydantic import Field, JsonValue

from copilot.domain.events import RunEvent, RunFinished
from copilot.domain.run import RunConfig, RunStatus
from copilot.domain.saved import Claim, RunPlan, RunSummary, SavedRun
from copilot.errors import CopilotError, TaskError, UserError
from copilot.evaluation.rubric import Rubric
from copilot.service.workspace import Workspace
from copilot.storage import runs as storage
from copilot.storage.datasets import save_dataset
from copilot.storage.events import list_events
from copilot.storage.reviews import instructive
from copilot.worker.working import RunStopped, work
from tasks.model import Dataset, Frozen, Task

POLL_SECONDS = 0.5
OVER = (RunStatus.FINISHED, RunStatus.STOPPED, RunStatus.FAILED)


class Assignment(Frozen):
    """What is to be improved, on which examples, with which models and limits."""

    task: Task
    dataset: Dataset
    model: str = "embedded"
    copilot_model: str | None = None
    """None: the task's model proposes too."""
    judge_model: str | None = None
    """None: the copilot model judges."""
    config: RunConfig = Field(default_factory=RunConfig)
    again: bool = False
    """Start a new run even where an equal one is there."""


@dataclass(frozen=True)
class Started:
    """A run and the right to work on it."""

    run: SavedRun
    claim: Claim | None
    """None: it is finished, or another process works on it."""
    resumed: bool = False
    """An equal run was there already."""


def start(workspace: Workspace, assignment: Assignment, *, claim: bool = True) -> Started:
    """Create the run, or find the equal one that is there, and claim it.

    Args:
        workspace: the installation.
        assignment: what is to be done.
        claim: take it for this process; else it waits for a worker.

    Raises:
        TaskError: there are no examples.
        CriterionError: a criterion is unknown or has a bad parameter.
        ModelConfigError: no model is called so.
    """
    if not assignment.dataset.examples:
        raise TaskError(f"There are no examples for the task '{assignment.task.name}'.")
    Rubric.of(assignment.task.criteria)
    for name in filter(None, (assignment.model, assignment.copilot_model, assignment.judge_model)):
        workspace.models.find(name)
    with workspace.database.writing() as session:
        save_dataset(session, dataset=assignment.dataset)
        said = instructive(session, task=assignment.task.name)
        plan = RunPlan(
            task=assignment.task,
            dataset_version=assignment.dataset.version,
            config=assignment.config,
            task_model=assignment.model,
            copilot_model=assignment.copilot_model or "",
            judge_model=assignment.judge_model or "",
            options={"said": said},
        )
        found = None if assignment.again else storage.find_run(session, signature=plan.signature)
        if found is not None and not _outdated(found, said):
            run, resumed = found, True
        else:
            used = bool(storage.holdout_seen(session, dataset_version=plan.dataset_version, except_run=plan.id))
            options = {**plan.options, "holdout_used_before": used}
            run, resumed = storage.create_run(session, plan=plan.model_copy(update={"options": options})), False
        taken = storage.claim_run(session, run_id=run.plan.id) if claim else None
        return Started(run=storage.get_run(session, run_id=run.plan.id), claim=taken, resumed=resumed)


def _outdated(run: SavedRun, said: list[JsonValue]) -> bool:
    """A finished run knows nothing of what people have said since."""
    return run.summary.status is RunStatus.FINISHED and run.plan.options.get("said", []) != said


def claim(workspace: Workspace, run_id: str | None = None) -> Started:
    """Take a run that was interrupted, stopped or failed; None: the newest such run.

    Raises:
        UserError: there is none.
    """
    run_id = run_id or _newest_unfinished(workspace)
    with workspace.database.writing() as session:
        taken = storage.claim_run(session, run_id=run_id)
        return Started(run=storage.get_run(session, run_id=run_id), claim=taken, resumed=True)


def queue_again(workspace: Workspace, run_id: str) -> None:
    """Let a worker go on with a run that was stopped or failed."""
    with workspace.database.writing() as session:
        taken = storage.claim_run(session, run_id=run_id)
        if taken is not None:
            storage.release_run(session, claim=taken)


def _newest_unfinished(workspace: Workspace) -> str:
    for summary in list_runs(workspace, limit=1000):
        if summary.status is not RunStatus.FINISHED:
            return summary.id
    raise UserError("There is no unfinished run to go on with. `falconer runs list` shows all runs.")


async def events(workspace: Workspace, started: Started) -> AsyncGenerator[RunEvent, None]:
    """Work on the run, or follow whoever does; yield what it tells, last `RunFinished`.

    Raises:
        RunStopped: somebody asked it to stop.
        CopilotError: the run failed.
    """
    if started.run.result is not None:
        yield RunFinished(result=started.run.result)
        return
    if started.claim is None:
        source = follow(workspace, started.run.plan.id)
    else:
        source = _work(workspace, started.run, started.claim)
    async with aclosing(source):
        async for event in source:
            yield event


def _work(workspace: Workspace, run: SavedRun, claim: Claim) -> AsyncGenerator[RunEvent, None]:
    return work(run, claim, database=workspace.database, ledger=workspace.ledger, models=workspace.models.of)


async def follow(workspace: Workspace, run_id: str, *, after: int = 0) -> AsyncGenerator[RunEvent, None]:
    """Yield what a run tells that another process works on, until it is over.

    When that process shows no sign of life any more, this one goes on with the run: what was told is told again.

    Raises:
        RunStopped: it was stopped.
        CopilotError: it failed.
    """
    position = after
    while True:
        summary = get_run(workspace, run_id).summary
        with workspace.database.reading() as session:
            new = list_events(session, run_id=run_id, after=position)
        for saved in new:
            position = saved.sequence
            yield saved.event
        if summary.status is RunStatus.FINISHED and not new:
            return
        if summary.status is RunStatus.STOPPED:
            raise RunStopped(f"The run {run_id} was stopped; what it has done is kept.")
        if summary.status is RunStatus.FAILED:
            raise CopilotError(summary.error or f"The run {run_id} failed.")
        if not new:
            if _is_lost(workspace, summary) and (taken := claim(workspace, run_id)).claim is not None:
                async with aclosing(_work(workspace, taken.run, taken.claim)) as source:
                    async for event in source:
                        yield event
                return
            await asyncio.sleep(POLL_SECONDS)


def _is_lost(workspace: Workspace, summary: RunSummary) -> bool:
    if summary.status is not RunStatus.RUNNING:
        return False
    with workspace.database.reading() as session:
        return summary.id in [free.id for free in storage.unfinished_runs(session)]


def start_worker(workspace: Workspace) -> int:
    """Start the background worker of this home; one that runs already goes on alone. Return its process id."""
    workspace.home.mkdir(parents=True, exist_ok=True)
    # By the environment, since the database's URL may hold a password and arguments are seen by all.
    environment = os.environ | {"FALCONER_HOME": str(workspace.home)}
    if workspace.settings.database_url:
        environment["FALCONER_DATABASE_URL"] = workspace.settings.database_url
    with (workspace.home / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "copilot.worker"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=environment,
        )
    # It may well outlive us; if not, it must not stay as a process that is dead but looks alive.
    threading.Thread(target=process.wait, name="falconer-worker", daemon=True).start()
    return process.pid


def stop(workspace: Workspace, run_id: str) -> None:
    """Ask a run to stop, wherever it is worked on; what it did is kept.

    Raises:
        UserError: there is no such run.
    """
    with workspace.database.writing() as session:
        storage.request_stop(session, run_id=run_id)


def get_run(workspace: Workspace, run_id: str) -> SavedRun:
    """Return a run with its plan and, when it is over, its result.

    Raises:
        UserError: there is no such run.
    """
    with workspace.database.reading() as session:
        return storage.get_run(session, run_id=run_id)


def list_runs(
    workspace: Workspace, *, status: RunStatus | None = None, search: str = "", limit: int = 50
) -> tuple[RunSummary, ...]:
    """Return runs, newest first."""
    with workspace.database.reading() as session:
        return storage.list_runs(session, status=status, search=search, limit=limit)
