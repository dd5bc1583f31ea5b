"""What the criteria of a saved task are checked on: some of its examples, outputs of its runs, and their ratings."""

from sqlalchemy import and_, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from copilot.domain.feedback import Feedback
from copilot.domain.run import Trial
from copilot.storage.content import load
from copilot.storage.desk_tables import SavedExampleRow, SavedTaskRunRow
from copilot.storage.tables import FeedbackRow, TrialRow
from tasks.model import Dataset, Example

_AT_ONCE = 500
"""Values in one statement: databases bound the number of its parameters."""


def count_accepted(session: Session, *, task_id: str) -> int:
    """Return how many examples of a task count."""
    where = (SavedExampleRow.task_id == task_id, col(SavedExampleRow.accepted).is_(True))
    return session.exec(select(func.count()).select_from(SavedExampleRow).where(*where)).one()


def sample_examples(session: Session, *, task_id: str, most: int) -> Dataset:
    """Return at most so many of the examples that count, evenly drawn, in their order."""
    where = (SavedExampleRow.task_id == task_id, col(SavedExampleRow.accepted).is_(True))
    positions = list(
        session.exec(select(SavedExampleRow.position).where(*where).order_by(col(SavedExampleRow.position)))
    )
    n = len(positions)
    if n > most:
        positions = [positions[index * n // most] for index in range(most)]
    found: list[Example] = []
    for start in range(0, len(positions), _AT_ONCE):
        part = col(SavedExampleRow.position).in_(positions[start : start + _AT_ONCE])
        rows = session.exec(select(SavedExampleRow.content).where(*where, part).order_by(col(SavedExampleRow.position)))
        found += [load(Example, content) for content in rows]
    return Dataset(examples=tuple(found))


def ratings(session: Session, *, task_id: str) -> tuple[Feedback, ...]:
    """Return the newest rating (flag or value) of each output of a task's runs, oldest first."""
    query = (
        select(FeedbackRow.content)
        .join(SavedTaskRunRow, col(SavedTaskRunRow.run_id) == col(FeedbackRow.run_id))
        .where(SavedTaskRunRow.task_id == task_id)
        .order_by(col(FeedbackRow.id))
    )
    found: dict[tuple[str, str, str], Feedback] = {}
    for content in session.exec(query):
        feedback = load(Feedback, content)
        if feedback.flag is not None or feedback.value is not None:
            key = (feedback.run_id, feedback.candidate_id, feedback.example_id)
            found.pop(key, None)
            found[key] = feedback
    return tuple(found.values())


def outputs_without_feedback(session: Session, *, task_id: str, most: int) -> tuple[tuple[str, Trial], ...]:
    """Return outputs of the task's runs that nobody has said anything about, one for each example, with their runs.

    Those of the newest run come first; in a run, low scores and high ones in turn.
    """
    said = and_(
        col(FeedbackRow.run_id) == col(TrialRow.run_id),
        col(FeedbackRow.candidate_id) == col(TrialRow.candidate_id),
        col(FeedbackRow.example_id) == col(TrialRow.example_id),
    )
    open_rows = (
        columns(col(TrialRow.run_id), col(TrialRow.example_id), col(TrialRow.content))
        .join(SavedTaskRunRow, col(SavedTaskRunRow.run_id) == col(TrialRow.run_id))
        .join(FeedbackRow, said, isouter=True)
        .where(col(SavedTaskRunRow.task_id) == task_id, col(FeedbackRow.id).is_(None))
    )
    newest = col(SavedTaskRunRow.created_at).desc()
    fetched = []
    for order in (col(TrialRow.value).asc(), col(TrialRow.value).desc()):
        # Many candidates answer the same example: more rows than asked for are read to find enough of them.
        query = open_rows.order_by(newest, order, col(TrialRow.sequence)).limit(20 * most)
        fetched.append(session.connection().execute(query).all())
    found: dict[tuple[str, str], tuple[str, Trial]] = {}
    for pair in zip(*fetched, strict=True):
        for run_id, example_id, content in pair:
            found.setdefault((run_id, example_id), (run_id, load(Trial, content)))
    return tuple(found.values())[:most]
