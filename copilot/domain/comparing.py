"""Two prompts of a task beside each other, whichever of its runs each is of."""

from copilot.domain.prompt import Candidate
from copilot.domain.run import Comparison
from copilot.domain.saved import RunSummary
from copilot.domain.snapshot import Part, PromptFacts
from tasks.model import Frozen


class AnsweredRun(Frozen):
    """A run of which prompts can be compared."""

    summary: RunSummary
    max_calls: int
    """The cap it had: how much effort was made."""


class AnsweredPrompts(Frozen):
    """The prompts of a run that have answers."""

    prompts: tuple[Candidate, ...]
    answers: dict[str, int]
    """How many, by prompt."""
    finalist_id: str
    """The one that the verdict compares with the user's; while there is none, the one that leads."""
    chosen_id: str | None
    """The one to use; None: there is no verdict."""


class SharedRows(Frozen):
    """Rows that both prompts have answered, by what they were used for in each one's run."""

    aside: int = 0
    """Kept aside in both."""
    first_aside: int = 0
    """Kept aside for the first prompt, used to improve in the run of the second."""
    second_aside: int = 0
    """Kept aside for the second prompt, used to improve in the run of the first."""
    used: int = 0
    """Used to improve in both."""

    @property
    def n(self) -> int:
        """All of them."""
        return self.aside + self.first_aside + self.second_aside + self.used


class ComparedPrompt(Frozen):
    """One of two prompts that are compared."""

    run_id: str
    candidate_id: str
    model: str
    facts: PromptFacts
    """Over the rows compared."""
    score: float | None = None
    """Mean over the rows that were scored for both; None: there are none, or they were scored in two ways."""
    low: float | None = None
    """Lower end of the 95 % interval of `score`."""
    high: float | None = None


class PromptComparison(Frozen):
    """What two prompts made of the same rows."""

    first: ComparedPrompt
    second: ComparedPrompt
    shared: SharedRows
    part: Part
    """The rows that are compared: `shared_aside` where there are such and no others are asked for, else `shared`."""
    found: Comparison | None
    """First against second, which is the `seed` there; None: the runs scored in two ways."""

    @property
    def scored_alike(self) -> bool:
        """Whether both runs scored by the same criteria, so that scores can be compared."""
        return self.found is not None
