"""The catalogue of criteria, and the criterion that is being added from it."""

import streamlit as st

from app import state
from app.components import criteria_check, criteria_judge, criteria_state
from app.components.criteria_form import Form
from app.components.text import plain
from app.formatting import criteria as words
from app.formatting import criteria_names as names
from app.wording import t
from copilot import CopilotError, SuccessCriterion
from copilot.types import CriterionEntry, SavedTask

SEVERAL = frozenset({"contains_all", "contains_any", "contains_none", "regex", "judge", "length"})
"""A task may have several of these."""


def catalogue(saved: SavedTask) -> None:
    """Show what can be checked, or the form of what was chosen."""
    name = state.in_url("tab")
    if not name:
        _list(saved)
        return
    try:
        _adding(saved, state.copilot().criteria.entry(name))
    except CopilotError:
        st.warning(t("The link names a criterion that does not exist. Choose one from the list."))
        state.to_url(tab=None)
        _list(saved)


def _list(saved: SavedTask) -> None:
    entries = state.copilot().criteria.catalogue(saved.task.kind)
    groups = list(dict.fromkeys(entry.group for entry in entries))
    search = st.text_input(
        t("Search"), state.in_url("q"), placeholder=t("for example: length, language, personal data"), key="search"
    )
    state.to_url(q=search)
    shown = words.found(entries, search)
    if not search.strip():
        given = state.in_url("filter")
        group = st.pills(
            t("What do you want to check?"),
            groups,
            default=given if given in groups else groups[0],
            format_func=names.group_title,
            key="group",
        )
        state.to_url(filter=group)
        shown = [entry for entry in entries if group in (None, entry.group)]
    if not shown:
        st.markdown(t("Nothing fits these words. Try others, or let a model judge by rules that you write yourself."))
    counting = saved.task.criteria or [known.criterion for known in state.copilot().criteria.defaults(saved.id)]
    taken = {criterion.evaluator for criterion in counting} - SEVERAL
    for entry in shown:
        _line(entry, taken=entry.name in taken)


def _line(entry: CriterionEntry, *, taken: bool) -> None:
    with st.container(border=True, key=f"entry-{entry.name}"):
        text, button = st.columns([5, 1], vertical_alignment="center")
        cost = t("Asks a model for every answer, which takes calls.") if entry.calls else ""
        explanation = names.explanation(entry.name, entry.description)
        text.markdown(f"**{plain(names.title(entry.name))}**  \n{plain(f'{explanation} {cost}'.strip())}")
        if taken:
            button.markdown(t("✓ counts already"))
        else:
            button.button(
                t("Choose"), key=f"choose-{entry.name}", on_click=_choose, args=(entry.name,), width="stretch"
            )


def _choose(name: str) -> None:
    state.to_url(tab=name)


def _adding(saved: SavedTask, entry: CriterionEntry) -> None:
    service = state.copilot().criteria
    criterion = criteria_state.draft(saved.id, entry.name)

    def changed(new: SuccessCriterion) -> None:
        criteria_state.keep_draft(saved.id, new)

    with st.container(border=True, key="adding"):
        st.markdown(
            f"**{plain(names.title(entry.name))}**  \n{plain(names.explanation(entry.name, entry.description))}"
        )
        Form(entry=entry, criterion=criterion, key=f"draft-{entry.name}", changed=changed).show()
        empty = words.missing(entry, criterion)
        if empty:
            st.markdown(plain(t("Fill in “{label}” first: then your own examples show what it does.", label=empty)))
        else:
            check = service.check(saved.id, criterion)
            criteria_check.block(criteria_check.sentence(check))
            criteria_check.warning(check)
            criteria_check.rows(check, key=f"draft-{entry.name}")
            if entry.calls and check.obstacle != "bad_parameter":
                criteria_judge.tools(saved.id, criterion, entry, key=f"draft-{entry.name}", trust=False)
        if problem := criteria_state.problem("add"):
            st.error(plain(words.problem_sentence(problem)))
        with st.container(horizontal=True):
            unfit = bool(empty or service.problem(criterion))
            st.button(
                t("Add this criterion"),
                key="add",
                disabled=unfit,
                on_click=criteria_state.add,
                args=(saved.id, criterion),
            )
            st.button(t("Back to the list"), key="back", on_click=criteria_state.drop_draft)
