"""What pages share: the product's one object, and the URL. Nothing durable lives in the session."""

import streamlit as st

from copilot import Copilot

SAMPLE = "support_tickets"


@st.cache_resource(show_spinner=False)
def copilot() -> Copilot:
    """Return the installation that this server works on, as the environment sets it."""
    return Copilot()


def first_start() -> None:
    """Put a sample task where there is none yet; once in the life of an installation, so that it can be deleted.

    Raises:
        CopilotError: the installation cannot be opened.
    """
    preferences = copilot().preferences
    if preferences.get().started:
        return
    if not copilot().tasks.list():
        copilot().tasks.create_sample(SAMPLE)
    preferences.update(started=True)


def in_url(name: str, default: str = "") -> str:
    """Return a value of the URL."""
    value = st.query_params.get(name, default)
    return value if isinstance(value, str) else default


def to_url(**state: str | int | None) -> None:
    """Put values into the URL without leaving the page; None takes one out."""
    for name, value in state.items():
        if value is None or value == "":
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = str(value)
