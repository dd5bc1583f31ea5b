"""Overlap with reference texts: ROUGE (Lin, 2004) and chrF (Popović, 2015)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from evaluators import normalise
from evaluators.base import EvaluationContext, Evaluator, Need, Score
from evaluators.wording import NO_EXPECTED, counted

_LETTER = re.compile(r"[^\W\d_]")
_REFERENCE_KINDS = ("summarization", "document_qa", "custom")


class _Stemmer:
    """Porter's, which remembers words."""

    stem = staticmethod(normalise.stem)


class _Tokenizer:
    """The field's own, which remembers texts: every candidate is compared with the same references."""

    def tokenize(self, text: str) -> tuple[str, ...]:
        return _stems(text)


@lru_cache(maxsize=4096)
def _stems(text: str) -> tuple[str, ...]:
    from rouge_score.tokenize import tokenize

    return tuple(tokenize(text, _Stemmer))


@lru_cache(maxsize=8)
def _rouge_scorer(measure: str) -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer([measure], tokenizer=_Tokenizer())


@lru_cache(maxsize=1)
def _chrf_scorer() -> Any:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()


@dataclass(frozen=True, kw_only=True)
class _Rouge(Evaluator):
    """F-measure of one ROUGE variant with Porter stemming; of several references the best counts."""

    measure: ClassVar[str]
    unit: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]] = _REFERENCE_KINDS
    needs: ClassVar[frozenset[Need]] = frozenset({"expected"})
    default_threshold: ClassVar[float] = 0.3

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Score against each reference and keep the best."""
        references = [reference for reference in context.expected or () if reference.strip()]
        if not references:
            return self.score(None, NO_EXPECTED)
        # The field's tokeniser knows a-z and 0-9 only: other scripts would come out as 0 whatever the output.
        readable = [reference for reference in references if _stems(reference)]
        if not readable and any(_LETTER.search(reference) for reference in references):
            return self.score(
                None, "Not scored: ROUGE reads Latin letters only and the reference has none; use chrF instead."
            )
        scorer = _rouge_scorer(self.measure)
        scored = [(scorer.score(reference, context.output)[self.measure], reference) for reference in references]
        best, reference = max(scored, key=lambda pair: float(pair[0].fmeasure))
        return self.score(
            float(best.fmeasure),
            self._explain(float(best.recall), reference, context.output),
            precision=float(best.precision),
            recall=float(best.recall),
        )

    def _explain(self, recall: float, reference: str, output: str) -> str:
        wanted, got = len(_stems(reference)), len(_stems(output))
        if not got:
            return f"Shares nothing with the reference: the output has no words; reference {wanted}."
        units = max(0, wanted - self._shortfall)
        shared = round(recall * units)
        return (
            f"Shares {shared} of {units} reference {self.unit}; output has {counted(got, 'word')}, reference {wanted}."
        )

    @property
    def _shortfall(self) -> int:
        """How many fewer units than words a text has."""
        return 1 if self.measure == "rouge2" else 0


@dataclass(frozen=True, kw_only=True)
class Rouge1(_Rouge):
    """ROUGE-1: single words in common."""

    name: ClassVar[str] = "rouge_1"
    title: ClassVar[str] = "Words shared with the reference (ROUGE-1)"
    description: ClassVar[str] = "How many single words the output and the reference share, in any order."
    measure: ClassVar[str] = "rouge1"
    unit: ClassVar[str] = "words"


@dataclass(frozen=True, kw_only=True)
class Rouge2(_Rouge):
    """ROUGE-2: word pairs in common."""

    name: ClassVar[str] = "rouge_2"
    title: ClassVar[str] = "Word pairs shared with the reference (ROUGE-2)"
    description: ClassVar[str] = "How many pairs of neighbouring words the output and the reference share."
    default_threshold: ClassVar[float] = 0.15
    measure: ClassVar[str] = "rouge2"
    unit: ClassVar[str] = "word pairs"


@dataclass(frozen=True, kw_only=True)
class RougeL(_Rouge):
    """ROUGE-L: the longest common subsequence."""

    name: ClassVar[str] = "rouge_l"
    title: ClassVar[str] = "Overlap with the reference (ROUGE-L)"
    description: ClassVar[str] = "How many words the output and the reference share in the same order."
    measure: ClassVar[str] = "rougeL"
    unit: ClassVar[str] = "words in order"


@dataclass(frozen=True, kw_only=True)
class ChrF(Evaluator):
    """chrF of sacrebleu (character 6-grams, beta 2) divided by 100; of several references the best counts."""

    name: ClassVar[str] = "chrf"
    title: ClassVar[str] = "Letters shared with the reference (chrF)"
    description: ClassVar[str] = "How many letter sequences the output and the reference share; fit for every script."
    kinds: ClassVar[tuple[str, ...]] = _REFERENCE_KINDS
    needs: ClassVar[frozenset[Need]] = frozenset({"expected"})
    default_threshold: ClassVar[float] = 0.4

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Score against each reference and keep the best."""
        references = [reference for reference in context.expected or () if reference.strip()]
        if not references:
            return self.score(None, NO_EXPECTED)
        scorer = _chrf_scorer()
        scored = [(float(scorer.sentence_score(context.output, [text]).score), text) for text in references]
        best, reference = max(scored)
        return self.score(
            min(1.0, best / 100),
            f"Shares {best:.0f} % of letter sequences with the reference; "
            f"output has {counted(len(context.output), 'character')}, reference {len(reference)}.",
        )
