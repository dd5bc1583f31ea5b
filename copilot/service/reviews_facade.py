"""What the SDK hands out for feedback and blind comparisons; got as `Copilot.reviews`."""

from collections.abc import Callable
from pathlib import Path

from copilot.domain.feedback import Feedback
from copilot.domain.reviews import (
    ExampleChange,
    PairQueue,
    ReviewCounts,
    ReviewedPrompt,
    ReviewItem,
    ReviewPage,
    ReviewShow,
    SavedComment,
    SavedVote,
    Side,
    WinRate,
)
from copilot.domain.run import Budget, RunStatus
from copilot.domain.saved import SavedFeedback
from copilot.errors import UserError
from copilot.service import feedback as feedbacks
from copilot.service import reviews, reviews_pairs, runs
from copilot.service.handles import Run
from copilot.service.saved_tasks_facade import Tasks
from copilot.service.workspace import Workspace
from copilot.storage.datasets import get_dataset
from copilot.storage.reviews import instructive


class Reviews:
    """What people say of a run's outputs, and what follows from it."""

    def __init__(
        self, workspace: Workspace, *, tasks: Tasks, start: Callable[..., Run], run: Callable[[str], Run]
    ) -> None:
        self._workspace = workspace
        self._tasks = tasks
        self._start = start
        self._run = run

    def prompts(self, run_id: str) -> tuple[ReviewedPrompt, ...]:
        """Return the prompts whose outputs can be rated: the one to use first, then the user's own.

        Raises:
            UserError: there is no such run.
        """
        return reviews.prompts(self._workspace, run_id)

    def page(
        self, run_id: str, candidate_id: str, *, show: ReviewShow = "all", offset: int = 0, limit: int = 50
    ) -> ReviewPage:
        """Return a part of a prompt's outputs; rows that nothing was tuned on come first, failures before others.

        Raises:
            UserError: there is no such run.
        """
        return reviews.page(self._workspace, run_id, candidate_id, show=show, offset=offset, limit=limit)

    def ids(self, run_id: str, candidate_id: str, *, show: ReviewShow = "all") -> tuple[str, ...]:
        """Return the examples of all these outputs, in the order of `page`."""
        return reviews.ids(self._workspace, run_id, candidate_id, show=show)

    def item(self, run_id: str, candidate_id: str, example_id: str) -> ReviewItem:
        """Return one output with input, expected answer, scores, and what was said of it.

        Raises:
            UserError: there is no such run, or it has no such output.
        """
        return reviews.item(self._workspace, run_id, candidate_id, example_id)

    def add(self, feedback: Feedback) -> SavedFeedback | None:
        """Store what somebody says of an output, in the place of what the same author said of it before.

        An edited answer also becomes a preference. Feedback that says nothing takes the earlier one away.

        Raises:
            UserError: the run has no such output.
        """
        return reviews.say(self._workspace, feedback)

    def undo(self, feedback_id: int) -> None:
        """Take feedback back, with the preference that followed from it.

        Raises:
            UserError: there is no such feedback.
        """
        feedbacks.remove(self._workspace, feedback_id)

    def list(self, run_id: str) -> tuple[SavedComment, ...]:
        """Return what was said of a run's outputs, the newest first, with the texts that it is about.

        Raises:
            UserError: there is no such run.
        """
        return reviews.comments(self._workspace, run_id)

    def counts(self, run_id: str) -> ReviewCounts:
        """Return how much was said of a run's outputs, and how much of it the next improvement hears.

        Raises:
            UserError: there is no such run.
        """
        return reviews.counts(self._workspace, run_id)

    def export(self, run_id: str, path: str | Path) -> tuple[str, ...]:
        """Write everything that was said to .csv, .xlsx, .tsv or .jsonl; formulas in texts are neutralised.

        Returns:
            What the form could not hold, in sentences.

        Raises:
            UserError: there is no such run, or no such form.
            StorageError: the file cannot be written.
        """
        return reviews.export(self._workspace, run_id, Path(path))

    def to_example(self, feedback_id: int) -> ExampleChange:
        """Make an edited or liked answer the expected one of the saved task's example, or of a new example.

        Raises:
            UserError: the task was deleted, or the answer cannot be an expected one.
        """
        return reviews.to_example(self._workspace, feedback_id)

    def undo_example(self, change: ExampleChange) -> None:
        """Bring back what `to_example` changed."""
        reviews.undo_example(self._workspace, change)

    def pairs(self, run_id: str, first_id: str, second_id: str, *, author: str = "") -> PairQueue:
        """Return the pair of answers to judge blind next, and how far the comparison is.

        Raises:
            UserError: there is no such run, or it has no such prompts.
        """
        return reviews_pairs.queue(self._workspace, run_id, first_id, second_id, author=author)

    def vote(
        self, run_id: str, first_id: str, second_id: str, *, example_id: str, side: Side, author: str = ""
    ) -> SavedVote:
        """Store which side is better; the preferred answer also becomes a preference.

        Raises:
            UserError: there is no such pair.
        """
        return reviews_pairs.vote(
            self._workspace, run_id, (first_id, second_id), example_id=example_id, side=side, author=author
        )

    def undo_vote(self, vote_id: int) -> None:
        """Take a vote back, with its preference.

        Raises:
            UserError: there is none with this number.
        """
        reviews_pairs.undo_vote(self._workspace, vote_id)

    def win_rate(self, run_id: str, first_id: str, second_id: str) -> WinRate:
        """Return how often the second prompt's answer was preferred, with interval and test.

        Raises:
            UserError: there is no such run, or it has no such prompts.
        """
        return reviews_pairs.win_rate(self._workspace, run_id, first_id, second_id)

    def refine(self, run_id: str, *, max_calls: int | None = None, max_tokens: int | None = None) -> Run:
        """Start the task's next improvement in the background; it hears what was said of the task's outputs.

        Where one that has heard the same is under way, that one is returned.

        Args:
            run_id: a run of the task.
            max_calls: cap on all calls; None: as many as that run had.
            max_tokens: cap on all tokens; None: as that run had it.

        Raises:
            UserError: nothing was said that could be learned from, or the task cannot be improved any more.
        """
        plan = runs.get_run(self._workspace, run_id).plan
        saved = self._tasks.of_run(run_id)
        name = plan.task.name if saved is None else saved.task.name
        with self._workspace.database.reading() as session:
            said = instructive(session, task=name)
        if not said:
            raise UserError(
                "There is no feedback yet that could be learned from: say what is wrong with an answer, "
                "or write it as it should be."
            )
        task, dataset = (saved.task, self._tasks.dataset(saved.id)) if saved else (plan.task, None)
        for summary in self._tasks.runs(saved.id)[:1] if saved else ():
            other = runs.get_run(self._workspace, summary.id)
            same = other.plan.options.get("said") == said and other.plan.task == task
            if (
                same
                and summary.status in (RunStatus.QUEUED, RunStatus.RUNNING)
                and dataset is not None
                and dataset.version == summary.dataset_version
            ):
                return self._run(summary.id)
        budget = Budget(
            max_calls=max_calls or plan.config.budget.max_calls, max_tokens=max_tokens or plan.config.budget.max_tokens
        )
        if saved is not None:
            return self._tasks.start_run(
                saved.id, max_calls=budget.max_calls, max_tokens=budget.max_tokens, seed=plan.config.seed, again=True
            )
        with self._workspace.database.reading() as session:
            examples = get_dataset(session, version=plan.dataset_version)
        return self._start(task, examples, budget=budget, seed=plan.config.seed, again=True)
