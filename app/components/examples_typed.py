"""A grid in which examples are typed; a row is saved as soon as it is whole."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import navigation, state
from app.components.text import plain
from app.formatting import tasks as words
from app.formatting.errors import message_of
from app.wording import t, tn
from copilot import Example, TaskKind, UserError
from copilot.types import SavedTask

ROWS = 6


def typed_grid(saved: SavedTask) -> bool:
    """Let the user type examples, and keep those that are whole; return whether there are some of this visit."""
    inputs, expected = names_of(saved)
    if not inputs:
        st.markdown(plain(t("Say first which inputs this task has; then they can be typed here.")))
        if st.button(t("Name the inputs"), type="primary", key="name_inputs"):
            navigation.go("new_task", task=saved.id)
        return False
    visit = f"typed_{saved.id}"
    if f"{visit}_grid" not in st.session_state:
        # The page was left and the grid is empty again: what was typed before is not its business any more.
        st.session_state.pop(visit, None)
    grid = st.data_editor(
        [dict.fromkeys((*inputs, expected), "") for _ in range(ROWS)],
        num_rows="dynamic",
        hide_index=True,
        placeholder=" ",
        column_config=_columns(saved, inputs, expected),
        key=f"{visit}_grid",
        alt=t("Examples to type"),
    )
    whole, problems = _whole_rows(saved, grid, (*inputs, expected))
    _keep(saved.id, whole, visit=visit)
    for problem in problems:
        st.warning(plain(problem))
    for missing in words.unfinished_rows(grid, (*inputs, expected), expected=expected, labels=saved.task.labels):
        st.warning(plain(missing))
    kept = len(st.session_state.get(visit, ()))
    st.caption(
        tn("One example saved.", "{n} examples saved.", kept)
        if kept
        else t("A row is saved as soon as every cell of it is filled in.")
    )
    if kept and st.button(t("Look at the examples"), type="primary", key="typed_done"):
        navigation.go("examples", task=saved.id)
    return bool(kept)


def names_of(saved: SavedTask) -> tuple[tuple[str, ...], str]:
    """Return the inputs of a task (of its examples where it names none), and what its expected answer is called."""
    tasks = state.copilot().tasks
    inputs, expected = tasks.needed(saved.task)
    if not inputs:
        inputs = words.fields_of([row.example for row in tasks.examples(saved.id, limit=20)])
    return inputs, expected


def _columns(saved: SavedTask, inputs: Sequence[str], expected: str) -> dict[str, Any]:
    config: dict[str, Any] = {
        name: st.column_config.TextColumn(words.field_name(name), width="large") for name in inputs
    }
    if saved.task.kind is TaskKind.CLASSIFICATION and saved.task.labels:
        config[expected] = st.column_config.SelectboxColumn(words.field_name(expected), options=saved.task.labels)
    else:
        config[expected] = st.column_config.TextColumn(words.field_name(expected), width="medium")
    return config


def _whole_rows(
    saved: SavedTask, grid: Sequence[Mapping[str, object]], names: Sequence[str]
) -> tuple[list[Example], list[str]]:
    tasks = state.copilot().tasks
    expected = names[-1]
    whole: list[Example] = []
    problems: list[str] = []
    for row in grid:
        cells: dict[str, str | list[str]] = {name: str(row.get(name) or "").strip() for name in names}
        if not all(cells.values()):
            continue
        task = saved.task if saved.task.fields else saved.task.model_copy(update={"fields": tuple(names[:-1])})
        try:
            read = tasks.read_rows(
                [cells | {expected: words.expected_cell(task.kind, str(cells[expected]))}], task=task
            )
        except UserError as error:
            problems.append(message_of(error))
        else:
            whole.append(read.dataset.examples[0].model_copy(update={"id": ""}))
    return whole, problems


def _keep(task_id: str, whole: Sequence[Example], *, visit: str) -> None:
    """Bring the examples of this visit to what the grid holds: they follow each other in the same order."""
    tasks = state.copilot().tasks
    kept: list[Example] = st.session_state.get(visit, [])
    same = [example.model_copy(update={"id": old.id}) for example, old in zip(whole, kept, strict=False)]
    changed = [example for example, old in zip(same, kept, strict=False) if example != old]
    if changed:
        tasks.edit_examples(task_id, changed)
    if len(whole) < len(kept):
        tasks.remove_examples(task_id, [old.id for old in kept[len(whole) :]])
    added = tasks.set_examples(task_id, whole[len(kept) :], origin="typed") if len(whole) > len(kept) else ()
    st.session_state[visit] = [*same, *(row.example for row in added)]
