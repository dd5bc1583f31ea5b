"""Is the output exactly what was wanted? For labels, codes and short closed answers."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from evaluators import normalise
from evaluators.base import EvaluationContext, Evaluator, Need, Score
from evaluators.wording import NO_EXPECTED, alternatives, quote


def _equal(output: str, wanted: str, *, ignore_form: bool) -> bool:
    if not ignore_form:
        return output == wanted
    # The second comparison admits labels that end in a period or a quote themselves, such as "Ltd.".
    return normalise.label(output) == wanted.lower() or output.strip().lower() == wanted.strip().lower()


@dataclass(frozen=True, kw_only=True)
class ExactMatch(Evaluator):
    """1 where the output equals one of the expected texts, else 0."""

    name: ClassVar[str] = "exact_match"
    title: ClassVar[str] = "Exactly the expected answer"
    description: ClassVar[str] = "The output is the expected text and nothing else."
    kinds: ClassVar[tuple[str, ...]] = ("classification", "document_qa", "custom")
    needs: ClassVar[frozenset[Need]] = frozenset({"expected"})

    ignore_form: Annotated[bool, Field(description="Ignore capitals, surrounding quotes and a final period")] = True

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Compare with every accepted text."""
        if not context.expected:
            return self.score(None, NO_EXPECTED)
        if any(_equal(context.output, wanted, ignore_form=self.ignore_form) for wanted in context.expected):
            return self.score(1.0, f"Is {quote(context.output)} as expected.")
        return self.score(0.0, f"Expected {alternatives(context.expected)}, got {quote(context.output)}.")


@dataclass(frozen=True, kw_only=True)
class OneOf(Evaluator):
    """1 where the output is one of the allowed texts, whichever, else 0."""

    name: ClassVar[str] = "one_of"
    title: ClassVar[str] = "One of these answers"
    description: ClassVar[str] = (
        "The output is one of the allowed texts and nothing else; it need not be the right one."
    )
    kinds: ClassVar[tuple[str, ...]] = ("classification", "custom")

    values: Annotated[tuple[str, ...], Field(min_length=1, description="The allowed texts")]
    ignore_form: Annotated[bool, Field(description="Ignore capitals, surrounding quotes and a final period")] = True

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Compare with every allowed text."""
        if any(_equal(context.output, value, ignore_form=self.ignore_form) for value in self.values):
            return self.score(1.0, f"{quote(context.output)} is one of the allowed answers.")
        return self.score(
            0.0, f"{quote(context.output)} is not an allowed answer; allowed: {alternatives(self.values)}."
        )
