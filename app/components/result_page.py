"""A finished run from verdict to rows, in the order in which people ask."""

import streamlit as st

from app import navigation, state
from app.components.result_choice import USER, two
from app.components.result_criteria import criteria
from app.components.result_export import exports
from app.components.result_pair import pair
from app.components.result_prompts import prompts
from app.components.result_table import asked, rows
from app.components.text import plain
from app.components.verdict import verdict
from app.wording import t
from copilot import Run
from copilot.types import Part, PromptFacts, RowQuery, SavedTask


@st.cache_data(show_spinner=False, max_entries=100)
def _facts(run_id: str, candidate_id: str) -> PromptFacts:
    # A finished run does not change.
    return state.copilot().get_run(run_id).facts(RowQuery(candidate_id=candidate_id))


def show(saved: SavedTask, run: Run) -> None:
    """Show the result of a run, and what to do with it."""
    finalist = run.finalist_id
    verdict(run.result, _facts(run.id, finalist))
    st.subheader(t("Two prompts compared"), anchor=False)
    first, second = two(saved, run)
    part: Part = "all" if state.in_url("tab") == "all" else "kept_aside"
    if second is not None:
        of_verdict = (first.reference, second.reference) == (f"{run.id}/{finalist}", f"{run.id}/{USER}")
        compared = pair(first, second, of_verdict=of_verdict)
        prompts(first, second)
        if compared.shared.n:
            part = compared.part
            names = (second.name, first.name)
            criteria(compared.second.facts, compared.first.facts, names=names, alike=compared.scored_alike)
    rows_of = run if first.run_id == run.id else state.copilot().get_run(first.run_id)
    query = asked(candidate=first.id, against=second.reference if second else None, part=part)
    beside = {second.reference: second.name} if second else {}
    rows(rows_of, {first.id: first.name, **beside}, query)
    st.subheader(t("Take it with you"), anchor=False)
    exports(run, rows_of, query, name=saved.task.name)
    with st.container(horizontal=True, key="next_steps", vertical_alignment="center"):
        if st.button(t("Give feedback"), key="give_feedback"):
            navigation.go("feedback", task=saved.id, run=run.id)
        if st.button(t("Use this prompt"), type="primary", key="use_prompt"):
            navigation.go("use", task=saved.id, run=run.id)
    with st.expander(t("Details")):
        plan = run.saved.plan
        slots = {"id": run.id, "model": plan.task_model, "seed": plan.config.seed}
        st.caption(plain(t("Run {id}, model {model}, seed {seed}", **slots)))
