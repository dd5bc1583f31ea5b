"""Success criteria of a task: what a good answer is, checked on the user's own rows."""

import streamlit as st

from app import navigation, state
from app.components import criteria_catalogue, criteria_chosen, criteria_suggest
from app.components.page import empty, heading, steps
from app.formatting.tasks import done_steps
from app.wording import t

task_id = state.in_url("task")
if not task_id:
    heading(t("Criteria"), t("What a good answer is, checked on your own examples."))
    empty(
        t("Criteria belong to a task, and this link names none. Choose a task on the start page, or begin a new one."),
        t("Go to the start page"),
        lambda: navigation.go("home"),
    )
else:
    saved = state.copilot().tasks.get(task_id)
    tasks = state.copilot().tasks
    done = done_steps(tasks.counts(task_id), criteria=bool(saved.task.criteria), runs=tasks.runs(task_id))
    steps("criteria", task=task_id, done=done)
    heading(t("What is a good answer?"), saved.task.name)
    st.subheader(t("This counts"), anchor=False)
    criteria_chosen.chosen(saved)
    st.subheader(t("Suggested for this task"), anchor=False)
    criteria_suggest.suggested(saved)
    st.subheader(t("Add a criterion"), anchor=False)
    criteria_catalogue.catalogue(saved)
    st.divider()
    if st.button(t("Go on to Improve"), type="primary", key="next"):
        navigation.go("improve", task=task_id)
