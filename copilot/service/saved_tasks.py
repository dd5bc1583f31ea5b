"""Tasks as people write them in the browser: kept with their examples, and improved from what is kept."""

from collections.abc import Iterable, Sequence

from copilot.domain.run import RunStatus, Verdict
from copilot.domain.saved import RunSummary
from copilot.domain.saved_tasks import ExampleCounts, Origin, SavedExample, SavedTask, ScoredRun, TaskOverview
from copilot.errors import UserError
from copilot.service import tasks
from copilot.service.workspace import Workspace
from copilot.storage import saved_tasks as storage
from copilot.storage import saved_tasks_examples as stored
from tasks.fingerprint import fingerprint
from tasks.model import Dataset, Example, Task
from tasks.plan import plan

SCORES_SHOWN = 20


def create(
    workspace: Workspace, task: Task, *, project: str = "", examples: Dataset | None = None, origin: Origin = "uploaded"
) -> SavedTask:
    """Save a new task, with examples where there are some."""
    with workspace.database.writing() as session:
        saved = storage.add_task(session, task=task, project=project.strip())
        if examples is not None:
            stored.add_examples(session, task_id=saved.id, rows=examples.examples, origin=origin)
        return saved


def create_sample(workspace: Workspace, name: str) -> SavedTask:
    """Save a task that comes with the product.

    Raises:
        UserError: no sample task is called so.
    """
    task = tasks.load_task(name)
    readable = task.model_copy(update={"name": task.name.replace("_", " ").capitalize()})
    dataset = tasks.load_examples(name, task).dataset
    return create(workspace, readable, examples=dataset, origin="sample")


def get(workspace: Workspace, task_id: str) -> SavedTask:
    """Return a task.

    Raises:
        UserError: there is none with this id, or it was deleted.
    """
    with workspace.database.reading() as session:
        return storage.get_task(session, task_id=task_id)


def list_all(workspace: Workspace, *, project: str | None = None, search: str = "") -> tuple[TaskOverview, ...]:
    """Return the tasks with what came of them, the one changed last first."""
    with workspace.database.reading() as session:
        found = storage.list_tasks(session, project=project, search=search)
        ids = [saved.id for saved in found]
        counts = stored.count_examples(session, task_ids=ids)
        runs = storage.runs_of_tasks(session, task_ids=ids)
    return tuple(
        TaskOverview(
            task=saved,
            counts=counts[saved.id],
            last_run=runs[saved.id][0][0] if runs[saved.id] else None,
            scores=_scores(runs[saved.id]),
        )
        for saved in found
    )


def _scores(runs: Sequence[tuple[RunSummary, Verdict | None]]) -> tuple[ScoredRun, ...]:
    points = []
    for summary, verdict in runs[:SCORES_SHOWN]:
        if verdict is None or summary.status is not RunStatus.FINISHED:
            continue
        better, own = verdict.holdout.best_score, verdict.holdout.seed_score
        # Where nothing better was proven, the prompt to use is the user's own.
        used = better if verdict.outcome == "better" or own is None else own
        if used is not None:
            points.append(
                ScoredRun(
                    run_id=summary.id,
                    at=summary.finished_at or summary.created_at,
                    score=used,
                    own_score=own,
                    n=verdict.holdout.n,
                )
            )
    return tuple(reversed(points))


def update(workspace: Workspace, task_id: str, task: Task | None = None, *, project: str | None = None) -> SavedTask:
    """Change a task or its project.

    Raises:
        UserError: there is none with this id, or it was deleted.
    """
    with workspace.database.writing() as session:
        return storage.update_task(session, task_id=task_id, task=task, project=project)


def delete(workspace: Workspace, task_id: str, *, back: bool = False) -> SavedTask:
    """Take a task out of all lists, or bring it back.

    Raises:
        UserError: there is none with this id.
    """
    with workspace.database.writing() as session:
        return (storage.restore_task if back else storage.delete_task)(session, task_id=task_id)


def deleted(workspace: Workspace, *, limit: int = 20) -> tuple[SavedTask, ...]:
    """Return tasks that can be brought back, the one deleted last first."""
    with workspace.database.reading() as session:
        return storage.deleted_tasks(session, limit=limit)


def list_examples(
    workspace: Workspace,
    task_id: str,
    *,
    accepted: bool | None = None,
    search: str = "",
    page: tuple[int, int | None] = (0, None),
) -> tuple[SavedExample, ...]:
    """Return the examples of a task in their order; `page` is how many are left out, and how many follow at most.

    Raises:
        UserError: there is no such task.
    """
    with workspace.database.reading() as session:
        storage.get_task(session, task_id=task_id)
        return stored.list_examples(
            session, task_id=task_id, accepted=accepted, search=search, offset=page[0], limit=page[1]
        )


def count_matching(workspace: Workspace, task_id: str, *, accepted: bool | None = None, search: str = "") -> int:
    """Return how many examples `list_examples` goes through."""
    with workspace.database.reading() as session:
        return stored.count_matching(session, task_id=task_id, accepted=accepted, search=search)


