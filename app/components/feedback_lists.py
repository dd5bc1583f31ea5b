"""All answers of a prompt, everything that was said, and its files."""

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from app import state
from app.components import feedback_actions as actions
from app.components.task_pages import page_number
from app.components.task_pages import turner as page_turner
from app.components.text import plain
from app.formatting.reviews import comment_line, list_rows
from app.wording import t, tn
from copilot import Run
from copilot.types import ReviewShow, SavedComment

PAGE_ROWS = 50
SHOWN = 20
"""Opinions listed at once; files hold all."""


def answers(run: Run, candidate_id: str, *, show: ReviewShow, total: int) -> None:
    """Show the answers of a prompt; a click opens one."""
    offset = (page_number(total, PAGE_ROWS) - 1) * PAGE_ROWS
    page = state.copilot().reviews.page(run.id, candidate_id, show=show, offset=offset, limit=PAGE_ROWS)
    turn = st.session_state.get(actions.TURN, 0)
    picked = st.dataframe(
        list_rows(page.lines),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            t("Rated"): st.column_config.TextColumn(width=60),
            t("Input"): st.column_config.TextColumn(width=220),
        },
        height=min(420, 38 + 35 * max(1, len(page.lines))),
        key=f"feedback_list_{candidate_id}_{show}_{offset}_{turn}_{state.in_url('row')}",
    )
    rows = picked.selection.rows
    if rows:
        state.to_url(row=page.lines[rows[0]].example_id)
        st.rerun()
    page_turner(total, PAGE_ROWS)


def said(run: Run, comments: Sequence[SavedComment]) -> None:
    """Show everything that was said of the run's answers, each with its undo, and the files."""
    if not comments:
        st.markdown(t("Nothing yet. What you say of an answer is saved at once and listed here."))
        return
    for comment in comments[:SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", key=f"feedback_said_{comment.saved.id}"):
            st.markdown(plain(comment_line(comment)), width="stretch")
            st.button(
                t("Undo"),
                key=f"feedback_undo_{comment.saved.id}",
                type="tertiary",
                on_click=actions.take_back,
                args=(comment.saved.id, comment.saved.feedback),
            )
    if len(comments) > SHOWN:
        rest = len(comments) - SHOWN
        st.caption(tn("{n} older opinion is in the files.", "{n} older opinions are in the files.", rest))
    with st.container(horizontal=True, key="feedback_files"):
        for suffix, name in ((".xlsx", t("Download for Excel (.xlsx)")), (".csv", t("Download as .csv"))):
            st.download_button(
                name,
                data=partial(_file, run, suffix),
                file_name=f"feedback{suffix}",
                on_click="ignore",
                key=f"feedback_file_{suffix[1:]}",
            )


def _file(run: Run, suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"feedback{suffix}"
        state.copilot().reviews.export(run.id, path)
        return path.read_bytes()
