"""The verdict: one sentence in large type, its interval, and what it rests on."""

import html

import streamlit as st

from app.components.charts import interval_chart, methods_chart
from app.components.text import plain
from app.formatting.charts import interval_points, method_points, methods_title
from app.formatting.verdicts import Said, detectable, note_words, verdict_words
from app.wording import t
from copilot import Run, RunResult
from copilot.types import PromptFacts, RowQuery


def sentence(said: Said) -> None:
    """Show a verdict large; its first word says what its colour says."""
    word, rest = html.escape(said.word), html.escape(said.rest)
    st.html(f'<div class="falconer-verdict {said.tone}" role="status"><span class="word">{word}</span> {rest}</div>')


def in_words(run: Run) -> str:
    """Return the verdict of a finished run as one sentence."""
    return verdict_words(run.result, run.facts(RowQuery(candidate_id=run.finalist_id))).sentence


def verdict(result: RunResult, facts: PromptFacts) -> None:
    """Show the answer of a run, and beside it the methods without a model."""
    said = verdict_words(result, facts)
    sentence(said)
    found = result.verdict.holdout
    drawn, methods = interval_points(found), method_points(result.verdict)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if drawn is not None:
            interval_chart(drawn, tone=said.tone, text=said.sentence, axis=t("Difference to your prompt, in points"))
        if shown := detectable(found):
            st.markdown(plain(shown))
        before = result.verdict.holdout_used_before
        for note in note_words(result.verdict.notes, used_before=before, cross_fitted=result.verdict.cross_fitted):
            st.caption(plain(note))
    if result.verdict.baselines:
        with right:
            methods_chart(methods, title=methods_title(result.verdict))
