"""Counting, capping, storing and asking once."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from copilot.domain.completion import CompletionRequest, Decoding, Message
from copilot.domain.ledger import MemoryCallLog, MemoryLedger
from copilot.domain.run import Budget, Role
from copilot.errors import BudgetExhausted, ModelOverloaded
from copilot.evaluation.gateway import Gateway, ModelJudge
from copilot.evaluation.meter import Meter
from copilot.models.fake import FakeModel
from copilot.models.limits import LimitedModel


def request(text: str, *, max_tokens: int = 5) -> CompletionRequest:
    return CompletionRequest(messages=(Message(role="user", content=text),), decoding=Decoding(max_tokens=max_tokens))


def gateway(meter: Meter, *, model: FakeModel | None = None, ledger: MemoryLedger | None = None) -> Gateway:
    return Gateway(model or FakeModel(), Role.TASK, ledger=ledger or MemoryLedger(), meter=meter, concurrency=2)


async def test_the_same_request_is_sent_and_counted_once() -> None:
    meter = Meter(Budget(max_calls=10))
    opened = gateway(meter)
    first, second = await asyncio.gather(opened.complete(request("a b")), opened.complete(request("a b")))
    assert first == second
    assert meter.usage[Role.TASK].calls == 1


async def test_the_cap_on_calls_is_hard() -> None:
    meter = Meter(Budget(max_calls=3))
    opened = gateway(meter)
    results = await asyncio.gather(*(opened.complete(request(f"t{i}")) for i in range(6)), return_exceptions=True)
    assert sum(isinstance(result, BudgetExhausted) for result in results) == 3
    assert meter.calls == 3


async def test_the_cap_on_tokens_is_hard_with_calls_in_flight() -> None:
    meter = Meter(Budget(max_calls=100, max_tokens=120))
    opened = gateway(meter)
    await asyncio.gather(
        *(opened.complete(request("word " * 10 + str(i), max_tokens=20)) for i in range(20)), return_exceptions=True
    )
    assert 0 < meter.tokens <= 120


async def test_retries_count_as_calls_and_are_remembered() -> None:
    ledger, meter = MemoryLedger(), Meter(Budget(max_calls=10))
    failing = FakeModel(failures=[ModelOverloaded("busy", retry_after=0.0), None])
    await gateway(meter, model=failing, ledger=ledger).complete(request("a"))
    assert meter.calls == 2
    replay = Meter(Budget(max_calls=10))
    await gateway(replay, model=FakeModel(), ledger=ledger).complete(request("a"))
    assert (replay.calls, replay.replayed_calls) == (2, 2)


async def test_a_stored_answer_costs_no_call_but_counts_against_the_cap() -> None:
    ledger = MemoryLedger()
    await gateway(Meter(Budget(max_calls=5)), ledger=ledger).complete(request("a"))
    meter = Meter(Budget(max_calls=1))
    silent = FakeModel(failures=[AssertionErrorModel("must not be asked")])
    opened = gateway(meter, model=silent, ledger=ledger)
    await opened.complete(request("a"))
    with pytest.raises(BudgetExhausted):
        await opened.complete(request("b"))


class AssertionErrorModel(ModelOverloaded):
    retryable = False


async def test_what_is_held_back_is_left_alone_by_planning() -> None:
    meter = Meter(Budget(max_calls=10))
    meter.held_calls = 7
    opened = gateway(meter)
    requests = [request(f"t{i}") for i in range(8)]
    assert opened.fits(requests) == 3
    await opened.complete(requests[0])
    assert opened.fits(requests) == 3  # one is known and free, two more are left
    meter.held_calls = 0
    assert opened.fits(requests) == 8


async def test_planning_respects_the_cap_on_tokens() -> None:
    meter = Meter(Budget(max_calls=100, max_tokens=100))
    assert meter.fits([request("x" * 30, max_tokens=20)] * 10) == 2


class Endless:
    """As many requests as are looked at."""

    def __init__(self) -> None:
        self.made = 0

    def __iter__(self) -> Iterator[CompletionRequest]:
        for number in count():
            self.made += 1
            yield request(f"{'x' * 30}{number}", max_tokens=20)


async def test_planning_makes_no_more_requests_than_it_needs() -> None:
    opened = gateway(Meter(Budget(max_calls=100, max_tokens=100)))
    requests = Endless()
    assert opened.fits(requests) == 2
    assert requests.made <= 6, "two that fit and one that does not, gone through twice"


async def test_planning_counts_the_calls_that_go_with_a_request() -> None:
    opened = gateway(Meter(Budget(max_calls=10)))
    assert opened.fits([request(f"t{i}") for i in range(8)], calls_each=3) == 3


async def test_calls_that_brought_no_answer_leave_what_may_be_planned_as_it_was() -> None:
    ledger = MemoryLedger()
    log = MemoryCallLog(ledger)
    for number in range(3):
        log.note(f"lost-{number}", Role.TASK)
    meter = Meter(Budget(max_calls=20), log=log)
    meter.held_calls = 8
    assert (meter.calls, meter.calls_left, meter.plannable_calls, meter.open_calls) == (3, 17, 12, 12)
    log.note("lost-3", Role.TASK)
    log.note("lost-4", Role.TASK)
    meter = Meter(Budget(max_calls=20), log=log)
    meter.held_calls = 8
    assert meter.open_calls == 11, "no more than half of what is held makes up for them"


async def test_what_was_paid_for_and_is_not_come_by_still_counts_as_sent() -> None:
    ledger = MemoryLedger()
    log = MemoryCallLog(ledger)
    paying = Gateway(FakeModel(), Role.TASK, ledger=ledger, meter=Meter(Budget(max_calls=3), log=log), concurrency=2)
    for text in "abc":
        await paying.complete(request(text))
    meter = Meter(Budget(max_calls=3), log=log)
    later = Gateway(FakeModel(), Role.TASK, ledger=ledger, meter=meter, concurrency=2)
    with pytest.raises(BudgetExhausted):
        await later.complete(request("d"))
    await later.complete(request("a"))
    assert meter.calls == 1 and meter.total()[Role.TASK].calls == 3


async def test_the_estimate_learns_the_servers_tokens() -> None:
    meter = Meter(Budget(max_calls=100))
    opened = gateway(meter)
    before = meter.estimate(request("longword" * 10))
    await opened.complete(request("longword" * 10))  # the fake model counts one token a word
    assert meter.estimate(request("longword" * 10)) < before


async def test_a_judge_is_given_probabilities_that_sum_to_one() -> None:
    shares = await ModelJudge(gateway(Meter(Budget()))).probabilities("How good?", ("1", "2", "3"))
    assert set(shares) == {"1", "2", "3"}
    assert abs(sum(shares.values()) - 1) < 1e-9


async def test_a_judge_without_log_probabilities_takes_the_spoken_choice() -> None:
    spoken = gateway(Meter(Budget()), model=FakeModel(lambda _: "2 because"))
    shares = await ModelJudge(spoken).probabilities("How good?", ("1", "2", "3"))
    assert shares["2"] > max(shares["1"], shares["3"])


def test_no_more_requests_are_in_flight_than_the_server_answers_at_once() -> None:
    one_slot = LimitedModel(FakeModel(), concurrency=1)
    opened = Gateway(one_slot, Role.TASK, ledger=MemoryLedger(), meter=Meter(Budget()), concurrency=4)
    assert opened.concurrency == 1
