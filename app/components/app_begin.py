"""The beginning of an app: which template, and which of its versions."""

import streamlit as st

from app import navigation, state
from app.components.page import empty
from app.components.text import plain
from app.formatting import apps as words
from app.wording import t


def begin() -> None:
    """Let the reader choose a template; the link may have chosen already."""
    templates = [saved.name for saved in state.copilot().templates()]
    if not templates:
        empty(
            t("An app is made from a saved template, and none is saved yet. Improve a prompt first, then save it."),
            t("To the tasks"),
            lambda: navigation.go("home"),
        )
        return
    asked = state.in_url("template")
    name = st.selectbox(
        t("Template"),
        templates,
        index=templates.index(asked) if asked in templates else 0,
        key="app_template",
    )
    choices = words.version_choices(state.copilot().template_library.versions(name))
    wanted = f"{name}@{state.in_url('version')}"
    reference = st.selectbox(
        t("Version"),
        list(choices),
        index=list(choices).index(wanted) if wanted in choices else _production(list(choices)),
        format_func=choices.__getitem__,
        key=f"app_version_{name}",
    )
    st.caption(
        t(
            "An app that follows a label changes when somebody promotes another version there. "
            "One that stays with a version changes only when you change it."
        )
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(t("Continue"), type="primary", key="begin_app"):
            made = state.copilot().apps.create(state.copilot().apps.draft(reference))
            navigation.go("apps", app=made.slug)
        navigation.link(t("Back"), "apps")
    st.caption(plain(t("Nobody sees the app until you publish it.")))


def _production(choices: list[str]) -> int:
    """Return the place of the label that most people mean."""
    return next((place for place, choice in enumerate(choices) if choice.endswith("@production")), 0)
