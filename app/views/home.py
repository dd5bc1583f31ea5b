"""Home: projects and tasks, each with where it stands."""

from itertools import groupby

import streamlit as st

from app import navigation, state
from app.components import task_list
from app.components.page import empty, heading
from app.components.task_pages import page_number, turner
from app.components.text import plain
from app.wording import t, tn

SIZE = 10


def try_the_sample() -> None:
    """Make the sample task, and open it where one click improves it."""
    with st.spinner(t("Preparing the sample…")):
        saved = state.copilot().tasks.create_sample()
    navigation.go("improve", task=saved.id)


tasks = state.copilot().tasks
everything = tasks.list()
heading(t("Your tasks"), t("What you want done, and how well it is done by now.") if everything else "")
task_list.undo_deleting()
if not everything:
    empty(
        t(
            "Your tasks will stand here, each with its last verdict. Try the sample first: 120 messages to a shop are "
            "sorted to the right team, on this computer, without a key, in about two minutes."
        ),
        t("Try the sample"),
        try_the_sample,
    )
    navigation.link(t("Or begin a task of your own"), "new_task")
else:
    search = ""
    if len(everything) > 3 or state.in_url("q"):
        search = st.text_input(
            t("Search"), key="q", bind="query-params", placeholder=t("Name, project, words of the description")
        )
    found = tasks.list(search=search) if search.strip() else everything
    if search.strip():
        st.caption(tn("one task found", "{n} tasks found", len(found)))
    if not found:
        st.markdown(plain(t("No task matches. Search for another word, or empty the search to see all.")))
    page = page_number(len(found), SIZE)
    listed = sorted(found[(page - 1) * SIZE : page * SIZE], key=lambda overview: overview.task.project.casefold())
    for project, group in groupby(listed, key=lambda overview: overview.task.project):
        if project or any(overview.task.project for overview in listed):
            st.subheader(plain(project or t("Without a project")), anchor=False)
        for overview in group:
            task_list.card(overview)
    turner(len(found), SIZE)
    with st.container(horizontal=True, key="begin"):
        if st.button(t("New task"), type="primary", key="new_task"):
            navigation.go("new_task")
        has_sample = any(overview.task.task.name == "Support tickets" for overview in everything)
        if not has_sample and st.button(t("Try the sample"), key="try_sample"):
            try_the_sample()
task_list.deleted_tasks()
