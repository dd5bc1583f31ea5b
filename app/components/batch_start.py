"""A new batch: the sheet template, the upload, which column holds what, and the start."""

import streamlit as st

from app import state
from app.components.app_files import as_file, made
from app.components.text import plain
from app.formatting import locale
from app.formatting.apps import shortened
from app.formatting.errors import message_of
from app.formatting.told import told
from app.wording import t, tn
from copilot import CopilotError
from copilot.types import AppForm, BatchPreview

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WARNINGS = 5


def new_batch(form: AppForm) -> None:
    """Show the way from a sheet to its start."""
    apps = state.copilot().apps
    st.markdown(t("Run this app on every row of a sheet. It goes on in the background when you close the page."))
    st.download_button(
        t("Download the sheet template"),
        made("rows.xlsx", lambda path: apps.write_sheet_template(form.slug, path)),
        file_name=f"{form.slug}.xlsx",
        mime=XLSX,
        on_click="ignore",
        key="sheet_template",
        help=t("A column for each field, with one example row to replace. Any sheet of your own will do, too."),
    )
    upload = st.file_uploader(t("Your sheet: Excel, CSV or another table"), key=f"batch_file_{form.slug}")
    if upload is None:
        return
    sheet = _picked_sheet(form, upload)
    seen = _preview(form, upload, sheet)
    if not _report(seen):
        return
    columns = _mapping(form, seen)
    missing = [field.label for field in form.fields if field.name not in columns]
    if missing:
        st.caption(plain(t("Say which column holds {field}.", field=locale.quoted(missing[0]))))
    pressed = st.button(
        tn("Run {rows} row", "Run {rows} rows", seen.report.rows, rows=seen.report.rows),
        type="primary",
        key="start_batch",
        disabled=bool(missing),
    )
    if pressed:
        _start(form, upload, sheet, columns=columns, seen=seen)


def _picked_sheet(form: AppForm, upload: object) -> str | None:
    sheets = _preview(form, upload, None).report.sheets
    if len(sheets) < 2:
        return None
    return st.selectbox(t("Sheet"), sheets, key=f"batch_sheet_{_id(upload)}")


def _preview(form: AppForm, upload: object, sheet: str | None) -> BatchPreview:
    """Read an upload once, however often the page is drawn."""
    key = f"batch_preview_{_id(upload)}_{sheet}"
    if key not in st.session_state:
        with st.spinner(t("Reading the sheet. A large one takes a while.")), as_file(upload) as path:
            st.session_state[key] = state.copilot().apps.preview(form.slug, path, sheet=sheet)
    seen: BatchPreview = st.session_state[key]
    return seen


def _report(seen: BatchPreview) -> bool:
    """Say what was read; return whether it can be run."""
    report = seen.report
    if report.outcome == "refuse":
        st.error(plain(told(report.message)))
        return False
    if report.warnings:
        said = [f"- {plain(shortened(told(oddity.message)))}" for oddity in report.warnings[:WARNINGS]]
        more = len(report.warnings) - len(said)
        if more > 0:
            said.append("- " + tn("and {n} more", "and {n} more", more))
        st.warning("\n".join([plain(told(report.message)), "", *said]))
    else:
        st.success(plain(told(report.message)))
    return True


def _mapping(form: AppForm, seen: BatchPreview) -> dict[str, str]:
    """Let the reader say which column holds which field; what names tell is filled in."""
    columns = list(seen.report.columns)
    told = all(field.name in seen.columns for field in form.fields)
    chosen: dict[str, str] = {}
    with st.expander(t("Which column holds what"), expanded=not told):
        for field in form.fields:
            guess = seen.columns.get(field.name)
            column = st.selectbox(
                plain(field.label),
                columns,
                index=columns.index(guess) if guess in columns else None,
                placeholder=t("Choose a column"),
                key=f"map_{field.name}_{'|'.join(columns)[:200]}",
            )
            if column is not None:
                chosen[field.name] = column
        st.dataframe(
            [{name: shortened(cell, to=80) for name, cell in row.items()} for row in seen.first_rows],
            hide_index=True,
            column_config={name: st.column_config.TextColumn(name) for name in columns},
        )
    return chosen


def _start(form: AppForm, upload: object, sheet: str | None, *, columns: dict[str, str], seen: BatchPreview) -> None:
    """Store the rows and open the batch; a second press on the same upload starts nothing more."""
    key = f"batch_of_{_id(upload)}_{sheet}"
    if key not in st.session_state:
        try:
            with st.spinner(t("Storing the rows. Thousands of them take a few seconds.")), as_file(upload) as path:
                begun = state.copilot().apps.submit(form.slug, path, sheet=sheet, columns=columns, seen=seen)
                st.session_state[key] = begun.id
        except CopilotError as error:
            st.error(plain(message_of(error)))
            return
    state.to_url(sheet=st.session_state[key])
    st.rerun()


def _id(upload: object) -> str:
    return str(getattr(upload, "file_id", ""))
