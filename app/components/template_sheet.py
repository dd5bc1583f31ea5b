"""A spreadsheet through a template: upload, say which column holds what, follow, take the result home."""

import streamlit as st

from app import navigation, state
from app.components.app_files import as_file
from app.components.batch_progress import progress
from app.components.batch_results import results
from app.components.text import plain
from app.formatting import locale
from app.formatting.errors import message_of
from app.formatting.told import told
from app.wording import t
from copilot import CopilotError, Template
from copilot.types import FilePreview

FORMATS = ["xlsx", "csv", "tsv", "xls", "ods", "json", "jsonl", "parquet"]


def run_sheet(reference: str) -> None:
    """Ask for a sheet and start it, or show the one that the link names."""
    if asked := state.in_url("sheet"):
        _show(asked)
        return
    template = state.copilot().template_library.template(reference)
    names = ", ".join(locale.quoted(name) for name in template.variables)
    st.markdown(plain(t("Every row needs {names}; all other columns stay as they are.", names=names)))
    st.caption(t("The work goes on in the background when you close the page."))
    upload = st.file_uploader(t("Your sheet"), type=FORMATS, key="sheet_file")
    if upload is None:
        return
    seen = _preview(upload, None)
    sheet = st.selectbox(t("Sheet"), seen.sheets, key=f"sheet_of_{upload.file_id}") if len(seen.sheets) > 1 else None
    seen = _preview(upload, sheet) if sheet else seen
    if not seen.columns:
        st.error(plain(told(seen.report.message) or t("This file holds no rows.")))
        return
    columns = _columns(template, seen, key=f"{upload.file_id}_{sheet}")
    if st.button(t("Run all rows"), key="sheet_start", disabled=len(columns) < len(template.variables)):
        try:
            with st.spinner(t("Reading the sheet…")), as_file(upload) as path:
                started = state.copilot().sheets.submit(template, path, columns=columns, sheet=sheet)
        except CopilotError as error:
            st.error(plain(message_of(error)))
            return
        state.to_url(tab="sheet", sheet=started.id)
        st.rerun()


def _preview(upload: object, sheet: str | None) -> FilePreview:
    """Read an upload once, however often the page is drawn."""
    key = f"sheet_seen_{getattr(upload, 'file_id', '')}_{sheet}"
    if key not in st.session_state:
        with st.spinner(t("Reading the sheet…")), as_file(upload) as path:
            st.session_state[key] = state.copilot().tasks.preview(path, sheet=sheet)
    seen: FilePreview = st.session_state[key]
    return seen


def _columns(template: Template, seen: FilePreview, *, key: str) -> dict[str, str]:
    chosen: dict[str, str] = {}
    places = st.columns(max(1, min(3, len(template.variables))))
    folded = {column.casefold(): column for column in seen.columns}
    only = seen.columns[0] if len(seen.columns) == len(template.variables) == 1 else None
    for number, name in enumerate(template.variables):
        guess = folded.get(name.casefold(), only)
        with places[number % len(places)]:
            column = st.selectbox(
                plain(t("Column for “{name}”", name=name)),
                seen.columns,
                index=seen.columns.index(guess) if guess in seen.columns else None,
                key=f"sheet_column_{key}_{name}",
                placeholder=t("Choose a column"),
            )
        if column is not None:
            chosen[name] = column
    return chosen


def _show(sheet_id: str) -> None:
    if st.button(t("Another sheet"), key="sheet_other"):
        state.to_url(sheet=None, filter=None, page=None)
        st.rerun()
    try:
        sheet = state.copilot().sheets.get(sheet_id)
        st.markdown(f"**{plain(sheet.plan.name)}**")
        progress(sheet)
        results(sheet)
    except CopilotError as error:
        st.warning(plain(message_of(error)))
        navigation.link(t("To all templates"), "templates")
