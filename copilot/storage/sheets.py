"""Sheets: stored as they come, cut into shards, put together again. What a worker does with a shard is in `shards`."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import delete, func, insert, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from copilot.domain.completion import Usage
from copilot.domain.run import RunStatus
from copilot.domain.sheets import Cell, RowOutput, SheetLine, SheetPlan, SheetProgress
from copilot.errors import UserError
from copilot.storage import claims
from copilot.storage.columns import now
from copilot.storage.content import dump, dump_cells, load, load_cells
from copilot.storage.tables import ShardInputRow, ShardRow, SheetAnswerRow, SheetRow

ABANDONED = timedelta(days=1)
"""A sheet that is not there completely after so long never will be."""
_COUNTS = ("done", "errors", "calls", "prompt_tokens", "cached_tokens", "completion_tokens")
AT_ONCE = 1000
Item = TypeVar("Item")
_TIMES = ("started_at", "finished_at")


def create_sheet(session: Session, *, plan: SheetPlan) -> None:
    """Begin a sheet; its rows come with `add_shard`, and `open_sheet` lets workers in."""
    abandoned = col(SheetRow.ready).is_(False) & (col(SheetRow.created_at) < now() - ABANDONED)
    session.exec(delete(SheetRow).where(abandoned))
    session.add(SheetRow(id=plan.id, name=plan.name, plan=dump(plan)))
    session.flush()


def add_shard(
    session: Session, *, sheet_id: str, position: int, first_row: int, rows: Sequence[dict[str, Cell]]
) -> None:
    """Add the next rows of a sheet.

    Args:
        session: the caller's.
        sheet_id: the sheet, not yet open.
        position: counts the sheet's shards from 0.
        first_row: number of the first of the rows, from 0.
        rows: all their cells.
    """
    shard_id = f"{sheet_id}.{position}"
    row = ShardRow(id=shard_id, sheet_id=sheet_id, position=position, first_row=first_row, total=len(rows))
    session.add(row)
    session.flush()
    session.connection().execute(insert(ShardInputRow), {"shard_id": shard_id, "content": dump_cells(rows)})


def open_sheet(session: Session, *, sheet_id: str) -> None:
    """Let workers take the sheet's shards: all its rows are there."""
    total = select(func.sum(ShardRow.total)).where(ShardRow.sheet_id == sheet_id).scalar_subquery()
    session.exec(update(SheetRow).where(col(SheetRow.id) == sheet_id).values(ready=True, total=total))


def get_plan(session: Session, *, sheet_id: str) -> SheetPlan:
    """Return how a sheet is worked on.

    Raises:
        UserError: there is no such sheet.
    """
    return load(SheetPlan, _row(session, sheet_id).plan)


def get_progress(session: Session, *, sheet_id: str) -> SheetProgress:
    """Return how far a sheet is.

    Raises:
        UserError: there is no such sheet.
    """
    return progress_of(session, [_row(session, sheet_id)])[0]


def list_sheets(session: Session, *, limit: int = 50) -> tuple[SheetProgress, ...]:
    """Return sheets and how far they are, newest first."""
    query = (
        select(SheetRow).where(col(SheetRow.ready)).order_by(col(SheetRow.created_at).desc(), col(SheetRow.id).desc())
    )
    return progress_of(session, session.exec(query.limit(limit)).all())


def request_stop(session: Session, *, sheet_id: str) -> None:
    """Ask a sheet to stop: no shard is taken any more, and workers learn it at their next heartbeat.

    Raises:
        UserError: there is no such sheet.
    """
    _row(session, sheet_id)
    session.exec(update(SheetRow).where(col(SheetRow.id) == sheet_id).values(stop_requested=True))


def resume(session: Session, *, sheet_id: str) -> None:
    """Let workers go on with a sheet that was stopped or failed; rows that are done stay.

    Raises:
        UserError: there is no such sheet.
    """
    _row(session, sheet_id)
    session.exec(update(SheetRow).where(col(SheetRow.id) == sheet_id).values(stop_requested=False, error=""))


def retry_failed(session: Session, *, sheet_id: str) -> int:
    """Let workers take the rows that failed again, and go on with the rest; return how many failed.

    What the rows have cost stays counted.

    Raises:
        UserError: there is no such sheet, or somebody works on it.
    """
    _row(session, sheet_id)
    # The parts are locked first: none that a worker is just taking loses answers under its hands.
    query = select(ShardRow).where(ShardRow.sheet_id == sheet_id).with_for_update()
    parts = session.exec(query.execution_options(populate_existing=True)).all()
    _refuse_while_worked_on(session, sheet_id)
    failed = [part for part in parts if part.errors]
    counted = sum(part.errors for part in failed)
    for part in failed:
        part.done, part.errors = part.done - part.errors, 0
        part.status, part.finished_at = RunStatus.QUEUED, None
    session.exec(delete(SheetAnswerRow).where(col(SheetAnswerRow.sheet_id) == sheet_id, col(SheetAnswerRow.failed)))
    session.add_all(failed)
    resume(session, sheet_id=sheet_id)
    return counted


def discard_sheet(session: Session, *, sheet_id: str) -> None:
    """Delete a sheet that was not opened."""
    session.exec(delete(SheetRow).where(col(SheetRow.id) == sheet_id, col(SheetRow.ready).is_(False)))


def delete_sheet(session: Session, *, sheet_id: str) -> None:
    """Delete a sheet with its rows and what came out.

    Raises:
        UserError: there is no such sheet, or somebody works on it.
    """
    _refuse_while_worked_on(session, sheet_id)
    session.exec(delete(SheetRow).where(col(SheetRow.id) == sheet_id))


