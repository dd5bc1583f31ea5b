"""A spreadsheet through a template: upload, follow in words, take the result home."""

import tempfile
from functools import partial as partial_of
from pathlib import Path

import streamlit as st

from app import state
from app.components.text import plain
from app.wording import t, tn
from copilot import CopilotError, RunStatus, Sheet

POLL = "1s"
OVER = (RunStatus.FINISHED, RunStatus.STOPPED, RunStatus.FAILED)


def run_sheet(reference: str) -> None:
    """Ask for a sheet and start it; show the one of the link, and its result."""
    copilot = state.copilot()
    template = copilot.template_library.template(reference)
    names = ", ".join(f"“{name}”" for name in template.variables)
    st.markdown(
        plain(
            tn(
                "The sheet needs a column {names}; all others stay as they are.",
                "The sheet needs the columns {names}; all others stay as they are.",
                len(template.variables),
                names=names,
            )
        )
    )
    uploaded = st.file_uploader(t("Spreadsheet"), type=["xlsx", "csv", "tsv", "jsonl"], key="sheet_file")
    if uploaded is not None and st.button(t("Run all rows"), key="sheet_start"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(uploaded.name).name
            path.write_bytes(uploaded.getvalue())
            try:
                with st.spinner(t("Reading the sheet…")):
                    sheet = copilot.sheets.submit(template, path)
            except CopilotError as error:
                st.error(plain(str(error)))
                return
        state.to_url(sheet=sheet.id)
        st.rerun()
    if asked := state.in_url("sheet"):
        try:
            sheet = copilot.sheets.get(asked)
        except CopilotError as error:
            st.warning(plain(str(error)))
            return
        if sheet.status in OVER:
            _show(sheet)
        else:
            st.fragment(_poll, run_every=POLL)(sheet)


def _poll(sheet: Sheet) -> None:
    _show(sheet)
    if sheet.status in OVER:
        st.rerun()


def _show(sheet: Sheet) -> None:
    now = sheet.progress()
    failed = tn("one failed", "{n} failed", now.errors) if now.errors else t("none failed")
    st.progress(now.done / max(1, now.total))
    st.markdown(
        plain(
            t("{name}: {done} of {total} rows, {failed}.", name=now.name, done=now.done, total=now.total, failed=failed)
        )
    )
    if now.status in (RunStatus.STOPPED, RunStatus.FAILED):
        st.warning(plain(now.error or t("It was stopped; the rows that are done are kept.")))
        if st.button(t("Go on"), key="sheet_resume"):
            sheet.resume()
            st.rerun()
    elif now.status is not RunStatus.FINISHED:
        if not now.workers:
            st.caption(t("Waiting for a free place to begin."))
        if st.button(t("Stop; keep what is done"), key="sheet_stop"):
            sheet.cancel()
        return
    if now.done:
        _downloads(sheet, partial=now.status is not RunStatus.FINISHED)


def _downloads(sheet: Sheet, *, partial: bool) -> None:
    def written(ending: str) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"result.{ending}"
            sheet.result(path, partial=partial)
            return path.read_bytes()

    with st.container(horizontal=True):
        for ending, words in (("xlsx", t("Download for Excel")), ("csv", t("Download as CSV"))):
            st.download_button(
                words,
                partial_of(written, ending),
                file_name=f"{sheet.id}.{ending}",
                key=f"sheet_{ending}",
                on_click="ignore",
            )
