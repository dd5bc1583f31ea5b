"""Criteria that fit the task, with reasons: by fixed rules at once, by the copilot model when asked."""

import streamlit as st

from app import state
from app.components import criteria_check, criteria_state
from app.components.criteria_chosen import headline
from app.components.text import plain
from app.formatting import criteria as words
from app.formatting import criteria_reasons as reasons
from app.formatting.errors import message_of
from app.wording import t, tn
from copilot import CopilotError, SuccessCriterion
from copilot.types import CriterionCheck, SavedTask, Suggestion

FIRST = 4
IDEAS, NOTE = "criteria_ideas", "criteria_ideas_note"


def suggested(saved: SavedTask) -> None:
    """Show what fits, each with its reason and its check, to be accepted one by one."""
    service = state.copilot().criteria
    implicit = () if saved.task.criteria else tuple(known.criterion for known in service.defaults(saved.id))
    known = (*saved.task.criteria, *implicit)
    ideas: dict[str, tuple[Suggestion, ...]] = st.session_state.get(IDEAS, {})
    # The first check after a start of the server loads what tells languages and words apart.
    with st.spinner(t("Your examples go through the criteria…")):
        found = [*service.suggest(saved.id), *ideas.get(saved.id, ())]
    found = [suggestion for suggestion in found if not any(_same(suggestion.criterion, other) for other in known)]
    if not found:
        st.markdown(t("The description and the examples suggest nothing beyond what is chosen."))
    with st.spinner(t("Your examples go through the criteria…")):
        checks = service.check_all(saved.id, [suggestion.criterion for suggestion in found])
    pairs = list(enumerate(zip(found, checks, strict=True)))
    for number, (suggestion, check) in pairs[:FIRST]:
        _line(saved.id, number, suggestion, check)
    if rest := pairs[FIRST:]:
        with st.expander(tn("Show {n} more", "Show {n} more", len(rest)), key="suggestions-more"):
            for number, (suggestion, check) in rest:
                _line(saved.id, number, suggestion, check)
    _ask(saved)


def _line(task_id: str, number: int, suggestion: Suggestion, check: CriterionCheck) -> None:
    reason = reasons.reason(suggestion)
    if suggestion.rule == "model":
        reason = t("The copilot says: {reason}", reason=reason)
    with st.container(border=True, key=f"suggestion-{number}"):
        text, button = st.columns([5, 1], vertical_alignment="center")
        with text:
            standing = words.standing(suggestion.criterion) if criteria_state.must(suggestion.criterion) else ""
            found = criteria_check.sentence(check)
            criteria_check.block(headline(suggestion.criterion), plain(reason), found, standing)
        button.button(
            t("Add"),
            key=f"accept-{number}",
            width="stretch",
            on_click=criteria_state.add,
            args=(task_id, suggestion.criterion),
        )
        criteria_check.warning(check)
        criteria_check.rows(check, key=f"suggestion-{number}")


def _same(one: SuccessCriterion, other: SuccessCriterion) -> bool:
    return one.evaluator == other.evaluator and one.parameters == other.parameters


def _ask(saved: SavedTask) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button(t("Ask the copilot for more"), key="ask")
        st.caption(t("One call of your model."), width="content")
    if asked:
        with st.spinner(t("The copilot reads your description and two examples; a small model may take a minute…")):
            _read(saved.id)
        st.rerun()
    if note := st.session_state.get(NOTE, {}).get(saved.id):
        st.info(plain(note))


def _read(task_id: str) -> None:
    notes = st.session_state.setdefault(NOTE, {})
    try:
        answer = state.copilot().criteria.ask_for_suggestions(task_id)
    except CopilotError as error:
        notes[task_id] = message_of(error)
        return
    ideas = st.session_state.setdefault(IDEAS, {})
    kept = [idea for idea in answer.suggestions if idea not in ideas.get(task_id, ())]
    ideas[task_id] = (*ideas.get(task_id, ()), *kept)
    if kept:
        notes.pop(task_id, None)
    else:
        notes[task_id] = t(
            "The copilot named nothing that can be used: no valid criterion, or only such as your own examples "
            "contradict. A larger model may do better."
        )
