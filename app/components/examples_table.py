"""The examples of a task as a table that is edited in place and saved as it is edited."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import navigation, state
from app.components.examples_typed import names_of
from app.components.task_pages import page_number, turner
from app.components.text import plain
from app.formatting import tasks as words
from app.formatting.errors import message_of
from app.wording import t, tn
from copilot import TaskKind, UserError
from copilot.types import ExampleCounts, SavedExample, SavedTask

SIZE = 50
ROW = 72
"""Pixels of a row: three lines of text."""
_CHOSEN, _COUNTS, _ORIGIN = " chosen", " counts", " origin"
"""Columns of our own: no input's name begins with a blank."""


def examples_table(saved: SavedTask, counts: ExampleCounts) -> None:
    """Show the examples page by page, with what can be done with them."""
    tasks = state.copilot().tasks
    accepted, search = _filters(saved, counts)
    total = tasks.count_matching(saved.id, accepted=accepted, search=search)
    if not total:
        st.markdown(plain(t("No example matches. Choose All, or empty the search.")))
        return
    first = (page_number(total, SIZE) - 1) * SIZE
    rows = tasks.examples(saved.id, accepted=accepted, search=search, offset=first, limit=SIZE)
    shown = _base(saved.id, f"{accepted}{search}{first}", rows)
    chosen = _grid(saved, shown)
    if total > SIZE:
        st.caption(t("Examples {first} to {last} of {total}", first=first + 1, last=first + len(rows), total=total))
    turner(total, SIZE)
    drafts = chosen or (shown if accepted is False else ())
    _actions(saved, chosen, [row for row in drafts if not row.accepted], first=not counts.accepted)


def undo_panel(task_id: str) -> None:
    """Offer to take back what was added or removed last."""
    done: dict[str, Any] | None = st.session_state.get("examples_undo")
    if not done or done["task"] != task_id:
        return
    added, removed = len(done["added"]), len(done["removed"])
    said = [tn("One example was added.", "{n} examples were added.", added)] if added else []
    said += [tn("One example was removed.", "{n} examples were removed.", removed)] if removed else []
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="undo"):
        st.markdown(plain(" ".join(said)))
        if st.button(t("Undo"), key="undo_examples"):
            tasks = state.copilot().tasks
            tasks.remove_examples(task_id, done["added"])
            tasks.put_back(task_id, done["removed"])
            _changed()
            del st.session_state["examples_undo"]
            st.rerun()


def _filters(saved: SavedTask, counts: ExampleCounts) -> tuple[bool | None, str]:
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    search = left.text_input(t("Search"), key="q", bind="query-params", placeholder=t("Words of an example"))
    if not counts.drafted:
        return None, search
    names = {"all": t("All"), "counting": t("Accepted"), "drafted": t("Drafts to look at")}
    asked = state.in_url("filter", "all")
    chosen = right.segmented_control(
        t("Show"),
        list(names),
        default=asked if asked in names else "all",
        format_func=lambda name: names[name],
        required=True,
        key=f"show_{saved.id}",
    )
    if chosen and chosen != asked:
        state.to_url(filter=None if chosen == "all" else chosen, page=None)
    return {"counting": True, "drafted": False}.get(chosen or "all"), search


def _base(task_id: str, place: str, rows: Sequence[SavedExample]) -> tuple[SavedExample, ...]:
    """Return the rows as they were when this page of the table was opened.

    The grid keeps edits by the number of the row: what lies below them must not move while it is open.
    """
    name = (task_id, place, st.session_state.get("examples_version", 0))
    kept = st.session_state.get("examples_base")
    if kept is None or kept[0] != name or _key(name) not in st.session_state:
        # A page that was left and is opened again knows of no edits: those of before are in the rows by now.
        st.session_state["examples_saved"] = {}
        kept = (name, tuple(rows))
        st.session_state["examples_base"] = kept
    base: tuple[SavedExample, ...] = kept[1]
    return base


def _key(name: tuple[str, str, int]) -> str:
    return f"examples_{'_'.join(map(str, name))}"


def _changed() -> None:
    st.session_state["examples_version"] = st.session_state.get("examples_version", 0) + 1


