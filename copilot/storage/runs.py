"""Runs: created, claimed by a worker (`copilot.storage.claims`), kept alive, finished, found again."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import delete, exists, literal, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import QueryableAttribute, defer
from sqlmodel import Session, col, select

from copilot.domain.comparing import AnsweredRun
from copilot.domain.run import RunConfig, RunResult, RunStatus
from copilot.domain.saved import Claim, RunPlan, RunSummary, SavedRun
from copilot.errors import UserError
from copilot.storage import claims
from copilot.storage.claims import STALE_SECONDS, write_fenced
from copilot.storage.columns import now
from copilot.storage.content import dump, load
from copilot.storage.datasets import get_task, save_task
from copilot.storage.desk_tables import SavedTaskRunRow
from copilot.storage.options import dump_options, load_options
from copilot.storage.tables import CallRow, RunRow, TaskRow, TrialRow


def create_run(session: Session, *, plan: RunPlan) -> SavedRun:
    """Queue a run. Its examples must have been saved with `save_dataset`."""
    row = RunRow(
        id=plan.id,
        task_id=save_task(session, task=plan.task),
        dataset_version=plan.dataset_version,
        signature=plan.signature,
        config=plan.config.model_dump(mode="json"),
        options=dump_options(plan.options),
        task_model=plan.task_model,
        copilot_model=plan.copilot_model,
        judge_model=plan.judge_model,
    )
    session.add(row)
    session.flush()
    return get_run(session, run_id=plan.id)


def get_run(session: Session, *, run_id: str) -> SavedRun:
    """Return a run with its plan and result.

    Raises:
        UserError: there is no such run.
    """
    row = _row(session, run_id)
    task = get_task(session, task_id=row.task_id)
    plan = RunPlan(
        id=row.id,
        task=task,
        dataset_version=row.dataset_version,
        config=RunConfig.model_validate(row.config),
        task_model=row.task_model,
        copilot_model=row.copilot_model,
        judge_model=row.judge_model,
        options=load_options(row.options),
    )
    result = None if row.result is None else load(RunResult, row.result)
    return SavedRun(plan=plan, summary=_summary(row, task.name), result=result)


def find_run(session: Session, *, signature: str) -> SavedRun | None:
    """Return the newest run with this signature (`RunPlan.signature`), or None."""
    query = select(RunRow.id).where(RunRow.signature == signature)
    run_id = session.exec(query.order_by(col(RunRow.created_at).desc(), col(RunRow.id).desc())).first()
    return None if run_id is None else get_run(session, run_id=run_id)


def list_runs(
    session: Session, *, status: RunStatus | None = None, search: str = "", limit: int = 50, offset: int = 0
) -> tuple[RunSummary, ...]:
    """Return runs, newest first.

    Args:
        session: the caller's.
        status: only these.
        search: part of the task's name or the run's id.
        limit: at most so many.
        offset: after leaving out so many.
    """
    query = select(RunRow, TaskRow.name).join(TaskRow, col(RunRow.task_id) == col(TaskRow.id))
    if status is not None:
        query = query.where(RunRow.status == status)
    if search:
        query = query.where(
            or_(
                col(TaskRow.name).icontains(search, autoescape=True),
                col(RunRow.id).icontains(search, autoescape=True),
            )
        )
    query = query.order_by(col(RunRow.created_at).desc(), col(RunRow.id).desc()).limit(limit).offset(offset)
    return tuple(_summary(row, name) for row, name in session.exec(query))


def list_runs_of(session: Session, *, saved_tasks: Sequence[str]) -> tuple[tuple[str, RunSummary, str | None], ...]:
    """Return the runs that were started from saved tasks, newest first: the task's id, the run, its result as JSON."""
    query = (
        select(SavedTaskRunRow.task_id, RunRow, TaskRow.name)
        .join(RunRow, col(RunRow.id) == col(SavedTaskRunRow.run_id))
        .join(TaskRow, col(RunRow.task_id) == col(TaskRow.id))
        .where(col(SavedTaskRunRow.task_id).in_(saved_tasks))
        .order_by(col(RunRow.created_at).desc(), col(RunRow.id).desc())
    )
    return tuple((task_id, _summary(row, name), row.result) for task_id, row, name in session.exec(query))


def answered_runs(session: Session, *, saved_task: str) -> tuple[AnsweredRun, ...]:
    """Return the runs of a saved task that have any answer, newest first; their results are not read."""
    answered = exists(columns(literal(1)).where(col(TrialRow.run_id) == col(RunRow.id)))
    query = (
        select(RunRow, TaskRow.name)
        .join(SavedTaskRunRow, col(SavedTaskRunRow.run_id) == col(RunRow.id))
        .join(TaskRow, col(RunRow.task_id) == col(TaskRow.id))
        .where(col(SavedTaskRunRow.task_id) == saved_task, answered)
        .order_by(col(RunRow.created_at).desc(), col(RunRow.id).desc())
        .options(*[defer(cast("QueryableAttribute[str]", text)) for text in (RunRow.result, RunRow.options)])
    )
    return tuple(
        AnsweredRun(summary=_summary(row, name), max_calls=int(row.config["budget"]["max_calls"]))
        for row, name in session.exec(query)
    )


