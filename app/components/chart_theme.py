"""The one look of all charts: the interface's own type, quiet axes, colours by theme."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.formatting.charts import COLOURS
from app.formatting.locale import vega

FONT = "Inter"


QUIET = {"light": "#545C66", "dark": "#A9B1BA"}
"""Words on axes, in the contrast of text."""


def colours() -> Mapping[str, str]:
    """Return the colours of the reader's theme: better, worse, grey, ink, line, and quiet for words on axes."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    return {**COLOURS[theme], "quiet": QUIET[theme]}


def show(chart: Any, *, text: str, key: str | None = None) -> None:
    """Show an Altair chart.

    Args:
        chart: the chart, without a configuration of its own.
        text: what it says, for those who cannot see it.
        key: as of every widget.
    """
    shade = colours()
    styled = (
        chart.configure(background="transparent", font=FONT, locale={"number": vega()})
        .configure_view(strokeOpacity=0)
        .configure_axis(
            labelFont=FONT,
            titleFont=FONT,
            labelColor=shade["quiet"],
            titleColor=shade["quiet"],
            domainColor=shade["line"],
            tickColor=shade["line"],
            labelFontSize=12,
            titleFontSize=13,
            titleFontWeight=400,
            labelLimit=260,
            grid=False,
        )
        .configure_text(font=FONT)
    )
    st.altair_chart(styled, key=key, width="stretch", alt=text)
