"""What holds for every evaluator and any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from evaluators.aggregate import Weighted, aggregate, evaluate_all
from evaluators.base import EvaluationContext, Score
from evaluators.registry import EVALUATORS, create

PARAMETERS: dict[str, dict[str, JsonValue]] = {
    "one_of": {"values": ["yes", "no"]},
    "judge": {"rubric": "Is polite."},
    "contains_all": {"values": ["a", "1"]},
    "contains_any": {"values": ["a", "1"]},
    "contains_none": {"values": ["a", "1"], "whole_words": True},
    "regex": {"pattern": r"\d+"},
    "json_schema": {"json_schema": {"type": "object"}},
    "length": {"minimum": 2, "maximum": 5},
    "language_is": {"language": "en"},
}
TEXT = st.one_of(
    st.text(max_size=60), st.sampled_from(["", " ", "1 2", '{"a": 1}', "I can't help.", "Äpfel, 3,5 €", "中文"])
)
EXPECTED = st.none() | st.lists(TEXT, max_size=3).map(tuple)


@pytest.mark.parametrize("name", sorted(EVALUATORS))
@settings(max_examples=25, deadline=None)
@given(output=TEXT, expected=EXPECTED, document=TEXT, items=st.none() | st.lists(TEXT, max_size=3).map(tuple))
async def test_a_score_is_between_0_and_1_or_unscored_and_explained(
    name: str, output: str, expected: tuple[str, ...] | None, document: str, items: tuple[str, ...] | None
) -> None:
    context = EvaluationContext(output=output, expected=expected, inputs={"document": document}, items=items)
    score = await create(name, PARAMETERS.get(name, {})).evaluate(context)
    assert score.evaluator == name
    assert score.value is None or 0.0 <= score.value <= 1.0
    assert score.explanation.endswith((".", "!"))
    assert "\n" not in score.explanation
    assert (await create(name, PARAMETERS.get(name, {})).evaluate(context)) == score


@pytest.mark.parametrize("name", ["exact_match", "squad_f1", "squad_exact_match", "rouge_1", "rouge_l", "chrf"])
@settings(max_examples=25, deadline=None)
@given(
    reference=st.lists(st.sampled_from(["late", "invoice", "paid", "bank", "42"]), min_size=1, max_size=6).map(" ".join)
)
async def test_the_reference_itself_is_perfect(name: str, reference: str) -> None:
    score = await create(name).evaluate(EvaluationContext(output=reference, expected=("other", reference)))
    assert score.value == pytest.approx(1.0)


CRITERION = st.builds(
    Weighted,
    name=st.sampled_from(["a", "b"]),
    weight=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    threshold=st.sampled_from([0.0, 0.5, 1.0]),
    must=st.booleans(),
)
VALUE = st.none() | st.sampled_from([0.0, 0.25, 0.5, 1.0])


@given(pairs=st.lists(st.tuples(CRITERION, VALUE), max_size=5))
def test_the_aggregate_follows_its_rules(pairs: list[tuple[Weighted, float | None]]) -> None:
    criteria = [criterion for criterion, _ in pairs]
    result = aggregate(criteria, [Score(evaluator="x", value=value, explanation="") for _, value in pairs])
    scored = [(c, v) for c, v in pairs if v is not None]
    assert result.value is None or 0.0 <= result.value <= 1.0
    if any(c.must and v < c.threshold for c, v in scored):
        assert (result.value, result.passed) == (0.0, False)
    elif any(c.must and v is None for c, v in pairs):
        assert (result.value, result.passed) == (None, None)
    elif result.value is not None and any(c.weight for c, _ in scored):
        # Dropping what was not scored changes nothing: it was never counted as 0.
        kept = aggregate([c for c, _ in scored], [Score(evaluator="x", value=v, explanation="") for _, v in scored])
        assert kept.value == pytest.approx(result.value)


@settings(max_examples=20, deadline=None)
@given(output=TEXT)
async def test_one_score_for_each_evaluator_in_their_order(output: str) -> None:
    names = ["no_refusal", "length", "exact_match", "judge", "semantic_similarity"]
    scores = await evaluate_all(
        [create(name, PARAMETERS.get(name, {})) for name in names], EvaluationContext(output=output)
    )
    assert [score.evaluator for score in scores] == names
