"""Which model does what, the language, light and dark: saved as soon as they are chosen."""

import streamlit as st

from app import state
from app.components.text import plain
from app.language import LANGUAGES
from app.wording import t

RELOAD = '<script src="./look/reload.js"></script>'


def which_model() -> None:
    """Show the models that are used where nothing else is said."""
    st.subheader(t("Which model does what"), anchor=False)
    st.markdown(plain(t("Used by every run that starts from now on, and by apps that name no model of their own.")))
    names = ["", *(connection.name for connection in state.copilot().connections.list())]
    models = state.copilot().preferences.models()
    chosen = state.copilot().preferences.get()
    own = t("As started") if chosen.model else t("As started: {model}", model=models.task)
    choices = (
        ("model", t("Does the tasks"), own),
        ("copilot_model", t("Writes prompts"), t("The one that does the tasks")),
        ("judge_model", t("Judges answers"), t("The one that writes prompts")),
    )
    for column, (field, label, otherwise) in zip(st.columns(3), choices, strict=True):
        with column:
            _model(field, label, names, otherwise)


def _model(field: str, label: str, names: list[str], otherwise: str) -> None:
    value = getattr(state.copilot().preferences.get(), field)

    def shown(name: str) -> str:
        return name or otherwise

    st.selectbox(
        label,
        names,
        names.index(value) if value in names else 0,
        format_func=shown,
        key=f"choice-{field}",
        on_change=_choose,
        args=(field,),
    )


def language_and_look() -> None:
    """Show the choice of language, and of light or dark."""
    st.subheader(t("Language and look"), anchor=False)
    chosen = state.copilot().preferences.get()
    left, right = st.columns(2)
    codes = list(LANGUAGES)
    left.selectbox(
        t("Language"),
        codes,
        codes.index(chosen.language),
        format_func=lambda code: LANGUAGES[code],
        key="choice-language",
        on_change=_choose,
        args=("language",),
    )
    looks = {"system": t("As my computer has it"), "light": t("Light"), "dark": t("Dark")}
    right.selectbox(
        t("Light or dark"),
        list(looks),
        list(looks).index(chosen.appearance),
        format_func=lambda name: looks[name],
        key="choice-appearance",
        on_change=_choose,
        args=("appearance",),
    )
    if st.session_state.pop("settings_reload", False):
        # A constant text: the one script is a file of our own, which loads the page anew.
        st.html(RELOAD, unsafe_allow_javascript=True)


def _choose(field: str) -> None:
    state.copilot().preferences.update(**{field: st.session_state[f"choice-{field}"]})
    # The page that the server sends first holds both, for screen readers and for Streamlit.
    st.session_state["settings_reload"] = field in ("language", "appearance")
