"""Saved tasks and the runs that were started from them.

Functions of this package take the session first; the caller owns its transaction.
"""

import json
from collections.abc import Sequence

from sqlalchemy import or_
from sqlmodel import Session, col, select

from copilot.domain.run import Verdict
from copilot.domain.saved import RunSummary
from copilot.domain.saved_tasks import SavedTask, new_task_id
from copilot.errors import UserError
from copilot.storage.columns import now
from copilot.storage.content import dump, load
from copilot.storage.desk_tables import SavedTaskRow, SavedTaskRunRow
from copilot.storage.runs import list_runs_of
from tasks.model import Task


def add_task(session: Session, *, task: Task, project: str = "") -> SavedTask:
    """Save a new task."""
    row = SavedTaskRow(id=new_task_id(), project=project, name=task.name, content=dump(task))
    session.add(row)
    session.flush()
    return _saved(row)


def get_task(session: Session, *, task_id: str) -> SavedTask:
    """Return a task.

    Raises:
        UserError: there is none with this id, or it was deleted.
    """
    return _saved(_row(session, task_id))


def list_tasks(session: Session, *, project: str | None = None, search: str = "") -> tuple[SavedTask, ...]:
    """Return the tasks that were not deleted, the one changed last first.

    Args:
        session: the caller's.
        project: of this project only; None: of all.
        search: part of the name, the description or the project.
    """
    query = select(SavedTaskRow).where(col(SavedTaskRow.deleted_at).is_(None))
    if project is not None:
        query = query.where(SavedTaskRow.project == project)
    if search:
        columns = (col(SavedTaskRow.name), col(SavedTaskRow.project), col(SavedTaskRow.content))
        query = query.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    query = query.order_by(col(SavedTaskRow.updated_at).desc(), col(SavedTaskRow.id))
    return tuple(_saved(row) for row in session.exec(query))


def deleted_tasks(session: Session, *, limit: int) -> tuple[SavedTask, ...]:
    """Return tasks that were deleted and can be brought back, the one deleted last first."""
    query = select(SavedTaskRow).where(col(SavedTaskRow.deleted_at).is_not(None))
    query = query.order_by(col(SavedTaskRow.deleted_at).desc()).limit(limit)
    return tuple(_saved(row) for row in session.exec(query))


def update_task(session: Session, *, task_id: str, task: Task | None = None, project: str | None = None) -> SavedTask:
    """Change a task, its project or, with neither, only when it was changed last.

    Raises:
        UserError: there is none with this id, or it was deleted.
    """
    row = _row(session, task_id)
    if task is not None:
        row.name, row.content = task.name, dump(task)
    if project is not None:
        row.project = project
    row.updated_at = now()
    session.add(row)
    session.flush()
    return _saved(row)


def delete_task(session: Session, *, task_id: str) -> SavedTask:
    """Take a task out of all lists; `restore_task` brings it back.

    Raises:
        UserError: there is none with this id, or it was deleted.
    """
    row = _row(session, task_id)
    row.deleted_at = now()
    session.add(row)
    session.flush()
    return _saved(row)


def restore_task(session: Session, *, task_id: str) -> SavedTask:
    """Bring back a deleted task with its examples and runs.

    Raises:
        UserError: there never was one with this id.
    """
    row = _row(session, task_id, deleted=True)
    row.deleted_at = None
    session.add(row)
    session.flush()
    return _saved(row)


def link_run(session: Session, *, task_id: str, run_id: str) -> None:
    """Note that a run was started from a task; an earlier note about the run is replaced."""
    row = session.get(SavedTaskRunRow, run_id) or SavedTaskRunRow(run_id=run_id, task_id=task_id)
    row.task_id = task_id
    session.add(row)
    session.flush()


def task_of_run(session: Session, *, run_id: str) -> SavedTask | None:
    """Return the task that a run was started from, or None."""
    query = select(SavedTaskRow).join(SavedTaskRunRow, col(SavedTaskRunRow.task_id) == col(SavedTaskRow.id))
    row = session.exec(query.where(SavedTaskRunRow.run_id == run_id, col(SavedTaskRow.deleted_at).is_(None))).first()
    return None if row is None else _saved(row)


def runs_of_tasks(
    session: Session, *, task_ids: Sequence[str]
) -> dict[str, tuple[tuple[RunSummary, Verdict | None], ...]]:
    """Return the runs of each task, newest first, with the verdicts of those that are finished."""
    found: dict[str, tuple[tuple[RunSummary, Verdict | None], ...]] = {task_id: () for task_id in task_ids}
    for task_id, summary, result in list_runs_of(session, saved_tasks=task_ids):
        verdict = None if result is None else Verdict.model_validate(json.loads(result)["verdict"])
        found[task_id] += ((summary, verdict),)
    return found


def _row(session: Session, task_id: str, *, deleted: bool = False) -> SavedTaskRow:
    row = session.get(SavedTaskRow, task_id)
    if row is None:
        raise UserError("There is no such task. The link may be old; the start page lists all tasks.")
    if row.deleted_at is not None and not deleted:
        raise UserError(f"The task '{row.name}' was deleted. The start page lists all tasks.")
    return row


def _saved(row: SavedTaskRow) -> SavedTask:
    return SavedTask(
        id=row.id,
        project=row.project,
        task=load(Task, row.content),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
