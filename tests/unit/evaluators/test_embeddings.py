"""The local embedding model."""

import numpy as np
import pytest

from evaluators.base import EvaluationContext
from evaluators.embeddings import local_embedder
from evaluators.registry import create


async def test_vectors_are_those_of_sentence_transformers() -> None:
    # The example and the similarities of https://sbert.net/docs/quickstart.html for all-MiniLM-L6-v2.
    embedder = local_embedder()
    assert embedder is not None
    texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    vectors = np.array(await embedder.embed(texts))
    expected = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    assert vectors.shape == (3, 384)
    assert vectors @ vectors.T == pytest.approx(np.array(expected), abs=1e-4)


async def test_long_and_empty_texts_have_vectors() -> None:
    embedder = local_embedder()
    assert embedder is not None
    long, empty = await embedder.embed(["word " * 5000, ""])
    assert np.linalg.norm(long) == pytest.approx(1.0, abs=1e-5)
    assert np.linalg.norm(empty) == pytest.approx(1.0, abs=1e-5)


async def test_paraphrases_are_nearer_than_other_subjects() -> None:
    evaluator = create("semantic_similarity")
    reference = ("The invoice was paid two weeks late.",)
    near = EvaluationContext(output="Payment came a fortnight overdue.", expected=reference, embedder=local_embedder())
    far = EvaluationContext(output="The office plants need water.", expected=reference, embedder=local_embedder())
    near_score, far_score = await evaluator.evaluate(near), await evaluator.evaluate(far)
    assert near_score.value is not None
    assert far_score.value is not None
    assert near_score.value > far_score.value + 0.3
