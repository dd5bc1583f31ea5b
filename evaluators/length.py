"""How long the output is, alone or against the document."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from evaluators import texts
from evaluators.base import EvaluationContext, Evaluator, Need, Score
from evaluators.wording import NO_DOCUMENT, counted


def within(value: float, *, minimum: float | None, maximum: float | None) -> float:
    """Return 1 inside the bounds; outside, the ratio of the bound to the value or the value to the bound."""
    if minimum is not None and value < minimum:
        return value / minimum
    if maximum is not None and value > maximum:
        return maximum / value
    return 1.0


@dataclass(frozen=True, kw_only=True)
class Length(Evaluator):
    """1 where the output is as long as wanted, and less the further it is from that."""

    name: ClassVar[str] = "length"
    title: ClassVar[str] = "Length"
    description: ClassVar[str] = "The output is no longer and no shorter than wanted; twice too long scores one half."

    minimum: Annotated[int | None, Field(ge=0, description="Fewest allowed")] = None
    maximum: Annotated[int | None, Field(ge=0, description="Most allowed")] = None
    unit: Annotated[Literal["characters", "words", "sentences", "tokens"], Field(description="What is counted")] = (
        "words"
    )

    def __post_init__(self) -> None:
        if self.minimum is None and self.maximum is None:
            raise ValueError("give a minimum, a maximum or both")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"the minimum {self.minimum} is above the maximum {self.maximum}")

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Count, and compare with the bounds."""
        count = self._count(context)
        if count is None:
            return self.score(None, "Not scored: the model's server did not say how many tokens the answer has.")
        value = within(count, minimum=self.minimum, maximum=self.maximum)
        has = f"Has {counted(count, self.unit.removesuffix('s'))}"
        if self.minimum is not None and count < self.minimum:
            return self.score(value, f"{has}; at least {self.minimum} wanted.", count=count)
        if self.maximum is not None and count > self.maximum:
            return self.score(value, f"{has}; at most {self.maximum} allowed.", count=count)
        return self.score(value, f"{has}, as wanted.", count=count)

    def _count(self, context: EvaluationContext) -> int | None:
        if self.unit == "tokens":
            return context.output_tokens
        if self.unit == "characters":
            return len(context.output)
        return len(texts.words(context.output) if self.unit == "words" else texts.sentences(context.output))


@dataclass(frozen=True, kw_only=True)
class CompressionRatio(Evaluator):
    """1 where the output has the wanted share of the document's words, and less the further it is from that."""

    name: ClassVar[str] = "compression_ratio"
    title: ClassVar[str] = "Shorter than the document"
    description: ClassVar[str] = "The output's words as a share of the document's lie within the given bounds."
    kinds: ClassVar[tuple[str, ...]] = ("summarization", "custom")
    needs: ClassVar[frozenset[Need]] = frozenset({"document"})

    maximum: Annotated[float, Field(gt=0, description="Largest share, e.g. 0.3 for three words of ten")] = 0.3
    minimum: Annotated[float, Field(ge=0, description="Smallest share")] = 0.0

    def __post_init__(self) -> None:
        if self.minimum > self.maximum:
            raise ValueError(f"the minimum {self.minimum} is above the maximum {self.maximum}")

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Compare the numbers of words."""
        whole, part = len(texts.words(context.document)), len(texts.words(context.output))
        if not whole:
            return self.score(None, NO_DOCUMENT)
        ratio = part / whole
        has = f"Has {counted(part, 'word')}, {ratio:.0%} of the document's {whole}"
        value = within(ratio, minimum=self.minimum, maximum=self.maximum)
        if not part:
            return self.score(0.0, "The output is empty.", ratio=0.0)
        if ratio > self.maximum:
            return self.score(value, f"{has}; at most {self.maximum:.0%} allowed.", ratio=ratio)
        if ratio < self.minimum:
            return self.score(value, f"{has}; at least {self.minimum:.0%} wanted.", ratio=ratio)
        return self.score(value, f"{has}.", ratio=ratio)
