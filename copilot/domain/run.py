"""One improvement of one task: its configuration, what was tried, and the verdict."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from copilot.domain.completion import Usage
from copilot.domain.prompt import PromptTemplate
from evaluators.base import Score
from tasks.model import Frozen


class Role(StrEnum):
    """For what a model is called; usage is kept apart by role."""

    TASK = "task"
    COPILOT = "copilot"
    JUDGE = "judge"


class Budget(Frozen):
    """Hard caps that include proposals, judges and retries."""

    max_calls: int = Field(default=300, gt=0)
    max_tokens: int | None = Field(default=None, gt=0)
    """Prompt and completion tokens together; None: no cap on tokens."""


class Switches(Frozen):
    """Every part of the optimiser that can be turned off for an ablation."""

    halving: bool = True
    """False: every candidate is scored on all dev rows the budget allows (uniform allocation)."""
    reflect: bool = True
    demonstrations: bool = True
    retrieval: bool = False
    """Demonstrations chosen per input compete with fixed ones; needs `demonstrations`."""
    passing: bool = True
    """Where no expected output is known, outputs that passed become demonstrations; needs `demonstrations`."""
    guard: bool = True
    """False: the leader on dev is shipped whatever the holdout says."""
    memory: bool = True
    """Rejected edits are shown to the copilot."""
    constrained: bool = True
    label_scoring: bool = True
    calibration: bool = True
    label_sampling: bool = False
    """Where a server shows no label probabilities, estimate them from five answers per row instead of taking one."""
    trimming: bool = True
    """Children that take something off answers already paid for: earlier stops, and what the inputs show."""


class RunConfig(Frozen):
    """All that decides a run, together with the examples and the models' answers."""

    seed: int = 1
    budget: Budget = Budget()
    switches: Switches = Switches()
    concurrency: int = Field(default=4, ge=1)


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


class Trial(Frozen):
    """One candidate on one example."""

    candidate_id: str
    example_id: str
    output: str | tuple[str, ...] | None
    """The parsed output; None where the model's answer could not be read."""
    raw: str = ""
    scores: tuple[Score, ...] = ()
    value: float | None = None
    """The weighted aggregate in [0, 1]; None: unscored."""
    passed: bool | None = None
    confidence: float | None = None
    """Calibrated probability of the chosen label, where labels are scored."""
    label_logprobs: dict[str, float] | None = None
    """As the model gave them, where labels are scored: the decision layer is fitted on these."""
    problem: str | None = None
    """Why the output could not be read or the call failed."""
    usage: Usage = Usage()
    latency_seconds: float = 0.0


class Comparison(Frozen):
    """The user's prompt against the best one on the same rows."""

    n: int
    seed_score: float | None
    """Mean score of the user's own prompt."""
    best_score: float | None
    delta: float | None
    ci_low: float | None
    """Lower end of the 95 % bootstrap interval of `delta`."""
    ci_high: float | None
    p_value: float | None
    minimum_detectable_effect: float | None
    """Smallest difference that n rows could have shown with 80 % power."""


class Baseline(Frozen):
    """What a method without a language model scores on the same holdout rows."""

    name: str
    score: float
    description: str = ""


class Verdict(Frozen):
    """The answer of a run."""

    outcome: Literal["better", "no_evidence", "worse"]
    sentence: str
    """The answer in words, with numbers, units and n."""
    holdout: Comparison
    dev: Comparison
    optimism: float | None = None
    """Dev score of the winner minus its holdout score."""
    baselines: tuple[Baseline, ...] = ()
    holdout_used_before: bool = False
    cross_fitted: bool = False
    notes: tuple[str, ...] = ()


class CandidateSummary(Frozen):
    """One line of the leaderboard."""

    id: str
    parents: tuple[str, ...]
    operator: str
    rationale: str
    score: float | None
    """Mean on the dev rows it was tried on; None: not scored."""
    n: int
    prompt_tokens: float | None = None
    """Mean prompt tokens per row."""


StopReason = Literal["cap", "fruitless", "settled", "perfect", "rounds", "exhausted", "no_refining"]
"""Why the search ended.

`cap`: the calls or tokens kept for it were used up; `fruitless`: two rounds without an accepted child; `settled`: no
prompt, not even one unknown yet, could gain two points on the leader; `perfect`: every dev row is right; `rounds`: all
rounds are done; `exhausted`: nothing new could be proposed; `no_refining`: refining is off, or examples are too few. A
run that its user stops has the status `stopped` and no result.
"""


class RunResult(Frozen):
    """What a finished run leaves; `RESULT.json` is made from it."""

    run_id: str
    verdict: Verdict
    template: PromptTemplate
    """The prompt to use: the winner, or the user's own where nothing better was proven."""
    user_template: PromptTemplate
    candidates: tuple[CandidateSummary, ...]
    usage: dict[Role, Usage]
    replayed_calls: int = 0
    """Calls served from stored completions, not paid again."""
    stop_reason: StopReason | None = None
    """Why the search ended; None in results saved before it was noted."""
    seconds: float
