"""What criteria are checked on, on both databases."""

import pytest

from copilot.domain.feedback import Feedback
from copilot.domain.run import RunConfig, Trial
from copilot.domain.saved import RunPlan
from copilot.storage import criteria, saved_tasks, saved_tasks_examples
from copilot.storage.content import dump
from copilot.storage.database import Database
from copilot.storage.datasets import save_dataset
from copilot.storage.feedback import add_feedback
from copilot.storage.runs import create_run
from copilot.storage.tables import TrialRow
from tasks.model import Dataset, Example, Task, TaskKind

TASK = Task(name="Notes", kind=TaskKind.CUSTOM)


def _rows(n: int) -> tuple[Example, ...]:
    return tuple(Example(id=f"e{i}", inputs={"text": f"t{i}"}, expected=("x",)) for i in range(n))


def _saved(database: Database, n: int) -> str:
    with database.writing() as session:
        task = saved_tasks.add_task(session, task=TASK)
        saved_tasks_examples.add_examples(session, task_id=task.id, rows=_rows(n), origin="typed")
        return task.id


@pytest.mark.parametrize(("most", "ids"), [(3, ["e0", "e4", "e8"]), (12, [f"e{i}" for i in range(12)])])
def test_examples_are_drawn_evenly_from_those_that_count(database: Database, most: int, ids: list[str]) -> None:
    task = _saved(database, 12)
    with database.writing() as session:
        drafted = (Example(id="draft", inputs={"text": "d"}),)
        saved_tasks_examples.add_examples(session, task_id=task, rows=drafted, origin="drafted", accepted=False)
    with database.reading() as session:
        assert criteria.count_accepted(session, task_id=task) == 12
        found = criteria.sample_examples(session, task_id=task, most=most)
        assert [example.id for example in found.examples] == ids
        assert criteria.sample_examples(session, task_id="other", most=5).examples == ()


def test_outputs_wait_for_their_first_rating(database: Database) -> None:
    task = _saved(database, 4)
    dataset = Dataset(examples=_rows(4))
    with database.writing() as session:
        save_dataset(session, dataset=dataset)
        run = create_run(
            session, plan=RunPlan(task=TASK, dataset_version=dataset.version, config=RunConfig(), task_model="fake")
        ).plan.id
        saved_tasks.link_run(session, task_id=task, run_id=run)
        for number, value in enumerate((0.5, 0.0, 1.0, 0.25)):
            trial = Trial(candidate_id="user", example_id=f"e{number}", output="x", value=value)
            session.add(
                TrialRow(
                    run_id=run,
                    split="dev",
                    candidate_id="user",
                    example_id=f"e{number}",
                    sequence=number + 1,
                    value=value,
                    content=dump(trial, compact=True),
                )
            )
    with database.reading() as session:
        found = criteria.outputs_without_feedback(session, task_id=task, most=3)
        # Low and high scores in turn: both kinds are needed to learn whether a judge tells them apart.
        assert [trial.example_id for _, trial in found] == ["e1", "e2", "e3"]
        assert {name for name, _ in found} == {run}
    said = Feedback(run_id=run, candidate_id="user", example_id="e1", flag="up")
    with database.writing() as session:
        add_feedback(session, feedback=said)
        add_feedback(session, feedback=said.model_copy(update={"flag": "down"}))
        only_words = said.model_copy(update={"example_id": "e2", "flag": None, "comment": "hm"})
        add_feedback(session, feedback=only_words)
    with database.reading() as session:
        (rating,) = criteria.ratings(session, task_id=task)
        assert (rating.example_id, rating.flag) == ("e1", "down")
        left = criteria.outputs_without_feedback(session, task_id=task, most=9)
        assert {trial.example_id for _, trial in left} == {"e0", "e3"}
        assert criteria.outputs_without_feedback(session, task_id="other", most=9) == ()
