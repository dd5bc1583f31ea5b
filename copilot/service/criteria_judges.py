"""Criteria that ask a model: a look at a few rows, and whether the judge agrees with a person."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from copilot.domain.criteria import ENOUGH_RATINGS, Agreement, CheckedRow, OutputToRate, Trust
from copilot.domain.feedback import Feedback
from copilot.domain.run import Budget, Role, Trial
from copilot.evaluation.gateway import Gateway, ModelJudge
from copilot.evaluation.meter import Meter
from copilot.evaluation.rubric import Helpers, Rubric
from copilot.service import criteria_catalogue as catalogue
from copilot.service import criteria_checks as checks
from copilot.service.workspace import Workspace
from copilot.storage import criteria as storage
from copilot.storage.datasets import find_example
from copilot.storage.events import list_trials
from copilot.storage.runs import get_run
from evaluators.statistics.agreement import cohen_kappa
from tasks.model import Dataset, Example, SuccessCriterion, TaskKind

MOST_RATINGS = 200
"""The newest so many are compared."""
_RETRIES = 3
"""Calls that one question may cost where the server fails."""
_GOOD, _PARTIAL = 0.6, 0.4
"""From which kappa agreement is substantial, or moderate (Landis and Koch, 1977); a good judge's interval, too, lies
above the lower one."""


@asynccontextmanager
async def judging(workspace: Workspace, model: str, *, calls: int) -> AsyncIterator[Helpers]:
    """Open a judge that may ask so many questions; answers it gave before cost nothing."""
    meter = Meter(Budget(max_calls=max(1, calls * _RETRIES)))
    gateway = Gateway(await workspace.model(model), Role.JUDGE, ledger=workspace.ledger, meter=meter)
    try:
        yield Helpers(judge=ModelJudge(gateway))
    finally:
        await gateway.aclose()


async def judge_rows(
    workspace: Workspace, criterion: SuccessCriterion, dataset: Dataset, *, kind: TaskKind, model: str
) -> AsyncGenerator[CheckedRow, None]:
    """Yield what a judge says of the expected answers, as it comes.

    Raises:
        CriterionError: the criterion cannot be used.
        ModelError: the model's server failed.
    """
    rubric = Rubric.of((criterion,))
    known = [(row, value) for row in dataset.examples if (value := checks.value_of(row, kind)) is not None]
    calls = catalogue.entry(criterion.evaluator).calls * len(known)
    async with judging(workspace, model, calls=calls) as helpers:
        waiting = [asyncio.ensure_future(checks.score_row(rubric, row, value, helpers)) for row, value in known]
        try:
            for finished in asyncio.as_completed(waiting):
                yield await finished
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


@dataclass(frozen=True, kw_only=True)
class _Rated:
    """An output with what its reader says, and the judge where it has."""

    example: Example
    trial: Trial
    good: bool
    known: float | None


async def agreement(
    workspace: Workspace, task_id: str, criterion: SuccessCriterion, *, model: str, ask: bool
) -> Agreement:
    """Compare a judge with the ratings of the outputs of a task's runs.

    Args:
        workspace: the installation.
        task_id: the saved task.
        criterion: the judge.
        model: which model judges.
        ask: let it rate what it has not rated yet; else only what runs have stored is compared.

    Raises:
        CriterionError: the criterion cannot be used.
        ModelError: the model's server failed.
    """
    rubric = Rubric.of((criterion,))
    rated = _rated(workspace, task_id, criterion)
    missing = [row for row in rated if row.known is None]
    threshold = rubric.weights[0].threshold
    pairs: list[tuple[bool, CheckedRow]] = [
        (row.good, _stored(row, threshold)) for row in rated if row.known is not None
    ]
    calls = catalogue.entry(criterion.evaluator).calls * len(missing)
    if ask and missing:
        async with judging(workspace, model, calls=calls) as helpers:
            scored = await asyncio.gather(
                *(checks.score_row(rubric, row.example, row.trial.output or "", helpers) for row in missing)
            )
        pairs += [(row.good, said) for row, said in zip(missing, scored, strict=True) if said.passed is not None]
        calls = 0
    return compared(pairs, rated=len(rated), calls=calls)


def compared(pairs: Sequence[tuple[bool, CheckedRow]], *, rated: int, calls: int) -> Agreement:
    """Return the agreement of a person's ratings with what the judge says."""
    n = len(pairs)
    wanted = max(0, ENOUGH_RATINGS - rated)
    if not n:
        return Agreement(n=0, rated=rated, wanted=wanted, calls=calls)
    found = cohen_kappa([str(good) for good, _ in pairs], [str(row.passed) for _, row in pairs])
    differ = tuple(row for good, row in pairs if row.passed is not good)
    several = len({good for good, _ in pairs}) > 1
    kappa = found.value if several else None
    return Agreement(
        n=n,
        rated=rated,
        kappa=kappa,
        low=found.low if kappa is not None else None,
        high=found.high if kappa is not None else None,
        share=found.agreement,
        wanted=wanted,
        calls=calls,
        trust=_trust(n, kappa, found.low),
        disagreements=differ[: checks.MOST_SHOWN],
    )


