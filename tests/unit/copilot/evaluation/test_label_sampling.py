"""Labels' probabilities from several answers, where a server shows none."""

import asyncio
import math

import pytest

from copilot.domain.completion import CompletionRequest, Decoding
from copilot.domain.ledger import MemoryLedger
from copilot.domain.prompt import DecisionLayer, PromptTemplate
from copilot.domain.run import Budget, Role
from copilot.errors import BudgetExhausted
from copilot.evaluation.answer import Answer, answer
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.meter import Meter
from copilot.models.fake import FakeModel
from copilot.models.labels import estimated
from tasks.model import OutputContract, TaskKind

LABELS = ("billing", "delivery", "returns")


def template(*, samples: int = 5, decision: DecisionLayer | None = None) -> PromptTemplate:
    return PromptTemplate(
        kind=TaskKind.CLASSIFICATION,
        variables=("text",),
        item="{{text}}",
        contract=OutputContract(form="label", labels=LABELS),
        decoding=Decoding(max_tokens=4),
        label_scoring=True,
        label_samples=samples,
        decision=decision,
    )


class Asked:
    """Says "billing" first and in turn other labels when drawn at random; keeps what it was asked."""

    def __init__(self, drawn: tuple[str, ...]) -> None:
        self.requests: list[CompletionRequest] = []
        self._drawn = drawn

    def __call__(self, request: CompletionRequest) -> str:
        self.requests.append(request)
        return self._drawn[request.sample_index - 1] if request.decoding.temperature else "billing"


def ask(
    prompt: PromptTemplate, script: Asked, *, shows: bool = False, calls: int = 100, ledger: MemoryLedger | None = None
) -> tuple[Answer, Meter]:
    async def once() -> tuple[Answer, Meter]:
        meter = Meter(Budget(max_calls=calls))
        model = FakeModel(script, shows_labels=shows)
        gateway = Gateway(model, Role.TASK, ledger=ledger or MemoryLedger(), meter=meter)
        return await answer(prompt, {"text": "Where is it?"}, gateway), meter

    return asyncio.run(once())


def test_counts_are_smoothed_and_sum_to_one() -> None:
    found = estimated(LABELS, ["billing", "billing", "delivery", "nonsense"])
    assert found is not None
    assert math.isclose(sum(map(math.exp, found.values())), 1.0)
    assert math.isclose(math.exp(found["billing"]), 2.5 / 4.5)
    assert found["returns"] < found["delivery"] < found["billing"]


def test_answers_that_are_no_labels_estimate_nothing() -> None:
    assert estimated(LABELS, ["nonsense", ""]) is None


def test_five_answers_are_asked_drawn_and_counted() -> None:
    script = Asked(("delivery", "delivery", "billing", "delivery"))
    found, meter = ask(template(), script)
    assert found.value == "delivery"
    assert found.label_logprobs is not None
    assert math.isclose(math.exp(found.label_logprobs["delivery"]), 3.5 / 6.5)
    assert meter.calls == found.usage.calls == len(script.requests) == 5
    assert sorted(request.sample_index for request in script.requests) == [0, 1, 2, 3, 4]
    assert [request.decoding.temperature > 0 for request in script.requests] == [False, True, True, True, True]


def test_the_decision_layer_works_on_the_estimates() -> None:
    lifts = DecisionLayer(
        method="prior", labels=LABELS, weights=((1, 0, 0), (0, 1, 0), (0, 0, 1)), biases=(-2.0, 0.0, 2.0)
    )
    found, _ = ask(template(decision=lifts), Asked(("billing", "returns", "billing", "billing")))
    assert found.value == "returns"
    assert found.confidence is not None and 0.5 < found.confidence < 1


@pytest.mark.parametrize(("samples", "shows"), [(0, False), (1, False), (5, True)])
def test_one_call_is_enough_where_probabilities_are_shown_or_sampling_is_off(samples: int, shows: bool) -> None:
    found, meter = ask(template(samples=samples), Asked(("delivery",) * 4), shows=shows)
    assert found.value == "billing"
    assert meter.calls == 1


def test_the_same_rows_are_drawn_again_for_nothing() -> None:
    ledger = MemoryLedger()
    first, _ = ask(template(), Asked(("delivery", "returns", "billing", "delivery")), ledger=ledger)
    script = Asked(("returns",) * 4)
    again, meter = ask(template(), script, ledger=ledger)
    assert again.label_logprobs == first.label_logprobs
    assert script.requests == [] and meter.replayed_calls == 5


def test_the_cap_holds_within_a_row() -> None:
    script = Asked(("delivery",) * 4)
    with pytest.raises(BudgetExhausted):
        ask(template(), script, calls=3)
    assert len(script.requests) <= 3


def test_a_template_without_sampling_keeps_its_hash() -> None:
    assert "label_samples" not in template(samples=0).model_dump_json()
    assert template(samples=0).content_hash != template(samples=5).content_hash
