"""Success criteria as people choose them: the catalogue, a check on their own rows, suggestions, a judge's trust."""

from typing import Literal

from pydantic import Field, JsonValue

from tasks.model import Frozen, SuccessCriterion

Group = Literal["answer", "wording", "form", "safety", "faithful", "judged"]
"""What a person wants to check: the right answer, the wording, length and form, safety, faithfulness, a judgement."""
GROUPS: tuple[Group, ...] = ("answer", "faithful", "form", "wording", "safety", "judged")
Reason = Literal["", "bad_parameter", "no_examples", "no_expected", "asks_model", "no_embedder"]
Trust = Literal["too_few", "one_sided", "low", "partial", "good"]
"""`one_sided`: all ratings are the same, so chance alone would make them agree."""
ENOUGH_RATINGS = 20
"""Below this many ratings nothing is said about a judge."""


class CriterionParameter(Frozen):
    """One setting of a criterion."""

    name: str
    type: str
    """`text`, `number`, `whole number`, `yes or no`, `choice`, `list of texts`, `list of choices` or `object`."""
    description: str
    required: bool
    default: JsonValue = None
    choices: tuple[str, ...] = ()


class CriterionEntry(Frozen):
    """One criterion of the catalogue."""

    name: str
    title: str
    description: str
    group: Group
    parameters: tuple[CriterionParameter, ...]
    needs: frozenset[str]
    """What must be there for a score: `expected`, `document`, `judge`, `embedder`."""
    graded: bool
    """Whether scores lie between 0 and 1, so that a threshold makes sense; else they are 0 or 1."""
    default_threshold: float

    @property
    def calls(self) -> int:
        """Calls of a model for one output."""
        return 0 if "judge" not in self.needs else 2 if self.name == "pairwise_judge" else 1


class CheckedRow(Frozen):
    """One expected answer as the criterion sees it."""

    example_id: str
    text: str
    """The input it belongs to, or the first of them."""
    output: str
    value: float | None
    """None: not scored; the reason says why."""
    passed: bool | None
    reason: str


class CriterionCheck(Frozen):
    """What the expected answers of the task's own examples score by a criterion."""

    total: int
    """Examples that count."""
    looked_at: int
    """Examples that went through; of many, evenly drawn ones."""
    without_expected: int = 0
    """Of those looked at: no expected answer is known, so nothing went through."""
    scored: int = 0
    passed: int = 0
    failures: tuple[CheckedRow, ...] = ()
    """Rows that did not pass, worst first."""
    unscored: tuple[CheckedRow, ...] = ()
    compares: bool = False
    """It compares with the expected answer, which passes by itself: only whether rows can be scored is told."""
    obstacle: Reason = ""
    """Why nothing was checked."""
    problem: str = ""
    """The obstacle in a sentence."""
    calls: int = 0
    """Calls of a model that a check takes; only where the obstacle is `asks_model`."""


class Suggestion(Frozen):
    """A criterion that fits the task, and why."""

    criterion: SuccessCriterion
    rule: str
    """Which fixed rule found it; `model`: the copilot model did."""
    values: dict[str, str] = Field(default_factory=dict)
    """What the reason speaks of, by name."""
    reason: str
    """One sentence."""


class SuggestionsByModel(Frozen):
    """What the copilot model had to say."""

    suggestions: tuple[Suggestion, ...] = ()
    calls: int
    turned_down: int = 0
    """Ideas that were no valid criterion, were there already, or contradicted the examples."""


class OutputToRate(Frozen):
    """An answer of a run that its task's owner may rate."""

    run_id: str
    candidate_id: str
    example_id: str
    inputs: dict[str, str]
    expected: tuple[str, ...] | None
    output: str


class Agreement(Frozen):
    """Whether a judge rates outputs as their owner does: Cohen's kappa over passed or not."""

    n: int
    """Outputs that both have rated."""
    rated: int
    """Outputs that the person has rated."""
    kappa: float | None = None
    """1: full agreement, 0: as by chance; None: no ratings, or all are the same."""
    low: float | None = None
    high: float | None = None
    share: float | None = None
    """Share of outputs on which both agree."""
    wanted: int = 0
    """Ratings that are missing until something can be said."""
    calls: int = 0
    """Calls it takes to let the judge rate what the person has rated and it has not."""
    trust: Trust = "too_few"
    disagreements: tuple[CheckedRow, ...] = ()
    """Outputs on which they differ; `passed` is what the judge says."""
