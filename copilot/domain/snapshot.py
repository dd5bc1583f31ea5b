"""A run as a page shows it: how far it is, who leads, its rows, and how criteria were met."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from copilot.domain.run import RunStatus, StopReason, Trial
from tasks.model import Example, Frozen

Show = Literal["all", "failures", "passes", "errors", "different"]
"""Which rows: `errors` are those without a readable answer or without a score; `different`: other answers."""
Part = Literal["kept_aside", "all", "shared", "shared_aside"]
"""`kept_aside`: the examples that decide the verdict, where there are such; `all`: those tuned on, too; `shared`: all
that the other prompt has answered, too; `shared_aside`: of these, the ones kept aside in the runs of both."""
RowState = Literal["error", "failed", "unscored", "passed"]
"""`error`: the answer could not be read; `unscored`: nobody can say whether it is right."""


class Leader(Frozen):
    """One line of the leaderboard while a run goes on."""

    candidate_id: str
    is_user_prompt: bool
    operator: str
    rationale: str
    """Why it was made."""
    parents: tuple[str, ...] = ()
    score: float | None
    """Mean on the examples it has met; None: it has met none."""
    low: float | None = None
    """Lower end of the 95 % interval of `score`."""
    high: float | None = None
    n: int
    """Examples it has met."""


class ScorePoint(Frozen):
    """Who led after so many calls, by all that is known of that prompt today."""

    calls: int
    candidate_id: str
    score: float
    low: float
    high: float


class RunSnapshot(Frozen):
    """A run at one moment."""

    run_id: str
    status: RunStatus
    stage: str = ""
    """`preflight`, `seeds`, `halving`, `reflect`, `holdout`; empty: it has not begun."""
    message: str = ""
    """What it is doing, as the engine says it."""
    prompts: int = 0
    """Prompts considered so far."""
    stage_done: int = 0
    """Answers of this stage so far."""
    stage_total: int = 0
    """Answers that this stage plans; 0: not known."""
    calls: int = 0
    max_calls: int = 0
    tokens: int = 0
    eta_seconds: float | None = None
    """Until the stage is over; None: not known."""
    longest_seconds: float | None = None
    """Until all calls are used up: the longest it can take; None: not known."""
    errors: int = 0
    """Answers that could not be read."""
    rejected: int = 0
    """Proposals that were not worth trying."""
    silent_seconds: float | None = None
    """Since something was last heard of it; None: nothing yet, or it is over."""
    waits_for_worker: bool = False
    """Nobody works on it: it waits for its turn, or its process is gone."""
    was_lost: bool = False
    """Its process is gone."""
    stop_requested: bool = False
    attempt: int = 0
    stop_reason: StopReason | None = None
    leaderboard: tuple[Leader, ...] = ()
    points: tuple[ScorePoint, ...] = ()
    started_at: datetime | None = None
    error: str = ""
    """Why it failed."""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.status in (RunStatus.FINISHED, RunStatus.STOPPED, RunStatus.FAILED)

    @property
    def user(self) -> Leader | None:
        """The user's own prompt."""
        return next((leader for leader in self.leaderboard if leader.is_user_prompt), None)


class RowQuery(Frozen):
    """Which rows of a run's table are wanted, and which page of them."""

    candidate_id: str | None = None
    """None: the prompt to use."""
    against: str | None = None
    """Another prompt of the run, or of another one as `RUN/PROMPT`; None: the user's own."""
    show: Show = "all"
    search: str = ""
    """Part of an input, an expected output or an answer."""
    part: Part = "kept_aside"
    example_id: str | None = None
    """This row only."""
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1)


class ResultRow(Frozen):
    """One example with what a prompt made of it, and what the other prompt did."""

    example: Example
    split: Literal["pool", "dev", "holdout"]
    state: RowState
    trial: Trial
    other: Trial | None = None
    """None: the other prompt has not met this example."""
    reasons: tuple[str, ...] = ()
    """What is wrong with it, a sentence each."""


class RowPage(Frozen):
    """A page of a run's table, failures first."""

    candidate_id: str
    against: str
    """As it is asked for: `RUN/PROMPT` where it is of another run."""
    rows: tuple[ResultRow, ...]
    total: int
    """Rows that the filter and the search leave."""
    counts: dict[Show, int]
    """For every filter, with the same search."""


class CriterionScore(Frozen):
    """How one criterion came out over all rows."""

    title: str
    evaluator: str
    n: int
    """Rows that were scored."""
    unscored: int
    mean: float | None
    low: float | None = None
    high: float | None = None
    passed: int = 0
    """Rows that reach the threshold."""


class PromptFacts(Frozen):
    """One prompt over the rows of a table."""

    candidate_id: str
    n: int
    passed: int
    failed: int
    errors: int
    unscored: int
    mean: float | None
    right_or_wrong: bool
    """Every row is either right or wrong, so that rows can be counted."""
    prompt_tokens: float | None = None
    """A row, on average."""
    completion_tokens: float | None = None
    latency_seconds: float | None = None
    criteria: tuple[CriterionScore, ...] = ()
