"""Improve: how much may be spent, the run while it goes on, and what became of it."""

from functools import partial

import streamlit as st

from app import navigation, state
from app.components import run_form, run_live
from app.components.page import empty, heading, steps
from app.components.run_task import of_url, run_of_url
from app.components.text import plain
from app.formatting.tasks import done_steps
from app.wording import t
from copilot import RunStatus

saved = of_url()
if saved is not None:
    tasks = state.copilot().tasks
    runs, counts = tasks.runs(saved.id), tasks.counts(saved.id)
    run = run_of_url(runs)
    steps("improve", task=saved.id, done=done_steps(counts, criteria=bool(saved.task.criteria), runs=runs), run=run)
    heading(t("Improve"), saved.task.name)
    if not counts.accepted and run is None:
        empty(
            t(
                "Here new prompts are tried on your examples until one is better than yours. There are no examples "
                "yet: a few dozen are a good beginning."
            ),
            t("Add examples"),
            partial(navigation.go, "examples", task=saved.id),
        )
    else:
        shown = None if run is None else state.copilot().get_run(run)
        snapshot = None if shown is None else shown.snapshot()
        if shown is not None and snapshot is not None and not snapshot.over:
            run_live.live(shown.id)
        else:
            if shown is not None and snapshot is not None:
                if snapshot.status is RunStatus.FINISHED:
                    run_live.finished(shown, snapshot, task_id=saved.id)
                else:
                    run_live.ended(shown, snapshot)
                st.subheader(t("Improve again"), anchor=False)
            run_form.prompt_area(saved)
            cap = run_form.effort(saved, runs=len(runs))
            run_form.start(saved, cap, runs=runs, primary=shown is None)
            if shown is not None:
                with st.expander(t("Details")):
                    st.caption(plain(t("Run {id}, model {model}", id=shown.id, model=shown.saved.plan.task_model)))
