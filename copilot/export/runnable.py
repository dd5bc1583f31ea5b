"""A template with its model as one LangChain `Runnable`: nothing is lost, since the answer is read by our own code."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

Inputs = dict[str, Any]
Value = str | list[str]

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    RowRunnable = Runnable[Inputs, Value]


def to_runnable(
    run: Callable[[Inputs], Value], arun: Callable[[Inputs], Awaitable[Value]], *, name: str
) -> "RowRunnable":
    """Return a `Runnable` that takes a row's inputs and gives the text, label or list."""
    from langchain_core.runnables import RunnableLambda

    return RunnableLambda(run, afunc=arun, name=name)
