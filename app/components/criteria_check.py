"""What a check of the user's own rows found: a sentence, and the rows that do not pass."""

from collections.abc import Sequence

import streamlit as st

from app.components.text import plain
from app.formatting import criteria as words
from app.formatting import locale
from app.formatting.told import told
from app.wording import t, tn
from copilot.types import CheckedRow, CriterionCheck

_SIGNS = {"good": "✓ ", "mixed": "! ", "none": ""}


def sentence(check: CriterionCheck) -> str:
    """Return in a line or two what was found, as markdown."""
    text = " ".join([words.check_sentence(check), *words.check_notes(check)])
    return f"{_SIGNS[words.check_tone(check)]}{plain(text)}"


def warning(check: CriterionCheck) -> None:
    """Warn where the examples contradict the criterion."""
    if words.check_tone(check) == "mixed" and not check.obstacle:
        st.warning(
            t(
                "Most of your own expected answers would fail. Either this setting is too strict, or it does not fit "
                "your examples."
            )
        )


def block(*parts: str) -> None:
    """Show short parts, markdown already, each on a line of its own."""
    st.markdown("  \n".join(part for part in parts if part))


def rows(check: CriterionCheck, *, key: str) -> None:
    """Offer the rows that do not pass, with reasons."""
    shown, failing = len(check.failures), check.scored - check.passed
    if shown and not check.compares:
        label = tn("Show the {n} that does not pass", "Show the {n} that do not pass", failing)
        if shown < failing:
            label = t("Show {shown} of the {n} that do not pass", shown=shown, n=failing)
        with st.expander(label):
            table(check.failures, key=f"{key}-failures")
    if check.unscored:
        count = len(check.unscored)
        with st.expander(tn("Show the {n} that was not scored", "Show the {n} that were not scored", count)):
            table(check.unscored, key=f"{key}-unscored")


def table(found: Sequence[CheckedRow], *, key: str) -> None:
    """Show rows with why they do not pass, and what they score."""
    score = t("Score")
    columns = {
        t("Why"): [told(row.reason) for row in found],
        t("Expected answer"): [row.output for row in found],
        t("Your text"): [words.shortened(row.text, 400) for row in found],
        score: [t("none") if row.value is None else locale.number(row.value, 2) for row in found],
    }
    _frame(columns, narrow=score, key=key)


def ratings(found: Sequence[CheckedRow], *, answer: str, key: str) -> None:
    """Show what a model rated, lowest first; `answer` is what the outputs are called."""
    rows = sorted(found, key=lambda row: row.value or 0.0)
    rating = t("Rating")
    columns = {
        rating: [words.rating(row) for row in rows],
        answer: [row.output for row in rows],
        t("Your text"): [words.shortened(row.text, 400) for row in rows],
    }
    _frame(columns, narrow=rating, key=key)


def _frame(columns: dict[str, list[str]], *, narrow: str, key: str) -> None:
    st.dataframe(
        columns,
        hide_index=True,
        height="auto" if len(columns[narrow]) < 8 else 320,
        column_config={narrow: st.column_config.TextColumn(width="small")},
        key=key,
    )
