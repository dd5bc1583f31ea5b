"""The expected answers of a task's own examples, put through a criterion."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from copilot.domain.criteria import CheckedRow, CriterionCheck
from copilot.errors import BudgetExhausted, CriterionError, ModelError
from copilot.evaluation.rubric import Helpers, Rubric
from copilot.service import criteria_catalogue as catalogue
from evaluators.aggregate import evaluate_all
from evaluators.base import Embedder
from tasks import kinds
from tasks.model import Dataset, Example, OutputContract, SuccessCriterion, TaskKind

MOST_ROWS = 200
"""Looked at: more would hold up the page and change the picture little."""
MOST_SHOWN = 50
MOST_EMBEDDED = 20
"""Looked at where meanings are compared, which takes a tenth of a second each."""
_ROUNDING = 1e-9
_remembered: OrderedDict[tuple[str, ...], CriterionCheck] = OrderedDict()
_REMEMBER = 256
_lock = Lock()


def value_of(example: Example, kind: TaskKind) -> str | tuple[str, ...] | None:
    """Return the expected answer as a model would have to give it; None where none is known."""
    if example.expected is None:
        return None
    if kind is TaskKind.KEYWORD_EXTRACTION:
        return example.expected
    return kinds.get(kind).demonstrate(example.expected, OutputContract(form="text"))


async def check_all(
    criteria: Sequence[SuccessCriterion], dataset: Dataset, *, kind: TaskKind, total: int | None = None
) -> tuple[CriterionCheck, ...]:
    """Put the expected answers through criteria that ask no model; others say why they cannot be checked.

    Args:
        criteria: their parameters may be wrong: the check says so.
        dataset: the examples to look at.
        kind: of the task.
        total: how many examples the task has; None: these.
    """
    rows = spread(dataset, MOST_ROWS)
    total = len(dataset.examples) if total is None else total
    version = rows.version
    found = []
    for criterion in criteria:
        key = (version, str(kind), str(total), criterion.model_dump_json())
        with _lock:
            known = _remembered.get(key)
        if known is None:
            known = await _check(criterion, rows, kind, total)
        with _lock:
            _remembered[key] = known
            _remembered.move_to_end(key)
            while len(_remembered) > _REMEMBER:
                _remembered.popitem(last=False)
        found.append(known)
    return tuple(found)


def spread(dataset: Dataset, most: int) -> Dataset:
    """Return at most so many examples, evenly drawn."""
    n = len(dataset.examples)
    if n <= most:
        return dataset
    return Dataset(examples=tuple(dataset.examples[index * n // most] for index in range(most)))


async def score_row(
    rubric: Rubric,
    example: Example,
    value: str | tuple[str, ...],
    helpers: Helpers,
    *,
    output_tokens: int | None = None,
) -> CheckedRow:
    """Score one output by the first criterion of a rubric.

    Raises:
        ModelError: a judge's server failed for good.
    """
    context = helpers.context(example, value, raw="", output_tokens=output_tokens)
    (score,) = await evaluate_all(rubric.evaluators, context, fatal=(ModelError, BudgetExhausted))
    passed = None if score.value is None else score.value >= rubric.weights[0].threshold - _ROUNDING
    return CheckedRow(
        example_id=example.id,
        text=next(iter(example.inputs.values()), ""),
        output=context.output,
        value=score.value,
        passed=passed,
        reason=score.explanation,
    )


async def _check(criterion: SuccessCriterion, rows: Dataset, kind: TaskKind, total: int) -> CriterionCheck:
    n = len(rows.examples)
    known = [example for example in rows.examples if example.expected is not None]
    nothing = CriterionCheck(total=total, looked_at=n, without_expected=n - len(known))
    try:
        rubric = Rubric.of((criterion,))
    except CriterionError as error:
        return nothing.model_copy(update={"obstacle": "bad_parameter", "problem": str(error)})
    if not n:
        problem = "There are no examples yet, so there is nothing to check it on."
        return nothing.model_copy(update={"obstacle": "no_examples", "problem": problem})
    if not known:
        problem = "No example has an expected answer, so there is nothing to check it on."
        return nothing.model_copy(update={"obstacle": "no_expected", "problem": problem})
    entry = catalogue.entry(criterion.evaluator)
    if entry.calls:
        problem = "A model has to read each answer, which takes calls, so it is checked when you ask for it."
        calls = entry.calls * len(known)
        return nothing.model_copy(update={"obstacle": "asks_model", "problem": problem, "calls": calls})
    embedder = _embedder() if rubric.needs_embedder else None
    if rubric.needs_embedder and embedder is None:
        problem = "It compares meanings, and the small model for that is not installed here."
        return nothing.model_copy(update={"obstacle": "no_embedder", "problem": problem})
    if rubric.needs_embedder:
        if criterion.parameters.get("against", "expected") == "expected":
            # Each would be compared with itself: how many there are is all that can be learned.
            whole = sum(any(text.strip() for text in example.expected or ()) for example in known)
            return nothing.model_copy(update={"scored": whole, "passed": whole, "compares": True})
        known = list(spread(Dataset(examples=tuple(known)), MOST_EMBEDDED).examples)
        nothing = nothing.model_copy(update={"looked_at": len(known), "without_expected": 0})
    checked = [
        await score_row(rubric, example, value, Helpers(embedder=embedder))
        for example in known
        if (value := value_of(example, kind)) is not None
    ]
    return summed_up(nothing, checked, compares="expected" in entry.needs)


def summed_up(nothing: CriterionCheck, checked: list[CheckedRow], *, compares: bool = False) -> CriterionCheck:
    """Return the check of these rows."""
    scored = [row for row in checked if row.value is not None]
    failures = sorted((row for row in scored if not row.passed), key=lambda row: row.value or 0.0)
    unscored = [row for row in checked if row.value is None]
    return nothing.model_copy(
        update={
            "scored": len(scored),
            "passed": len(scored) - len(failures),
            "failures": tuple(failures[:MOST_SHOWN]),
            "unscored": tuple(unscored[:MOST_SHOWN]),
            "compares": compares,
            "obstacle": "",
            "problem": "",
        }
    )


def _embedder() -> Embedder | None:
    from evaluators.embeddings import local_embedder

    return local_embedder()
