"""The last step of a task: save what an improvement ended with, and put it to use."""

import streamlit as st

from app import navigation, state
from app.components.page import heading, steps
from app.components.template_save import save_run, show_saved, show_ways_on
from app.components.text import plain
from app.components.verdict import in_words
from app.formatting.errors import message_of
from app.formatting.tasks import done_steps
from app.wording import t
from copilot import CopilotError, Run, RunStatus

copilot = state.copilot()
task_id, run_id = state.in_url("task"), state.in_url("run")


def found_run() -> Run | None:
    """Return the link's run, or the newest finished one of its task."""
    if run_id:
        return copilot.get_run(run_id)
    finished = [run for run in copilot.tasks.runs(task_id) if run.status is RunStatus.FINISHED] if task_id else []
    return copilot.get_run(finished[0].id) if finished else None


try:
    run = found_run()
    task = copilot.tasks.get(task_id) if task_id else copilot.tasks.of_run(run_id) if run_id else None
except CopilotError as error:
    heading(t("Use"))
    st.error(plain(message_of(error)))
    navigation.link(t("To all tasks"), "home")
    st.stop()

if task is not None:
    counts, runs = copilot.tasks.counts(task.id), copilot.tasks.runs(task.id)
    done = done_steps(counts, criteria=bool(task.task.criteria), runs=runs)
    steps("use", task=task.id, done=done, run=run.id if run else None)
if run is None or run.status is not RunStatus.FINISHED:
    heading(t("Use"), t("What an improvement ends with is saved here, and used from here on."))
    st.markdown(
        t("There is no verdict yet, so there is no prompt to save.")
        if run is None
        else t("This improvement has not ended with a verdict yet.")
    )
    if task is not None and st.button(t("Go to Improve"), type="primary", key="to_improve"):
        navigation.go("improve", task=task.id, run=run.id if run else None)
    if task is None:
        navigation.link(t("To all tasks"), "home")
    st.stop()

saved = copilot.template_library.of_run(run.id)
heading(t("Save and use"), in_words(run))
if saved:
    show_saved(saved)
    show_ways_on(saved[0])
    with st.expander(t("Save under another name, or set a label")):
        save_run(run, run.saved.plan.task.name, saved=saved)
else:
    save_run(run, run.saved.plan.task.name, saved=())
    st.caption(
        t("Once it is saved, you can make an app of it, call it from a program, or run a whole spreadsheet through it.")
    )
