"""The reader's language: chosen in the settings, known to everything that writes words or numbers."""

import streamlit as st

LANGUAGES = {"en": "English", "fr": "Français", "de": "Deutsch", "es": "Español"}


def language() -> str:
    """Return the code of the reader's language."""
    chosen = st.session_state.get("language", "en")
    return chosen if chosen in LANGUAGES else "en"


def speak(code: str) -> None:
    """Use a language from here on, in this visit."""
    st.session_state["language"] = code