def _grid(saved: SavedTask, shown: Sequence[SavedExample]) -> list[SavedExample]:
    """Show the rows, save what was edited, and return those that are chosen."""
    inputs, expected = names_of(saved)
    kind = saved.task.kind
    drafts = any(not row.accepted for row in shown)
    lines = [
        {_CHOSEN: False}
        | {name: row.example.inputs.get(name, "") for name in inputs}
        | {expected: words.expected_text(kind, row.example.expected)}
        | {_COUNTS: row.accepted, _ORIGIN: words.origin_name(row.origin)}
        for row in shown
    ]
    order = [_CHOSEN, *inputs, expected, *([_COUNTS] if drafts else []), _ORIGIN]
    edited = st.data_editor(
        lines,
        hide_index=True,
        column_order=order,
        column_config=_columns(saved, inputs, expected),
        disabled=[_ORIGIN],
        row_height=ROW,
        height=min(ROW * len(lines) + 38, 660),
        key=_key(st.session_state["examples_base"][0]),
        alt=t("The examples of this task"),
    )
    news = [
        _save(saved, row, words.changed_cells(before, after), (*inputs, expected))
        for row, before, after in zip(shown, lines, edited, strict=True)
    ]
    if any(news):
        # What stands above the table was counted before.
        st.rerun()
    return [row for row, after in zip(shown, edited, strict=True) if after[_CHOSEN]]


def _columns(saved: SavedTask, inputs: Sequence[str], expected: str) -> dict[str, Any]:
    labels = list(saved.task.labels)
    config: dict[str, Any] = {
        _CHOSEN: st.column_config.CheckboxColumn(t("Choose"), width=100),
        _COUNTS: st.column_config.CheckboxColumn(t("Accepted"), width=110),
        _ORIGIN: st.column_config.TextColumn(t("Origin"), width=90),
    }
    for name in inputs:
        config[name] = st.column_config.TextColumn(words.field_name(name), width="large")
    if saved.task.kind is TaskKind.CLASSIFICATION and labels:
        config[expected] = st.column_config.SelectboxColumn(words.field_name(expected), options=labels, width=110)
    else:
        config[expected] = st.column_config.TextColumn(words.field_name(expected), width="medium")
    return config


def _save(saved: SavedTask, row: SavedExample, changes: dict[str, object], names: Sequence[str]) -> bool:
    """Save what was changed in one row, and return whether that is news; the same again changes nothing."""
    tasks = state.copilot().tasks
    changes.pop(_CHOSEN, None)
    counts = changes.pop(_COUNTS, None)
    remembered = st.session_state.setdefault("examples_saved", {})
    place = (saved.id, row.example.id, st.session_state.get("examples_version", 0))
    if remembered.get(place) == (changes, counts) or (place not in remembered and not changes and counts is None):
        return False
    expected = names[-1]
    old = words.expected_text(saved.task.kind, row.example.expected)
    cells = {name: str(changes.get(name, row.example.inputs.get(name, ""))) for name in names[:-1]}
    answer = str(changes.get(expected, old))
    task = saved.task if saved.task.fields else saved.task.model_copy(update={"fields": tuple(names[:-1])})
    try:
        read = tasks.read_rows(
            [cells | {expected: words.expected_cell(task.kind, answer)}], task=task, expected=bool(answer.strip())
        )
    except UserError as error:
        st.error(plain(t("This change was not saved: {why}", why=message_of(error))))
        return False
    tasks.edit_examples(saved.id, [read.dataset.examples[0].model_copy(update={"id": row.example.id})])
    tasks.accept(saved.id, [row.example.id], accepted=row.accepted if counts is None else bool(counts))
    remembered[place] = (changes, counts)
    return True


def _actions(saved: SavedTask, chosen: Sequence[SavedExample], drafts: Sequence[SavedExample], *, first: bool) -> None:
    tasks = state.copilot().tasks
    with st.container(horizontal=True, key="examples_actions"):
        if st.button(t("Add examples"), key="add"):
            navigation.go("examples", task=saved.id, tab="upload")
        label = tn("Accept one draft", "Accept {n} drafts", len(drafts))
        if drafts and st.button(label, type="primary" if first else "secondary", key="accept"):
            tasks.accept(saved.id, [row.example.id for row in drafts])
            _changed()
            if not tasks.counts(saved.id).drafted:
                state.to_url(filter=None, page=None)
            st.rerun()
        ids = [row.example.id for row in chosen]
        if ids and st.button(tn("Remove one example", "Remove {n} examples", len(ids)), key="remove"):
            removed = tasks.remove_examples(saved.id, ids)
            st.session_state["examples_undo"] = {"task": saved.id, "added": [], "removed": list(removed)}
            _changed()
            st.rerun()
