"""Answers to questions, scored as SQuAD 2.0 does (Rajpurkar et al., 2018)."""

from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from evaluators import normalise
from evaluators.base import EvaluationContext, Evaluator, Need, Score
from evaluators.wording import NO_EXPECTED, alternatives, counted, listing, quote

_NO_ANSWER = (
    *("unanswerable", "no answer", "cannot"),
    *(f"not {verb}" for verb in ("in", "contain", "mention", "provid", "state", "found")),
)


def says_no_answer(output: str) -> bool:
    """Tell whether the output says that the document holds no answer. An empty output says nothing."""
    lowered = output.lower()
    return any(phrase in lowered for phrase in _NO_ANSWER)


def token_overlap(output: str, answer: str) -> float:
    """F1 of the normalised words of both texts; where one has none, 1 if both have none."""
    got, wanted = _bag(output), _bag(answer)
    if not got or not wanted:
        return float(got == wanted)
    shared = (got & wanted).total()
    return 2 * shared / (got.total() + wanted.total()) if shared else 0.0


@lru_cache(maxsize=4096)
def _bag(text: str) -> Counter[str]:
    """Count the normalised words; read it only, for it is kept: the same answers come back row after row."""
    return Counter(normalise.squad(text).split())


@dataclass(frozen=True, kw_only=True)
class _Answer(Evaluator):
    """An evaluator of answers: an empty `expected` means that the output must say that there is no answer."""

    kinds: ClassVar[tuple[str, ...]] = ("document_qa", "custom")
    needs: ClassVar[frozenset[Need]] = frozenset({"expected"})

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Score against every accepted answer and keep the best."""
        if context.expected is None:
            return self.score(None, NO_EXPECTED)
        if context.expected:
            return self._compare(context.output, context.expected)
        if says_no_answer(context.output):
            return self.score(1.0, "Rightly says that the document holds no answer.")
        return self.score(
            0.0, f"The document holds no answer and the output should say so, but it says {quote(context.output)}."
        )

    @abstractmethod
    def _compare(self, output: str, answers: tuple[str, ...]) -> Score:
        """Compare with the accepted answers, of which there is at least one."""


@dataclass(frozen=True, kw_only=True)
class SquadF1(_Answer):
    """Harmonic mean of the precision and recall of words, articles and punctuation apart."""

    name: ClassVar[str] = "squad_f1"
    title: ClassVar[str] = "Words shared with the right answer (F1)"
    description: ClassVar[str] = "How well the words of the output and of the nearest accepted answer agree."
    default_threshold: ClassVar[float] = 0.5

    def _compare(self, output: str, answers: tuple[str, ...]) -> Score:
        value, answer = max(((token_overlap(output, answer), answer) for answer in answers), key=lambda pair: pair[0])
        if value == 1.0:
            return self.score(1.0, f"Has exactly the words of the answer {quote(answer)}.")
        if value == 0.0 and says_no_answer(output):
            return self.score(0.0, f"Says that there is no answer, but the document holds {alternatives(answers)}.")
        if value == 0.0:
            return self.score(0.0, f"Expected {alternatives(answers)}, got {quote(output)}: no word in common.")
        got, wanted = _bag(output), _bag(answer)
        parts = []
        if missing := list((wanted - got).elements()):
            parts.append(f"missing: {listing(missing)}")
        if spare := list((got - wanted).elements()):
            parts.append(f"{counted(len(spare), 'word')} too many: {listing(spare)}")
        return self.score(value, f"Expected {quote(answer)}, got {quote(output)}; {'; '.join(parts)}.")


@dataclass(frozen=True, kw_only=True)
class SquadExactMatch(_Answer):
    """1 where output and an accepted answer are equal after SQuAD's normalisation, else 0."""

    name: ClassVar[str] = "squad_exact_match"
    title: ClassVar[str] = "Exactly the right answer"
    description: ClassVar[str] = "The output is an accepted answer, apart from capitals, punctuation and articles."

    def _compare(self, output: str, answers: tuple[str, ...]) -> Score:
        got = normalise.squad(output)
        if any(got == normalise.squad(answer) for answer in answers):
            return self.score(1.0, f"Is the answer {quote(output)} as expected.")
        return self.score(0.0, f"Expected {alternatives(answers)}, got {quote(output)}.")
