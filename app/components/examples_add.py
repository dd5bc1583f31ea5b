"""The ways to add examples: a file, a table from the clipboard, by hand, or drafted by the copilot."""

from collections.abc import Sequence

import streamlit as st

from app import navigation, state
from app.components import upload
from app.components.examples_draft import draft_panel
from app.components.examples_typed import typed_grid
from app.components.text import plain
from app.formatting import tasks as words
from app.wording import t, tn
from copilot import Examples, Task, TaskKind
from copilot.types import SavedTask

WAYS = ("upload", "paste", "type", "draft")


def add_examples(saved: SavedTask, way: str) -> None:
    """Show one way to add examples, and the choice between them."""
    names = {
        "upload": t("Upload files"),
        "paste": t("Paste a table"),
        "type": t("Type by hand"),
        "draft": t("Let the copilot draft"),
    }
    chosen = st.segmented_control(
        t("Where do the examples come from?"),
        WAYS,
        default=way,
        format_func=lambda name: names[name],
        required=True,
        key=f"way_{saved.id}",
    )
    if chosen and chosen != way:
        state.to_url(tab=chosen)
        st.rerun()
    if way == "upload":
        _from_files(saved)
    elif way == "paste":
        _from_clipboard(saved)
    elif way == "type":
        if typed_grid(saved):
            return
    else:
        draft_panel(saved)
    if state.copilot().tasks.count_matching(saved.id) and st.button(t("Back to the examples"), key="to_table"):
        navigation.go("examples", task=saved.id)


def _from_files(saved: SavedTask) -> None:
    files = st.file_uploader(
        t("Spreadsheets, lists or documents"),
        type=list(upload.FORMATS),
        accept_multiple_files=True,
        key=f"files_{saved.id}",
        help=t("Excel, CSV, JSON, Parquet, text, PDF and Word. Nothing leaves this computer but to your model server."),
    )
    if not files:
        st.caption(_advice(saved.task))
        return
    _offer(saved, upload.read_uploads(saved.task, files, key=f"files_{saved.id}_{files[0].file_id}"), origin="file")


def _from_clipboard(saved: SavedTask) -> None:
    text = st.text_area(
        t("Copy cells in your spreadsheet, with the row of column names, and paste them here"),
        key=f"paste_{saved.id}",
        height=220,
    )
    if not text.strip():
        st.caption(_advice(saved.task))
        return
    key = f"paste_{saved.id}_{hash(text)}"
    _offer(saved, upload.read_uploads(saved.task, [upload.Pasted(text)], key=key), origin="clipboard")


def _advice(task: Task) -> str:
    inputs, expected = state.copilot().tasks.needed(task)
    names = ", ".join(words.field_name(name) for name in inputs)
    if not names:
        return plain(t("One row for each example: your inputs, and a column with the expected answer."))
    said = t(
        "One row for each example, with {inputs} and {expected}. What the columns are called does not matter. 40 rows "
        "are a good start; from 80 a clear verdict is likely.",
        inputs=names,
        expected=words.field_name(expected),
    )
    return plain(said)


def _offer(saved: SavedTask, found: Examples | None, *, origin: str) -> None:
    if found is None:
        return
    tasks = state.copilot().tasks
    rows = found.dataset.examples
    there = tasks.count_matching(saved.id)
    replace = False
    if there:
        choice = st.radio(
            t("What about those that are there?"),
            ("keep", "replace"),
            format_func=lambda name: (
                tn("Keep the one example and add to it", "Keep the {n} examples and add to them", there)
                if name == "keep"
                else tn(
                    "Put these in the place of the one example", "Put these in the place of the {n} examples", there
                )
            ),
            key=f"{origin}_replace_{saved.id}",
        )
        replace = choice == "replace"
    label = tn("Add one example", "Add {n} examples", len(rows))
    if st.button(label, type="primary", key="add_examples"):
        with st.spinner(t("Adding the examples…")):
            before = tasks.examples(saved.id) if replace else ()
            added = tasks.set_examples(saved.id, rows, origin="uploaded", replace=replace)
        if saved.task.kind is TaskKind.CUSTOM and not saved.task.fields:
            tasks.update(saved.id, saved.task.model_copy(update={"fields": words.fields_of(rows)}))
        note_added(saved.id, [row.example.id for row in added], before)
        navigation.go("examples", task=saved.id)


def note_added(task_id: str, added: Sequence[str], replaced: Sequence[object]) -> None:
    """Remember what was added last, so that it can be undone."""
    st.session_state["examples_undo"] = {"task": task_id, "added": list(added), "removed": list(replaced)}
