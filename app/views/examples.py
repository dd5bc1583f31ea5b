"""The first step of a task: its examples, where they come from, and what is odd about them."""

import streamlit as st

from app import navigation, state
from app.components.examples_add import WAYS, add_examples
from app.components.examples_odd import oddities
from app.components.examples_table import examples_table, undo_panel
from app.components.page import empty, heading, steps
from app.components.task_pages import task_or_way_back
from app.components.text import plain
from app.formatting import tasks as words
from app.wording import t

copilot = state.copilot()
task_id = state.in_url("task")
if not task_id:
    heading(t("Examples"))
    empty(
        t("Examples belong to a task. Choose one, or begin a new one."),
        t("To the tasks"),
        lambda: navigation.go("home"),
    )
    st.stop()
saved = task_or_way_back(task_id)
counts = copilot.tasks.counts(task_id)
way = state.in_url("tab")
there = counts.accepted + counts.drafted
done = words.done_steps(counts, criteria=bool(saved.task.criteria), runs=copilot.tasks.runs(task_id))
steps("examples", task=task_id, done=done)
heading(saved.task.name)
if saved.task.description.strip():
    st.markdown(plain(words.clipped(saved.task.description, 400)))
navigation.link(t("Change name, description or categories"), "new_task", task=task_id)
undo_panel(task_id)
if way in WAYS or not there:
    if not there:
        st.markdown(
            plain(
                t(
                    "Examples show what is right: each has what comes in and what should come out. They are tried on "
                    "every prompt, and part of them is kept aside for the verdict."
                )
            )
        )
    add_examples(saved, way if way in WAYS else "upload")
else:
    told = words.counts_words(counts)
    st.markdown(f"**{plain(told[:1].upper() + told[1:])}**")
    examples_table(saved, counts)
    oddities(saved)
    if counts.accepted and st.button(t("Go on to the criteria"), type="primary", key="to_criteria"):
        navigation.go("criteria", task=task_id)
