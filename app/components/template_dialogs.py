"""Questions that stand over the page until they are answered or put away."""

from collections.abc import Callable

import streamlit as st

_OPEN = "template_question"


def ask(kind: str, name: str, version: int) -> None:
    """Open a question about a version of a template."""
    st.session_state[_OPEN] = (kind, name, version)


def asked(kind: str, name: str) -> int | None:
    """Return the version that an open question is about."""
    match st.session_state.get(_OPEN):
        case (str(open_kind), str(about), int(version)) if (open_kind, about) == (kind, name):
            return version
    return None


def question(title: str, body: Callable[[], None], *, wide: bool = False) -> None:
    """Show the open question; its title is translated at every showing."""
    st.dialog(title, width="medium" if wide else "small", on_dismiss=put_away)(body)()


def put_away() -> None:
    """Close the question."""
    st.session_state.pop(_OPEN, None)
