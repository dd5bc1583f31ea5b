"""The rows of a batch, a page at a time, with what came out; one row in full on a click."""

from typing import Any

import streamlit as st

from app import state
from app.components.text import panel, plain
from app.formatting import apps as words
from app.formatting.told import told
from app.wording import t
from copilot import Sheet, SheetLine, SheetProgress

REFRESH = "3s"
NARROW, BROAD, WIDE = 60, 190, 320
"""Widths of columns in pixels."""


def results(sheet: Sheet) -> None:
    """Show the table; it is read anew every few seconds while rows are being answered."""
    live = sheet.progress().status in words.LIVE
    st.fragment(_results, run_every=REFRESH if live else None)(sheet)


def _results(sheet: Sheet) -> None:
    now = sheet.progress()
    if not now.done:
        if now.status in words.LIVE:
            st.caption(t("Answers appear here as they come."))
        return
    asked = state.in_url("page")
    failed = _filter(now)
    page = _page(words.pages_of(now.errors if failed else now.total), asked=asked, failed=failed)
    count = now.errors if failed else now.total
    if not count:
        st.caption(t("No row failed."))
        return
    offset = (page - 1) * words.PAGE_ROWS
    lines = sheet.rows(failed=True if failed else None, offset=offset, limit=words.PAGE_ROWS)
    plan = sheet.plan
    rows = words.table(lines, inputs=plan.inputs)
    last = min(offset + len(lines), count)
    st.caption(t("Rows {first} to {last} of {n}", first=offset + 1, last=last, n=count))
    chosen = st.dataframe(
        rows,
        hide_index=True,
        column_config=_columns(rows),
        on_select="rerun",
        selection_mode="single-row",
        key=f"batch_rows_{sheet.id}_{failed}_{page}",
    )
    selected = chosen["selection"]["rows"] if isinstance(chosen, dict) else []
    if selected and selected[0] < len(lines):
        _whole(lines[selected[0]])
    else:
        st.caption(t("Mark a row at its left edge to read all of it."))


def _columns(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Keep texts from being taken for links or numbers, and what the row is in sight, on a phone, too."""
    widths = {t("Row"): NARROW, t("Sure"): NARROW + 30, t("What went wrong"): WIDE}
    return {
        name: st.column_config.TextColumn(name, width=widths.get(name, BROAD), pinned=name == t("Row"))
        for name in (rows[0] if rows else {})
    }


def _filter(now: SheetProgress) -> bool:
    """Show the filter; return whether only rows that failed are wanted. The link keeps it."""
    asked = "failed" if state.in_url("filter") == "failed" else "all"
    if st.session_state.get("batch_filter") != asked:  # setting it anew would undo a click that is under way
        st.session_state["batch_filter"] = asked
    names = {
        "all": t("All {n}", n=now.total),
        "failed": t("Failed {n}", n=now.errors),
    }
    chosen = st.segmented_control(
        t("Rows"),
        list(names),
        required=True,
        format_func=lambda name: names[name],
        label_visibility="collapsed",
        key="batch_filter",
        on_change=_filtered,
    )
    return chosen == "failed"


def _filtered() -> None:
    wanted = st.session_state["batch_filter"]
    state.to_url(filter=wanted if wanted == "failed" else None, page=None)


def _page(pages: int, *, asked: str, failed: bool) -> int:
    here = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    if pages == 1:
        return 1
    key = f"batch_page_{failed}"
    if st.session_state.get(key, here) != here:
        st.session_state[key] = here
    st.pagination(pages, default=here, key=key, on_change=_turned, args=(key,))
    return here


def _turned(key: str) -> None:
    state.to_url(page=st.session_state[key])


def _whole(line: SheetLine) -> None:
    """Show everything of one row."""
    with st.container(border=True, key="batch_row"):
        st.markdown(t("**Row {n}**", n=line.row + 1))
        if line.result is None:
            st.caption(t("This row waits for its answer."))
        elif line.result.output is None:
            st.error(plain(told(line.result.error or "") or t("The answer could not be read.")))
        else:
            st.caption(t("Answer"))
            panel(words.answer_text(line.result))
            if line.result.confidence is not None:
                st.caption(plain(words.confidence_words(line.result.confidence)))
        for column, cell in line.inputs.items():
            st.caption(plain(column))
            panel(cell if isinstance(cell, str) else "\n".join(cell))
