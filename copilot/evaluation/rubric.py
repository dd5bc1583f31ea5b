"""A task's criteria, ready to score: evaluators resolved once, before the first token is spent."""

from collections.abc import Sequence
from dataclasses import dataclass

from copilot.errors import BudgetExhausted, CriterionError, ModelError
from evaluators import registry
from evaluators.aggregate import Aggregate, Weighted, aggregate, evaluate_all
from evaluators.base import Embedder, EvaluationContext, Evaluator, JudgeModel, Score
from tasks.model import Example, Requirement, SuccessCriterion


@dataclass(frozen=True)
class Rubric:
    """Evaluators with their weights, in the order of the criteria."""

    evaluators: tuple[Evaluator, ...]
    weights: tuple[Weighted, ...]

    @classmethod
    def of(cls, criteria: Sequence[SuccessCriterion]) -> "Rubric":
        """Resolve criteria through the registry.

        Raises:
            CriterionError: a name or a parameter is wrong.
        """
        evaluators = []
        for criterion in criteria:
            try:
                evaluators.append(registry.create(criterion.evaluator, criterion.parameters))
            except (registry.UnknownEvaluator, registry.BadParameter) as error:
                raise CriterionError(str(error)) from None
        weights = tuple(
            Weighted(
                name=criterion.evaluator,
                weight=criterion.weight,
                threshold=evaluator.default_threshold if criterion.threshold is None else criterion.threshold,
                must=criterion.requirement is Requirement.MUST,
            )
            for criterion, evaluator in zip(criteria, evaluators, strict=True)
        )
        return cls(evaluators=tuple(evaluators), weights=weights)

    @property
    def needs_judge(self) -> bool:
        """Tell whether a criterion asks a model."""
        return self.judges > 0

    @property
    def judges(self) -> int:
        """Return how many criteria ask a model, one call each."""
        return sum("judge" in evaluator.needs for evaluator in self.evaluators)

    @property
    def needs_embedder(self) -> bool:
        """Tell whether a criterion compares meanings."""
        return any("embedder" in evaluator.needs for evaluator in self.evaluators)

    async def score(self, context: EvaluationContext) -> tuple[tuple[Score, ...], Aggregate]:
        """Score one output by every criterion and combine."""
        scores = await evaluate_all(self.evaluators, context, fatal=(BudgetExhausted, ModelError))
        return scores, aggregate(self.weights, scores)


@dataclass(frozen=True)
class Helpers:
    """The models that evaluators may need."""

    judge: JudgeModel | None = None
    embedder: Embedder | None = None

    def context(
        self, example: Example, value: str | tuple[str, ...], *, raw: str, output_tokens: int | None
    ) -> EvaluationContext:
        """Return what evaluators may look at."""
        return EvaluationContext(
            output=value if isinstance(value, str) else ", ".join(value),
            items=None if isinstance(value, str) else value,
            raw=raw,
            expected=example.expected,
            inputs=example.inputs,
            judge=self.judge,
            embedder=self.embedder,
            output_tokens=output_tokens,
        )
