"""Whole runs on a scripted model: what is shipped, what is counted, what is said."""

import asyncio
import json
import re
from collections.abc import Callable

import pytest

from copilot.domain.completion import Completion, CompletionRequest
from copilot.domain.events import CandidateProposed, RunEvent, RunFinished, SearchStopped, TrialFinished
from copilot.domain.feedback import Feedback
from copilot.domain.ledger import MemoryLedger
from copilot.domain.reviews import Said
from copilot.domain.run import Budget, Role, RunConfig, RunResult, Switches
from copilot.engine import History, Models, improve, prepare
from copilot.errors import CriterionError, ModelOverloaded, ModelRejected
from copilot.models.fake import FakeModel
from copilot.optimizers.reflection import SELF_TEST
from tasks.model import Dataset, Example, SuccessCriterion, Task, TaskKind

CITIES = ("Lyon", "Graz", "Turin", "Porto", "Gent", "Bern", "Cork", "Oslo")


def questions(n: int) -> Dataset:
    rows = []
    for i in range(n):
        city = CITIES[i % len(CITIES)]
        document = f"Order {i} left the depot on day {i}. It was sent to {city} by road, as item {i * 37} of the list."
        rows.append(
            Example(
                id=str(i),
                inputs={"document": document, "question": f"Where was order {i} sent?"},
                expected=(city,),
                group=str(i),
            )
        )
    return Dataset(examples=tuple(rows))


TASK = Task(name="orders", kind=TaskKind.DOCUMENT_QA, description="Answer.", prompt="Answer the question.")


def terse_if_told(request: CompletionRequest) -> str:
    """A model that knows every answer and says it briefly only when asked for something short."""
    text = request.messages[-1].content
    whole = " ".join(message.content for message in request.messages)
    city = re.search(r"sent to (\w+) by road", text)
    if city is None:
        return "Keep it short and simple please."
    if "shortest" in whole.lower() or len(request.messages) > 2:
        return city.group(1)
    return f"Well, if one reads the document with care, the order was indeed sent to {city.group(1)} by road."


def run(
    script: Callable[[CompletionRequest], str] | FakeModel,
    *,
    n: int = 80,
    rows: Dataset | None = None,
    calls: int = 200,
    tokens: int | None = None,
    switches: Switches | None = None,
    task: Task = TASK,
    said: tuple[Said, ...] = (),
) -> tuple[RunResult, list[RunEvent]]:
    async def collect() -> list[RunEvent]:
        model = script if isinstance(script, FakeModel) else FakeModel(script)
        config = RunConfig(budget=Budget(max_calls=calls, max_tokens=tokens), switches=switches or Switches())
        models = Models(task=model, copilot=model)
        history = History(ledger=MemoryLedger(), said=said)
        stream = improve(task, rows or questions(n), config=config, models=models, history=history, run_id="r")
        return [event async for event in stream]

    events = asyncio.run(collect())
    assert isinstance(events[-1], RunFinished)
    return events[-1].result, events


def test_a_better_prompt_is_found_proven_and_shipped() -> None:
    result, _ = run(terse_if_told)
    assert result.verdict.outcome == "better"
    assert result.verdict.holdout.best_score == 1.0
    assert result.verdict.holdout.n == 28
    assert result.template != result.user_template
    assert result.verdict.sentence.startswith("Better")


def test_where_nothing_helps_the_users_prompt_stays() -> None:
    result, _ = run(lambda _: "I cannot say.")
    assert result.verdict.outcome == "no_evidence"
    assert result.template == result.user_template
    assert result.user_template.instruction == "Answer the question."


@pytest.mark.parametrize("calls", [1, 5, 20, 57, 120, 400])
def test_the_cap_on_calls_holds_at_every_size(calls: int) -> None:
    result, _ = run(terse_if_told, calls=calls)
    assert sum(usage.calls for usage in result.usage.values()) <= calls


@pytest.mark.parametrize("tokens", [50, 1000, 5000])
def test_the_cap_on_tokens_holds_at_every_size(tokens: int) -> None:
    result, _ = run(terse_if_told, tokens=tokens)
    assert sum(usage.tokens for usage in result.usage.values()) <= tokens


def test_the_holdout_is_met_once_by_two_prompts_and_by_no_other() -> None:
    _, events = run(terse_if_told)
    trials = [(e.trial.candidate_id, e.trial.example_id, e.split) for e in events if isinstance(e, TrialFinished)]
    holdout = [trial for trial in trials if trial[2] == "holdout"]
    assert len(holdout) == len(set(holdout)) == 56
    assert len({candidate for candidate, _, _ in holdout}) == 2
    held = {example for _, example, _ in holdout}
    assert not held & {example for _, example, split in trials if split != "holdout"}


