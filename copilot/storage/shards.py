"""What a worker does with a shard of a sheet: take it, save what comes out, give it back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from copilot.domain.completion import Usage
from copilot.domain.run import RunStatus
from copilot.domain.saved import Claim
from copilot.domain.sheets import RowOutput, Shard, SheetPlan
from copilot.storage import claims
from copilot.storage.content import dump, load, load_cells
from copilot.storage.tables import ShardInputRow, ShardRow, SheetAnswerRow, SheetRow

_OPEN = (col(SheetRow.ready), col(SheetRow.stop_requested).is_(False))


def shard_waits(session: Session, *, stale_after: float = claims.STALE_SECONDS) -> bool:
    """Say whether there is a shard to take; locks nothing, so that idle workers may ask often."""
    return bool(_next(session, stale_after, lock=False))


def claim_shard(
    session: Session, *, worker: str | None = None, stale_after: float = claims.STALE_SECONDS
) -> Claim | None:
    """Take the next shard; None: there is none.

    Shards whose worker is lost come first, then those of all sheets in turn, so that a short sheet need not wait for
    the end of a long one.

    Args:
        session: the caller's; the claim holds once its transaction is committed.
        worker: who takes it; None: this process.
        stale_after: seconds without a sign of life after which a worker counts as lost.
    """
    for shard_id in _next(session, stale_after, lock=True):
        query = select(ShardRow).where(ShardRow.id == shard_id, ShardRow.status != RunStatus.FINISHED)
        query = query.execution_options(populate_existing=True)
        row = session.exec(query.with_for_update(skip_locked=True)).first()
        if row is not None and claims.is_free(row, claims.clock(session), stale_after=stale_after):
            return claims.take(session, row, kind="shard", worker=worker)
    return None


def load_shard(session: Session, *, claim: Claim) -> Shard:
    """Return what is left to do of a claimed shard."""
    shard = session.exec(select(ShardRow).where(ShardRow.id == claim.job_id)).one()
    plan = load(SheetPlan, session.exec(select(SheetRow.plan).where(SheetRow.id == shard.sheet_id)).one())
    content = session.exec(select(ShardInputRow.content).where(ShardInputRow.shard_id == shard.id)).one()
    last = shard.first_row + shard.total - 1
    query = select(SheetAnswerRow.row).where(SheetAnswerRow.sheet_id == shard.sheet_id)
    done = set(session.exec(query.where(col(SheetAnswerRow.row).between(shard.first_row, last))))
    proven = select(ShardRow.id).where(ShardRow.sheet_id == shard.sheet_id, ShardRow.done > ShardRow.errors).limit(1)
    return Shard(
        sheet_id=shard.sheet_id,
        plan=plan,
        rows={
            row: {variable: cells[column] for variable, column in plan.inputs.items()}
            for row, cells in enumerate(load_cells(content), start=shard.first_row)
            if row not in done
        },
        proven=session.exec(proven).first() is not None,
    )


def save_answers(
    session: Session, *, claim: Claim, sheet_id: str, answers: Sequence[tuple[int, RowOutput]], end: bool
) -> None:
    """Save what came out for some rows of a shard, all or none.

    Args:
        session: the caller's.
        claim: the worker's.
        sheet_id: the shard's sheet.
        answers: row number and what came out.
        end: these were the last.

    Raises:
        StaleWorker: another worker has taken the shard over; nothing was saved.
    """
    usage = sum((result.usage for _, result in answers), Usage())
    errors = sum(result.error is not None for _, result in answers)
    counts: dict[str, Any] = usage.model_dump() | {"done": len(answers), "errors": errors}
    claims.write_fenced(session, claim=claim, **{name: getattr(ShardRow, name) + n for name, n in counts.items()})
    if answers:
        rows = [
            {
                "sheet_id": sheet_id,
                "row": row,
                "failed": result.error is not None,
                "content": dump(result, compact=True),
            }
            for row, result in answers
        ]
        session.connection().execute(insert(SheetAnswerRow), rows)
    if end:
        claims.end(session, claim=claim, status=RunStatus.FINISHED)


def beat(session: Session, *, claim: Claim, sheet_id: str) -> bool:
    """Show that the worker lives; return whether the sheet is to stop.

    Raises:
        StaleWorker: another worker has taken the shard over.
    """
    claims.write_fenced(session, claim=claim)
    return session.exec(select(SheetRow.stop_requested).where(SheetRow.id == sheet_id)).one()


def fail_sheet(session: Session, *, claim: Claim, sheet_id: str, error: str) -> None:
    """Give the shard back and stop its whole sheet: what this shard met, the others would meet, too.

    Raises:
        StaleWorker: another worker has taken the shard over.
    """
    claims.release(session, claim=claim)
    session.exec(update(SheetRow).where(col(SheetRow.id) == sheet_id).values(stop_requested=True, error=error))


def _next(session: Session, stale_after: float, *, lock: bool) -> tuple[str, ...]:
    """Return the shards whose worker is lost, and one that is queued; with `lock` none that another is just taking."""
    found: list[str] = []
    with_sheet = select(ShardRow.id).join(SheetRow, col(SheetRow.id) == col(ShardRow.sheet_id)).where(*_OPEN)
    if lost := claims.lost(session, kind="shard", stale_after=stale_after):
        found.extend(session.exec(with_sheet.where(col(ShardRow.id).in_(lost))))
    queued = with_sheet.where(ShardRow.status == RunStatus.QUEUED)
    queued = queued.order_by(col(ShardRow.position), col(ShardRow.created_at)).limit(1)
    if lock:
        queued = queued.with_for_update(of=ShardRow, skip_locked=True)
    return (*found, *session.exec(queued))
