"""Saved tasks over a real database: kept, changed, deleted and brought back, and run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot import Copilot, Dataset, Example, Task, TaskKind, UserError

TASK = Task(name="Sort letters", kind=TaskKind.CLASSIFICATION, description="Which team acts?", labels=("a", "b"))


def rows(*names: str) -> Dataset:
    return Dataset(examples=tuple(Example(id=name, inputs={"text": f"text {name}"}, expected=("a",)) for name in names))


@pytest.fixture
def copilot(tmp_path: Path) -> Iterator[Copilot]:
    with Copilot(tmp_path / "home", model="fake") as opened:
        yield opened


def test_a_task_is_found_again_changed_deleted_and_brought_back(copilot: Copilot) -> None:
    saved = copilot.tasks.create(TASK, project=" Post ", examples=rows("1", "2"))
    assert copilot.tasks.get(saved.id).task == TASK
    assert saved.project == "Post"
    assert [found.task.id for found in copilot.tasks.list(search="letters")] == [saved.id]
    assert copilot.tasks.list(search="parcels") == ()
    assert copilot.tasks.list(project="other") == ()
    changed = copilot.tasks.update(saved.id, TASK.model_copy(update={"description": "Who acts first?"}))
    assert copilot.tasks.get(saved.id).task.description == "Who acts first?"
    assert changed.updated_at > saved.updated_at
    assert copilot.tasks.rename(saved.id, " Letters ").task.name == "Letters"
    assert copilot.tasks.move(saved.id, "Mail").project == "Mail"
    copilot.tasks.delete(saved.id)
    assert copilot.tasks.list() == ()
    with pytest.raises(UserError, match="'Letters' was deleted"):
        copilot.tasks.get(saved.id)
    copilot.tasks.restore(saved.id)
    assert copilot.tasks.dataset(saved.id) == rows("1", "2")
    with pytest.raises(UserError, match="no such task"):
        copilot.tasks.examples("nothing")


def test_examples_are_added_replaced_and_put_back(copilot: Copilot) -> None:
    task_id = copilot.tasks.create(TASK, examples=rows("1", "2", "3")).id
    added = copilot.tasks.set_examples(task_id, rows("2", "x").examples, origin="typed")
    assert [row.example.id for row in added] == ["4", "x"], "an id that is taken is replaced"
    removed = copilot.tasks.remove_examples(task_id, ["2", "4"])
    assert [row.example.id for row in copilot.tasks.examples(task_id)] == ["1", "3", "x"]
    copilot.tasks.put_back(task_id, removed)
    assert [row.example.id for row in copilot.tasks.examples(task_id)] == ["1", "2", "3", "4", "x"]
    before = copilot.tasks.examples(task_id)
    copilot.tasks.set_examples(task_id, rows("9").examples, origin="uploaded", replace=True)
    assert [row.example.id for row in copilot.tasks.examples(task_id)] == ["9"]
    copilot.tasks.put_back(task_id, before)
    assert copilot.tasks.examples(task_id)[:5] == before
    mended = Example(id="1", inputs={"text": "other"}, expected=("b",))
    assert copilot.tasks.edit_examples(task_id, [mended]) == 1
    assert copilot.tasks.dataset(task_id).examples[0] == mended


def test_examples_are_paged_and_searched_in_the_database(copilot: Copilot) -> None:
    task_id = copilot.tasks.create(TASK, examples=rows(*map(str, range(1, 31)))).id
    page = copilot.tasks.examples(task_id, offset=10, limit=5)
    assert [row.example.id for row in page] == ["11", "12", "13", "14", "15"]
    assert len(copilot.tasks.examples(task_id, offset=25)) == 5
    assert copilot.tasks.count_matching(task_id, search="text 3") == 2
    assert [row.example.id for row in copilot.tasks.examples(task_id, search="text 3")] == ["3", "30"]


def test_drafted_examples_decide_nothing_before_they_are_accepted(copilot: Copilot) -> None:
    task_id = copilot.tasks.create(TASK).id
    copilot.tasks.set_examples(task_id, rows("1", "2").examples, origin="drafted")
    assert copilot.tasks.counts(task_id).drafted == 2
    assert copilot.tasks.dataset(task_id).examples == ()
    with pytest.raises(UserError, match="None of the 2 drafted"):
        copilot.tasks.estimate(task_id, max_calls=50)
    assert copilot.tasks.accept(task_id, ["2"]) == 1
    assert [example.id for example in copilot.tasks.dataset(task_id).examples] == ["2"]
    assert copilot.tasks.warnings(task_id)[0].startswith("There are only 1 examples")


def test_a_run_is_found_with_its_task(copilot: Copilot) -> None:
    saved = copilot.tasks.create_sample()
    assert saved.task.name == "Support tickets"
    assert copilot.tasks.counts(saved.id).accepted > 50
    assert copilot.tasks.estimate(saved.id, max_calls=50).max_calls == 50
    first = copilot.tasks.create(TASK, examples=rows("1", "2")).id
    second = copilot.tasks.create(TASK, examples=rows("1", "2")).id
    with pytest.raises(UserError, match="has no examples yet"):
        copilot.tasks.start_run(copilot.tasks.create(TASK).id, max_calls=30)
    run = copilot.tasks.start_run(first, max_calls=30)
    assert copilot.tasks.start_run(first, max_calls=30).id == run.id
    other = copilot.tasks.start_run(second, max_calls=30)
    assert other.id != run.id, "an equal task has a run of its own"
    owner = copilot.tasks.of_run(run.id)
    assert owner is not None
    assert owner.id == first
    run.wait(timeout=120)
    overview = {found.task.id: found for found in copilot.tasks.list()}[first]
    assert overview.last_run is not None
    assert overview.last_run.id == run.id
    assert [point.run_id for point in overview.scores] == [run.id]
    copilot.tasks.delete(first)
    assert copilot.tasks.of_run(run.id) is None
