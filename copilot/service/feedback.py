"""What people say about outputs: it enters the next improvement of the same task."""

from copilot.domain.feedback import Feedback
from copilot.domain.saved import SavedFeedback
from copilot.service.workspace import Workspace
from copilot.storage import feedback as storage


def add(workspace: Workspace, feedback: Feedback) -> SavedFeedback:
    """Store feedback on one output; an edited answer also becomes a preference.

    Raises:
        UserError: the run has no such output.
    """
    with workspace.database.writing() as session:
        return storage.add_feedback(session, feedback=feedback)


def list_all(workspace: Workspace, *, run_id: str | None = None, task: str | None = None) -> tuple[SavedFeedback, ...]:
    """Return feedback in the order it was given: of a run, of all runs of a task (by its name), or all."""
    with workspace.database.reading() as session:
        return storage.list_feedback(session, run_id=run_id, task=task)


def remove(workspace: Workspace, feedback_id: int) -> None:
    """Take feedback back.

    Raises:
        UserError: there is no such feedback.
    """
    with workspace.database.writing() as session:
        storage.delete_feedback(session, feedback_id=feedback_id)
