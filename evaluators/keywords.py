"""Keywords against the expected ones, compared by their Porter stems."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from evaluators import normalise
from evaluators.base import EvaluationContext, Evaluator, Need, Score
from evaluators.wording import NO_EXPECTED, listing


def listed(context: EvaluationContext) -> list[str]:
    """Return the output as a list: as parsed, else divided at commas, semicolons and line ends."""
    if context.items is not None:
        return [normalise.without_bullet(item) for item in context.items]
    return normalise.split_list(context.output)


@dataclass(frozen=True, kw_only=True)
class _Keywords(Evaluator):
    """Counts keywords in both lists; a keyword counts once, however often or in whatever inflection it stands."""

    kinds: ClassVar[tuple[str, ...]] = ("keyword_extraction",)
    needs: ClassVar[frozenset[Need]] = frozenset({"expected"})
    default_threshold: ClassVar[float] = 0.5

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Compare the two sets of stemmed keywords."""
        wanted = {normalise.stem_phrase(text): text for text in context.expected or ()}
        got = {normalise.stem_phrase(text): text for text in listed(context)}
        wanted.pop("", None)
        got.pop("", None)
        if not wanted:
            return self.score(None, NO_EXPECTED)
        shared = len(wanted.keys() & got.keys())
        missed = [text for stem, text in wanted.items() if stem not in got]
        spare = [text for stem, text in got.items() if stem not in wanted]
        value = self._value(shared, len(got), len(wanted)) if shared else 0.0
        return self.score(value, self._explain(missed, spare), shared=shared, given=len(got), expected=len(wanted))

    @abstractmethod
    def _value(self, shared: int, given: int, expected: int) -> float:
        """Make a score of the three counts, none of which is 0."""

    @staticmethod
    def _explain(missed: list[str], spare: list[str]) -> str:
        parts = []
        if missed:
            parts.append(f"Missed: {listing(missed)}.")
        if spare:
            parts.append(f"Not in the list: {listing(spare)}.")
        return " ".join(parts) or "Exactly the expected keywords."


@dataclass(frozen=True, kw_only=True)
class KeywordF1(_Keywords):
    """Harmonic mean of keyword precision and recall."""

    name: ClassVar[str] = "keyword_f1"
    title: ClassVar[str] = "Agreement with the expected keywords (F1)"
    description: ClassVar[str] = "Balances how many expected keywords are found against how many others are given."

    def _value(self, shared: int, given: int, expected: int) -> float:
        return 2 * shared / (given + expected)


@dataclass(frozen=True, kw_only=True)
class KeywordPrecision(_Keywords):
    """Share of the given keywords that are expected."""

    name: ClassVar[str] = "keyword_precision"
    title: ClassVar[str] = "Given keywords that are right (precision)"
    description: ClassVar[str] = "Which share of the given keywords is in the expected list."

    def _value(self, shared: int, given: int, expected: int) -> float:
        return shared / given


@dataclass(frozen=True, kw_only=True)
class KeywordRecall(_Keywords):
    """Share of the expected keywords that are given."""

    name: ClassVar[str] = "keyword_recall"
    title: ClassVar[str] = "Expected keywords that were found (recall)"
    description: ClassVar[str] = "Which share of the expected keywords the output gives."

    def _value(self, shared: int, given: int, expected: int) -> float:
        return shared / expected
