"""An app: its form, and whole sheets through it."""

import streamlit as st

from app import navigation, state
from app.components.app_form import run_form
from app.components.app_tabs import tab
from app.components.batch import batches
from app.components.page import heading
from app.components.text import plain
from app.formatting.apps import follows
from app.formatting.errors import message_of
from app.wording import t
from copilot import CopilotError

READING_WIDTH = 760

slug = state.in_url("app")
try:
    form = state.copilot().apps.form(slug)
except CopilotError as error:
    heading(t("App"))
    st.warning(plain(message_of(error)) if slug else t("The link names no app."))
    navigation.link(t("To all apps"), "apps")
else:
    heading(form.title, form.about)
    wide = tab() == "batch"
    if wide:
        batches(form)
    else:
        with st.container(width=READING_WIDTH):
            run_form(form)
    with st.expander(t("Details"), width="stretch" if wide else READING_WIDTH):
        st.caption(plain(follows(form)))
        st.caption(plain(t("Model: {model}", model=form.model)))
        navigation.link(t("Change this app"), "apps", app=slug)
