"""Which rows a run may show as worked examples: those of the pool, with known outputs or with outputs that passed."""

import asyncio
import re

from copilot.domain.completion import CompletionRequest
from copilot.domain.events import CandidateProposed, RunEvent, RunFinished, TrialFinished
from copilot.domain.ledger import MemoryLedger
from copilot.domain.prompt import Candidate
from copilot.domain.run import Budget, RunConfig, RunResult, Switches, Trial
from copilot.engine import History, Models, improve
from copilot.models.fake import FakeModel
from copilot.optimizers import demonstrations
from tasks.model import Dataset, Example, SuccessCriterion, Task, TaskKind

DESKS = {"billing": "the invoice {} shows a wrong charge", "delivery": "the parcel {} is late again"}
SORTING = Task(name="tickets", kind=TaskKind.CLASSIFICATION, description="Sort.", labels=tuple(DESKS), prompt="Sort!")
TITLES = Task(
    name="titles",
    kind=TaskKind.CUSTOM,
    description="Write a title.",
    fields=("text",),
    criteria=(SuccessCriterion(evaluator="length", parameters={"maximum": 4, "unit": "words"}),),
)


def tickets(n: int, *, known: bool) -> Dataset:
    desks = tuple(DESKS)
    return Dataset(
        examples=tuple(
            Example(
                id=str(i),
                inputs={"text": DESKS[desks[i % 2]].format(f"{i * 7919 % 1000} {chr(97 + i % 26)}{i}")},
                expected=(desks[i % 2],) if known else None,
            )
            for i in range(n)
        )
    )


def run(task: Task, data: Dataset, switches: Switches) -> tuple[RunResult, list[RunEvent], list[CompletionRequest]]:
    asked: list[CompletionRequest] = []

    def script(request: CompletionRequest) -> str:
        asked.append(request)
        text = request.messages[-1].content
        if task is SORTING:
            return "delivery" if "parcel" in text else "billing"
        number = int(re.findall(r"[a-z](\d+)", text)[-1]) if re.search(r"[a-z]\d+", text) else 0
        brief = len(request.messages) > 2 or number % 3 == 0
        return f"Ticket {number}" if brief else f"Here is a title for the ticket with the number {number}."

    async def collect() -> list[RunEvent]:
        model = FakeModel(script)
        return [
            event
            async for event in improve(
                task,
                data,
                config=RunConfig(budget=Budget(max_calls=260), switches=switches),
                models=Models(task=model, copilot=model),
                history=History(ledger=MemoryLedger()),
                run_id="r",
            )
        ]

    events = asyncio.run(collect())
    assert isinstance(events[-1], RunFinished)
    return events[-1].result, events, asked


def proposed(events: list[RunEvent]) -> list[Candidate]:
    return [event.candidate for event in events if isinstance(event, CandidateProposed)]


def scored(events: list[RunEvent], *, split: str) -> set[str]:
    return {event.trial.example_id for event in events if isinstance(event, TrialFinished) and event.split == split}


def test_retrieved_demonstrations_compete_and_hold_no_row_that_is_scored() -> None:
    _, events, _ = run(SORTING, tickets(80, known=True), Switches(retrieval=True))
    banks = [candidate.template.retrieval for candidate in proposed(events) if candidate.template.retrieval]
    assert banks
    assert {c.operator for c in proposed(events) if c.template.retrieval} >= {"retrieve_demonstrations"}
    shown = {shown.example_id for bank in banks for shown in bank.bank}
    assert shown
    assert not shown & (scored(events, split="dev") | scored(events, split="holdout"))


def test_without_the_switch_nothing_is_retrieved() -> None:
    for switches in (Switches(retrieval=False), Switches(retrieval=True, demonstrations=False)):
        _, events, _ = run(SORTING, tickets(80, known=True), switches)
        assert not any(candidate.template.retrieval for candidate in proposed(events))


def test_outputs_that_passed_become_the_examples_where_none_are_known() -> None:
    result, events, _ = run(TITLES, tickets(80, known=False), Switches())
    made = [candidate for candidate in proposed(events) if candidate.operator == "demonstrations_passing"]
    assert made
    shown = {shown.example_id: shown.output for candidate in made for shown in candidate.template.demonstrations}
    assert shown == {key: f"Ticket {key}" for key in shown}
    assert shown.keys() <= scored(events, split="pool")
    assert not shown.keys() & (scored(events, split="dev") | scored(events, split="holdout"))
    assert result.verdict.outcome == "better"
    assert result.template.demonstrations


def test_passing_outputs_can_be_switched_off() -> None:
    result, events, _ = run(TITLES, tickets(80, known=False), Switches(passing=False))
    assert not scored(events, split="pool")
    assert not any(candidate.template.demonstrations for candidate in proposed(events))
    assert result.verdict.outcome == "no_evidence"


def test_known_outputs_cost_no_trial_on_the_pool() -> None:
    _, events, _ = run(SORTING, tickets(80, known=True), Switches(label_scoring=False))
    assert not scored(events, split="pool")


def test_only_outputs_that_pass_and_reach_the_threshold_are_taken() -> None:
    rows = tickets(6, known=False).examples

    def trial(number: int, *, value: float | None, passed: bool | None, output: str | None = "Ticket") -> Trial:
        return Trial(candidate_id="user", example_id=str(number), output=output, value=value, passed=passed)

    trials = [
        trial(0, value=0.9, passed=True),
        trial(1, value=0.6, passed=True),
        trial(2, value=0.9, passed=False),
        trial(3, value=None, passed=None),
        trial(4, value=0.9, passed=True, output=None),
    ]
    taken = demonstrations.passing(rows, {trial.example_id: trial for trial in trials})
    assert [(example.id, example.expected) for example in taken] == [("0", ("Ticket",))]
