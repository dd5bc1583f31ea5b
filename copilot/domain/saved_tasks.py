"""Tasks as people write them in the browser: they change, unlike those of a run."""

import secrets
from datetime import datetime
from typing import Literal

from copilot.domain.saved import RunSummary
from tasks.model import Example, Frozen, Task

Origin = Literal["uploaded", "typed", "drafted", "feedback", "sample"]
"""Where an example comes from; `drafted`: a model wrote it."""


def new_task_id() -> str:
    """Return a short id for links."""
    return secrets.token_hex(5)


class SavedTask(Frozen):
    """A task as it stands now."""

    id: str
    project: str = ""
    task: Task
    created_at: datetime
    updated_at: datetime
    """When the task or one of its examples was changed last."""


class SavedExample(Frozen):
    """One example of a saved task."""

    example: Example
    origin: Origin
    accepted: bool = True
    """False: drafted by a model and not yet looked at by a person; no run uses it."""
    position: int = 0
    """Its place among the examples; numbers may be missing."""


class ExampleCounts(Frozen):
    """How many examples a saved task has."""

    accepted: int = 0
    drafted: int = 0
    """Not accepted yet."""
    expected: int = 0
    """Accepted ones whose expected output is known."""


class ScoredRun(Frozen):
    """One point of the score over time."""

    run_id: str
    at: datetime
    score: float
    """Mean of the prompt to use, on the examples that nothing was tuned on."""
    own_score: float | None
    """Mean of the user's own prompt, on the same examples."""
    n: int
    """Number of those examples."""


class TaskOverview(Frozen):
    """A saved task with what came of it."""

    task: SavedTask
    counts: ExampleCounts
    last_run: RunSummary | None = None
    scores: tuple[ScoredRun, ...] = ()
    """Finished runs, oldest first."""
