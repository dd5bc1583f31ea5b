import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator

import pytest

from copilot.service.portal import Portal


@pytest.fixture
def portal() -> Iterator[Portal]:
    portal = Portal()
    yield portal
    portal.close()


async def _double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


async def _count(closed: list[bool]) -> AsyncGenerator[int, None]:
    try:
        for number in range(3):
            await asyncio.sleep(0)
            yield number
    finally:
        closed.append(True)


def test_a_blocking_call_returns_the_result(portal: Portal) -> None:
    assert portal.call(_double(4)) == 8


async def test_a_blocking_call_works_inside_a_running_loop(portal: Portal) -> None:
    assert portal.call(_double(4)) == 8


async def test_awaiting_runs_on_the_same_loop_as_blocking_calls(portal: Portal) -> None:
    async def loop() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    assert await portal.wait(loop()) is portal.call(loop())


def test_errors_come_through_as_they_are(portal: Portal) -> None:
    async def fail() -> None:
        raise TimeoutError("the coroutine's own")

    with pytest.raises(TimeoutError, match="own"):
        portal.call(fail())


def test_a_generator_is_read_and_closed(portal: Portal) -> None:
    closed: list[bool] = []
    assert list(portal.iterate(_count(closed))) == [0, 1, 2]
    assert closed == [True]


def test_leaving_a_generator_early_closes_it(portal: Portal) -> None:
    closed: list[bool] = []
    items = portal.iterate(_count(closed))
    assert next(items) == 0
    items.close()
    assert closed == [True]


async def test_a_generator_is_read_from_another_loop(portal: Portal) -> None:
    closed: list[bool] = []
    assert [item async for item in portal.aiterate(_count(closed))] == [0, 1, 2]
    assert closed == [True]


async def test_cancelling_the_caller_cancels_the_work(portal: Portal) -> None:
    cancelled = threading.Event()

    async def wait() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    task = asyncio.ensure_future(portal.wait(wait()))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(cancelled.wait, 5)


def test_closing_ends_the_thread_and_the_next_call_starts_another(portal: Portal) -> None:
    portal.call(_double(1))
    portal.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "falconer"]
    assert portal.call(_double(2)) == 4
