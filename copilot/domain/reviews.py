"""What reviewers see and say: outputs to rate, pairs to compare blind, and what follows from their votes."""

from typing import Literal

from copilot.domain.feedback import Feedback
from copilot.domain.run import Trial
from copilot.domain.saved import SavedFeedback
from copilot.domain.saved_tasks import SavedExample
from tasks.characters import WholeText
from tasks.model import Example, Frozen

Choice = Literal["first", "second", "tie"]
Side = Literal["left", "right", "tie"]
ReviewShow = Literal["all", "open", "rated", "failures"]


class Said(Frozen):
    """What somebody said of one output, with all that a copilot needs to learn from it."""

    feedback: Feedback
    inputs: dict[WholeText, WholeText]
    output: WholeText
    """The answer that it is about."""

    @property
    def instructive(self) -> bool:
        """Whether something can be learned from it: more than that the answer was liked."""
        said = self.feedback
        low = said.flag == "down" or (said.value is not None and said.value < 1)
        return bool(low or said.tag or said.comment or said.edited_output not in (None, self.output))


class ReviewedPrompt(Frozen):
    """A prompt of a run whose outputs can be rated."""

    id: str
    role: Literal["own", "chosen", "other"]
    """`chosen`: the prompt to use, where it is not the user's own."""
    number: int
    """Counts the run's prompts from 1, in the order they were made."""
    rationale: str = ""
    outputs: int = 0
    rated: int = 0


class ReviewLine(Frozen):
    """One output in a list."""

    example_id: str
    passed: bool | None
    value: float | None
    input: str
    """Beginning of the inputs."""
    output: str
    """Beginning of the answer."""
    rating: SavedFeedback | None = None


class ReviewPage(Frozen):
    """Some lines of a list."""

    total: int
    """Lines of the whole list."""
    lines: tuple[ReviewLine, ...]


class ReviewItem(Frozen):
    """One output with all that helps to judge it."""

    example: Example
    trial: Trial
    output: str
    """The answer as one text."""
    rating: SavedFeedback | None = None


class SavedComment(Frozen):
    """Feedback with the texts that it is about, for lists and files."""

    saved: SavedFeedback
    input: str
    expected: str | None
    output: str


class ReviewCounts(Frozen):
    """How much was said."""

    rated: int
    """Outputs of the run of which something was said."""
    edited: int
    """Of these, with an answer as it should be."""
    heard: int
    """Opinions of all the task's runs from which its next improvement learns."""


class Pair(Frozen):
    """Two answers to one example, neither of them named."""

    example: Example
    left: str
    right: str


class PairQueue(Frozen):
    """The comparisons of two prompts: what is to be judged next, and how far one is."""

    next: Pair | None
    """None: all are judged."""
    judged: int
    total: int
    """Pairs with different answers."""
    identical: int
    """Rows on which both answered the same: nothing can be preferred."""
    last_vote: int | None = None
    """Number of the newest vote, by which it is taken back."""


class SavedVote(Frozen):
    """A vote with the number by which it can be taken back."""

    id: int
    example_id: str
    choice: Choice
    """Of the pair as it was asked for: `first` is the first prompt's answer."""


class WinRate(Frozen):
    """How often the second prompt's answer was preferred to the first's."""

    first: int
    """Votes for the first prompt."""
    second: int
    ties: int
    identical: int
    left: int
    """Pairs not judged yet."""
    rate: float | None
    """Share of the second prompt, ties counting half; None: no vote yet."""
    low: float | None
    """Ends of the 95 % interval."""
    high: float | None
    p_value: float | None
    """Two-sided sign test over the votes that are not ties; None: there are none."""

    @property
    def n(self) -> int:
        """Votes, ties included."""
        return self.first + self.second + self.ties


class ExampleChange(Frozen):
    """An example of a saved task that was corrected or added, with what stood there before."""

    task_id: str
    example: Example
    before: SavedExample | None
    """None: the example is new."""
