"""The one bridge between asynchronous and blocking callers: an event loop in a thread of its own.

Everything asynchronous runs on that loop, whoever calls. So the same connection serves both kinds of callers, and
blocking calls work where a loop is running already, as in a notebook.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Generator
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
log = logging.getLogger("copilot.portal")

WAIT_SECONDS = 0.2
"""Between two looks at whether Ctrl-C was pressed: a lock waited for without end cannot be interrupted everywhere."""
TIDY_SECONDS = 30.0
"""How long Ctrl-C waits for what is under way to stop in good order."""


class Portal:
    """Runs coroutines on its loop; started by the first call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run to the end and return the result. Ctrl-C cancels the coroutine and waits until it has tidied up."""
        over = threading.Event()
        future = self._submit(_noting(coroutine, over))
        try:
            return _result(future)
        except KeyboardInterrupt:
            future.cancel()
            over.wait(TIDY_SECONDS)
            raise

    async def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Await from any other loop; cancelling the caller cancels the coroutine."""
        return await asyncio.wrap_future(self._submit(coroutine))

    def iterate(self, items: AsyncGenerator[T, None]) -> Generator[T, None, None]:
        """Iterate over an asynchronous generator from blocking code."""
        try:
            while not isinstance(item := self.call(_next(items)), _End):
                yield item
        finally:
            self.call(items.aclose())

    async def aiterate(self, items: AsyncGenerator[T, None]) -> AsyncIterator[T]:
        """Iterate over an asynchronous generator from any other loop."""
        try:
            while not isinstance(item := await self.wait(_next(items)), _End):
                yield item
        finally:
            await self.wait(items.aclose())

    def close(self) -> None:
        """Cancel what still runs and end the thread; the next call starts another."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_others(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _submit(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._loop.set_exception_handler(_note)
                self._thread = threading.Thread(target=self._loop.run_forever, name="falconer", daemon=True)
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop)


def _result(future: "Future[T]") -> T:
    while True:
        try:
            return future.result(timeout=WAIT_SECONDS)
        except TimeoutError:
            # Both "not yet" and the coroutine's own TimeoutError arrive here.
            if future.done():
                return future.result()


def _note(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """When many calls fail at once, the caller is told of the first; the others are no news worth a stack trace."""
    log.debug("%s: %r", context.get("message"), context.get("exception"))


class _End:
    """Returned after the last item."""


async def _next(items: AsyncGenerator[T, None]) -> T | _End:
    return await anext(items, _End())


async def _noting(coroutine: Coroutine[Any, Any, T], over: threading.Event) -> T:
    try:
        return await coroutine
    finally:
        over.set()


async def _cancel_others() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
