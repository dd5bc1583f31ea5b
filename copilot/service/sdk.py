"""The product in Python: everything the command line does, blocking or awaited.

Every method that waits for a model exists twice, as `name` and as `aname` or `name_async`; both run the same coroutine
on the one loop of the `Portal`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from copy import copy
from pathlib import Path
from types import TracebackType
from typing import Literal

from copilot.domain.events import RunEvent
from copilot.domain.feedback import Feedback
from copilot.domain.preferences import DefaultModels
from copilot.domain.prompt import PromptTemplate
from copilot.domain.run import Budget, RunConfig, RunStatus, Switches
from copilot.domain.saved import LabelChange, RunSummary, SavedFeedback, TemplateVersion
from copilot.errors import UserError
from copilot.export.templates import load_template_file
from copilot.models.base import ChatModel
from copilot.service import estimate as estimates
from copilot.service import feedback as feedbacks
from copilot.service import runs, sheets, tasks, templates
from copilot.service.apps import Apps
from copilot.service.comparing import Comparisons
from copilot.service.connections import Connections
from copilot.service.criteria import Criteria
from copilot.service.handles import Run, Template
from copilot.service.portal import Portal
from copilot.service.preferences import Preferences
from copilot.service.reviews_facade import Reviews
from copilot.service.runs import Assignment, Started
from copilot.service.saved_tasks_facade import Means, Tasks
from copilot.service.sheet_handles import Sheets
from copilot.service.tasks import Examples
from copilot.service.template_library import TemplateLibrary
from copilot.service.workspace import Workspace
from tasks.model import Dataset, Task

OnEvent = Callable[[RunEvent], None]
Rows = Dataset | Examples


class Copilot:
    """One installation with the models it uses.

    Args:
        home: folder of the database; None: FALCONER_HOME, else `~/.falconer`.
        model: does the task: a name, a URL ending in /v1, a .gguf file, or a model made in code; None: FALCONER_MODEL,
            else `embedded`.
        copilot_model: proposes prompts; None: FALCONER_COPILOT_MODEL, else `model`.
        judge_model: scores criteria that ask a model; None: the one that proposes.
        database: URL of a PostgreSQL database; None: SQLite in the home.
        switches: parts of the optimiser to leave out, to see what each is worth; None: all are on.

    Raises:
        UserError: a setting is wrong.
    """

    def __init__(
        self,
        home: str | Path | None = None,
        *,
        model: str | ChatModel | None = None,
        copilot_model: str | ChatModel | None = None,
        judge_model: str | ChatModel | None = None,
        database: str | None = None,
        switches: Switches | None = None,
    ) -> None:
        self._switches = switches or Switches()
        self.workspace = Workspace(home, database=database)
        self.portal = Portal()
        settings = self.workspace.settings
        self._made_in_code: list[str] = []
        self._model = self._named(model or settings.model)
        proposing = copilot_model or settings.copilot_model
        self._copilot_model = self._named(proposing) if proposing else None
        self._judge_model = self._named(judge_model) if judge_model else None

    def load_task(self, path: str | Path) -> Task:
        """Read a task file, or a sample task by its name.

        Raises:
            TaskError: the file is missing or wrong.
            CriterionError: a criterion is unknown.
        """
        return tasks.load_task(path)

    def load_examples(
        self, path: str | Path, task: Task, *, sheet: str | None = None, columns: Mapping[str, str] | None = None
    ) -> Examples:
        """Read examples from .csv, .tsv, .xlsx, .xls, .json, .jsonl, .parquet, .txt, .pdf or .docx.

        Args:
            path: the file, or the name of a sample task.
            task: its kind decides which columns are looked for.
            sheet: name of the sheet; None: the first visible one with data.
            columns: which column holds what, e.g. `{"text": "Message"}`; None: told by their names.

        Raises:
            ImportRefused: the file cannot be taken; the message says what to do.
        """
        return tasks.load_examples(path, task, sheet=sheet, columns=columns)

    def estimate(
        self, task: Task, examples: Rows, *, budget: Budget | None = None, seed: int = 1
    ) -> estimates.Estimate:
        """Return what an improvement will cost: calls, tokens, seconds, money; no model is asked."""
        return estimates.estimate(self.workspace, self.assignment(task, examples, budget=budget, seed=seed))

    def improve(
        self,
        task: Task,
        examples: Rows,
        *,
        budget: Budget | None = None,
        seed: int = 1,
        again: bool = False,
        on_event: OnEvent | None = None,
    ) -> Run:
        """Improve the task's prompt and wait for the verdict.

        Called again with the same arguments, it goes on with an interrupted run, or returns the finished one.

        Args:
            task: what is asked.
            examples: what success looks like; at least some with an expected output.
            budget: hard caps on calls and tokens, everything included; None: 300 calls.
            seed: decides the split and every draw.
            again: start a new run even where an equal one is there.
            on_event: told of everything that happens, after it was saved; in another thread.

        Raises:
            UserError: task, criteria or model cannot be right.
            ModelError: a server failed for good; what was answered is kept, and the run can be gone on with.
        """
        assignment = self.assignment(task, examples, budget=budget, seed=seed, again=again)
        return self.portal.call(self._improve(assignment, on_event))

    async def improve_async(
        self,
        task: Task,
        examples: Rows,
        *,
        budget: Budget | None = None,
        seed: int = 1,
        again: bool = False,
        on_event: OnEvent | None = None,
    ) -> Run:
        """As `improve`, awaited."""
        assignment = self.assignment(task, examples, budget=budget, seed=seed, again=again)
        return await self.portal.wait(self._improve(assignment, on_event))

    def start_run(
        self, task: Task, examples: Rows, *, budget: Budget | None = None, seed: int = 1, again: bool = False
    ) -> Run:
        """Improve in a process in the background, which outlives this one; return at once.

        Raises:
            UserError: task, criteria or model cannot be right, or the model was made in code.
        """
        assignment = self.assignment(task, examples, budget=budget, seed=seed, again=again)
        mine = {assignment.model, assignment.copilot_model, assignment.judge_model} & set(self._made_in_code)
        if mine:
            raise UserError(
                f"The model '{', '.join(map(str, mine))}' was made in this program, so a process in the background "
                "cannot use it. Name a model by its URL, or use improve_async."
            )
        started = runs.start(self.workspace, assignment, claim=False)
        if started.run.result is None:
            if started.run.summary.status in (RunStatus.STOPPED, RunStatus.FAILED):
                runs.queue_again(self.workspace, started.run.plan.id)
            sheets.ensure_worker(self.workspace)
        return self.get_run(started.run.plan.id)

    def resume(self, run_id: str | None = None, *, on_event: OnEvent | None = None) -> Run:
        """Go on with a run that was interrupted, stopped or failed (None: the newest) and wait for the verdict.

        Raises:
            UserError: there is none.
        """
        return self.portal.call(self.work(runs.claim(self.workspace, run_id), on_event))

    def get_run(self, run_id: str) -> Run:
        """Return a run.

        Raises:
            UserError: there is no such run.
        """
        runs.get_run(self.workspace, run_id)
        return Run(self.workspace, self.portal, run_id)

    def runs(self, *, status: RunStatus | None = None, search: str = "", limit: int = 50) -> tuple[RunSummary, ...]:
        """Return runs, newest first."""
        return runs.list_runs(self.workspace, status=status, search=search, limit=limit)

    @property
    def sheets(self) -> Sheets:
        """Rows that go through a template in the background."""
        return Sheets(self.workspace, template=self.template, made_in_code=self._made_in_code)

    @property
    def template_library(self) -> TemplateLibrary:
        """Saved templates as people work on them: versions, differences, labels, tags, exports."""
        return TemplateLibrary(self.workspace, self.portal, model=self.preferences.models().task)

    @property
    def tasks(self) -> Tasks:
        """Tasks as people write them in the browser."""
        chosen = self._with_chosen_models()
        model = chosen._copilot_model or chosen._model
        means = Means(portal=self.portal, start=chosen.start_run, quote=chosen.estimate, drafting_model=model)
        return Tasks(self.workspace, means)

    @property
    def apps(self) -> Apps:
        """Templates as pages of their own."""
        chosen = self.preferences.models().task
        return Apps(self.workspace, self.portal, model=chosen, made_in_code=self._made_in_code)

    @property
    def criteria(self) -> Criteria:
        """What counts as a good answer to a saved task."""
        chosen = self.preferences.models()
        proposing = chosen.copilot or chosen.task
        return Criteria(self.workspace, self.portal, judge=chosen.judge or proposing, copilot=proposing)

    @property
    def preferences(self) -> Preferences:
        """What is chosen once for the web application: language, light or dark, models."""
        mine = DefaultModels(task=self._model, copilot=self._copilot_model, judge=self._judge_model)
        return Preferences(self.workspace, mine)

    @property
    def connections(self) -> Connections:
        """Model servers by name."""
        return Connections(self.workspace, self.portal)

    @property
    def reviews(self) -> Reviews:
        """What people say of outputs, blind comparisons, and the improvement that learns from both."""
        return Reviews(self.workspace, tasks=self.tasks, start=self.start_run, run=self.get_run)

    @property
    def comparisons(self) -> Comparisons:
        """Two prompts of one task beside each other, each from any of its runs."""
        return Comparisons(self.workspace)

    def add_feedback(self, feedback: Feedback) -> SavedFeedback:
        """Store what somebody says about one output; it enters the task's next improvement.

        Raises:
            UserError: the run has no such output.
        """
        return feedbacks.add(self.workspace, feedback)

    def save_template(
        self, name: str, template: PromptTemplate, *, labels: Sequence[str] = (), note: str = ""
    ) -> TemplateVersion:
        """Save a template as the next version of its name, and point labels at it.

        Raises:
            TemplateError: name or label cannot be used.
        """
        saved = templates.save(self.workspace, name, template, origin=templates.Origin(note=note))
        for label in labels:
            templates.label(self.workspace, name, label, version=saved.version)
        return templates.get(self.workspace, f"{name}@{saved.version}")

    def template(self, reference: str | Path) -> Template:
        """Return a template to run: `NAME` (newest), `NAME@LABEL`, `NAME@3`, or a file ending in .yaml.

        Raises:
            TemplateError: there is none.
        """
        if str(reference).lower().endswith((".yaml", ".yml")):
            found = load_template_file(reference).template
        else:
            found = templates.get(self.workspace, str(reference)).template
        return Template(self.workspace, self.portal, found, self._model)

    def templates(self, *, search: str = "") -> tuple[TemplateVersion, ...]:
        """Return the newest version of every saved template."""
        return templates.list_all(self.workspace, search=search)

    def label_template(self, name: str, label: str, *, version: int | None = None) -> LabelChange:
        """Point a label at a version (None: the newest); return what it pointed at before.

        Raises:
            TemplateError: there is no such template or version, or the label cannot be used.
        """
        return templates.label(self.workspace, name, label, version=version)

    def export(self, reference: str, path: str | Path) -> tuple[str, ...]:
        """Write a saved template to a file; the extension decides the form (.yaml, .json, .py, .sh).

        Returns:
            What the form cannot hold, in sentences; nothing for .yaml.

        Raises:
            TemplateError: there is no such template, or no such form.
            StorageError: the file cannot be written.
        """
        return templates.export(self.workspace, reference, Path(path))

    def assignment(
        self, task: Task, examples: Rows, *, budget: Budget | None = None, seed: int = 1, again: bool = False
    ) -> Assignment:
        """Return what `improve` would do, as one value."""
        return Assignment(
            task=task,
            dataset=examples.dataset if isinstance(examples, Examples) else examples,
            model=self._model,
            copilot_model=self._copilot_model,
            judge_model=self._judge_model,
            config=RunConfig(seed=seed, budget=budget or Budget(), switches=self._switches),
            again=again,
        )

    async def work(self, started: Started, on_event: OnEvent | None = None) -> Run:
        """Work on a run that was started, or follow whoever does, to its end."""
        async with aclosing(runs.events(self.workspace, started)) as events:
            async for event in events:
                if on_event is not None:
                    on_event(event)
        return Run(self.workspace, self.portal, started.run.plan.id)

    def close(self) -> None:
        """Release models, database and the loop; what was saved stays. The object can be used again."""
        self.portal.call(self.workspace.aclose())
        self.portal.close()

    def __enter__(self) -> "Copilot":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        self.close()
        return False

    def _with_chosen_models(self) -> "Copilot":
        """Return the same installation with the models that were chosen in the browser."""
        chosen, models = copy(self), self.preferences.models()
        chosen._model, chosen._copilot_model, chosen._judge_model = models.task, models.copilot, models.judge
        return chosen

    def _named(self, model: str | ChatModel) -> str:
        if isinstance(model, str):
            return model
        name = self.workspace.models.register(model)
        self._made_in_code.append(name)
        return name

    async def _improve(self, assignment: Assignment, on_event: OnEvent | None) -> Run:
        return await self.work(runs.start(self.workspace, assignment), on_event)
