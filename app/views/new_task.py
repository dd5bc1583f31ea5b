"""A new task, or what an old one is: kind, name, description; the examples follow on their own page."""

import streamlit as st

from app import navigation, state
from app.components.page import heading
from app.components.task_form import task_form
from app.components.task_pages import task_or_way_back
from app.wording import t

task_id = state.in_url("task")
saved = task_or_way_back(task_id) if task_id else None
heading(
    t("What the task is") if saved else t("New task"),
    t("Say what is to be done. What you type is saved at once; examples of it come next."),
)
now = task_form(saved)
if saved is None and now is not None:
    state.to_url(task=now.id)
if st.button(t("Go on to the examples"), type="primary", key="to_examples"):
    if now is None:
        st.error(t("Give the task a name first, so that you find it again."))
    elif not now.task.description.strip():
        st.error(t("Say in a sentence or two what is to be done: the copilot works from it."))
    else:
        navigation.go("examples", task=now.id)
