"""Weights, thresholds, musts and unscored criteria; a crash is a result."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

import pytest

from evaluators.aggregate import Weighted, aggregate, evaluate_all
from evaluators.base import EvaluationContext, Evaluator, EvaluatorFailure, Need, Score
from evaluators.registry import create


def scored(*values: float | None) -> list[Score]:
    return [Score(evaluator="any", value=value, explanation="") for value in values]


A, B = Weighted(name="a", weight=3, threshold=0.5), Weighted(name="b", weight=1, threshold=0.5)
MUST = Weighted(name="gate", weight=1, threshold=1.0, must=True)


def test_mean_by_weight() -> None:
    result = aggregate([A, B], scored(1.0, 0.6))
    assert result.value == pytest.approx(0.9)
    assert result.passed is True


def test_unscored_is_left_out_and_named() -> None:
    result = aggregate([A, B], scored(None, 0.6))
    assert result.value == pytest.approx(0.6)
    assert result.passed is None
    assert "left out: a" in result.reason


def test_a_missed_threshold_fails_even_where_another_is_unscored() -> None:
    result = aggregate([A, B], scored(None, 0.4))
    assert result.value == pytest.approx(0.4)
    assert result.passed is False
    assert "Below the threshold: b." in result.reason


def test_a_missed_must_is_worth_nothing_whatever_else_is_unscored() -> None:
    result = aggregate([A, MUST, Weighted(name="c", must=True)], scored(1.0, 0.9, None))
    assert result.value == 0.0
    assert result.passed is False
    assert "gate" in result.reason


def test_an_unscored_must_leaves_the_value_unknown() -> None:
    result = aggregate([A, MUST], scored(1.0, None))
    assert result.value is None
    assert result.passed is None


def test_nothing_scored_is_unknown() -> None:
    assert aggregate([A, B], scored(None, None)).value is None
    assert aggregate([], []).value is None


def test_musts_without_weight_decide_alone() -> None:
    gate = Weighted(name="gate", weight=0, must=True)
    assert aggregate([gate], scored(1.0)).value == 1.0
    assert aggregate([gate], scored(0.0)).value == 0.0
    assert aggregate([gate, A], scored(1.0, None)).value is None


def test_a_criterion_without_weight_is_only_watched() -> None:
    watched = Weighted(name="watched", weight=0)
    result = aggregate([A, watched], scored(0.8, 0.0))
    assert result.value == pytest.approx(0.8)
    assert result.passed is True


def test_rounding_does_not_fail_a_threshold() -> None:
    assert aggregate([Weighted(name="a", threshold=0.3)], scored(0.1 + 0.2 - 1e-16)).passed is True


def test_scores_must_match_criteria() -> None:
    with pytest.raises(ValueError, match="zip"):
        aggregate([A, B], scored(1.0))


@dataclass(frozen=True, kw_only=True)
class Crashing(Evaluator):
    name: ClassVar[str] = "crashing"
    title: ClassVar[str] = "Always breaks"
    error: Exception

    async def evaluate(self, context: EvaluationContext) -> Score:
        raise self.error


@dataclass(frozen=True, kw_only=True)
class Waiting(Evaluator):
    name: ClassVar[str] = "waiting"
    title: ClassVar[str] = "Waits for the other one"
    needs: ClassVar[frozenset[Need]] = frozenset({"judge"})
    barrier: asyncio.Barrier

    async def evaluate(self, context: EvaluationContext) -> Score:
        await asyncio.wait_for(self.barrier.wait(), 2)
        return self.score(1.0, "Both were there.")


async def test_a_crash_is_an_unscored_result_and_the_others_go_on() -> None:
    context = EvaluationContext(output="billing", expected=("billing",))
    broken, failed, fine = await evaluate_all(
        [
            Crashing(error=ZeroDivisionError("division by zero")),
            Crashing(error=EvaluatorFailure("the dictionary is missing.")),
            create("exact_match"),
        ],
        context,
    )
    assert broken.value is None
    assert "ZeroDivisionError: division by zero" in broken.explanation
    assert failed.explanation == "Not scored: the dictionary is missing."
    assert fine.value == 1.0


async def test_fatal_errors_end_the_run() -> None:
    with pytest.raises(KeyError):
        await evaluate_all([Crashing(error=KeyError("cap"))], EvaluationContext(output=""), fatal=(KeyError,))


async def test_evaluators_that_ask_a_model_run_at_the_same_time() -> None:
    barrier = asyncio.Barrier(2)
    scores = await evaluate_all([Waiting(barrier=barrier), Waiting(barrier=barrier)], EvaluationContext(output=""))
    assert [score.value for score in scores] == [1.0, 1.0]
