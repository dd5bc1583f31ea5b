"""What a run told: its events, candidates and trials."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import and_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from copilot.domain.events import CandidateProposed, RunEvent, RunFinished, TrialFinished
from copilot.domain.prompt import Candidate
from copilot.domain.run import RunResult, Trial
from copilot.domain.saved import Claim, SavedEvent
from copilot.storage.claims import write_fenced
from copilot.storage.columns import now
from copilot.storage.content import dump, load, load_one_of
from copilot.storage.datasets import upsert
from copilot.storage.runs import finish_run
from copilot.storage.tables import CandidateRow, EventRow, RunRow, TrialRow

_EVENT: TypeAdapter[RunEvent] = TypeAdapter(RunEvent)


def append_events(session: Session, *, claim: Claim, events: Sequence[RunEvent]) -> int:
    """Store what a run told, in order: events, and with them their candidates and trials.

    Many at a time cost little more than one. A trial or candidate that an earlier attempt stored already is replaced.
    `RunFinished` also finishes the run, in the same transaction.

    Returns:
        The sequence number of the last event.

    Raises:
        StaleWorker: another worker has taken the run over; nothing was stored.
    """
    write_fenced(session, claim=claim, last_sequence=RunRow.last_sequence + len(events))
    last = session.exec(select(RunRow.last_sequence).where(RunRow.id == claim.job_id)).one()
    rows: dict[str, list[dict[str, Any]]] = {"events": [], "candidates": [], "trials": []}
    for sequence, event in enumerate(events, start=last - len(events) + 1):
        rows["events"].append(_event_row(claim, sequence, event))
        if isinstance(event, TrialFinished):
            rows["trials"].append(_trial_row(claim, sequence, event))
        elif isinstance(event, CandidateProposed):
            rows["candidates"].append(_candidate_row(claim, sequence, event.candidate))
    _insert(session, rows)
    for event in events:
        if isinstance(event, RunFinished):
            finish_run(session, claim=claim, result=event.result)
    return last


def list_events(
    session: Session,
    *,
    run_id: str,
    after: int = 0,
    limit: int = 1000,
    types: Sequence[str] = (),
    attempt: int | None = None,
) -> tuple[SavedEvent, ...]:
    """Return a run's events in order.

    Args:
        session: the caller's.
        run_id: the run.
        after: only events with a larger sequence number: what is new since the last look.
        limit: at most so many.
        types: only these, e.g. `("progress",)`; empty: all.
        attempt: only what this attempt told; None: all. A run that was resumed tells its replayed part again.
    """
    same_trial = and_(
        col(TrialRow.run_id) == col(EventRow.run_id),
        col(TrialRow.split) == col(EventRow.split),
        col(TrialRow.candidate_id) == col(EventRow.candidate_id),
        col(TrialRow.example_id) == col(EventRow.example_id),
    )
    # Columns, not objects: a long run has tens of thousands of events.
    query = (
        columns(
            col(EventRow.sequence),
            col(EventRow.attempt),
            col(EventRow.created_at),
            col(EventRow.type),
            col(EventRow.content),
            col(TrialRow.split),
            col(TrialRow.content),
        )
        .join(TrialRow, same_trial, isouter=True)
        .where(col(EventRow.run_id) == run_id, col(EventRow.sequence) > after)
        .order_by(col(EventRow.sequence))
        .limit(limit)
    )
    if types:
        query = query.where(col(EventRow.type).in_(types))
    if attempt is not None:
        query = query.where(col(EventRow.attempt) == attempt)
    saved = []
    for sequence, made_by, at, kind, content, split, trial in session.connection().execute(query):
        event: RunEvent
        if trial is not None:
            event = _trial(split, trial)
        elif kind == "run_finished":
            event = _finished(session, run_id)
        else:
            event = load_one_of(_EVENT, content)
        saved.append(SavedEvent(sequence=sequence, attempt=made_by, at=at, event=event))
    return tuple(saved)


def list_candidates(session: Session, *, run_id: str) -> tuple[Candidate, ...]:
    """Return a run's candidates in the order they were proposed."""
    query = select(CandidateRow.content).where(CandidateRow.run_id == run_id).order_by(col(CandidateRow.sequence))
    return tuple(load(Candidate, content) for content in session.exec(query))


def find_candidate(session: Session, *, run_id: str, candidate_id: str) -> Candidate | None:
    """Return one candidate of a run, or None."""
    row = session.get(CandidateRow, (run_id, candidate_id))
    return None if row is None else load(Candidate, row.content)


def list_trials(
    session: Session,
    *,
    run_id: str,
    split: str | None = None,
    candidate_id: str | None = None,
    example_id: str | None = None,
    limit: int | None = None,
) -> tuple[TrialFinished, ...]:
    """Return a run's trials in the order they were finished, each with the part of the data it belongs to."""
    query = select(TrialRow.split, TrialRow.content).where(TrialRow.run_id == run_id).order_by(col(TrialRow.sequence))
    if split is not None:
        query = query.where(TrialRow.split == split)
    if candidate_id is not None:
        query = query.where(TrialRow.candidate_id == candidate_id)
    if example_id is not None:
        query = query.where(TrialRow.example_id == example_id)
    return tuple(_trial(part, content) for part, content in session.exec(query.limit(limit)))


def _event_row(claim: Claim, sequence: int, event: RunEvent) -> dict[str, Any]:
    row: dict[str, Any] = {
        "run_id": claim.job_id,
        "sequence": sequence,
        "attempt": claim.attempt,
        "type": event.type,
        "content": "",
        "split": None,
        "candidate_id": None,
        "example_id": None,
        "created_at": now(),
    }
    if isinstance(event, TrialFinished):
        row |= {"split": event.split, "candidate_id": event.trial.candidate_id, "example_id": event.trial.example_id}
    elif not isinstance(event, RunFinished):
        row["content"] = dump(event)
    return row


def _trial_row(claim: Claim, sequence: int, event: TrialFinished) -> dict[str, Any]:
    trial = event.trial
    return {
        "run_id": claim.job_id,
        "split": event.split,
        "candidate_id": trial.candidate_id,
        "example_id": trial.example_id,
        "sequence": sequence,
        "value": trial.value,
        "passed": trial.passed,
        "content": dump(trial, compact=True),
    }


def _candidate_row(claim: Claim, sequence: int, candidate: Candidate) -> dict[str, Any]:
    return {
        "run_id": claim.job_id,
        "candidate_id": candidate.id,
        "sequence": sequence,
        "content": dump(candidate),
    }


def _insert(session: Session, rows: dict[str, list[dict[str, Any]]]) -> None:
    keys = {"candidates": ("run_id", "candidate_id"), "trials": ("run_id", "split", "candidate_id", "example_id")}
    for table, values in rows.items():
        if not values:
            continue
        statement = upsert(session, table)
        if table in keys:
            changed = {name: statement.excluded[name] for name in values[0] if name not in keys[table]}
            statement = statement.on_conflict_do_update(index_elements=keys[table], set_=changed)
        session.connection().execute(statement, values)


def _finished(session: Session, run_id: str) -> RunFinished:
    result = session.exec(select(RunRow.result).where(RunRow.id == run_id)).one()
    assert result is not None, "stored in the same transaction as the event"
    return RunFinished(result=load(RunResult, result))


def _trial(split: str, content: str) -> TrialFinished:
    # The column is checked by the database; validating turns its text into the literal type.
    return TrialFinished.model_validate({"split": split, "trial": load(Trial, content)})
