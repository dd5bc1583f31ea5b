"""Parts of sheets on both databases: who may take one, and what is saved of it."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import select

from copilot import RunStatus, UserError
from copilot.domain.saved import Claim
from copilot.domain.sheets import RowOutput, SheetPlan
from copilot.errors import StaleWorker
from copilot.storage import claims, shards, sheets
from copilot.storage.columns import now
from copilot.storage.database import Database, open_database
from copilot.storage.tables import ShardRow, SheetRow
from tests.integration.test_sheets import TEMPLATE


def store(database: Database, sheet_id: str, parts: int) -> None:
    """Store a sheet of parts of two rows, in two transactions as the service does."""
    plan = SheetPlan(
        id=sheet_id, name=sheet_id, template=TEMPLATE, model="fake", columns={"text": "text"}, inputs={"text": "text"}
    )
    with database.writing() as session:
        sheets.create_sheet(session, plan=plan)
        for n in range(parts):
            sheets.add_shard(session, sheet_id=sheet_id, position=n, first_row=n * 2, rows=[{"text": "a"}] * 2)
        with pytest.raises(UserError, match="no sheet"):
            sheets.get_progress(session, sheet_id=sheet_id)
    with database.writing() as session:
        sheets.open_sheet(session, sheet_id=sheet_id)


def take(database: Database, worker: str) -> Claim:
    with database.writing() as session:
        claim = shards.claim_shard(session, worker=worker)
    assert claim is not None
    return claim


def test_a_sheet_is_not_taken_before_all_its_rows_are_there(database: Database) -> None:
    store(database, "s", 1)
    with database.writing() as session:
        session.exec(update(SheetRow).values(ready=False))
        assert shards.claim_shard(session) is None
        assert not shards.shard_waits(session)
        sheets.discard_sheet(session, sheet_id="s")
        assert session.exec(select(ShardRow)).all() == []


def test_sheets_are_worked_on_in_turn(database: Database) -> None:
    for name, parts in (("long", 3), ("short", 1)):
        store(database, name, parts)
    taken = [take(database, f"elsewhere:{n}").job_id for n in range(4)]
    assert taken == ["long.0", "short.0", "long.1", "long.2"]
    with database.reading() as session:
        assert not shards.shard_waits(session)


def test_a_late_worker_saves_nothing(database: Database) -> None:
    store(database, "s", 1)
    first = take(database, "elsewhere:1")
    answers = [(0, RowOutput(output="a"))]
    with database.writing() as session:
        shards.save_answers(session, claim=first, sheet_id="s", answers=answers, end=False)
        session.exec(update(ShardRow).values(heartbeat_at=now() - timedelta(seconds=31)))
    with database.reading() as session:
        assert sheets.get_progress(session, sheet_id="s").status is RunStatus.QUEUED, "its worker is lost"
    second = take(database, "elsewhere:2")
    assert second.attempt == 2
    with database.reading() as session:
        assert list(shards.load_shard(session, claim=second).rows) == [1], "what the first saved is not done again"
        assert shards.load_shard(session, claim=second).proven
    rest = [(1, RowOutput(output=None, error="no"))]
    for late in (
        lambda session: shards.save_answers(session, claim=first, sheet_id="s", answers=rest, end=True),
        lambda session: shards.beat(session, claim=first, sheet_id="s"),
        lambda session: shards.fail_sheet(session, claim=first, sheet_id="s", error="x"),
        lambda session: claims.release(session, claim=first),
    ):
        with pytest.raises(StaleWorker, match=r"part of the sheet s\.0"), database.writing() as session:
            late(session)
    with database.writing() as session:
        shards.save_answers(session, claim=second, sheet_id="s", answers=rest, end=True)
    with database.reading() as session:
        state = sheets.get_progress(session, sheet_id="s")
    assert (state.status, state.done, state.errors, state.error) == (RunStatus.FINISHED, 2, 1, "")


@pytest.mark.postgres
def test_machines_whose_clocks_differ_leave_each_other_alone(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(postgres_url, upgrade=True)
    try:
        store(database, "s", 1)
        take(database, "elsewhere:1")
        # This machine's clock is an hour ahead.
        monkeypatch.setattr(claims, "now", lambda: now() + timedelta(hours=1))
        with database.writing() as session:
            assert shards.claim_shard(session) is None
            assert sheets.get_progress(session, sheet_id="s").status is RunStatus.RUNNING
    finally:
        database.close()


@pytest.mark.postgres
def test_workers_that_look_at_the_same_time_take_different_parts(postgres_url: str) -> None:
    database = open_database(postgres_url, upgrade=True)
    try:
        store(database, "s", 2)
        with database.writing() as one, database.writing() as other:
            first = shards.claim_shard(one, worker="elsewhere:1")
            second = shards.claim_shard(other, worker="elsewhere:2")
        assert first is not None and second is not None
        assert {first.job_id, second.job_id} == {"s.0", "s.1"}
    finally:
        database.close()


def test_rows_that_failed_wait_while_their_sheet_is_worked_on(database: Database) -> None:
    store(database, "s", 2)
    first = take(database, "elsewhere:1")
    failed = [(0, RowOutput(output=None, error="no"))]
    with database.writing() as session:
        shards.save_answers(session, claim=first, sheet_id="s", answers=failed, end=False)
        with pytest.raises(UserError, match="being worked on"):
            sheets.retry_failed(session, sheet_id="s")
        session.exec(update(ShardRow).values(heartbeat_at=now() - timedelta(seconds=31)))
        assert sheets.retry_failed(session, sheet_id="s") == 1
        assert sheets.retry_failed(session, sheet_id="s") == 0
    with pytest.raises(StaleWorker), database.writing() as session:
        shards.save_answers(session, claim=first, sheet_id="s", answers=[(1, RowOutput(output="a"))], end=True)
    second = take(database, "elsewhere:2")
    with database.reading() as session:
        assert list(shards.load_shard(session, claim=second).rows) == [0, 1]
