"""The rows of a result: filtered, searched and paged by the database; one opens into a dialog."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from app import state
from app.components.result_row import dialog
from app.components.task_pages import page_number, turner
from app.components.text import plain
from app.formatting import locale
from app.formatting.rows import filters, table
from app.formatting.runs import counted
from app.wording import t, tn
from copilot import Run
from copilot.types import Part, RowPage, RowQuery, Show

SIZE = 50
SHOWN: dict[str, Show] = {
    "all": "all",
    "failures": "failures",
    "passes": "passes",
    "errors": "errors",
    "different": "different",
}


def asked(*, candidate: str, against: str | None, part: Part) -> RowQuery:
    """Return which rows the URL asks for."""
    return RowQuery(
        candidate_id=candidate,
        against=against,
        show=SHOWN.get(state.in_url("filter"), "all"),
        search=state.in_url("q"),
        part=part,
        limit=SIZE,
    )


def rows(run: Run, names: Mapping[str, str], query: RowQuery) -> None:
    """Show the table with its filters.

    Args:
        run: of the prompt whose rows these are.
        names: of the prompt and of the one beside it, as the query names them.
        query: which rows.
    """
    st.subheader(t("Example by example"), anchor=False)
    if query.against:
        words = t(
            "Answers of {name}, beside those of {other}.",
            name=names[query.candidate_id or ""],
            other=names[query.against],
        )
        st.caption(plain(words))
    page = _page(run, query)
    counts = counted(filters(), {str(name): n for name, n in page.counts.items()})
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        chosen = st.segmented_control(
            t("Rows"),
            list(counts),
            default=query.show,
            required=True,
            format_func=lambda key: counts[key],
            key="filter_choice",
            wrap=True,
        )
    with right:
        search = st.text_input(
            t("Search"), value=query.search, key="q_choice", placeholder=t("Words of an example or an answer")
        )
    if (chosen or "all") != query.show or search.strip() != query.search:
        state.to_url(filter=None if chosen == "all" else chosen, q=search.strip(), page=None)
        st.rerun()
    _table(run, page)
    turner(page.total, SIZE)
    if state.in_url("row"):
        dialog(run, query, names=names)


def _page(run: Run, query: RowQuery) -> RowPage:
    """Return the page that the URL asks for; one beyond the end: the last."""
    # A finished run does not change: its rows are counted once for each prompt and search, not for each page.
    same = (run.id, query.candidate_id, query.against, query.part, query.search)
    before, counts = st.session_state.get("row_counts", (None, None))
    known = counts if before == same else None
    asked_for = page_number(SIZE * 10**7, SIZE)
    found = run.find_rows(query.model_copy(update={"offset": (asked_for - 1) * SIZE}), counts=known)
    st.session_state["row_counts"] = (same, found.counts)
    if found.rows or not found.total:
        return found
    last = (page_number(found.total, SIZE) - 1) * SIZE
    return run.find_rows(query.model_copy(update={"offset": last}), counts=found.counts)


def _table(run: Run, page: RowPage) -> None:
    if not page.rows:
        st.markdown(plain(t("No row is like that. Choose another filter, or search for other words.")))
        return
    counted_rows = tn(
        "One row. Choose it to see everything.", "{n} rows, failures first. Choose one to see everything.", page.total
    )
    st.caption(plain(counted_rows))
    key = f"rows_{run.id}_{st.session_state.get('rows_seen', 0)}"

    def opened() -> None:
        picked = st.session_state[key].selection.rows
        if picked:
            state.to_url(row=page.rows[picked[0]].example.id)
            # A new key: the choice is gone when the dialog is closed, so that the same row can be chosen again.
            st.session_state["rows_seen"] = st.session_state.get("rows_seen", 0) + 1

    lines = table(page, against=t("Other answer"))
    st.dataframe(
        _written(lines),
        key=key,
        hide_index=True,
        on_select=opened,
        selection_mode="single-row",
        height=min(620, 38 + 35 * len(lines)),
        column_config={
            t("Result"): st.column_config.TextColumn(width=100, pinned=True),
            t("Score"): st.column_config.TextColumn(width=75),
            t("Example"): st.column_config.TextColumn(width=380),
            t("Answer"): st.column_config.TextColumn(width=180),
            t("Expected"): st.column_config.TextColumn(width=150),
            t("Other answer"): st.column_config.TextColumn(width=180),
            t("Why"): st.column_config.TextColumn(width=260),
            t("Tokens"): st.column_config.NumberColumn(width=75),
            t("Seconds"): st.column_config.NumberColumn(width=80),
        },
        alt=t("Rows of the result, failures first"),
    )


def _written(lines: list[dict[str, object]]) -> Styler:
    """Return the lines with numbers that are sorted as numbers and written in the reader's form."""
    decimal, thousands = locale.signs()
    return pd.DataFrame(lines).style.format(precision=1, decimal=decimal, thousands=thousands)
