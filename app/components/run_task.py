"""Which task and which run a page is about, as the URL says; where that leads nowhere, one sentence and a way back."""

from collections.abc import Sequence

import streamlit as st

from app import navigation, state
from app.components.page import heading
from app.components.text import plain
from app.formatting.errors import message_of
from app.wording import t
from copilot import RunSummary, UserError
from copilot.types import SavedTask


def of_url() -> SavedTask | None:
    """Return the task of the URL, or that of its run; where there is none, say so and lead home."""
    tasks, task_id, run_id = state.copilot().tasks, state.in_url("task"), state.in_url("run")
    try:
        if task_id:
            return tasks.get(task_id)
        found = tasks.of_run(run_id) if run_id else None
    except UserError as error:
        found, said = None, message_of(error)
    else:
        said = t("This link names no task.")
    if found is None:
        heading(t("There is no such task"))
        st.warning(plain(said))
        navigation.link(t("To your tasks"), "home")
    return found


def run_of_url(runs: Sequence[RunSummary]) -> str | None:
    """Return the run that the URL names if it is one of these, else the newest of them."""
    named = state.in_url("run")
    if named and any(run.id == named for run in runs):
        return named
    if named:
        st.warning(plain(t("The link names a run that this task does not have; this is the newest one.")))
    return runs[0].id if runs else None
