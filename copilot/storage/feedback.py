"""What people said about outputs, and the preferences that follow."""

import json

from sqlmodel import Session, col, select

from copilot.domain.completion import Message
from copilot.domain.feedback import Feedback, Preference
from copilot.domain.run import Trial
from copilot.domain.saved import SavedFeedback, SavedPreference
from copilot.errors import UserError
from copilot.storage.columns import now
from copilot.storage.content import dump, load
from copilot.storage.datasets import find_example
from copilot.storage.events import find_candidate, list_trials
from copilot.storage.tables import FeedbackRow, PreferenceRow, RunRow, TaskRow


def add_feedback(session: Session, *, feedback: Feedback) -> SavedFeedback:
    """Store feedback on one output. An edited answer also becomes a preference over the model's own.

    Raises:
        UserError: the run has no such output.
    """
    if feedback.created_at is None:
        feedback = feedback.model_copy(update={"created_at": now()})
    trials = list_trials(
        session, run_id=feedback.run_id, candidate_id=feedback.candidate_id, example_id=feedback.example_id
    )
    if not trials:
        raise UserError(
            f"The run {feedback.run_id} has no output of the prompt {feedback.candidate_id} "
            f"for the example {feedback.example_id}."
        )
    row = FeedbackRow(
        run_id=feedback.run_id,
        candidate_id=feedback.candidate_id,
        example_id=feedback.example_id,
        flag=feedback.flag,
        tag=feedback.tag,
        author=feedback.author,
        content=dump(feedback),
        created_at=feedback.created_at or now(),
    )
    session.add(row)
    session.flush()
    preference = _edit_preference(session, feedback, trials[-1].trial)
    if preference is not None:
        add_preference(session, preference=preference, run_id=feedback.run_id, feedback_id=row.id)
    return SavedFeedback(id=_number(row.id), feedback=feedback)


def list_feedback(
    session: Session,
    *,
    run_id: str | None = None,
    task: str | None = None,
    candidate_id: str | None = None,
    example_id: str | None = None,
) -> tuple[SavedFeedback, ...]:
    """Return feedback in the order it was given: of a run, or of all runs of a task (by its name)."""
    query = select(FeedbackRow).order_by(col(FeedbackRow.id))
    if run_id is not None:
        query = query.where(FeedbackRow.run_id == run_id)
    if task is not None:
        query = query.join(RunRow, col(RunRow.id) == col(FeedbackRow.run_id))
        query = query.join(TaskRow, col(TaskRow.id) == col(RunRow.task_id)).where(TaskRow.name == task)
    if candidate_id is not None:
        query = query.where(FeedbackRow.candidate_id == candidate_id)
    if example_id is not None:
        query = query.where(FeedbackRow.example_id == example_id)
    return tuple(SavedFeedback(id=_number(row.id), feedback=load(Feedback, row.content)) for row in session.exec(query))


def delete_feedback(session: Session, *, feedback_id: int) -> None:
    """Take feedback back, with the preference that followed from it.

    Raises:
        UserError: there is no such feedback.
    """
    row = session.get(FeedbackRow, feedback_id)
    if row is None:
        raise UserError(f"There is no feedback number {feedback_id}.")
    session.delete(row)
    session.flush()


def add_preference(
    session: Session, *, preference: Preference, run_id: str | None = None, feedback_id: int | None = None
) -> SavedPreference:
    """Store that one answer is preferred to another."""
    row = PreferenceRow(run_id=run_id, feedback_id=feedback_id, source=preference.source, content=dump(preference))
    session.add(row)
    session.flush()
    return SavedPreference(id=_number(row.id), run_id=run_id, preference=preference)


def list_preferences(
    session: Session, *, run_id: str | None = None, source: str | None = None
) -> tuple[SavedPreference, ...]:
    """Return preferences in the order they came: `edit`, `comparison`, `score`, or all."""
    query = select(PreferenceRow).order_by(col(PreferenceRow.id))
    if run_id is not None:
        query = query.where(PreferenceRow.run_id == run_id)
    if source is not None:
        query = query.where(PreferenceRow.source == source)
    return tuple(
        SavedPreference(id=_number(row.id), run_id=row.run_id, preference=load(Preference, row.content))
        for row in session.exec(query)
    )


def rendered_prompt(messages: tuple[Message, ...]) -> str:
    """Return a rendered prompt as one text: the message itself where there is one, else the messages as JSON.

    A model is aligned under its own chat template, which needs the messages apart and unchanged.
    """
    if len(messages) == 1 and messages[0].role == "user":
        return messages[0].content
    return json.dumps([message.model_dump() for message in messages], ensure_ascii=False)


def _edit_preference(session: Session, feedback: Feedback, trial: Trial) -> Preference | None:
    candidate = find_candidate(session, run_id=feedback.run_id, candidate_id=feedback.candidate_id)
    version = session.exec(select(RunRow.dataset_version).where(RunRow.id == feedback.run_id)).one()
    example = find_example(session, version=version, example_id=feedback.example_id)
    rejected = _answer(trial)
    if feedback.edited_output in (None, rejected) or candidate is None or example is None:
        return None
    prompt = rendered_prompt(candidate.template.render(example.inputs))
    return Preference(prompt=prompt, chosen=str(feedback.edited_output), rejected=rejected, source="edit")


def _answer(trial: Trial) -> str:
    if trial.output is None:
        return trial.raw
    return trial.output if isinstance(trial.output, str) else ", ".join(trial.output)


def _number(value: int | None) -> int:
    assert value is not None, "the row comes from the database"
    return value
