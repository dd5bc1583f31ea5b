"""From the scores of one output to one value.

The rules, in this order:

1. A *must* that was scored and missed its threshold makes the value 0, whatever else was or was not scored.
2. A *must* that was not scored leaves the value unknown (None): nobody can say whether the output may be used.
3. Otherwise the value is the mean of the scored criteria by weight. Unscored ones are left out, never counted as 0.
4. Where no criterion has a weight, the *musts* alone decide: 1 when all of them passed.
5. Where criteria have weights but none of those was scored, the value is unknown (None).

An output *passes* when every criterion that counts (a weight above 0, or a *must*) reaches its threshold. One that
misses it means "failed"; if none missed but one was not scored, whether it passes is unknown (None).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from evaluators.base import EvaluationContext, Evaluator, EvaluatorFailure, Score

_ROUNDING = 1e-9
"""A value this little below a threshold reaches it: 0.1 + 0.2 is no failure at 0.3."""


@dataclass(frozen=True, kw_only=True)
class Weighted:
    """What a criterion adds to its evaluator: how much it counts and when it is met."""

    name: str
    """How explanations call it."""
    weight: float = 1.0
    threshold: float = 1.0
    must: bool = False


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """All criteria of one output in one value."""

    value: float | None
    """In [0, 1]; None: unknown, and never counted as 0."""
    passed: bool | None
    """None: unknown, since a criterion that counts was not scored."""
    reason: str
    """One sentence."""


def aggregate(criteria: Sequence[Weighted], scores: Sequence[Score]) -> Aggregate:
    """Combine scores; `scores[i]` belongs to `criteria[i]`.

    Raises:
        ValueError: the two differ in length.
    """
    pairs = [(criterion, score.value) for criterion, score in zip(criteria, scores, strict=True)]
    missed_must = [c.name for c, value in pairs if c.must and value is not None and not _reaches(value, c.threshold)]
    if missed_must:
        return Aggregate(
            value=0.0, passed=False, reason=f"Worth nothing: it misses what it must do ({_names(missed_must)})."
        )
    open_must = [c.name for c, value in pairs if c.must and value is None]
    if open_must:
        return Aggregate(value=None, passed=None, reason=f"Unknown: a must was not scored ({_names(open_must)}).")
    value = _mean(pairs)
    if value is None:
        return Aggregate(value=None, passed=None, reason="Unknown: no criterion was scored.")
    counting = [(c, value) for c, value in pairs if c.weight > 0 or c.must]
    missed = [c.name for c, value in counting if value is not None and not _reaches(value, c.threshold)]
    unscored = [c.name for c, value in counting if value is None]
    aside = f" Not scored and left out: {_names(unscored)}." if unscored else ""
    if missed:
        return Aggregate(value=value, passed=False, reason=f"Below the threshold: {_names(missed)}.{aside}")
    if unscored:
        return Aggregate(value=value, passed=None, reason=f"Everything that was scored reaches its threshold.{aside}")
    return Aggregate(value=value, passed=True, reason="Every criterion reaches its threshold.")


def _reaches(value: float, threshold: float) -> bool:
    return value >= threshold - _ROUNDING


def _mean(pairs: Sequence[tuple[Weighted, float | None]]) -> float | None:
    """Apply rules 3 to 5."""
    if not any(criterion.weight > 0 for criterion, _ in pairs):
        return 1.0 if any(criterion.must for criterion, _ in pairs) else None
    scored = [(criterion.weight, value) for criterion, value in pairs if value is not None and criterion.weight > 0]
    total = sum(weight for weight, _ in scored)
    if not scored:
        return None
    return min(1.0, max(0.0, sum(weight / total * value for weight, value in scored)))


def _names(names: Sequence[str]) -> str:
    return ", ".join(names)


async def evaluate_all(
    evaluators: Sequence[Evaluator],
    context: EvaluationContext,
    *,
    fatal: tuple[type[Exception], ...] = (),
) -> tuple[Score, ...]:
    """Score one output by every evaluator, in their order.

    An evaluator that crashes gives an unscored score with the reason; the others are not affected. Those that ask a
    model run at the same time.

    Args:
        evaluators: instances made by the registry.
        context: the example and the output.
        fatal: exceptions that end the run instead, such as an exhausted budget.
    """
    waiting = [index for index, evaluator in enumerate(evaluators) if evaluator.needs & {"judge", "embedder"}]
    if len(waiting) < 2:
        return tuple([await _guarded(evaluator, context, fatal) for evaluator in evaluators])
    return tuple(await asyncio.gather(*(_guarded(evaluator, context, fatal) for evaluator in evaluators)))


async def _guarded(evaluator: Evaluator, context: EvaluationContext, fatal: tuple[type[Exception], ...]) -> Score:
    try:
        return await evaluator.evaluate(context)
    except fatal:
        raise
    except EvaluatorFailure as failure:
        return evaluator.score(None, f"Not scored: {failure}")
    except Exception as error:
        return evaluator.score(
            None, f"Not scored: the check '{evaluator.title}' failed with {type(error).__name__}: {error}"
        )
