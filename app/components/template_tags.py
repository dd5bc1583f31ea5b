"""Tags of a template: kept at once when they change."""

import streamlit as st

from app import state
from app.components.text import plain
from app.formatting.errors import message_of
from app.wording import t
from copilot import CopilotError


def tags_field(name: str) -> None:
    """Show a template's tags as a field that takes new ones, too."""
    library = state.copilot().template_library
    mine = list(library.tags(name))
    typed = st.multiselect(
        t("Tags"),
        sorted({*library.tags(), *mine}),
        default=mine,
        accept_new_options=True,
        key=f"tags_of_{name}",
        placeholder=t("Words by which it is found, such as a team or a topic"),
    )
    if sorted(typed) != sorted(mine):
        try:
            library.set_tags(name, typed)
        except CopilotError as error:
            st.error(plain(message_of(error)))
