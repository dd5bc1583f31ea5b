"""What a check of the user's own rows found: a sentence, and the rows that do not pass."""

from collections.abc import Sequence

import streamlit as st

from app.components.text import plain
from app.formatting import criteria as words
from app.wording import t, tn
from copilot.types import CheckedRow, CriterionCheck

_SIGNS = {"good": "✓", "mixed": "!", "none": "·"}


def sentence(check: CriterionCheck) -> None:
    """Say in a line or two what was found."""
    tone = words.check_tone(check)
    text = " ".join([words.check_sentence(check), *words.check_notes(check)])
    st.markdown(f"{_SIGNS[tone]} {plain(text)}")
    if tone == "mixed" and not check.obstacle:
        st.warning(
            t(
                "Most of your own expected answers would fail. Either this setting is too strict, or it does not fit "
                "your examples."
            )
        )


def rows(check: CriterionCheck, *, key: str) -> None:
    """Offer the rows that do not pass, with reasons."""
    failing = len(check.failures)
    if failing and not check.compares:
        with st.expander(tn("Show the {n} that does not pass", "Show the {n} that do not pass", failing)):
            table(check.failures, key=f"{key}-failures")
    if check.unscored:
        count = len(check.unscored)
        with st.expander(tn("Show the {n} that was not scored", "Show the {n} that were not scored", count)):
            table(check.unscored, key=f"{key}-unscored")


def table(found: Sequence[CheckedRow], *, key: str) -> None:
    """Show rows with what they score and why."""
    text, answer, why, score = t("Your text"), t("Expected answer"), t("Why"), t("Score")
    st.dataframe(
        {
            why: [row.reason for row in found],
            answer: [row.output for row in found],
            text: [words.shortened(row.text, 400) for row in found],
            score: [t("none") if row.value is None else f"{row.value:.2f}" for row in found],
        },
        hide_index=True,
        height="auto" if len(found) < 8 else 320,
        column_config={score: st.column_config.TextColumn(width="small")},
        key=key,
    )
