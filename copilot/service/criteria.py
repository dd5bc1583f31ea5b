"""What counts as a good answer: chosen from a catalogue, checked on the user's own rows, suggested with reasons."""

from collections.abc import Iterator, Sequence

from copilot.domain.criteria import (
    Agreement,
    CheckedRow,
    CriterionCheck,
    CriterionEntry,
    OutputToRate,
    Suggestion,
    SuggestionsByModel,
)
from copilot.domain.saved_tasks import SavedTask
from copilot.errors import CriterionError, UserError
from copilot.service import criteria_catalogue as catalogue
from copilot.service import criteria_checks as checks
from copilot.service import criteria_ideas as ideas
from copilot.service import criteria_judges as judges
from copilot.service import criteria_rules as rules
from copilot.service.portal import Portal
from copilot.service.workspace import Workspace
from copilot.storage import criteria as storage
from copilot.storage.saved_tasks import get_task, update_task
from tasks.model import Dataset, Example, SuccessCriterion, Task, TaskKind

MOST_EXAMPLES = 300
"""Looked at for suggestions and checks."""
JUDGED_ROWS = 10
"""Rows that a judge is tried on."""


class Criteria:
    """Success criteria of saved tasks; got as `Copilot.criteria`."""

    def __init__(self, workspace: Workspace, portal: Portal, *, judge: str, copilot: str) -> None:
        self._workspace = workspace
        self._portal = portal
        self._judge = judge
        self._copilot = copilot

    def catalogue(self, kind: TaskKind | str | None = None) -> tuple[CriterionEntry, ...]:
        """Return the criteria that make sense for a kind of task, group by group; None: all."""
        return catalogue.entries() if kind is None else catalogue.fitting(kind)

    def entry(self, name: str) -> CriterionEntry:
        """Return one criterion of the catalogue.

        Raises:
            CriterionError: there is none of this name.
        """
        return catalogue.entry(name)

    def problem(self, criterion: SuccessCriterion) -> str:
        """Return why a criterion cannot be used, in a sentence; empty: it can."""
        return catalogue.problem(criterion)

    def starting_point(self, task_id: str, name: str) -> SuccessCriterion:
        """Return a criterion with parameters that fit the task's examples, as far as they tell.

        Raises:
            CriterionError: there is none of this name.
            UserError: there is no such task.
        """
        facts = self._facts(task_id)
        return catalogue.starting_point(name, task=facts.task, dataset=facts.dataset, facts=facts.fingerprint)

    def defaults(self, task_id: str) -> tuple[Suggestion, ...]:
        """Return the criteria that a run uses where the task names none, with reasons.

        Raises:
            UserError: there is no such task.
        """
        facts = self._facts(task_id)
        return rules.defaults(facts.task, facts.fingerprint)

    def check(self, task_id: str, criterion: SuccessCriterion) -> CriterionCheck:
        """Put the expected answers of the task's examples through a criterion; no model is called.

        Raises:
            UserError: there is no such task.
        """
        return self.check_all(task_id, [criterion])[0]

    def check_all(self, task_id: str, criteria: Sequence[SuccessCriterion]) -> tuple[CriterionCheck, ...]:
        """As `check`, for several criteria: the examples are read once.

        Raises:
            UserError: there is no such task.
        """
        task, dataset = self._sample(task_id)
        with self._workspace.database.reading() as session:
            total = storage.count_accepted(session, task_id=task_id)
        return self._portal.call(checks.check_all(criteria, dataset, kind=task.kind, total=total))

    def rows(self, task_id: str, *, most: int = 50) -> tuple[Example, ...]:
        """Return some examples with an expected answer, evenly drawn: what a judge can be tried on.

        Raises:
            UserError: there is no such task.
        """
        known = tuple(row for row in self._sample(task_id)[1].examples if row.expected is not None)
        return checks.spread(Dataset(examples=known), most).examples

    def judge_rows(
        self, task_id: str, criterion: SuccessCriterion, *, rows: int = JUDGED_ROWS, example_id: str | None = None
    ) -> Iterator[CheckedRow]:
        """Yield what a judge says of some expected answers, as it comes.

        Args:
            task_id: the saved task.
            criterion: the judge.
            rows: how many.
            example_id: of this example alone.

        Raises:
            CriterionError: the criterion cannot be used.
            UserError: there is no such task.
            ModelError: the model's server failed.
        """
        task, _ = self._sample(task_id)
        chosen = self.rows(task_id, most=rows if example_id is None else MOST_EXAMPLES)
        few = Dataset(examples=tuple(row for row in chosen if example_id in (None, row.id)))
        yield from self._portal.iterate(
            judges.judge_rows(self._workspace, criterion, few, kind=task.kind, model=self._judge)
        )

    def suggest(self, task_id: str) -> tuple[Suggestion, ...]:
        """Return criteria that follow from the description and the examples by fixed rules; no model is asked.

        Raises:
            UserError: there is no such task.
        """
        return rules.suggest(self._facts(task_id))

    def ask_for_suggestions(self, task_id: str) -> SuggestionsByModel:
        """Ask the copilot model for further criteria; one call.

        Raises:
            UserError: there is no such task.
            ModelError: the model's server failed.
        """
        facts = self._facts(task_id)
        return self._portal.call(ideas.ask(self._workspace, facts, model=self._copilot))

    def agreement(self, task_id: str, criterion: SuccessCriterion, *, ask: bool = False) -> Agreement:
        """Compare a judge with what people said about outputs of the task's runs.

        Args:
            task_id: the saved task.
            criterion: the judge.
            ask: let it rate what it has not rated yet, which takes calls.

        Raises:
            CriterionError: the criterion cannot be used.
            ModelError: the model's server failed.
        """
        return self._portal.call(judges.agreement(self._workspace, task_id, criterion, model=self._judge, ask=ask))

    def outputs_to_rate(self, task_id: str, *, most: int = 20) -> tuple[OutputToRate, ...]:
        """Return outputs of the task's runs that nobody has rated, those of the newest run first."""
        return judges.to_rate(self._workspace, task_id, most=most)

    def add(self, task_id: str, criterion: SuccessCriterion, *, at: int | None = None) -> SavedTask:
        """Add a criterion to a task; one that names none keeps what was chosen for it.

        Args:
            task_id: the saved task.
            criterion: what is added.
            at: its place; None: the last.

        Raises:
            CriterionError: the criterion cannot be used.
            UserError: there is no such task.
        """
        chosen = list(self._chosen(task_id))
        chosen.insert(len(chosen) if at is None else at, criterion)
        return self.save(task_id, chosen)

    def replace(self, task_id: str, index: int, criterion: SuccessCriterion) -> SavedTask:
        """Change a criterion of a task.

        Raises:
            CriterionError: the criterion cannot be used.
            UserError: there is no such task, or its criteria were changed elsewhere meanwhile.
        """
        chosen = list(self._chosen(task_id))
        if index >= len(chosen) or chosen[index].evaluator != criterion.evaluator:
            raise UserError("The criteria of this task were changed in another window. Reload the page to see them.")
        chosen[index] = criterion
        return self.save(task_id, chosen)

    def remove(self, task_id: str, index: int) -> SuccessCriterion:
        """Take a criterion out of a task and return it; without any, what fits the examples is chosen again.

        Raises:
            UserError: there is no such task, or no such criterion.
        """
        chosen = list(self._chosen(task_id))
        if index >= len(chosen):
            raise UserError("This criterion was removed already, in another window. Reload the page.")
        gone = chosen.pop(index)
        self.save(task_id, chosen)
        return gone

    def save(self, task_id: str, criteria: Sequence[SuccessCriterion]) -> SavedTask:
        """Set the criteria of a task.

        Raises:
            CriterionError: one cannot be used.
            UserError: there is no such task.
        """
        for criterion in criteria:
            if wrong := catalogue.problem(criterion):
                raise CriterionError(wrong)
        with self._workspace.database.writing() as session:
            task = get_task(session, task_id=task_id).task
            changed = task.model_copy(update={"criteria": tuple(criteria)})
            return update_task(session, task_id=task_id, task=changed)

    def _chosen(self, task_id: str) -> tuple[SuccessCriterion, ...]:
        with self._workspace.database.reading() as session:
            chosen = get_task(session, task_id=task_id).task.criteria
        return chosen or tuple(suggestion.criterion for suggestion in self.defaults(task_id))

    def _sample(self, task_id: str) -> tuple[Task, Dataset]:
        with self._workspace.database.reading() as session:
            task = get_task(session, task_id=task_id).task
            return task, storage.sample_examples(session, task_id=task_id, most=MOST_EXAMPLES)

    def _facts(self, task_id: str) -> rules.Facts:
        return rules.facts_of(*self._sample(task_id))
