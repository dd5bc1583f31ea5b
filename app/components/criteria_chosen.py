"""The criteria of a task as cards: what each checks, what the user's rows say to it, and its form."""

import streamlit as st

from app import state
from app.components import criteria_check, criteria_judge, criteria_state
from app.components.criteria_form import Form
from app.components.text import plain
from app.formatting import criteria as words
from app.formatting import criteria_names as names
from app.formatting import criteria_reasons as reasons
from app.formatting import locale
from app.formatting.errors import message_of
from app.wording import t
from copilot import CopilotError, SuccessCriterion
from copilot.types import CriterionCheck, SavedTask


def chosen(saved: SavedTask) -> None:
    """Show the task's criteria, or those that are chosen for it."""
    criteria = saved.task.criteria
    _undo(saved.id)
    if not criteria:
        _by_default(saved)
        return
    with st.spinner(t("Your examples go through the criteria…")):
        checks = state.copilot().criteria.check_all(saved.id, criteria)
    for index, (criterion, check) in enumerate(zip(criteria, checks, strict=True)):
        _card(saved.id, index, criterion, check)


def _by_default(saved: SavedTask) -> None:
    service = state.copilot().criteria
    suggestions = service.defaults(saved.id)
    st.markdown(t("You have chosen nothing yet, so this is what counts, by the kind of your task and its examples:"))
    for number, suggestion in enumerate(suggestions):
        criterion = suggestion.criterion
        with st.container(border=True, key=f"default-{number}"):
            check = service.check(saved.id, criterion)
            criteria_check.block(headline(criterion), plain(reasons.reason(suggestion)), criteria_check.sentence(check))
            criteria_check.rows(check, key=f"default-{number}")
    if st.button(t("Customise"), key="customise"):
        service.save(saved.id, [suggestion.criterion for suggestion in suggestions])
        criteria_state.next_generation()
        st.rerun()


def _card(task_id: str, index: int, criterion: SuccessCriterion, check: CriterionCheck) -> None:
    key = f"criterion-{criteria_state.generation()}-{index}"
    entry = state.copilot().criteria.entry(criterion.evaluator)

    def changed(new: SuccessCriterion) -> None:
        criteria_state.save(task_id, index, key, new)

    with st.container(border=True, key=f"card-{index}"):
        text, button = st.columns([5, 1], vertical_alignment="top")
        with text:
            criteria_check.block(headline(criterion), criteria_check.sentence(check), words.standing(criterion))
        button.button(
            t("Remove"),
            key=f"remove-{index}",
            on_click=criteria_state.remove,
            args=(task_id, index),
            width="stretch",
            type="tertiary",
        )
        criteria_check.warning(check)
        problem = criteria_state.problem(key)
        if problem:
            st.error(t("Not saved. {problem}", problem=plain(words.problem_sentence(problem))))
        with st.expander(t("Change"), expanded=bool(problem), key=f"{key}-change"):
            Form(entry=entry, criterion=criterion, key=key, changed=changed).show()
        criteria_check.rows(check, key=key)
        if entry.calls:
            criteria_judge.tools(task_id, criterion, entry, key=key)


def headline(criterion: SuccessCriterion) -> str:
    """Return a criterion and its settings in a line, as markdown."""
    summary = words.summary(criterion)
    title = f"**{plain(names.title(criterion.evaluator))}**"
    return f"{title}{locale.colon()}{plain(summary)}" if summary else title


def _undo(task_id: str) -> None:
    found = criteria_state.removed(task_id)
    if found is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="removed"):
        st.markdown(t("Removed “{name}”.", name=plain(names.title(found[1].evaluator))), width="content")
        if st.button(t("Undo"), key="undo"):
            try:
                criteria_state.put_back(task_id)
            except CopilotError as error:
                st.error(plain(message_of(error)))
            else:
                st.rerun()