def _refuse_while_worked_on(session: Session, sheet_id: str) -> None:
    if get_progress(session, sheet_id=sheet_id).workers:
        raise UserError(f"The sheet {sheet_id} is being worked on. Cancel it first.")


def list_lines(
    session: Session, *, sheet_id: str, after: int = -1, limit: int = 100, failed: bool | None = None, offset: int = 0
) -> tuple[SheetLine, ...]:
    """Return rows of a sheet with what came out, in order.

    Args:
        session: the caller's.
        sheet_id: the sheet.
        after: only rows with a larger number.
        limit: at most so many.
        failed: only rows that failed, or only others that are done; None: all, those that wait, too.
        offset: pass over so many of them.
    """
    wanted = _wanted(session, sheet_id=sheet_id, after=after, limit=limit, failed=failed, offset=offset)
    if not wanted:
        return ()
    inputs = _inputs(session, sheet_id, wanted)
    results: dict[int, RowOutput] = {}
    for some in _chunks(wanted):
        answers = columns(col(SheetAnswerRow.row), col(SheetAnswerRow.content)).where(
            col(SheetAnswerRow.sheet_id) == sheet_id, col(SheetAnswerRow.row).in_(some)
        )
        results |= {row: load(RowOutput, content) for row, content in session.connection().execute(answers)}
    return tuple(SheetLine(row=row, inputs=inputs[row], result=results.get(row)) for row in wanted)


def _inputs(session: Session, sheet_id: str, wanted: Sequence[int]) -> dict[int, dict[str, Cell]]:
    """Return the cells of some rows; of a sheet with few of them here and there, only their shards are read."""
    shards = columns(col(ShardRow.id), col(ShardRow.first_row), col(ShardRow.total)).where(
        col(ShardRow.sheet_id) == sheet_id,
        col(ShardRow.first_row) <= wanted[-1],
        col(ShardRow.first_row) + col(ShardRow.total) > wanted[0],
    )
    numbers = set(wanted)
    starts = {
        shard_id: first
        for shard_id, first, total in session.connection().execute(shards)
        if not numbers.isdisjoint(range(first, first + total))
    }
    found: dict[int, dict[str, Cell]] = {}
    for some in _chunks(list(starts)):
        query = columns(col(ShardInputRow.shard_id), col(ShardInputRow.content)).where(
            col(ShardInputRow.shard_id).in_(some)
        )
        for shard_id, content in session.connection().execute(query):
            cells = enumerate(load_cells(content), start=starts[shard_id])
            found |= {row: values for row, values in cells if row in numbers}
    return found


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Databases take so many values in a query, and no more."""
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


def _wanted(
    session: Session, *, sheet_id: str, after: int, limit: int, failed: bool | None, offset: int
) -> Sequence[int]:
    if failed is None:
        first = after + 1 + offset
        return range(first, min(first + limit, _row(session, sheet_id).total))
    query = select(SheetAnswerRow.row).where(
        SheetAnswerRow.sheet_id == sheet_id, SheetAnswerRow.row > after, SheetAnswerRow.failed == failed
    )
    return session.exec(query.order_by(col(SheetAnswerRow.row)).offset(offset).limit(limit)).all()


def _row(session: Session, sheet_id: str) -> SheetRow:
    row = session.get(SheetRow, sheet_id)
    if row is None or not row.ready:
        raise UserError(f"There is no sheet {sheet_id}.")
    return row


def progress_of(session: Session, sheets: Sequence[SheetRow]) -> tuple[SheetProgress, ...]:
    """Return how far sheets are.

    Everything is counted from the shards: a counter for the sheet would make its workers wait for each other.
    """
    ids = [sheet.id for sheet in sheets]
    query = (
        columns(
            col(ShardRow.sheet_id),
            *(func.sum(getattr(ShardRow, name)) for name in _COUNTS),
            func.min(ShardRow.started_at),
            func.max(ShardRow.finished_at),
        )
        .where(col(ShardRow.sheet_id).in_(ids))
        .group_by(col(ShardRow.sheet_id))
    )
    counted = {
        sheet_id: dict(zip((*_COUNTS, *_TIMES), found, strict=True))
        for sheet_id, *found in session.connection().execute(query)
    }
    workers = _workers(session, ids)
    return tuple(_one(sheet, counted[sheet.id], len(workers.get(sheet.id, ()))) for sheet in sheets)


def _workers(session: Session, ids: Sequence[str]) -> dict[str, set[str]]:
    """Return the processes that work on each sheet and show signs of life."""
    query = select(ShardRow).where(ShardRow.status == RunStatus.RUNNING, col(ShardRow.sheet_id).in_(ids))
    rows = session.exec(query).all()
    time = claims.clock(session) if rows else now()
    found: dict[str, set[str]] = {}
    for row in rows:
        if not claims.is_free(row, time):
            found.setdefault(row.sheet_id, set()).add(row.worker)
    return found


def _one(sheet: SheetRow, counted: dict[str, Any], workers: int) -> SheetProgress:
    done = counted["done"] == sheet.total
    return SheetProgress(
        id=sheet.id,
        name=sheet.name,
        status=_status(sheet, done=done, workers=workers),
        total=sheet.total,
        done=counted["done"],
        errors=counted["errors"],
        usage=Usage(**{name: counted[name] for name in Usage.model_fields}),
        workers=workers,
        error=sheet.error,
        created_at=sheet.created_at,
        started_at=counted["started_at"],
        finished_at=counted["finished_at"] if done else None,
    )


def _status(sheet: SheetRow, *, done: bool, workers: int) -> RunStatus:
    if done:
        return RunStatus.FINISHED
    if sheet.error:
        return RunStatus.FAILED
    if workers:
        return RunStatus.RUNNING
    return RunStatus.STOPPED if sheet.stop_requested else RunStatus.QUEUED
