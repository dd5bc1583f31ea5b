"""The Batch tab of an app: a new batch and those of the past, or one batch that the link names."""

import streamlit as st

from app import navigation, state
from app.components.batch_progress import deletion, progress
from app.components.batch_results import results
from app.components.batch_start import new_batch
from app.components.text import plain
from app.formatting import apps as words
from app.formatting import locale
from app.formatting.errors import message_of
from app.wording import t
from copilot import CopilotError
from copilot.types import AppForm

SHOWN = 10


def batches(form: AppForm) -> None:
    """Show what the link asks for."""
    sheet_id = state.in_url("sheet")
    if not sheet_id:
        new_batch(form)
        _past(form)
        return
    navigation.link(t("← All batches"), "app", app=form.slug, tab="batch")
    try:
        sheet = state.copilot().apps.batch(form.slug, sheet_id)
        st.subheader(plain(sheet.plan.name), anchor=False)
        progress(sheet)
        results(sheet)
        with st.container(key="batch_deletion"):
            deletion(form, sheet)
    except CopilotError as error:
        st.warning(plain(message_of(error)))


def _past(form: AppForm) -> None:
    found = state.copilot().apps.batches(form.slug)
    st.subheader(t("Past batches"), anchor=False)
    if not found:
        st.caption(t("Sheets that you run stand here, with their results, until you delete them."))
        return
    shown = found if st.session_state.get("all_batches") else found[:SHOWN]
    for batch in shown:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            navigation.link(plain(batch.name), "app", app=form.slug, tab="batch", sheet=batch.id)
            st.markdown(
                plain(
                    t(
                        "{day}, {state}: {done} of {total} rows",
                        day=locale.moment(batch.created_at, zone=st.context.timezone),
                        state=words.status_word(batch.status),
                        done=batch.done,
                        total=batch.total,
                    )
                )
                + (plain(t(", {n} failed", n=batch.errors)) if batch.errors else ""),
                width="content",
            )
    if len(found) > len(shown):
        st.button(
            t("Show all {n}", n=len(found)),
            key="show_all_batches",
            on_click=st.session_state.update,
            args=({"all_batches": True},),
        )
