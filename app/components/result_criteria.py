"""Criterion by criterion: both prompts with their intervals."""

import streamlit as st

from app.components.charts import criteria_chart
from app.components.text import plain
from app.formatting.charts import criteria_points
from app.formatting.verdicts import criteria_title, criterion_lines
from app.wording import t
from copilot.types import PromptFacts


def criteria(yours: PromptFacts, other: PromptFacts, *, names: tuple[str, str], alike: bool) -> None:
    """Show how every criterion came out; where there were two sets of them, only what their answers took."""
    st.subheader(t("Criterion by criterion"), anchor=False)
    points = criteria_points(yours, other, names=names) if alike else []
    if points:
        criteria_chart(points, title=criteria_title(yours, other, name=names[0]))
    for line in criterion_lines(yours, other, names=names):
        st.markdown(f"- {plain(line)}")
