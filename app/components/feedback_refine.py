"""The next improvement, which learns from what was said."""

import streamlit as st

from app import navigation, state
from app.components.text import plain
from app.formatting.errors import message_of
from app.formatting.reviews import heard_words
from app.formatting.runs import quote
from app.wording import t
from copilot import CopilotError, Estimate, Run
from copilot.types import SavedTask

LEAST_CALLS = 60
"""With fewer the copilot is not asked, so that nothing would be learned."""


def refine(run: Run, task: SavedTask | None) -> None:
    """Show what the next improvement hears and costs, and the button that starts it."""
    counts = state.copilot().reviews.counts(run.id)
    st.subheader(t("Refine with my feedback"), anchor=False)
    st.markdown(heard_words(counts.heard, counts.edited))
    calls = int(
        st.number_input(
            t("At most so many calls to the model"),
            min_value=LEAST_CALLS,
            max_value=100_000,
            value=max(LEAST_CALLS, run.saved.plan.config.budget.max_calls),
            step=50,
            key="feedback_calls",
            width=260,
        )
    )
    try:
        if task is not None and counts.heard:
            words = quote(_quote(task.id, task.updated_at.isoformat(), calls))
            st.caption(plain(t("About {quote}. What was answered before costs nothing again.", quote=words)))
        if st.button(t("Refine with my feedback"), type="primary", key="feedback_refine", disabled=not counts.heard):
            started = state.copilot().reviews.refine(run.id, max_calls=calls)
            navigation.go("improve", task=None if task is None else task.id, run=started.id)
    except CopilotError as error:
        st.error(plain(message_of(error)))


@st.cache_data(ttl=300, max_entries=100, show_spinner=False)
def _quote(task_id: str, changed_at: str, calls: int) -> Estimate:
    return state.copilot().tasks.estimate(task_id, max_calls=calls)
