"""What a run learns its decision layer from, and when: the verdict's rows only once the verdict stands."""

import asyncio

import pytest

from copilot.domain.completion import CompletionRequest
from copilot.domain.events import CandidateProposed, RunEvent, RunFinished, TrialFinished
from copilot.domain.ledger import MemoryLedger
from copilot.domain.prompt import Candidate
from copilot.domain.run import Budget, RunConfig, RunResult, Switches, Trial
from copilot.engine import History, Models, improve
from copilot.models.fake import FakeModel
from copilot.optimizers import decision
from tasks.model import Dataset, Example, Task, TaskKind

DESKS = ("billing", "delivery", "returns")
SORTING = Task(name="tickets", kind=TaskKind.CLASSIFICATION, description="Sort.", labels=DESKS, prompt="Sort!")
REFITTED = "calibrated once more"


def tickets(n: int) -> Dataset:
    return Dataset(
        examples=tuple(
            Example(id=str(i), inputs={"text": f"{DESKS[i % 3]} ticket {i * 7919}"}, expected=(DESKS[i % 3],))
            for i in range(n)
        )
    )


def run(n: int, switches: Switches | None = None) -> tuple[RunResult, list[RunEvent]]:
    """Improve with a model that rambles where it writes, and is often right where its labels are scored."""

    def script(request: CompletionRequest) -> str:
        named = request.messages[-1].content.rsplit(" ticket", 1)[0].split()[-1]
        return named if request.labels else "It depends on what one means."

    async def collect() -> list[RunEvent]:
        model = FakeModel(script)
        return [
            event
            async for event in improve(
                SORTING,
                tickets(n),
                config=RunConfig(budget=Budget(max_calls=260), switches=switches or Switches()),
                models=Models(task=model, copilot=model),
                history=History(ledger=MemoryLedger()),
                run_id="r",
            )
        ]

    events = asyncio.run(collect())
    assert isinstance(events[-1], RunFinished)
    return events[-1].result, events


def shipped_trials(result: RunResult, events: list[RunEvent]) -> dict[str, list[Trial]]:
    """Return the trials of the prompt that is shipped, by split."""
    made: dict[str, Candidate] = {}
    for event in events:
        if isinstance(event, CandidateProposed):
            made[event.candidate.id] = event.candidate
    bare = result.template.model_copy(update={"decision": None})
    name = next(name for name, candidate in made.items() if candidate.template == bare)
    trials: dict[str, list[Trial]] = {"dev": [], "pool": [], "holdout": []}
    for event in events:
        if isinstance(event, TrialFinished) and event.trial.candidate_id == name:
            trials[event.split].append(event.trial)
    return trials


def layer_of(trials: list[Trial]) -> decision.Scored:
    rows = [(trial.label_logprobs or {}, DESKS[int(trial.example_id) % 3]) for trial in trials]
    return decision.Scored.of(DESKS, rows)


def test_the_layer_that_is_used_has_seen_the_verdicts_rows_the_judged_one_has_not() -> None:
    result, events = run(90)
    trials = shipped_trials(result, events)
    before = decision.fit(layer_of([*trials["dev"], *trials["pool"]]), seed=1)
    assert result.template.decision is not None
    assert result.template.decision.method == before.method == "logistic"
    assert result.template.decision.biases != pytest.approx(before.biases, abs=1e-6)
    # In whatever order the rows came, the fit has one optimum.
    whole = decision._fit(layer_of([trial for part in trials.values() for trial in part]), "logistic", 1.0)
    assert result.template.decision.biases == pytest.approx(tuple(whole.biases), abs=1e-3)
    by_judged = [max(shares, key=lambda label: shares[label]) for shares in map(before.probabilities, known(trials))]
    assert [trial.output for trial in trials["holdout"]] == by_judged
    assert any(REFITTED in note for note in result.verdict.notes)


def known(trials: dict[str, list[Trial]]) -> list[dict[str, float]]:
    return [trial.label_logprobs for trial in trials["holdout"] if trial.label_logprobs is not None]


def test_without_calibration_nothing_is_fitted_and_nothing_said() -> None:
    result, _ = run(90, Switches(calibration=False))
    assert result.template.decision is None
    assert not any(REFITTED in note for note in result.verdict.notes)


def test_too_few_rows_to_keep_some_aside_are_all_learnt_from_at_once() -> None:
    result, _ = run(30)
    assert result.verdict.cross_fitted
    assert not any(REFITTED in note for note in result.verdict.notes)
