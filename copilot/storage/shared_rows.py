"""What two prompts, of one run or of two, have both answered.

Functions of this package take the session first; the caller owns its transaction.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import select as columns
from sqlmodel import Session, col

from copilot.storage.trial_rows import OTHER, TRIAL, Selection, joined


@dataclass(frozen=True)
class SharedValue:
    """What both prompts got on one example; None: nobody could say."""

    example_id: str
    first: float | None
    second: float | None
    first_split: str
    second_split: str


def shared_values(session: Session, selection: Selection) -> tuple[SharedValue, ...]:
    """Return the values of the rows that both have answered: numbers alone, no texts."""
    wanted: list[ColumnElement[Any]] = [
        col(TRIAL.example_id).label("example"),
        col(TRIAL.value).label("first"),
        col(OTHER.value).label("second"),
        col(TRIAL.split).label("first_split"),
        col(OTHER.split).label("second_split"),
    ]
    found = session.connection().execute(joined(selection, columns(*wanted)))
    return tuple(SharedValue(name, mine, theirs, one, other) for name, mine, theirs, one, other in found)
