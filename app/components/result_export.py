"""A result as files: the rows as a spreadsheet, the whole as a report."""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.formatting.told import told
from app.language import language, spoken
from app.wording import t
from copilot import Run
from copilot.types import RowQuery


def exports(run: Run, rows_of: Run, query: RowQuery, *, name: str) -> None:
    """Show the downloads; a file is made when it is asked for.

    Args:
        run: the one that the page is about.
        rows_of: the run of the prompt whose rows are shown.
        query: which rows.
        name: of the task.
    """
    code = language()
    stem = re.sub(r"[^\w-]+", "_", name).strip("_")[:60] or "result"
    everything = RowQuery(candidate_id=query.candidate_id, against=query.against, part="all")
    with st.container(horizontal=True, key="exports"):
        st.download_button(
            t("Report (.docx)"),
            _made(".docx", lambda path: _report(run, path, code)),
            file_name=f"{stem}.docx",
            on_click="ignore",
            key="export_docx",
        )
        for suffix, label in ((".xlsx", t("All rows (.xlsx)")), (".csv", t("All rows (.csv)"))):
            st.download_button(
                label,
                _made(suffix, lambda path: rows_of.export(path, everything)),
                file_name=f"{stem}{suffix}",
                on_click="ignore",
                key=f"export_{suffix[1:]}",
            )
    st.caption(t("All rows and columns, with every score, reason and comment."))


def _report(run: Run, path: Path, code: str) -> None:
    # Made when it is asked for, where nobody's visit tells the language.
    with spoken(code):
        run.report(path, language=code, told=told)


def _made(suffix: str, write: Callable[[Path], object]) -> Callable[[], bytes]:
    def data() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"file{suffix}"
            write(path)
            return path.read_bytes()

    return data
