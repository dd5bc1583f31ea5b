"""The reader's language: chosen in the settings, known to everything that writes words or numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

LANGUAGES = {"en": "English", "fr": "Français", "de": "Deutsch", "es": "Español"}

_AWAY: ContextVar[str] = ContextVar("language", default="")
"""The language of what is written outside of a visit."""


def language() -> str:
    """Return the code of the reader's language."""
    chosen = _AWAY.get() or st.session_state.get("language", "en")
    return chosen if chosen in LANGUAGES else "en"


def speak(code: str) -> None:
    """Use a language from here on, in this visit."""
    st.session_state["language"] = code


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """Use a language for what is written inside, where nobody's visit tells it."""
    before = _AWAY.set(code)
    try:
        yield
    finally:
        _AWAY.reset(before)
