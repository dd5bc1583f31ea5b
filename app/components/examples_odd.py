"""What is odd about the examples of a task. Measuring many takes seconds, so the page does not wait for it."""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet

import streamlit as st

from app import state
from app.components.text import plain
from app.formatting import tasks as words
from app.formatting.told import told
from app.wording import t
from copilot.types import SavedTask

WAIT_SECONDS = 0.3
KEPT = 50

_Measured = Future[tuple[str, ...]]


@st.cache_resource(show_spinner=False)
def _measuring() -> tuple[ThreadPoolExecutor, dict[tuple[str, str], _Measured]]:
    return ThreadPoolExecutor(1, thread_name_prefix="falconer-examples"), {}


def oddities(saved: SavedTask) -> None:
    """Say what is odd about the examples, once it is known."""
    pool, measured = _measuring()
    key = (saved.id, saved.updated_at.isoformat())
    if key not in measured:
        while len(measured) >= KEPT:
            measured.pop(next(iter(measured)))
        measured[key] = pool.submit(state.copilot().tasks.warnings, saved.id)
    try:
        _show(measured[key].result(timeout=WAIT_SECONDS))
    except NotYet:
        _wait(measured[key])


@st.fragment(run_every="1s")
def _wait(under_way: _Measured) -> None:
    if under_way.done():
        st.rerun()
    st.caption(t("Looking for what is odd about the examples…"))


def _show(sentences: tuple[str, ...]) -> None:
    if sentences:
        st.warning("\n".join(f"- {plain(words.shown(told(sentence)))}" for sentence in sentences))
