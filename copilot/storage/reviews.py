"""What reviewers need of a run: its outputs with what was said of them, and votes between two prompts.

Functions of this package take the session first; the caller owns its transaction.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import JsonValue
from sqlalchemy import ColumnElement, and_, case, delete, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col
from sqlmodel import select as one

from copilot.domain.feedback import Feedback
from copilot.domain.reviews import Choice, ReviewShow, Said, SavedVote
from copilot.domain.run import Trial
from copilot.domain.saved import SavedFeedback
from copilot.errors import UserError
from copilot.storage.content import load
from copilot.storage.desk_tables import ComparisonRow, SavedTaskRow, SavedTaskRunRow
from copilot.storage.events import find_candidate
from copilot.storage.tables import ExampleRow, FeedbackRow, PreferenceRow, RunRow, TaskRow, TrialRow
from tasks.model import Example

MOST_SAID = 50
"""A run learns from so many of the newest opinions."""
_REVIEWED = ("holdout", "dev")
"""Parts of the data whose outputs are shown, those that nothing was tuned on first."""


def output_text(trial: Trial) -> str:
    """Return an answer as one text: as it was read, else as the model wrote it."""
    if trial.output is None:
        return trial.raw
    return trial.output if isinstance(trial.output, str) else ", ".join(trial.output)


def count_outputs(session: Session, *, run_id: str) -> dict[str, int]:
    """Return how many outputs of each prompt can be rated."""
    query = (
        select(col(TrialRow.candidate_id), func.count(col(TrialRow.example_id).distinct()))
        .where(col(TrialRow.run_id) == run_id, col(TrialRow.split).in_(_REVIEWED))
        .group_by(col(TrialRow.candidate_id))
    )
    return {candidate: count for candidate, count in session.connection().execute(query)}


def count_rated(session: Session, *, run_id: str) -> dict[str, int]:
    """Return of how many outputs of each prompt something was said."""
    query = (
        select(col(FeedbackRow.candidate_id), func.count(col(FeedbackRow.example_id).distinct()))
        .where(col(FeedbackRow.run_id) == run_id)
        .group_by(col(FeedbackRow.candidate_id))
    )
    return {candidate: count for candidate, count in session.connection().execute(query)}


def list_outputs(
    session: Session,
    *,
    run_id: str,
    candidate_id: str,
    show: ReviewShow = "all",
    offset: int = 0,
    limit: int | None = None,
) -> tuple[Trial, ...]:
    """Return a prompt's outputs: failures first within each part of the data, rows that nothing was tuned on first."""
    query = select(col(TrialRow.content)).where(*_outputs(run_id, candidate_id, show)).order_by(*_order())
    found = session.connection().execute(query.limit(limit).offset(offset) if limit else query)
    return tuple(load(Trial, content) for (content,) in found)


def output_ids(session: Session, *, run_id: str, candidate_id: str, show: ReviewShow = "all") -> tuple[str, ...]:
    """Return the examples of `list_outputs`, in its order."""
    query = select(col(TrialRow.example_id)).where(*_outputs(run_id, candidate_id, show)).order_by(*_order())
    return tuple(dict.fromkeys(session.connection().execute(query).scalars()))


def find_output(session: Session, *, run_id: str, candidate_id: str, example_id: str) -> Trial | None:
    """Return one output, or None."""
    query = select(col(TrialRow.content)).where(
        col(TrialRow.run_id) == run_id,
        col(TrialRow.candidate_id) == candidate_id,
        col(TrialRow.example_id) == example_id,
        col(TrialRow.split).in_(_REVIEWED),
    )
    content = session.connection().execute(query.order_by(*_order()).limit(1)).scalar()
    return None if content is None else load(Trial, content)


