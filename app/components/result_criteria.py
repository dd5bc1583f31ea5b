"""Criterion by criterion: both prompts with their intervals."""

import streamlit as st

from app.components.charts import criteria_chart
from app.components.text import plain
from app.formatting.charts import criteria_points
from app.formatting.verdicts import criterion_lines
from app.wording import t
from copilot.types import PromptFacts


def criteria(yours: PromptFacts, other: PromptFacts, *, title: str) -> None:
    """Show how every criterion came out."""
    st.subheader(t("Criterion by criterion"), anchor=False)
    points = criteria_points(yours, other)
    if points:
        criteria_chart(points, title=title)
    for line in criterion_lines(yours, other):
        st.markdown(f"- {plain(line)}")
