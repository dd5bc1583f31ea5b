"""What the criteria page remembers while it is open: what is being added, what was removed, what could not be saved."""

import streamlit as st

from app import state
from app.wording import t
from copilot import CopilotError, SuccessCriterion
from copilot.types import Requirement

DRAFT, GENERATION, REMOVED, PROBLEMS = "criteria_draft", "criteria_generation", "criteria_removed", "criteria_problems"


def generation() -> int:
    """Return a number that changes when criteria come or go, so that no widget shows another one's value."""
    return int(st.session_state.get(GENERATION, 0))


def next_generation() -> None:
    """Give all widgets new keys."""
    st.session_state[GENERATION] = generation() + 1
    st.session_state[PROBLEMS] = {}


def problem(key: str) -> str:
    """Return why the last change of a form was not saved; empty: it was."""
    return str(st.session_state.get(PROBLEMS, {}).get(key, ""))


def save(task_id: str, index: int, key: str, criterion: SuccessCriterion) -> None:
    """Save a changed criterion; what is wrong with it is told beside its form."""
    problems = st.session_state.setdefault(PROBLEMS, {})
    problems.pop(key, None)
    try:
        state.copilot().criteria.replace(task_id, index, criterion)
    except CopilotError as error:
        problems[key] = str(error)


def add(task_id: str, criterion: SuccessCriterion) -> None:
    """Add a criterion, and say so."""
    try:
        state.copilot().criteria.add(task_id, criterion)
    except CopilotError as error:
        st.session_state.setdefault(PROBLEMS, {})["add"] = str(error)
        return
    drop_draft()
    st.session_state.pop(REMOVED, None)
    next_generation()
    st.toast(t("Added and saved."))


def remove(task_id: str, index: int) -> None:
    """Remove a criterion, and remember it for the undo."""
    gone = state.copilot().criteria.remove(task_id, index)
    st.session_state[REMOVED] = (task_id, index, gone)
    next_generation()


def removed(task_id: str) -> tuple[int, SuccessCriterion] | None:
    """Return what was removed last from this task."""
    found = st.session_state.get(REMOVED)
    return (found[1], found[2]) if found and found[0] == task_id else None


def put_back(task_id: str) -> None:
    """Take the last removal back."""
    found = removed(task_id)
    if found is None:
        return
    index, criterion = found
    chosen = state.copilot().tasks.get(task_id).task.criteria
    if chosen:
        state.copilot().criteria.add(task_id, criterion, at=min(index, len(chosen)))
    else:
        # It was the only one: what is chosen without it would else stay beside it.
        state.copilot().criteria.save(task_id, [criterion])
    st.session_state.pop(REMOVED, None)
    next_generation()


def draft(task_id: str, name: str) -> SuccessCriterion:
    """Return the criterion that is being added.

    Raises:
        CopilotError: there is none of this name.
    """
    found = st.session_state.get(DRAFT)
    if found and found[0] == (task_id, name):
        criterion: SuccessCriterion = found[1]
        return criterion
    criterion = state.copilot().criteria.starting_point(task_id, name)
    keep_draft(task_id, criterion)
    return criterion


def keep_draft(task_id: str, criterion: SuccessCriterion) -> None:
    """Remember what was set so far."""
    st.session_state[DRAFT] = ((task_id, criterion.evaluator), criterion)


def drop_draft() -> None:
    """Forget the criterion that was being added, and leave its address."""
    st.session_state.pop(DRAFT, None)
    st.session_state.setdefault(PROBLEMS, {}).pop("add", None)
    state.to_url(tab=None)


def must(criterion: SuccessCriterion) -> bool:
    """Tell whether an answer that misses it is worth nothing."""
    return criterion.requirement is Requirement.MUST
