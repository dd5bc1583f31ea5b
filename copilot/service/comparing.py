"""Any two prompts of a task beside each other: on the rows that both have answered, from whichever runs they are."""

from copilot.domain.comparing import AnsweredPrompts, AnsweredRun, ComparedPrompt, PromptComparison, SharedRows
from copilot.domain.run import RunStatus
from copilot.domain.saved import SavedRun
from copilot.domain.snapshot import Part, RowQuery
from copilot.errors import UserError
from copilot.evaluation.rubric import Rubric
from copilot.optimizers import shipping
from copilot.service import run_rows, runs, saved_tasks
from copilot.service.workspace import Workspace
from copilot.storage import events as stored
from copilot.storage import runs as run_storage
from copilot.storage import shared_rows, trial_rows
from copilot.storage.shared_rows import SharedValue
from evaluators.statistics.proportion import wilson

SEED = 1
"""Of the bootstrap: the same two prompts always get the same interval."""


class Comparisons:
    """Two prompts of one task, each from any of its runs."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def runs(self, task_id: str) -> tuple[AnsweredRun, ...]:
        """Return the runs of a task that have answers, newest first.

        Raises:
            UserError: there is no such task.
        """
        saved_tasks.get(self._workspace, task_id)
        with self._workspace.database.reading() as session:
            return run_storage.answered_runs(session, saved_task=task_id)

    def prompts(self, run_id: str) -> AnsweredPrompts:
        """Return the prompts of a run that have answers.

        Raises:
            UserError: there is no such run.
        """
        saved = runs.get_run(self._workspace, run_id)
        with self._workspace.database.reading() as session:
            made = stored.list_candidates(session, run_id=run_id)
            counts = trial_rows.split_counts(session, run_id=run_id)
        answers: dict[str, int] = {}
        for (_, name), n in counts.items():
            answers[name] = answers.get(name, 0) + n
        finished = saved.summary.status is RunStatus.FINISHED
        return AnsweredPrompts(
            prompts=tuple(prompt for prompt in made if prompt.id in answers),
            answers=answers,
            finalist_id=run_rows.finalist_id(self._workspace, run_id),
            chosen_id=run_rows.chosen_id(self._workspace, run_id) if finished else None,
        )

    def between(self, first: str, second: str, *, part: Part = "shared_aside") -> PromptComparison:
        """Compare two prompts on the rows that both have answered.

        Args:
            first: a prompt as `RUN/PROMPT`.
            second: the one it is compared with, of the same run or of another.
            part: `shared_aside`: rows kept aside in both runs, where there are such; `shared`: all rows.

        Raises:
            UserError: there is no such run or prompt.
        """
        workspace = self._workspace
        mine, theirs = (_of(workspace, reference) for reference in (first, second))
        asked = RowQuery(candidate_id=mine[1], against=second, part="shared")
        with workspace.database.reading() as session:
            values = shared_rows.shared_values(session, run_rows.selection(workspace, mine[0], asked))
        shared = _shared(values)
        if part == "shared_aside" and shared.aside:
            values = tuple(one for one in values if (one.first_split, one.second_split) == ("holdout", "holdout"))
        else:
            part = "shared"
        alike = _scored_alike(mine[0], theirs[0])
        firsts = {one.example_id: one.first for one in values if one.first is not None}
        seconds = {one.example_id: one.second for one in values if one.second is not None}
        found = shipping.compare(seconds, firsts, seed=SEED) if alike else None
        scores = (found.best_score, found.seed_score) if found else (None, None)
        sides = [
            _compared(workspace, one, against, part).model_copy(update=_interval(score, found.n if found else 0))
            for one, against, score in ((mine, second, scores[0]), (theirs, first, scores[1]))
        ]
        return PromptComparison(first=sides[0], second=sides[1], shared=shared, part=part, found=found)


def _of(workspace: Workspace, reference: str) -> tuple[SavedRun, str]:
    run_id, name = run_rows.reference(reference, "")
    if not run_id:
        raise UserError(f"Name the run of the prompt '{name}', too, as RUN/PROMPT.")
    return runs.get_run(workspace, run_id), name


def _shared(values: tuple[SharedValue, ...]) -> SharedRows:
    aside = [(one.first_split == "holdout", one.second_split == "holdout") for one in values]
    return SharedRows(
        aside=aside.count((True, True)),
        first_aside=aside.count((True, False)),
        second_aside=aside.count((False, True)),
        used=aside.count((False, False)),
    )


def _scored_alike(mine: SavedRun, theirs: SavedRun) -> bool:
    first, second = mine.plan.task, theirs.plan.task
    if (first.kind, first.criteria) != (second.kind, second.criteria):
        return False
    return _judge(mine) == _judge(theirs) or not Rubric.of(first.criteria).needs_judge


def _judge(run: SavedRun) -> str:
    plan = run.plan
    return plan.judge_model or plan.copilot_model or plan.task_model


def _compared(workspace: Workspace, mine: tuple[SavedRun, str], against: str, part: Part) -> ComparedPrompt:
    saved, name = mine
    facts = run_rows.facts(workspace, saved.plan.id, RowQuery(candidate_id=name, against=against, part=part))
    return ComparedPrompt(run_id=saved.plan.id, candidate_id=name, model=saved.plan.task_model, facts=facts)


def _interval(score: float | None, n: int) -> dict[str, float]:
    if score is None or not n:
        return {}
    interval = wilson(score * n, n)
    return {"score": score, "low": interval.low, "high": interval.high}
