"""A finished run from verdict to rows, in the order in which people ask."""

from collections.abc import Sequence

import streamlit as st

from app import navigation, state
from app.components.result_criteria import criteria
from app.components.result_export import exports
from app.components.result_prompts import prompts
from app.components.result_table import asked, rows
from app.components.text import plain
from app.components.verdict import verdict
from app.formatting.runs import prompt_names, run_label
from app.formatting.verdicts import criteria_title
from app.wording import t
from copilot import Run, RunStatus, RunSummary
from copilot.types import PromptFacts, RowQuery, SavedTask

USER = "user"
MOST_OTHERS = 5


@st.cache_data(show_spinner=False, max_entries=100)
def _facts(run_id: str, candidate_id: str) -> PromptFacts:
    # A finished run does not change.
    return state.copilot().get_run(run_id).facts(RowQuery(candidate_id=candidate_id))


def show(saved: SavedTask, run: Run, runs: Sequence[RunSummary]) -> None:
    """Show the result of a run, and what to do with it."""
    result, chosen, finalist = run.result, run.chosen_id, run.finalist_id
    yours, other = _facts(run.id, USER), _facts(run.id, finalist)
    verdict(result, other)
    names = prompt_names(run.prompts(), chosen=chosen, finalist=finalist)
    prompts(run, names, shown=finalist, against=USER)
    criteria(yours, other, title=criteria_title(yours, other))
    candidate = state.in_url("candidate", chosen)
    if candidate not in names:
        st.warning(plain(t("The link names a prompt that this run does not have; this is the one to use.")))
        candidate = chosen
    usual = finalist if candidate == USER else USER
    query = asked(candidate=candidate, against=state.in_url("against", usual))
    query = rows(run, names, _others(run, runs), query)
    st.subheader(t("Take it with you"), anchor=False)
    exports(run, query, name=saved.task.name)
    with st.container(horizontal=True, key="next_steps", vertical_alignment="center"):
        if st.button(t("Give feedback"), key="give_feedback"):
            navigation.go("feedback", task=saved.id, run=run.id)
        if st.button(t("Use this prompt"), type="primary", key="use_prompt"):
            navigation.go("use", task=saved.id, run=run.id)
    with st.expander(t("Details")):
        plan = run.saved.plan
        slots = {"id": run.id, "model": plan.task_model, "seed": plan.config.seed}
        st.caption(plain(t("Run {id}, model {model}, seed {seed}", **slots)))


def _others(run: Run, runs: Sequence[RunSummary]) -> dict[str, str]:
    """Return the prompts of the task's other runs with which rows can be compared."""
    found = {}
    done = [summary for summary in runs if summary.id != run.id and summary.status is RunStatus.FINISHED]
    for summary in done[:MOST_OTHERS]:
        label = run_label(summary, newest=False, zone=st.context.timezone)
        best = state.copilot().get_run(summary.id).chosen_id
        found[f"{summary.id}/{best}"] = t("The prompt to use of: {run}", run=label)
        if best != USER:
            found[f"{summary.id}/{USER}"] = t("Your prompt, in: {run}", run=label)
    return found
