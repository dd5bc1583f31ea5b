"""The log of a run's calls on both databases: it counts, knows what was answered, and refuses a lost worker."""

from pathlib import Path

import pytest

from copilot.domain.completion import Completion, Usage
from copilot.domain.ledger import CallLog, Unanswered
from copilot.domain.run import Role, RunConfig
from copilot.domain.saved import Claim, RunPlan
from copilot.errors import StaleWorker
from copilot.storage import runs
from copilot.storage.calls import DatabaseCallLog
from copilot.storage.database import Database, open_database
from copilot.storage.datasets import save_dataset
from copilot.storage.ledger import DatabaseLedger
from tasks.model import Dataset, Example, Task, TaskKind


def _claim(database: Database) -> Claim:
    dataset = Dataset(examples=(Example(id="1", inputs={"text": "a"}, expected=("b",)),))
    plan = RunPlan(
        id="run-1",
        task=Task(name="t", kind=TaskKind.CUSTOM),
        dataset_version=dataset.version,
        config=RunConfig(),
        task_model="fake",
    )
    with database.writing() as session:
        save_dataset(session, dataset=dataset)
        runs.create_run(session, plan=plan)
        claim = runs.claim_run(session, run_id="run-1")
    assert claim is not None
    return claim


def _again(database: Database) -> Claim:
    """Take the run over as if its worker had shown no sign of life."""
    with database.writing() as session:
        claim = runs.claim_run(session, run_id="run-1", stale_after=-1)
    assert claim is not None
    return claim


def test_every_call_counts_and_only_those_without_an_answer_are_in_vain(database: Database) -> None:
    log: CallLog = DatabaseCallLog(database, _claim(database))
    for key in ("answered", "failed", "failed", "refused"):
        log.note(key, Role.JUDGE if key == "failed" else Role.TASK)
    log.refuse("refused", "It is too long.", overflow=True)
    DatabaseLedger(database).put("answered", Completion(text="x", usage=Usage(calls=1)), model="fake")

    later = DatabaseCallLog(database, _again(database))
    assert later.sent() == 4
    assert later.unanswered() == {
        "failed": Unanswered(role=Role.JUDGE, calls=2),
        "refused": Unanswered(role=Role.TASK, calls=1, problem="It is too long.", overflow=True),
    }
    later.note("failed", Role.JUDGE)
    assert later.sent() == 5


def test_a_worker_that_was_replaced_may_send_nothing_more(database: Database) -> None:
    log = DatabaseCallLog(database, _claim(database))
    log.note("a", Role.TASK)
    newer = DatabaseCallLog(database, _again(database))
    with pytest.raises(StaleWorker):
        log.note("b", Role.TASK)
    newer.note("b", Role.TASK)
    assert newer.sent() == 2


def test_a_deleted_run_leaves_no_calls(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    claim = _claim(database)
    log = DatabaseCallLog(database, claim)
    log.note("a", Role.TASK)
    log.close()
    with database.writing() as session:
        runs.stop_run(session, claim=claim)
        runs.delete_run(session, run_id="run-1")
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM run_calls").scalar() == 0
    database.close()
