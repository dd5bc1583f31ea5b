"""Saved tasks and their examples on both kinds of database."""

from copilot.storage import saved_tasks as storage
from copilot.storage import saved_tasks_examples as stored
from copilot.storage.database import Database
from tasks.model import Example, Task, TaskKind

TASK = Task(name="Sort 50 % of\0it", kind=TaskKind.CLASSIFICATION)
HOSTILE = "=1+1\0 \u202e %_ \\ <b>"


def test_a_task_and_its_examples_are_kept_counted_searched_and_removed(database: Database) -> None:
    with database.writing() as session:
        task_id = storage.add_task(session, task=TASK, project="50 %").id
        rows = [Example(id=str(n), inputs={"text": f"{HOSTILE} {n}"}, expected=("a",) if n else None) for n in range(5)]
        stored.add_examples(session, task_id=task_id, rows=rows, origin="uploaded")
        stored.add_examples(session, task_id=task_id, rows=rows[:1], origin="drafted", accepted=False)
    with database.reading() as session:
        assert storage.get_task(session, task_id=task_id).task == TASK
        assert [found.id for found in storage.list_tasks(session, search="50 %")] == [task_id]
        assert storage.list_tasks(session, search="50 _") == ()
        counts = stored.count_examples(session, task_ids=[task_id])[task_id]
        assert (counts.accepted, counts.drafted, counts.expected) == (5, 1, 4)
        found = stored.list_examples(session, task_id=task_id, offset=1, limit=2)
        assert [row.example for row in found] == rows[1:3]
        assert stored.count_matching(session, task_id=task_id, accepted=False) == 1
    with database.writing() as session:
        removed = stored.remove_examples(session, task_id=task_id, example_ids=["1", "3"])
        assert [row.example.id for row in removed] == ["1", "3"]
        stored.put_back(session, task_id=task_id, rows=removed)
        assert stored.accept_examples(session, task_id=task_id) == 6
        storage.delete_task(session, task_id=task_id)
        assert [saved.id for saved in storage.deleted_tasks(session, limit=5)] == [task_id]
        assert storage.restore_task(session, task_id=task_id).id == task_id
        assert storage.runs_of_tasks(session, task_ids=[task_id]) == {task_id: ()}
