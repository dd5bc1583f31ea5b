"""What pages share: the product's one object, and the URL. Nothing durable lives in the session."""

import streamlit as st

from copilot import Copilot


@st.cache_resource(show_spinner=False)
def copilot() -> Copilot:
    """Return the installation that this server works on, as the environment sets it."""
    return Copilot()


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
