"""What a page asks every second of a run that goes on: small numbers, whatever the run's size."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from copilot.storage.tables import CallRow, EventRow, TrialRow
from copilot.storage.trial_rows import has_problem


def candidate_means(session: Session, *, run_id: str, split: str) -> dict[str, tuple[int, float]]:
    """Return for each candidate on how many rows it was scored, and its mean there."""
    query = (
        columns(col(TrialRow.candidate_id), func.count(col(TrialRow.value)), func.avg(col(TrialRow.value)))
        .where(col(TrialRow.run_id) == run_id, col(TrialRow.split) == split, col(TrialRow.value).is_not(None))
        .group_by(col(TrialRow.candidate_id))
    )
    return {name: (n, mean) for name, n, mean in session.connection().execute(query)}


def told_answers(session: Session, *, run_id: str, attempt: int) -> tuple[tuple[int, str, str], ...]:
    """Return which answers an attempt told, in order: sequence, part of the data, candidate."""
    query = (
        columns(col(EventRow.sequence), col(EventRow.split), col(EventRow.candidate_id))
        .where(col(EventRow.run_id) == run_id, col(EventRow.attempt) == attempt, col(EventRow.type) == "trial_finished")
        .order_by(col(EventRow.sequence))
    )
    return tuple((number, str(split), str(name)) for number, split, name in session.connection().execute(query))


def told_since(session: Session, *, run_id: str, attempt: int, moment: datetime) -> int:
    """Return how many answers an attempt told since a moment."""
    query = columns(func.count()).where(
        col(EventRow.run_id) == run_id,
        col(EventRow.attempt) == attempt,
        col(EventRow.type) == "trial_finished",
        col(EventRow.created_at) >= moment,
    )
    return int(session.connection().execute(query).scalar_one())


def last_told(session: Session, *, run_id: str) -> datetime | None:
    """Return when the run last told something."""
    query = select(EventRow.created_at).where(EventRow.run_id == run_id).order_by(col(EventRow.sequence).desc())
    return session.exec(query.limit(1)).first()


def count_errors(session: Session, *, run_id: str) -> int:
    """Return how many answers of a run could not be read."""
    query = columns(func.count()).where(col(TrialRow.run_id) == run_id, has_problem(TrialRow))
    return int(session.connection().execute(query).scalar_one())


def calls_sent(session: Session, *, run_id: str) -> int:
    """Return how many calls a run has sent in all its attempts, while it is not finished."""
    query = columns(func.coalesce(func.sum(col(CallRow.calls)), 0)).where(col(CallRow.run_id) == run_id)
    return int(session.connection().execute(query).scalar_one())