def unfinished_runs(session: Session, *, stale_after: float = STALE_SECONDS) -> tuple[RunSummary, ...]:
    """Return the runs that wait for a worker or have lost theirs, oldest first.

    Args:
        session: the caller's.
        stale_after: seconds without a sign of life after which a worker counts as lost.
    """
    query = (
        select(RunRow, TaskRow.name)
        .join(TaskRow, col(RunRow.task_id) == col(TaskRow.id))
        .where(col(RunRow.status).in_([RunStatus.QUEUED, RunStatus.RUNNING]))
        .order_by(col(RunRow.created_at), col(RunRow.id))
    )
    time = claims.clock(session)
    return tuple(
        _summary(row, name) for row, name in session.exec(query) if claims.is_free(row, time, stale_after=stale_after)
    )


def claim_run(
    session: Session, *, run_id: str, worker: str | None = None, stale_after: float = STALE_SECONDS
) -> Claim | None:
    """Take a run: one that is queued, stopped or failed, or whose worker is lost.

    Args:
        session: the caller's; the claim holds once its transaction is committed.
        run_id: the run.
        worker: who takes it; None: this process.
        stale_after: as in `unfinished_runs`.

    Returns:
        The right to write for the run, or None where it is finished or another worker is at it.

    Raises:
        UserError: there is no such run.
    """
    row = _row(session, run_id, for_update=True)
    if row.status == RunStatus.FINISHED or not claims.is_free(row, claims.clock(session), stale_after=stale_after):
        return None
    row.stop_requested = False
    return claims.take(session, row, kind="run", worker=worker)


def heartbeat(session: Session, *, claim: Claim) -> bool:
    """Show that the worker lives; return whether the user wants the run to stop.

    Raises:
        StaleWorker: another worker has taken the run over.
    """
    write_fenced(session, claim=claim)
    return session.exec(select(RunRow.stop_requested).where(RunRow.id == claim.job_id)).one()


def request_stop(session: Session, *, run_id: str) -> None:
    """Ask a run to stop; its worker learns it at its next heartbeat. A queued run stops at once.

    Raises:
        UserError: there is no such run.
    """
    row = _row(session, run_id, for_update=True)
    row.stop_requested = True
    if row.status == RunStatus.QUEUED:
        row.status = RunStatus.STOPPED
        row.finished_at = now()
    session.add(row)
    session.flush()


def finish_run(session: Session, *, claim: Claim, result: RunResult) -> None:
    """Store the result. `append_events` does so by itself when the run's last event comes.

    Raises:
        StaleWorker: another worker has taken the run over.
    """
    verdict = result.verdict
    write_fenced(
        session,
        claim=claim,
        status=RunStatus.FINISHED,
        finished_at=now(),
        result=dump(result),
        outcome=verdict.outcome,
        sentence=verdict.sentence,
    )
    # Nothing is sent for it any more, and what it has spent is in the result.
    session.exec(delete(CallRow).where(col(CallRow.run_id) == claim.job_id))


def stop_run(session: Session, *, claim: Claim) -> None:
    """Note that the run was stopped; what it did stays, and it can be claimed again.

    Raises:
        StaleWorker: another worker has taken the run over.
    """
    claims.end(session, claim=claim, status=RunStatus.STOPPED)


def fail_run(session: Session, *, claim: Claim, error: str) -> None:
    """Note why the run failed; it can be claimed again.

    Raises:
        StaleWorker: another worker has taken the run over.
    """
    claims.end(session, claim=claim, status=RunStatus.FAILED, error=error)


def release_run(session: Session, *, claim: Claim) -> None:
    """Give the run back to the queue, for a worker that ends before its run does.

    Raises:
        StaleWorker: another worker has taken the run over.
    """
    claims.release(session, claim=claim)


def delete_run(session: Session, *, run_id: str) -> None:
    """Delete a run with its candidates, trials, events, feedback; templates saved from it stay.

    Raises:
        UserError: there is no such run, or it is running.
    """
    row = _row(session, run_id, for_update=True)
    if row.status == RunStatus.RUNNING and not claims.is_free(row, claims.clock(session)):
        raise UserError(f"The run {run_id} is running. Stop it first.")
    session.delete(row)
    session.flush()


def holdout_seen(session: Session, *, dataset_version: str, except_run: str) -> frozenset[str]:
    """Return the ids of the examples that other runs on the same data have used for a verdict."""
    query = (
        select(TrialRow.example_id)
        .join(RunRow, col(TrialRow.run_id) == col(RunRow.id))
        .where(RunRow.dataset_version == dataset_version, TrialRow.split == "holdout", RunRow.id != except_run)
        .distinct()
    )
    return frozenset(session.exec(query))


def _row(session: Session, run_id: str, *, for_update: bool = False) -> RunRow:
    query = select(RunRow).where(RunRow.id == run_id).execution_options(populate_existing=True)
    row = session.exec(query.with_for_update() if for_update else query).first()
    if row is None:
        raise UserError(f"There is no run {run_id}. `falconer runs list` shows all runs.")
    return row


def _summary(row: RunRow, task_name: str) -> RunSummary:
    fields: Sequence[str] = [name for name in RunSummary.model_fields if name != "task_name"]
    return RunSummary(task_name=task_name, **{name: getattr(row, name) for name in fields})
