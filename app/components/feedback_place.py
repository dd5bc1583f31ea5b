"""Which run, prompt and row the pages of reviewers are about; a link that names none, or an old one, leads on."""

from collections.abc import Sequence
from typing import NoReturn

import streamlit as st

from app import navigation, state
from app.components.page import empty, heading, steps
from app.components.text import plain
from app.formatting.errors import message_of
from app.formatting.tasks import done_steps
from app.wording import t
from copilot import CopilotError, Run, RunStatus
from copilot.types import ReviewedPrompt, SavedTask


def place(title: str, lead: str) -> tuple[SavedTask | None, Run]:
    """Show heading and steps and return what the URL is about; where there is nothing yet, say so and stop."""
    api, task_id, run_id = state.copilot(), state.in_url("task"), state.in_url("run")
    try:
        task = api.tasks.get(task_id) if task_id else api.tasks.of_run(run_id) if run_id else None
        if not run_id and task is not None:
            run_id = _newest(task.id)
        run = api.get_run(run_id) if run_id else None
    except CopilotError as error:
        heading(title, lead)
        _leave(message_of(error))
    if task is not None:
        counts, runs = api.tasks.counts(task.id), api.tasks.runs(task.id)
        done = done_steps(counts, criteria=bool(task.task.criteria), runs=runs)
        steps("feedback", task=task.id, done=done, run=None if run is None else run.id)
    heading(title, lead)
    if run is None:
        _nothing(task)
    # From now on the link is about this run, also when a newer one is finished meanwhile.
    state.to_url(run=run.id)
    return task, run


def chosen(prompts: Sequence[ReviewedPrompt], name: str) -> ReviewedPrompt | None:
    """Return the prompt with this id, or None."""
    return next((prompt for prompt in prompts if prompt.id == name), None)


def no_answers(task: SavedTask | None, run: Run) -> NoReturn:
    """Say that a run has no answers yet, and stop."""
    empty(
        t("This improvement has no answers yet. As soon as it has some, you can say here what you think of them."),
        t("See how far it is"),
        lambda: navigation.go("improve", task=None if task is None else task.id, run=run.id),
    )
    st.stop()


def _newest(task_id: str) -> str:
    runs = state.copilot().tasks.runs(task_id)
    finished = [run.id for run in runs if run.status is RunStatus.FINISHED]
    return next(iter([*finished, *(run.id for run in runs)]), "")


def _nothing(task: SavedTask | None) -> NoReturn:
    if task is None:
        empty(
            t("Feedback is given on the answers of a task. Open a task that has a result, and choose Feedback there."),
            t("Go to your tasks"),
            lambda: navigation.go("home"),
        )
    else:
        empty(
            t("There are no answers to look at yet. Improve the prompt once; its answers then stand here, one by one."),
            t("Go to Improve"),
            lambda: navigation.go("improve", task=task.id),
        )
    st.stop()


def _leave(sentence: str) -> NoReturn:
    st.error(plain(sentence))
    navigation.link(t("Go to your tasks"), "home")
    st.stop()
