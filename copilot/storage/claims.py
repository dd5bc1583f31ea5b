"""Claims: who may work on a run, or on a shard of a sheet, and write for it. One mechanism for both.

A worker writes with its `Claim`. Another may take the job over when the first shows no sign of life; from then on the
first one's writes are refused with `StaleWorker`, however late they come.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, DateTime, and_, func, literal, update
from sqlmodel import Session, col, select

from copilot.domain.run import RunStatus
from copilot.domain.saved import Claim, JobKind
from copilot.errors import StaleWorker
from copilot.storage.columns import UtcDateTime, now
from copilot.storage.tables import JobRow, RunRow, ShardRow
from copilot.storage.workers import is_dead, worker_name

STALE_SECONDS = 30.0
"""A worker that shows no sign of life for so long may be replaced; it should give one every few seconds."""

_TABLES: dict[JobKind, type[JobRow]] = {"run": RunRow, "shard": ShardRow}
_WORDS: dict[JobKind, str] = {"run": "run", "shard": "part of the sheet"}


def clock(session: Session) -> datetime:
    """Return the time by which signs of life are judged: the server's, since machines' clocks differ."""
    if session.get_bind().dialect.name == "sqlite":
        return now()
    return session.exec(select(func.clock_timestamp(type_=DateTime(timezone=True)))).one()


def is_free(row: JobRow, time: datetime, *, stale_after: float = STALE_SECONDS) -> bool:
    """Say whether nobody works on the job, or whoever did shows no sign of life.

    Args:
        row: the job.
        time: now, from `clock`.
        stale_after: seconds without a sign of life after which a worker counts as lost.
    """
    if row.status != RunStatus.RUNNING:
        return True
    lost = row.heartbeat_at is None or row.heartbeat_at < time - timedelta(seconds=stale_after)
    return lost or is_dead(row.worker)


def lost(session: Session, *, kind: JobKind, stale_after: float = STALE_SECONDS) -> tuple[str, ...]:
    """Return the ids of the jobs whose worker is lost; only the few that are being worked on are looked at."""
    table = _TABLES[kind]
    rows: Iterable[JobRow] = session.exec(select(table).where(col(table.status) == RunStatus.RUNNING)).all()
    time = clock(session) if rows else now()
    return tuple(row.id for row in rows if is_free(row, time, stale_after=stale_after))


def take(session: Session, row: JobRow, *, kind: JobKind, worker: str | None = None) -> Claim:
    """Make a job this worker's.

    Args:
        session: the caller's; the claim holds once its transaction is committed.
        row: the job, free and locked until the transaction ends.
        kind: what it is.
        worker: who takes it; None: this process.
    """
    time = clock(session)
    row.attempt += 1
    row.worker = worker or worker_name()
    row.status = RunStatus.RUNNING
    row.heartbeat_at = time
    row.started_at = row.started_at or time
    row.finished_at = None
    row.error = ""
    session.add(row)
    session.flush()
    return Claim(kind=kind, job_id=row.id, attempt=row.attempt, worker=row.worker)


def write_fenced(session: Session, *, claim: Claim, **values: Any) -> CursorResult[Any]:
    """Update the job's row on behalf of its worker, as its sign of life.

    The row stays locked until the transaction ends, so that what follows in it is fenced as well.

    Raises:
        StaleWorker: the claim is no longer the job's newest, or the job is over.
    """
    table = _TABLES[claim.kind]
    statement = (
        update(table)
        .where(
            and_(
                col(table.id) == claim.job_id,
                col(table.attempt) == claim.attempt,
                col(table.status) == RunStatus.RUNNING,
            )
        )
        .values(heartbeat_at=_time(session), **values)
        .execution_options(synchronize_session=False)
    )
    result = session.exec(statement)
    if result.rowcount != 1:
        word = _WORDS[claim.kind]
        raise StaleWorker(f"Another worker has taken over the {word} {claim.job_id}, or it is over; this one stops.")
    return result


def end(session: Session, *, claim: Claim, status: RunStatus, error: str = "") -> None:
    """Note that the job is over; one that is not finished can be claimed again.

    Raises:
        StaleWorker: another worker has taken the job over.
    """
    write_fenced(session, claim=claim, status=status, finished_at=now(), error=error)


def release(session: Session, *, claim: Claim) -> None:
    """Give the job back to the queue, for a worker that ends before it does.

    Raises:
        StaleWorker: another worker has taken the job over.
    """
    write_fenced(session, claim=claim, status=RunStatus.QUEUED, worker="")


def _time(session: Session) -> ColumnElement[Any]:
    """Return `clock` as an expression: no question of its own to the server."""
    if session.get_bind().dialect.name == "sqlite":
        return literal(now(), UtcDateTime)
    return func.clock_timestamp()
