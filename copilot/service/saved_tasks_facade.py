"""What the SDK hands out for saved tasks; got as `Copilot.tasks`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.domain.run import Budget
from copilot.domain.saved import RunSummary
from copilot.domain.saved_tasks import ExampleCounts, Origin, SavedExample, SavedTask, TaskOverview
from copilot.service import saved_tasks as service
from copilot.service import saved_tasks_drafts as drafts
from copilot.service import saved_tasks_files as files
from copilot.service.estimate import Estimate
from copilot.service.handles import Run
from copilot.service.portal import Portal
from copilot.service.saved_tasks_files import FilePreview
from copilot.service.tasks import Examples
from copilot.service.workspace import Workspace
from tasks.loading.cells import Cell
from tasks.model import Dataset, Example, Task, TaskKind


@dataclass(frozen=True, kw_only=True)
class Means:
    """What saved tasks need of the installation besides its database."""

    portal: Portal
    start: Callable[..., Run]
    quote: Callable[..., Estimate]
    drafting_model: str
    """Writes examples where it is asked to."""


class Tasks:
    """Tasks as people write them in the browser, with their examples and runs."""

    def __init__(self, workspace: Workspace, means: Means) -> None:
        self._workspace = workspace
        self._means = means

    def create(
        self, task: Task, *, project: str = "", examples: Dataset | None = None, origin: Origin = "uploaded"
    ) -> SavedTask:
        """Save a new task, with examples where there are some."""
        return service.create(self._workspace, task, project=project, examples=examples, origin=origin)

    def create_sample(self, name: str = "support_tickets") -> SavedTask:
        """Save a task that comes with the product, with its examples.

        Raises:
            UserError: no sample task is called so.
        """
        return service.create_sample(self._workspace, name)

    def get(self, task_id: str) -> SavedTask:
        """Return a task.

        Raises:
            UserError: there is none with this id, or it was deleted.
        """
        return service.get(self._workspace, task_id)

    def list(self, *, project: str | None = None, search: str = "") -> tuple[TaskOverview, ...]:
        """Return tasks with what came of them, the one changed last first."""
        return service.list_all(self._workspace, project=project, search=search.strip())

    def update(self, task_id: str, task: Task) -> SavedTask:
        """Replace what a task says; its examples and runs stay.

        Raises:
            UserError: there is none with this id.
        """
        return service.update(self._workspace, task_id, task)

    def rename(self, task_id: str, name: str) -> SavedTask:
        """Give a task another name.

        Raises:
            UserError: there is none with this id.
        """
        task = self.get(task_id).task
        return self.update(task_id, Task.model_validate({**task.model_dump(), "name": name.strip() or task.name}))

    def move(self, task_id: str, project: str) -> SavedTask:
        """Put a task into a project; the empty name: into none.

        Raises:
            UserError: there is none with this id.
        """
        return service.update(self._workspace, task_id, project=project.strip())

    def delete(self, task_id: str) -> SavedTask:
        """Take a task out of all lists; `restore` brings it back.

        Raises:
            UserError: there is none with this id.
        """
        return service.delete(self._workspace, task_id)

    def deleted(self) -> tuple[SavedTask, ...]:
        """Return tasks that can be brought back, the one deleted last first."""
        return service.deleted(self._workspace)

    def restore(self, task_id: str) -> SavedTask:
        """Bring back a deleted task with its examples and runs.

        Raises:
            UserError: there never was one with this id.
        """
        return service.delete(self._workspace, task_id, back=True)

    def examples(
        self,
        task_id: str,
        *,
        accepted: bool | None = None,
        search: str = "",
        offset: int = 0,
        limit: int | None = None,
    ) -> tuple[SavedExample, ...]:
        """Return the examples of a task in their order, page by page where `limit` says so.

        Raises:
            UserError: there is no such task.
        """
        return service.list_examples(
            self._workspace, task_id, accepted=accepted, search=search.strip(), page=(offset, limit)
        )

    def count_matching(self, task_id: str, *, accepted: bool | None = None, search: str = "") -> int:
        """Return how many examples `examples` goes through."""
        return service.count_matching(self._workspace, task_id, accepted=accepted, search=search.strip())

    def counts(self, task_id: str) -> ExampleCounts:
        """Return how many examples a task has."""
        return service.counts(self._workspace, task_id)

    def set_examples(
        self, task_id: str, rows: Iterable[Example], *, origin: Origin, replace: bool = False
    ) -> tuple[SavedExample, ...]:
        """Add examples, or put them in the place of all there are; drafted ones count once they are accepted.

        An example whose id is taken gets another one.

        Raises:
            UserError: there is no such task.
        """
        return service.set_examples(self._workspace, task_id, rows, origin=origin, replace=replace)

    def edit_examples(self, task_id: str, rows: Iterable[Example]) -> int:
        """Replace the examples that have the same ids; return how many there were.

        Raises:
            UserError: there is no such task.
        """
        return service.edit_examples(self._workspace, task_id, rows)

    def accept(self, task_id: str, example_ids: Iterable[str] | None = None, *, accepted: bool = True) -> int:
        """Let drafted examples count (None: all), or not; return how many these are.

        Raises:
            UserError: there is no such task.
        """
        return service.accept(self._workspace, task_id, example_ids, accepted=accepted)

    def remove_examples(self, task_id: str, example_ids: Iterable[str]) -> tuple[SavedExample, ...]:
        """Remove examples; return them, so that `put_back` can undo it.

        Raises:
            UserError: there is no such task.
        """
        return service.remove_examples(self._workspace, task_id, example_ids)

    def put_back(self, task_id: str, rows: Sequence[SavedExample]) -> None:
        """Put removed examples back to where they were.

        Raises:
            UserError: there is no such task.
        """
        service.put_back(self._workspace, task_id, rows)

    def preview(
        self,
        path: str | Path,
        *,
        task: Task | None = None,
        sheet: str | None = None,
        header: bool | None = None,
        titles: bool = True,
    ) -> FilePreview:
        """Look at a file of examples; raises nothing for what is wrong with it.

        Args:
            path: the file; its format is told from its content.
            task: decides which columns are looked for; None: any.
            sheet: name of the sheet; None: the first visible one with data.
            header: whether the first row names the columns; None: judged by its looks.
            titles: whether rows above the table may be taken for its title and left out.
        """
        any_task = Task(name="any", kind=TaskKind.CUSTOM)
        return files.preview(Path(path), task=task or any_task, sheet=sheet, header=header, titles=titles)

    def read_file(
        self,
        path: str | Path,
        *,
        task: Task,
        columns: Mapping[str, str],
        sheet: str | None = None,
        header: bool | None = None,
        titles: bool = True,
    ) -> Examples:
        """Read the examples of a file, once it is known which column holds what; nothing is saved.

        Args:
            path: the file.
            task: decides how cells are read.
            columns: which column holds what, as `FilePreview.mapping` guesses; where none holds the expected answer,
                none is looked for.
            sheet: name of the sheet; None: the first visible one with data.
            header: whether the first row names the columns; None: judged by its looks.
            titles: whether rows above the table may be taken for its title and left out.

        Raises:
            ImportRefused: it cannot be taken; one sentence says why and what to do.
        """
        return files.read_file(Path(path), task=task, columns=columns, sheet=sheet, header=header, titles=titles)

    def read_rows(self, rows: Iterable[Mapping[str, Cell]], *, task: Task, expected: bool = True) -> Examples:
        """Read examples from typed rows, under the names that `needed` gives; nothing is saved.

        Raises:
            ImportRefused: there are none, or none can be used.
        """
        return files.read_rows(rows, task=task, expected=expected)

    def needed(self, task: Task) -> tuple[tuple[str, ...], str]:
        """Return the names of the inputs of a task, and what it calls the expected answer."""
        return files.needed(task)

    def draft_examples(self, task_id: str, n: int) -> tuple[SavedExample, ...]:
        """Let the copilot's model write up to `n` examples; they count once they are accepted.

        Raises:
            UserError: there is no such task, or the model wrote nothing of use.
            ModelError: its server failed.
        """
        return self._means.portal.call(drafts.draft(self._workspace, self._means.drafting_model, task_id, n))

    def dataset(self, task_id: str) -> Dataset:
        """Return the examples that count: what runs use.

        Raises:
            UserError: there is no such task.
        """
        return service.dataset(self._workspace, task_id)

    def warnings(self, task_id: str) -> tuple[str, ...]:
        """Return what the user should know or mend about the examples, a sentence each.

        Raises:
            UserError: there is no such task.
        """
        return service.warnings(self._workspace, task_id)

    def estimate(self, task_id: str, *, max_calls: int, max_tokens: int | None = None) -> Estimate:
        """Return what an improvement will cost; no model is asked.

        Raises:
            UserError: there is no such task, or it has no examples.
        """
        saved, dataset = service.usable(self._workspace, task_id)
        return self._means.quote(saved.task, dataset, budget=Budget(max_calls=max_calls, max_tokens=max_tokens))

    def start_run(
        self, task_id: str, *, max_calls: int, max_tokens: int | None = None, seed: int = 1, again: bool = False
    ) -> Run:
        """Improve the task's prompt in the background; an equal run of this task is gone on with.

        Raises:
            UserError: there is no such task, it has no examples, or something about it cannot be right.
        """
        saved, dataset = service.usable(self._workspace, task_id)
        budget = Budget(max_calls=max_calls, max_tokens=max_tokens)
        run = self._means.start(saved.task, dataset, budget=budget, seed=seed, again=again)
        if not service.link(self._workspace, task_id, run.id):
            # An equal task has the equal run; this one gets its own, whose answers are there already.
            run = self._means.start(saved.task, dataset, budget=budget, seed=seed, again=True)
            service.link(self._workspace, task_id, run.id)
        return run

    def link_run(self, task_id: str, run_id: str) -> bool:
        """Note that a run was started from a task; return False where it belongs to another one."""
        return service.link(self._workspace, task_id, run_id)

    def runs(self, task_id: str) -> tuple[RunSummary, ...]:
        """Return the runs that were started from a task, newest first.

        Raises:
            UserError: there is no such task.
        """
        return service.runs(self._workspace, task_id)

    def of_run(self, run_id: str) -> SavedTask | None:
        """Return the task that a run was started from; None: it was started elsewhere, or the task was deleted."""
        return service.of_run(self._workspace, run_id)