def counts(workspace: Workspace, task_id: str) -> ExampleCounts:
    """Return how many examples a task has."""
    with workspace.database.reading() as session:
        return stored.count_examples(session, task_ids=[task_id])[task_id]


def set_examples(
    workspace: Workspace, task_id: str, rows: Iterable[Example], *, origin: Origin, replace: bool
) -> tuple[SavedExample, ...]:
    """Add examples at the end, or put them in the place of all there are; drafted ones do not count yet.

    Raises:
        UserError: there is no such task.
    """
    with workspace.database.writing() as session:
        storage.update_task(session, task_id=task_id)
        if replace:
            stored.remove_examples(session, task_id=task_id)
        return stored.add_examples(session, task_id=task_id, rows=rows, origin=origin, accepted=origin != "drafted")


def accept(workspace: Workspace, task_id: str, example_ids: Iterable[str] | None, *, accepted: bool) -> int:
    """Let examples count (None: all), or not; return how many there are.

    Raises:
        UserError: there is no such task.
    """
    with workspace.database.writing() as session:
        storage.update_task(session, task_id=task_id)
        return stored.accept_examples(session, task_id=task_id, example_ids=example_ids, accepted=accepted)


def remove_examples(workspace: Workspace, task_id: str, example_ids: Iterable[str]) -> tuple[SavedExample, ...]:
    """Remove examples and return them as they were.

    Raises:
        UserError: there is no such task.
    """
    with workspace.database.writing() as session:
        storage.update_task(session, task_id=task_id)
        return stored.remove_examples(session, task_id=task_id, example_ids=example_ids)


def put_back(workspace: Workspace, task_id: str, rows: Sequence[SavedExample]) -> None:
    """Undo `remove_examples`, or bring back what was replaced; what stands in the same places goes.

    Raises:
        UserError: there is no such task.
    """
    with workspace.database.writing() as session:
        storage.update_task(session, task_id=task_id)
        kept = stored.list_examples(session, task_id=task_id)
        names, places = {row.example.id for row in rows}, {row.position for row in rows}
        gone = [row.example.id for row in kept if row.example.id in names or row.position in places]
        stored.remove_examples(session, task_id=task_id, example_ids=gone)
        stored.put_back(session, task_id=task_id, rows=rows)


def edit_examples(workspace: Workspace, task_id: str, rows: Iterable[Example]) -> int:
    """Replace the examples that have these ids; return how many there were.

    Raises:
        UserError: there is no such task.
    """
    with workspace.database.writing() as session:
        storage.update_task(session, task_id=task_id)
        return stored.edit_examples(session, task_id=task_id, rows=rows)


def dataset(workspace: Workspace, task_id: str) -> Dataset:
    """Return the examples that count.

    Raises:
        UserError: there is no such task.
    """
    return Dataset(examples=tuple(row.example for row in list_examples(workspace, task_id, accepted=True)))


def usable(workspace: Workspace, task_id: str) -> tuple[SavedTask, Dataset]:
    """Return a task and its examples for a run.

    Raises:
        UserError: there is no such task, or it has no examples that count.
    """
    saved, examples = get(workspace, task_id), dataset(workspace, task_id)
    if not examples.examples:
        drafted = counts(workspace, task_id).drafted
        raise UserError(
            f"None of the {drafted} drafted examples was accepted yet: look at them, and accept those that are right."
            if drafted
            else f"The task '{saved.task.name}' has no examples yet: add some first."
        )
    return saved, examples


def warnings(workspace: Workspace, task_id: str) -> tuple[str, ...]:
    """Return what the user should know or mend about the examples that count, the most important first.

    Raises:
        UserError: there is no such task.
    """
    saved, examples = get(workspace, task_id), dataset(workspace, task_id)
    if not examples.examples:
        return ()
    facts = fingerprint(saved.task.kind, examples, labels=saved.task.labels, fields=saved.task.fields)
    return plan(saved.task, facts).warnings


def link(workspace: Workspace, task_id: str, run_id: str) -> bool:
    """Note that a run was started from a task; return False where it belongs to another one."""
    with workspace.database.writing() as session:
        owner = storage.task_of_run(session, run_id=run_id)
        if owner is not None and owner.id != task_id:
            return False
        storage.link_run(session, task_id=task_id, run_id=run_id)
        return True


def runs(workspace: Workspace, task_id: str) -> tuple[RunSummary, ...]:
    """Return the runs that were started from a task, newest first.

    Raises:
        UserError: there is no such task.
    """
    with workspace.database.reading() as session:
        storage.get_task(session, task_id=task_id)
        return tuple(run for run, _ in storage.runs_of_tasks(session, task_ids=[task_id])[task_id])


def of_run(workspace: Workspace, run_id: str) -> SavedTask | None:
    """Return the task that a run was started from; None: it was started elsewhere, or the task was deleted."""
    with workspace.database.reading() as session:
        return storage.task_of_run(session, run_id=run_id)