def test_few_examples_are_cross_fitted_and_the_verdict_says_so() -> None:
    result, events = run(terse_if_told, n=24)
    assert result.verdict.cross_fitted
    assert result.verdict.outcome == "better"
    assert not any(isinstance(event, TrialFinished) and event.split == "holdout" for event in events)
    assert any("too few examples" in note for note in result.verdict.notes)


@pytest.mark.parametrize("part", ["halving", "reflect", "demonstrations", "guard", "memory", "constrained"])
def test_every_part_can_be_switched_off(part: str) -> None:
    result, _ = run(terse_if_told, calls=150, switches=Switches(**{part: False}))
    assert result.verdict.holdout.n > 0
    if part == "reflect":
        assert result.usage[Role.COPILOT].calls == 0
    if part == "demonstrations":
        assert not result.template.demonstrations


def test_an_unknown_criterion_stops_the_run_before_the_first_call() -> None:
    asked: list[CompletionRequest] = []

    def script(request: CompletionRequest) -> str:
        asked.append(request)
        return "x"

    task = TASK.model_copy(update={"criteria": (SuccessCriterion(evaluator="rogue_l"),)})
    with pytest.raises(CriterionError, match="rouge_l"):
        run(script, task=task)
    assert asked == []


def test_baselines_without_a_model_stand_in_the_verdict() -> None:
    result, _ = run(terse_if_told)
    assert result.verdict.baselines
    assert all(0 <= baseline.score <= 1 for baseline in result.verdict.baselines)


def stopped(events: list[RunEvent]) -> str:
    reasons = [event.reason for event in events if isinstance(event, SearchStopped)]
    assert len(reasons) == 1
    return reasons[0]


def knows(share: float) -> Callable[[CompletionRequest], str]:
    """A model that knows the answers to so many of a hundred orders, however it is asked."""

    def script(request: CompletionRequest) -> str:
        asked = re.findall(r"order (\d+) sent", request.messages[-1].content)
        city = re.findall(r"sent to (\w+) by road", request.messages[-1].content)
        if not asked or not city:
            return "none"
        return str(city[-1]) if int(asked[-1]) * 37 % 100 < 100 * share else "nowhere"

    return script


@pytest.mark.parametrize(
    ("reason", "script", "calls"),
    [
        ("perfect", knows(1.0), 300),
        ("fruitless", knows(0.5), 600),
        ("cap", knows(0.5), 60),
        ("cap", knows(0.5), 8),
    ],
)
def test_a_run_says_why_it_looked_no_further(
    reason: str, script: Callable[[CompletionRequest], str], calls: int
) -> None:
    result, events = run(script, calls=calls)
    assert stopped(events) == result.stop_reason == reason


def test_a_hair_below_perfect_is_settled_and_nothing_is_refined() -> None:
    config = RunConfig(budget=Budget(max_calls=1200))
    hard = prepare(TASK, questions(200), config=config, context_length=None).dev[0].id

    def script(request: CompletionRequest) -> str:
        asked = f"order {hard} sent" in request.messages[-1].content
        return "nowhere" if asked else knows(1.0)(request)

    result, events = run(script, n=200, calls=1200)
    assert stopped(events) == result.stop_reason == "settled"
    assert not any(candidate.parents for candidate in result.candidates if candidate.operator != "stop")


def test_without_refining_the_reason_is_named_too() -> None:
    result, events = run(knows(0.5), switches=Switches(reflect=False))
    assert stopped(events) == result.stop_reason == "no_refining"
    assert run(knows(0.5), n=24)[0].stop_reason == "no_refining"


class Busy(FakeModel):
    """Turns every fourth call down once."""

    def __init__(self, *, concurrency: int) -> None:
        super().__init__(terse_if_told)
        self.slots = concurrency
        self.asked = 0

    async def complete(self, request: CompletionRequest) -> Completion:
        self.asked += 1
        if self.asked % 4 == 0:
            raise ModelOverloaded("Busy.", retry_after=0.0)
        await asyncio.sleep(0)
        return await super().complete(request)


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("tokens", [None, 10**6])
def test_retries_cut_the_holdout_evenly(concurrency: int, tokens: int | None) -> None:
    async def collect() -> list[RunEvent]:
        model = Busy(concurrency=concurrency)
        config = RunConfig(budget=Budget(max_calls=120, max_tokens=tokens), concurrency=concurrency)
        models = Models(task=model, copilot=model)
        history = History(ledger=MemoryLedger())
        stream = improve(TASK, questions(80), config=config, models=models, history=history, run_id="r")
        events = [event async for event in stream]
        assert model.asked <= 120
        return events

    events = asyncio.run(collect())
    assert isinstance(events[-1], RunFinished)
    met: dict[str, set[str]] = {}
    for event in events:
        if isinstance(event, TrialFinished) and event.split == "holdout":
            met.setdefault(event.trial.candidate_id, set()).add(event.trial.example_id)
    one, other = met.values()
    assert 8 <= events[-1].result.verdict.holdout.n == len(one & other)
    assert len(one ^ other) <= 1