def _trust(n: int, kappa: float | None, low: float | None) -> Trust:
    if n < ENOUGH_RATINGS:
        return "too_few"
    if kappa is None:
        return "one_sided"
    if kappa >= _GOOD and (low or 0.0) >= _PARTIAL:
        return "good"
    return "partial" if kappa >= _PARTIAL else "low"


def to_rate(workspace: Workspace, task_id: str, *, most: int) -> tuple[OutputToRate, ...]:
    """Return outputs of the task's runs that nobody has rated."""
    with workspace.database.reading() as session:
        found = storage.outputs_without_feedback(session, task_id=task_id, most=most)
        versions: dict[str, str] = {}
        outputs = []
        for run_id, trial in found:
            if run_id not in versions:
                versions[run_id] = get_run(session, run_id=run_id).plan.dataset_version
            example = find_example(session, version=versions[run_id], example_id=trial.example_id)
            if example is not None and trial.output is not None:
                outputs.append(
                    OutputToRate(
                        run_id=run_id,
                        candidate_id=trial.candidate_id,
                        example_id=trial.example_id,
                        inputs=example.inputs,
                        expected=example.expected,
                        output=_text(trial),
                    )
                )
    return tuple(outputs)


def _rated(workspace: Workspace, task_id: str, criterion: SuccessCriterion) -> list[_Rated]:
    """Return the newest ratings with their outputs, and the judge's score where a run has stored it."""
    found = []
    with workspace.database.reading() as session:
        plans = {}
        for said in storage.ratings(session, task_id=task_id)[-MOST_RATINGS:]:
            if said.run_id not in plans:
                plans[said.run_id] = get_run(session, run_id=said.run_id).plan
            plan = plans[said.run_id]
            trials = list_trials(
                session, run_id=said.run_id, candidate_id=said.candidate_id, example_id=said.example_id
            )
            example = find_example(session, version=plan.dataset_version, example_id=said.example_id)
            if not trials or example is None or trials[-1].trial.output is None:
                continue
            trial = trials[-1].trial
            known = _score(trial, plan.task.criteria, criterion)
            found.append(_Rated(example=example, trial=trial, good=_good(said), known=known))
    return found


def _score(trial: Trial, criteria: Sequence[SuccessCriterion], wanted: SuccessCriterion) -> float | None:
    for criterion, score in zip(criteria, trial.scores, strict=False):
        if criterion.evaluator == wanted.evaluator and criterion.parameters == wanted.parameters:
            return score.value
    return None


def _good(said: Feedback) -> bool:
    return said.flag == "up" if said.flag is not None else (said.value or 0.0) >= 0.5


def _stored(row: _Rated, threshold: float) -> CheckedRow:
    value = row.known or 0.0
    return CheckedRow(
        example_id=row.example.id,
        text=next(iter(row.example.inputs.values()), ""),
        output=_text(row.trial),
        value=value,
        passed=value >= threshold - 1e-9,
        reason="",
    )


def _text(trial: Trial) -> str:
    return trial.output if isinstance(trial.output, str) else ", ".join(trial.output or ())
