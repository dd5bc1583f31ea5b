"""What the engine tells while it works, in the order it happens."""

from typing import Annotated, Literal

from pydantic import Field

from copilot.domain.prompt import Candidate
from copilot.domain.run import CandidateSummary, RunResult, StopReason, Trial
from tasks.model import Frozen


class StageStarted(Frozen):
    """A stage begins: `preflight`, `seeds`, `halving`, `reflect`, `holdout`."""

    type: Literal["stage_started"] = "stage_started"
    stage: str
    message: str
    """In words for the user: "Trying 16 prompts on 8 examples"."""
    planned_calls: int = 0


class CandidateProposed(Frozen):
    """A new candidate passed validation."""

    type: Literal["candidate_proposed"] = "candidate_proposed"
    candidate: Candidate


class ProposalRejected(Frozen):
    """A proposal was not worth spending calls on."""

    type: Literal["proposal_rejected"] = "proposal_rejected"
    reason: str


class TrialFinished(Frozen):
    """One candidate was scored on one example."""

    type: Literal["trial_finished"] = "trial_finished"
    split: Literal["pool", "dev", "holdout"]
    trial: Trial


class Progress(Frozen):
    """Calls done and planned so far, as the budget counts them."""

    type: Literal["progress"] = "progress"
    calls: int
    tokens: int
    max_calls: int
    message: str = ""


class RungFinished(Frozen):
    """A rung of halving is over."""

    type: Literal["rung_finished"] = "rung_finished"
    rung: int
    n: int
    """Dev rows every survivor was tried on."""
    leaderboard: tuple[CandidateSummary, ...]


class SearchStopped(Frozen):
    """No further prompt is looked for; the verdict is next."""

    type: Literal["search_stopped"] = "search_stopped"
    reason: StopReason
    message: str
    """In words for the user."""


class RunFinished(Frozen):
    """The run is over and has a verdict."""

    type: Literal["run_finished"] = "run_finished"
    result: RunResult


RunEvent = Annotated[
    StageStarted
    | CandidateProposed
    | ProposalRejected
    | TrialFinished
    | Progress
    | RungFinished
    | SearchStopped
    | RunFinished,
    Field(discriminator="type"),
]
