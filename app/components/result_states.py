"""A result that is not there: the run goes on, was stopped, or failed."""

from collections.abc import Sequence

import streamlit as st

from app import navigation, state
from app.components.text import plain
from app.formatting.runs import run_label, stage_words
from app.formatting.told import told
from app.wording import t
from copilot import Run, RunStatus, RunSummary
from copilot.types import SavedTask


def choose(runs: Sequence[RunSummary], run_id: str) -> None:
    """Let the reader look at an earlier run of the task, where there is one."""
    if len(runs) < 2:
        return
    labels = {run.id: run_label(run, newest=place == 0, zone=st.context.timezone) for place, run in enumerate(runs)}
    chosen = st.selectbox(
        t("Which improvement"),
        list(labels),
        index=list(labels).index(run_id),
        format_func=lambda key: labels[key],
        key=f"run_choice_{run_id}",
        width=420,
    )
    if chosen != run_id:
        state.to_url(run=chosen, candidate=None, against=None, row=None, page=None, filter=None, q=None)
        st.rerun()


def unfinished(saved: SavedTask, run: Run) -> None:
    """Say why there is no verdict, and lead to where that is mended."""
    snapshot = run.snapshot()
    if snapshot.status is RunStatus.FAILED:
        st.error(plain(told(snapshot.error or "") or t("It failed, and did not say why.")))
        words, label = t("There is no verdict: the improvement failed. What was done is kept."), t("Go on with it")
    elif snapshot.status is RunStatus.STOPPED:
        words = t("There is no verdict: the improvement was stopped before it. What was done is kept.")
        label = t("Go on with it")
    else:
        words = t("There is no verdict yet. {stage}", stage=stage_words(snapshot))
        label = t("Watch it")
    st.markdown(plain(words))
    if st.button(label, type="primary", key="to_improve"):
        navigation.go("improve", task=saved.id, run=run.id)
