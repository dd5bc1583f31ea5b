"""The contract between a criterion and the code that scores it.

An evaluator is a small frozen dataclass with one async method over one `EvaluationContext`. It returns a `Score`
between 0 and 1 (higher is better) or an *unscored* one, always with an explanation that the copilot and the user can
act on. It raises nothing for a bad output; what it does raise becomes an `EvaluatorFailure`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict, JsonValue

Need = Literal["expected", "document", "judge", "embedder"]
"""What an evaluator cannot work without."""


class JudgeModel(Protocol):
    """The one thing a judge needs of a language model. The caller counts and caches its calls."""

    async def probabilities(self, prompt: str, choices: tuple[str, ...]) -> Mapping[str, float]:
        """Ask `prompt` and return a probability for each choice.

        Args:
            prompt: the whole question as one user message.
            choices: short answers with distinct first tokens, e.g. ("1", "2", "3", "4", "5").

        Returns:
            Probabilities in [0, 1] that sum to 1. A server without log-probabilities gives 1 to the parsed answer.
            Empty where no choice could be read.
        """
        ...


class Embedder(Protocol):
    """Turns texts into vectors for semantic similarity."""

    async def embed(self, texts: list[str]) -> list[list[float]]:
        """Return one vector of equal length per text."""
        ...


@dataclass(frozen=True, kw_only=True)
class EvaluationContext:
    """All that an evaluator may look at: one example and one output."""

    output: str
    """The output as text; a list is joined with ", "."""
    items: tuple[str, ...] | None = None
    """The output as a list, where the task's kind makes one."""
    raw: str = ""
    """The model's answer before it was parsed."""
    expected: tuple[str, ...] | None = None
    """As in the example: every accepted label, answer, reference, or the keywords; None: not known."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    output_tokens: int | None = None
    """Tokens of the answer as the model's server counted them; None: not known."""
    judge: JudgeModel | None = None
    embedder: Embedder | None = None

    @property
    def document(self) -> str:
        """The text the output is about: the input `document`, else `text`, else all inputs joined by line breaks."""
        for name in ("document", "text"):
            if name in self.inputs:
                return self.inputs[name]
        return "\n".join(self.inputs.values())


class Score(BaseModel):
    """What one evaluator says of one output."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    evaluator: str
    value: float | None
    """In [0, 1], higher is better; None: unscored, and never counted as 0."""
    explanation: str
    """Why, in one sentence that helps to write a better prompt."""
    metadata: dict[str, JsonValue] = {}
    version: int = 1
    """The evaluator's version: scores of different versions do not compare."""


class EvaluatorFailure(Exception):
    """An evaluator could not do its work on this output; recorded as an unscored score."""


@dataclass(frozen=True, kw_only=True)
class Evaluator(ABC):
    """Base of all evaluators. Subclasses are frozen dataclasses whose fields are the criterion's parameters."""

    name: ClassVar[str]
    """The registry's name, snake_case."""
    title: ClassVar[str]
    """The catalogue's plain words, e.g. "Overlap with the reference (ROUGE-L)"."""
    description: ClassVar[str] = ""
    """One sentence for the catalogue: what is measured and how to read it."""
    kinds: ClassVar[tuple[str, ...]] = ()
    """Kinds of task it makes sense for; empty: every kind."""
    needs: ClassVar[frozenset[Need]] = frozenset()
    """What must be there for a score."""
    version: ClassVar[int] = 1
    default_threshold: ClassVar[float] = 1.0
    """Score from which an output passes, where the criterion does not say."""

    @abstractmethod
    async def evaluate(self, context: EvaluationContext) -> Score:
        """Score one output."""

    def score(self, value: float | None, explanation: str, **metadata: JsonValue) -> Score:
        """Build this evaluator's `Score`."""
        return Score(evaluator=self.name, value=value, explanation=explanation, metadata=metadata, version=self.version)
