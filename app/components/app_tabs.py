"""The two tabs of an app; the link says which one is open."""

import streamlit as st

from app import state
from app.wording import t

KEY = "app_tab"


def tab() -> str:
    """Show the tabs; return `form` or `batch`."""
    names = {"form": t("One at a time"), "batch": t("Batch")}
    here = "batch" if state.in_url("tab") == "batch" else "form"
    st.session_state[KEY] = here
    st.segmented_control(
        t("How to run it"),
        list(names),
        required=True,
        format_func=lambda name: names[name],
        label_visibility="collapsed",
        key=KEY,
        on_change=_opened,
    )
    return here


def _opened() -> None:
    state.to_url(tab=st.session_state[KEY], sheet=None, filter=None, page=None)
