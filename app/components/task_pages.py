"""What the URL names: the task, and the page of a long list."""

import streamlit as st

from app import navigation, state
from app.components.page import heading
from app.components.text import plain
from app.formatting.errors import message_of
from app.wording import t
from copilot import UserError
from copilot.types import SavedTask


def task_or_way_back(task_id: str) -> SavedTask:
    """Return the task that the URL names; where there is none, say so, show the way back, and end the page."""
    try:
        return state.copilot().tasks.get(task_id)
    except UserError as error:
        heading(t("No such task"))
        st.error(plain(message_of(error)))
        navigation.link(t("To the tasks"), "home")
        st.stop()


def page_number(total: int, size: int) -> int:
    """Return which page of a list of `total` items the URL asks for; one that is not there: the nearest."""
    asked = state.in_url("page", "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else 1
    return max(1, min(number, -(-total // size)))


def turner(total: int, size: int) -> None:
    """Show where the reader is, and the ways back and on."""
    pages, page = max(1, -(-total // size)), page_number(total, size)
    if pages == 1:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="turner"):
        # Callbacks: the page is drawn once, not up to here and then again.
        st.button(
            t("Previous page"), disabled=page == 1, key="page_back", on_click=state.to_url, kwargs={"page": page - 1}
        )
        st.markdown(t("Page {page} of {pages}", page=page, pages=pages), width="content")
        st.button(
            t("Next page"), disabled=page == pages, key="page_on", on_click=state.to_url, kwargs={"page": page + 1}
        )
