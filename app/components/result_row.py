"""One row of a result in full: inputs, answer, expected, every score with its reason, tokens and time."""

from collections.abc import Mapping

import streamlit as st

from app import navigation, state
from app.components.text import panel, plain
from app.formatting import locale
from app.formatting.errors import message_of
from app.formatting.rows import (
    answer_text,
    confidence_words,
    cost_words,
    expected_text,
    part_words,
    score_cell,
    score_lines,
    state_words,
)
from app.formatting.tasks import field_name
from app.formatting.told import told
from app.wording import t
from copilot import CopilotError, Run, Trial
from copilot.types import ResultRow, RowQuery


def dialog(run: Run, query: RowQuery, *, names: Mapping[str, str]) -> None:
    """Open the row of the URL; closing it takes it out of the URL."""
    try:
        row = run.row(state.in_url("row"), query)
    except CopilotError as error:
        st.warning(plain(message_of(error)))
        if st.button(t("Close"), key="close_row"):
            state.to_url(row=None)
            st.rerun()
        return
    title = t("{state}: one example", state=state_words(row.state))
    st.dialog(title, width="large", on_dismiss=_closed)(_content)(run, query, row, names)


def _closed() -> None:
    state.to_url(row=None)


def _content(run: Run, query: RowQuery, row: ResultRow, names: Mapping[str, str]) -> None:
    for name, text in row.example.inputs.items():
        st.markdown(f"**{plain(field_name(name))}**")
        panel(text, height=200 if len(text) > 900 else None)
    mine, other = names.get(query.candidate_id or "", t("This prompt")), names.get(query.against or "", "")
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{plain(t('Answer of: {name}', name=mine))}**")
        _answer(row.trial)
    with right:
        st.markdown(f"**{plain(t('Expected'))}**")
        if row.example.expected is None:
            st.caption(plain(t("Not known for this example.")))
        else:
            panel(expected_text(row.example.expected))
    _scores(row.trial)
    if row.other is not None:
        st.markdown(f"**{plain(t('Answer of: {name}', name=other))}**")
        _answer(row.other)
        _scores(row.other)
    st.caption(plain(t("This example was {part}.", part=part_words(row.split))))
    with st.container(horizontal=True):
        if st.button(t("Close"), key="close_row"):
            state.to_url(row=None)
            st.rerun()
        navigation.link(
            t("Give feedback on it"),
            "feedback",
            task=state.in_url("task"),
            run=run.id,
            candidate=query.candidate_id,
            row=row.example.id,
        )


def _answer(trial: Trial) -> None:
    text = answer_text(trial)
    if trial.problem:
        st.warning(plain(told(trial.problem)))
        if text:
            st.caption(plain(t("What the model wrote:")))
    if text or not trial.problem:
        panel(text)
    if trial.output is not None and trial.raw and trial.raw.strip() != text.strip():
        with st.expander(t("As the model wrote it")):
            panel(trial.raw)


def _scores(trial: Trial) -> None:
    words = t("Score: {score}", score=score_cell(trial))
    st.markdown(plain(" · ".join(filter(None, (words, cost_words(trial), confidence_words(trial))))))
    lines = score_lines(trial)
    if lines:
        st.markdown("\n".join(f"- **{plain(score)}**{locale.colon()}{plain(reason)}" for score, reason in lines))
