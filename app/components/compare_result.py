"""What a blind comparison shows: who is preferred, how sure that is, and what it means."""

import altair as alt
import pandas as pd
import streamlit as st

from app.components import chart_theme
from app.components.text import plain
from app.formatting.reviews import chance_words, conclusion, rate_words, skipped_words, stopped_words
from app.wording import t
from copilot.types import WinRate


def result(rate: WinRate, first: str, second: str) -> None:
    """Show the conclusion, the interval and the test."""
    st.subheader(plain(conclusion(rate, first, second)), anchor=False)
    if rate.n:
        st.markdown(plain(rate_words(rate, first, second)))
        _interval(rate, first, second)
    if rate.p_value is not None:
        st.markdown(plain(chance_words(rate.p_value)))
    if note := " ".join(filter(None, (stopped_words(rate.left), skipped_words(rate.identical)))):
        st.caption(note)
    with st.expander(t("How this is worked out")):
        st.markdown(
            t(
                "Each pair shows the two answers in an order drawn by chance, so that you cannot know whose they are. "
                "A pair without a difference counts as half a win for each prompt. The interval is Wilson's for a "
                "share; with halves it is a little wider than need be, never too narrow. Your choices are kept as "
                "preferences, from which the copilot itself can learn."
            )
        )


def _interval(rate: WinRate, first: str, second: str) -> None:
    """Draw the share of wins with its interval on one line, with one half marked."""
    colours = chart_theme.colours()
    title = t("Share of wins of: {second}", second=second)
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], title=title, grid=False)
    share = alt.Chart(pd.DataFrame([{"low": rate.low, "high": rate.high, "rate": rate.rate}]))
    line = share.mark_rule(strokeWidth=4, color=colours["grey"]).encode(
        x=alt.X("low:Q", scale=alt.Scale(domain=[0, 1]), axis=axis), x2="high:Q"
    )
    dot = share.mark_point(filled=True, size=140, opacity=1, color=colours["better"]).encode(x="rate:Q")
    half = alt.Chart(pd.DataFrame([{"half": 0.5}])).mark_rule(strokeDash=[4, 3], color=colours["ink"])
    chart = alt.layer(half.encode(x="half:Q"), line, dot).properties(height=110)
    chart_theme.show(chart, key="compare_interval", text=plain(conclusion(rate, first, second)))
