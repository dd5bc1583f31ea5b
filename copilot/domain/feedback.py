"""What people say about outputs, and the preferences that follow from it."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from tasks.characters import WholeText
from tasks.model import Frozen


class Feedback(Frozen):
    """One person's opinion of one output."""

    run_id: str
    candidate_id: str
    example_id: str
    flag: Literal["up", "down"] | None = None
    value: float | None = Field(default=None, ge=0, le=1)
    tag: WholeText = ""
    comment: WholeText = ""
    edited_output: WholeText | None = None
    """The answer as the person would have written it."""
    author: WholeText = ""
    created_at: datetime | None = None


class Preference(Frozen):
    """For the same prompt one answer is preferred to another (the record DPO trains on, arXiv 2305.18290)."""

    prompt: str
    chosen: str
    rejected: str
    source: Literal["edit", "comparison", "score"]