def opinion(number: int, comment: str) -> Said:
    example = questions(80).examples[number]
    about = Feedback(run_id="r0", candidate_id="user", example_id=example.id, comment=comment, edited_output="Linz!")
    return Said(feedback=about, inputs=example.inputs, output="Well, Linz.")


def test_the_copilot_hears_every_opinion_and_none_of_them_decides_the_verdict() -> None:
    asked: list[str] = []

    def script(request: CompletionRequest) -> str:
        text = request.messages[-1].content
        if "What people said" in text:
            asked.append(text)
        order = re.search(r"Where was order (\d+) sent", text)
        return "no idea at all" if order and int(order.group(1)) % 3 == 0 else terse_if_told(request)

    said = tuple(opinion(number, f"comment {number}.") for number in range(12))
    _, events = run(script, calls=400, said=said)
    assert all(any(f"comment {number}." in text for text in asked) for number in range(12))
    assert "They would have written: Linz!" in asked[0]
    unseen = {
        event.trial.example_id for event in events if isinstance(event, TrialFinished) and event.split == "holdout"
    }
    assert unseen and not unseen & {str(number) for number in range(12)}


def test_feedback_that_could_not_be_heard_is_said_to_be_so() -> None:
    few, _ = run(lambda request: "no idea", calls=50, said=(opinion(1, "too long"),))
    assert any("too few calls to learn from your feedback" in note for note in few.verdict.notes)
    perfect, _ = run(terse_if_told, calls=200, said=(opinion(1, "too long"),))
    assert any("Your feedback had no effect" in note for note in perfect.verdict.notes)
    assert not any("feedback" in note for note in run(terse_if_told)[0].verdict.notes)


def test_a_copilot_that_may_only_add_rules_is_said_to_be_so_where_it_was_asked() -> None:
    limited = "could only add single rules"

    def rewrites(request: CompletionRequest) -> str:
        if request.messages[0].content == SELF_TEST:
            instruction = (
                "Sort the ticket into Billing, Delivery or Returns. Parcels that are late or lost belong to Delivery."
            )
            return json.dumps({"instruction": instruction, "why": "late parcels"})
        return hard(request)

    def hard(request: CompletionRequest) -> str:
        order = re.search(r"Where was order (\d+) sent", request.messages[-1].content)
        return "no idea at all" if order and int(order.group(1)) % 3 == 0 else terse_if_told(request)

    assert any(limited in note for note in run(hard, calls=400)[0].verdict.notes)
    assert not any(limited in note for note in run(rewrites, calls=400)[0].verdict.notes)
    assert not any(limited in note for note in run(terse_if_told)[0].verdict.notes)  # nothing was left to improve
    off = run(hard, calls=400, switches=Switches(reflect=False))[0]
    assert not any(limited in note for note in off.verdict.notes)


def test_labels_that_the_model_cannot_tell_apart_are_not_scored_and_cost_nothing() -> None:
    class Alike(FakeModel):
        async def label_tokens(self, labels: tuple[str, ...]) -> dict[str, str] | None:
            if "alpha" in labels:
                raise ModelRejected("The labels 'alpha' and 'beta' begin with the same token.")
            return await super().label_tokens(labels)

        async def complete(self, request: CompletionRequest) -> Completion:
            await self.label_tokens(request.labels)
            return await super().complete(request)

    labels = ("alpha", "amber", "beta")
    task = Task(name="letters", kind=TaskKind.CLASSIFICATION, description="Sort.", labels=labels)
    rows = Dataset(
        examples=tuple(
            Example(id=str(i), inputs={"text": f"Text {i} of {labels[i % 3]}."}, expected=(labels[i % 3],))
            for i in range(60)
        )
    )
    _, events = run(Alike(), rows=rows, task=task)
    proposed = [event.candidate.template for event in events if isinstance(event, CandidateProposed)]
    scored = [template for template in proposed if template.label_scoring]
    assert scored and all(template.contract.answers == ("A", "B", "C") for template in scored)
    assert not any("same token" in (event.trial.problem or "") for event in events if isinstance(event, TrialFinished))
