"""Closeness of meaning, by text embeddings."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from evaluators.base import EvaluationContext, Evaluator, EvaluatorFailure, Need, Score
from evaluators.wording import NO_DOCUMENT, NO_EXPECTED

_NO_EMBEDDER = "Not scored: this criterion needs an embedding model; install the dependency group 'semantic'."
_DEGREES = (
    (0.85, "Means nearly the same as {what} (cosine {cosine})."),
    (0.6, "Is close in meaning to {what} (cosine {cosine})."),
    (0.35, "Touches on the subject of {what} (cosine {cosine})."),
    (-1.0, "Speaks of something else than {what} (cosine {cosine})."),
)


@dataclass(frozen=True, kw_only=True)
class SemanticSimilarity(Evaluator):
    """Cosine of the embeddings of the output and the nearest reference; a negative cosine counts as 0."""

    name: ClassVar[str] = "semantic_similarity"
    title: ClassVar[str] = "Means the same as the reference"
    description: ClassVar[str] = "How close the output is in meaning to the expected text, whatever the words."
    kinds: ClassVar[tuple[str, ...]] = ("summarization", "document_qa", "custom")
    needs: ClassVar[frozenset[Need]] = frozenset({"embedder"})
    default_threshold: ClassVar[float] = 0.7

    against: Annotated[Literal["expected", "document"], Field(description="What the output is compared with")] = (
        "expected"
    )

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Embed the output and the references in one call."""
        texts = (context.document,) if self.against == "document" else context.expected or ()
        references = [text for text in texts if text.strip()]
        if not references:
            return self.score(None, NO_DOCUMENT if self.against == "document" else NO_EXPECTED)
        if context.embedder is None:
            return self.score(None, _NO_EMBEDDER)
        if not context.output.strip():
            return self.score(0.0, "The output is empty.")
        import numpy as np

        vectors = np.asarray(await context.embedder.embed([context.output, *references]), dtype=np.float64)
        if vectors.ndim != 2 or len(vectors) != len(references) + 1:
            raise EvaluatorFailure("the embedding model did not return one vector for each text.")
        norms = np.linalg.norm(vectors, axis=1)
        if not np.isfinite(norms).all() or (norms == 0).any():
            raise EvaluatorFailure("the embedding model returned a vector without direction.")
        units = vectors / norms[:, None]
        cosine = float((units[1:] @ units[0]).max())
        return self.score(min(1.0, max(0.0, cosine)), self._explain(cosine), cosine=cosine)

    def _explain(self, cosine: float) -> str:
        what = "the document" if self.against == "document" else "the reference"
        said = next((said for least, said in _DEGREES if cosine >= least), _DEGREES[-1][1])
        return said.format(what=what, cosine=f"{cosine:.2f}")