def outputs_of(session: Session, *, run_id: str, example_ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """Return all prompts' answers to some examples, by prompt and example."""
    query = select(col(TrialRow.content)).where(
        col(TrialRow.run_id) == run_id,
        col(TrialRow.example_id).in_(example_ids),
        col(TrialRow.split).in_(_REVIEWED),
    )
    trials = (load(Trial, content) for content in session.connection().execute(query).scalars())
    return {(trial.candidate_id, trial.example_id): output_text(trial) for trial in trials}


def examples_of(session: Session, *, version: str, example_ids: Sequence[str]) -> dict[str, Example]:
    """Return examples by their ids."""
    query = select(col(ExampleRow.content)).where(
        col(ExampleRow.dataset_version) == version, col(ExampleRow.example_id).in_(example_ids)
    )
    found = (load(Example, content) for content in session.connection().execute(query).scalars())
    return {example.id: example for example in found}


def find_feedback(session: Session, *, feedback: Feedback) -> int | None:
    """Return the number of what the same person said of the same output before, or None."""
    query = one(FeedbackRow.id).where(
        FeedbackRow.run_id == feedback.run_id,
        FeedbackRow.candidate_id == feedback.candidate_id,
        FeedbackRow.example_id == feedback.example_id,
        FeedbackRow.author == feedback.author,
    )
    return session.exec(query.order_by(col(FeedbackRow.id).desc())).first()


def get_feedback(session: Session, *, feedback_id: int) -> SavedFeedback:
    """Return one feedback.

    Raises:
        UserError: there is none with this number.
    """
    row = session.get(FeedbackRow, feedback_id)
    if row is None:
        raise UserError("This feedback is not there any more; it was taken back.")
    return SavedFeedback(id=feedback_id, feedback=load(Feedback, row.content))


def said_of_task(session: Session, *, task: str, also: Sequence[str] = ()) -> tuple[Said, ...]:
    """Return what was said of a task's outputs, oldest first, with inputs and answers.

    Args:
        session: the caller's.
        task: its name; and where it was renamed, the runs of the same saved task count too.
        also: further runs.
    """
    linked = (
        select(col(SavedTaskRunRow.run_id))
        .join(SavedTaskRow, col(SavedTaskRow.id) == col(SavedTaskRunRow.task_id))
        .where(col(SavedTaskRow.name) == task, col(SavedTaskRow.deleted_at).is_(None))
    )
    query = (
        select(col(FeedbackRow.content), col(RunRow.dataset_version))
        .join(RunRow, col(RunRow.id) == col(FeedbackRow.run_id))
        .join(TaskRow, col(TaskRow.id) == col(RunRow.task_id))
        .where(or_(col(TaskRow.name) == task, col(RunRow.id).in_(linked), col(RunRow.id).in_(also)))
        .order_by(col(FeedbackRow.id))
    )
    said = []
    for content, version in session.connection().execute(query).all():
        feedback = load(Feedback, content)
        trial = find_output(
            session, run_id=feedback.run_id, candidate_id=feedback.candidate_id, example_id=feedback.example_id
        )
        example = examples_of(session, version=version, example_ids=[feedback.example_id]).get(feedback.example_id)
        if trial is not None and example is not None:
            said.append(Said(feedback=feedback, inputs=example.inputs, output=output_text(trial)))
    return tuple(said)


def instructive(session: Session, *, task: str) -> list[JsonValue]:
    """Return what can be learned from what was said of a task's outputs, the newest last, as it is kept with a run.

    A run keeps it, since a resumed one must not hear anything else: what is said meanwhile is for the next.
    """
    told = [said for said in said_of_task(session, task=task) if said.instructive]
    return [said.model_dump(mode="json") for said in told[-MOST_SAID:]]


def answers_of_both(
    session: Session, *, run_id: str, first_id: str, second_id: str
) -> tuple[dict[str, tuple[str, str]], int]:
    """Return the pairs of answers that differ, by example, and how many do not.

    Raises:
        UserError: the run has no such prompts, or they are one.
    """
    if first_id == second_id:
        raise UserError("Choose two different prompts to compare.")
    for name in (first_id, second_id):
        if find_candidate(session, run_id=run_id, candidate_id=name) is None:
            raise UserError("There is no such prompt in this run. The link may be old.")
    different, identical = {}, 0
    for example_id, first, second in both_answered(session, run_id=run_id, first_id=first_id, second_id=second_id):
        if first.strip() == second.strip():
            identical += 1
        else:
            different[example_id] = (first, second)
    return different, identical


def both_answered(session: Session, *, run_id: str, first_id: str, second_id: str) -> Iterator[tuple[str, str, str]]:
    """Yield example and both answers where both prompts gave one, in no particular order."""
    other = aliased(TrialRow)
    query = (
        select(col(TrialRow.example_id), col(TrialRow.content), col(other.content))
        .join(
            other,
            and_(
                col(other.run_id) == col(TrialRow.run_id),
                col(other.split) == col(TrialRow.split),
                col(other.example_id) == col(TrialRow.example_id),
            ),
        )
        .where(
            col(TrialRow.run_id) == run_id,
            col(TrialRow.candidate_id) == first_id,
            col(other.candidate_id) == second_id,
            col(TrialRow.split).in_(_REVIEWED),
        )
        .order_by(*_order())
    )
    seen: set[str] = set()
    for example_id, mine, theirs in session.connection().execute(query):
        first, second = output_text(load(Trial, mine)), output_text(load(Trial, theirs))
        if example_id not in seen and first.strip() and second.strip():
            seen.add(example_id)
            yield example_id, first, second


def list_votes(
    session: Session, *, run_id: str, first_id: str, second_id: str, author: str | None = None
) -> tuple[SavedVote, ...]:
    """Return the votes between two prompts, oldest first, whichever was asked for as the first; None: of all people."""
    query = one(ComparisonRow).where(ComparisonRow.run_id == run_id, _between(first_id, second_id))
    if author is not None:
        query = query.where(ComparisonRow.author == author)
    turned: dict[str, Choice] = {"first": "second", "second": "first", "tie": "tie"}
    return tuple(
        SavedVote(
            id=row.id or 0,
            example_id=row.example_id,
            choice=_choice(row.choice) if row.first_id == first_id else turned[row.choice],
        )
        for row in session.exec(query.order_by(col(ComparisonRow.id)))
    )


def add_vote(session: Session, *, row: ComparisonRow) -> int:
    """Store a vote; an earlier one of the same person about the same pair is replaced."""
    query = one(ComparisonRow.id).where(
        ComparisonRow.run_id == row.run_id,
        ComparisonRow.example_id == row.example_id,
        ComparisonRow.author == row.author,
        _between(row.first_id, row.second_id),
    )
    for earlier in session.exec(query).all():
        remove_vote(session, vote_id=earlier or 0)
    session.add(row)
    session.flush()
    assert row.id is not None, "the row comes from the database"
    return row.id


def remove_vote(session: Session, *, vote_id: int) -> None:
    """Take a vote back, with the preference that followed from it.

    Raises:
        UserError: there is none with this number.
    """
    row = session.get(ComparisonRow, vote_id)
    if row is None:
        raise UserError("This choice is not there any more; it was taken back.")
    if row.preference_id is not None:
        session.connection().execute(delete(PreferenceRow).where(col(PreferenceRow.id) == row.preference_id))
    session.delete(row)
    session.flush()


def _outputs(run_id: str, candidate_id: str, show: ReviewShow) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        col(TrialRow.run_id) == run_id,
        col(TrialRow.candidate_id) == candidate_id,
        col(TrialRow.split).in_(_REVIEWED),
    ]
    said = exists().where(
        col(FeedbackRow.run_id) == run_id,
        col(FeedbackRow.candidate_id) == candidate_id,
        col(FeedbackRow.example_id) == col(TrialRow.example_id),
    )
    if show == "failures":
        where.append(or_(col(TrialRow.passed).is_(False), col(TrialRow.value).is_(None)))
    elif show == "rated":
        where.append(said)
    elif show == "open":
        where.append(~said)
    return where


def _order() -> list[ColumnElement[Any]]:
    unseen = case((col(TrialRow.split) == "holdout", 0), else_=1)
    failed = case((col(TrialRow.passed).is_(True), 1), else_=0)
    return [unseen, failed, col(TrialRow.sequence).asc(), col(TrialRow.example_id).asc()]


def _between(first_id: str, second_id: str) -> ColumnElement[bool]:
    return or_(
        and_(col(ComparisonRow.first_id) == first_id, col(ComparisonRow.second_id) == second_id),
        and_(col(ComparisonRow.first_id) == second_id, col(ComparisonRow.second_id) == first_id),
    )


def _choice(word: str) -> Choice:
    choices: dict[str, Choice] = {"first": "first", "second": "second", "tie": "tie"}
    return choices[word]
