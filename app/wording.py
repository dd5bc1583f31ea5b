"""The words of the interface in the reader's language: English sentences are the keys of the other catalogues."""

import json
from functools import cache
from pathlib import Path

import streamlit as st

LANGUAGES = {"en": "English", "fr": "Français", "de": "Deutsch", "es": "Español"}
LOCALES = Path(__file__).parent / "locales"


def language() -> str:
    """Return the code of the reader's language."""
    chosen = st.session_state.get("language", "en")
    return chosen if chosen in LANGUAGES else "en"


def speak(code: str) -> None:
    """Use a language from here on, in this visit."""
    st.session_state["language"] = code


def t(text: str, /, **values: object) -> str:
    """Return a sentence in the reader's language, with its `{slots}` filled.

    Args:
        text: the English sentence, written as a literal: a test collects these from the code.
        values: for the slots; never put user's text in here where the result is shown as markdown: use `plain`.
    """
    return _catalogue(language()).get(text, text).format(**values) if values else _catalogue(language()).get(text, text)


def tn(one: str, many: str, n: int, /, **values: object) -> str:
    """As `t`, for a number: `one` is said of 1 (in French of 0 too), `many` of others; both may hold `{n}`."""
    single = n == 1 or (n == 0 and language() == "fr")
    return t(one if single else many, n=n, **values)


@cache
def _catalogue(code: str) -> dict[str, str]:
    file = LOCALES / f"{code}.json"
    if code == "en" or not file.exists():
        return {}
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found
