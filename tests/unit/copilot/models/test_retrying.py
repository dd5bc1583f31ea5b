import time

import pytest

from copilot.domain.completion import CompletionRequest, Decoding, Message
from copilot.errors import (
    BudgetExhausted,
    ConstraintRejected,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelServerFault,
    ModelUnreachable,
)
from copilot.models.fake import FakeModel
from copilot.models.retrying import RetryPolicy, complete_with_retries

REQUEST = CompletionRequest(messages=(Message(role="user", content="a"),), decoding=Decoding(max_tokens=4))
QUICK = RetryPolicy(attempts=4, first_wait=0.001, longest_wait=0.002)


def model(*failures: ModelError | None) -> FakeModel:
    return FakeModel({"a": "b"}, failures=failures)


async def test_counts_every_attempt() -> None:
    charged: list[int] = []
    flaky = model(ModelServerFault("x."), ModelUnreachable("y."), ConstraintRejected("z."))
    completion = await complete_with_retries(flaky, REQUEST, policy=QUICK, before_attempt=lambda: charged.append(1))
    assert completion.text == "b"
    assert completion.usage.calls == len(charged) == 4


async def test_gives_up_with_the_last_error() -> None:
    errors = [ModelServerFault(f"{number}.") for number in range(9)]
    with pytest.raises(ModelServerFault, match="3"):
        await complete_with_retries(model(*errors), REQUEST, policy=QUICK, before_attempt=lambda: None)


async def test_does_not_repeat_what_cannot_pass() -> None:
    charged: list[int] = []
    with pytest.raises(ModelRejected):
        await complete_with_retries(
            model(ModelRejected("no.")), REQUEST, policy=QUICK, before_attempt=lambda: charged.append(1)
        )
    assert len(charged) == 1


async def test_the_budget_stops_attempts() -> None:
    left = iter([None, BudgetExhausted("The cap of 1 call is reached.")])

    def charge() -> None:
        if (error := next(left)) is not None:
            raise error

    with pytest.raises(BudgetExhausted):
        await complete_with_retries(model(ModelServerFault("x."), None), REQUEST, policy=QUICK, before_attempt=charge)


async def test_waits_as_long_as_the_server_asks() -> None:
    started = time.perf_counter()
    await complete_with_retries(
        model(ModelOverloaded("x.", retry_after=0.05)), REQUEST, policy=QUICK, before_attempt=lambda: None
    )
    assert time.perf_counter() - started >= 0.05


async def test_does_not_wait_beyond_the_deadline() -> None:
    started = time.perf_counter()
    policy = RetryPolicy(deadline=1)
    with pytest.raises(ModelOverloaded):
        await complete_with_retries(
            model(ModelOverloaded("x.", retry_after=60)), REQUEST, policy=policy, before_attempt=lambda: None
        )
    assert time.perf_counter() - started < 1


async def test_a_step_down_is_asked_again_at_once() -> None:
    slow = RetryPolicy(attempts=2, first_wait=30, longest_wait=60)
    started = time.perf_counter()
    await complete_with_retries(model(ConstraintRejected("x.")), REQUEST, policy=slow, before_attempt=lambda: None)
    assert time.perf_counter() - started < 1
