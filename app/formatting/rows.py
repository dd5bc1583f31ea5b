"""Rows of a result as a table and in full; nothing here draws."""

import json
from collections.abc import Sequence

from app.formatting import locale
from app.formatting.told import told
from app.wording import t
from copilot import Trial
from copilot.types import ResultRow, RowPage

LONGEST = 600
"""Characters of a text in a cell; the whole of it is shown when the row is opened."""


def filters() -> dict[str, str]:
    """Return the filters of the table by their names in the URL."""
    return {
        "all": t("All"),
        "failures": t("Failures"),
        "passes": t("Passes"),
        "errors": t("Errors"),
        "different": t("Different"),
    }


def state_words(state: str) -> str:
    """Return how a row came out; the sign tells it apart without colour."""
    return {
        "passed": t("✓ right"),
        "failed": t("✕ wrong"),
        "error": t("⚠ error"),
        "unscored": t("? not scored"),
    }[state]


def part_words(split: str) -> str:
    """Return what an example was used for."""
    return {
        "holdout": t("kept aside"),
        "dev": t("used to choose the prompt"),
        "pool": t("used as worked examples"),
    }[split]


def score_cell(trial: Trial) -> str:
    """Return a row's score out of 100; what has none says so, since it is no 0."""
    if trial.problem:
        return t("error")
    if trial.value is None:
        return t("not scored")
    return locale.number(100 * trial.value)


def answer_text(trial: Trial | None) -> str:
    """Return an answer as people read it; what the model wrote, where nothing could be read from it."""
    if trial is None:
        return ""
    if trial.output is None:
        return trial.raw
    return trial.output if isinstance(trial.output, str) else "; ".join(trial.output)


def expected_text(expected: Sequence[str] | None) -> str:
    """Return an expected answer; an empty one is a statement, too."""
    if expected is None:
        return ""
    return "; ".join(expected) if expected else t("(nothing: it cannot be answered)")


def cell(text: str) -> str:
    """Return the beginning of a text, on one line."""
    line = " ".join(text[: 2 * LONGEST].split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def input_text(row: ResultRow) -> str:
    """Return the inputs of a row as one text."""
    if len(row.example.inputs) == 1:
        return next(iter(row.example.inputs.values()))
    return " · ".join(f"{name}{locale.colon()}{text}" for name, text in row.example.inputs.items())


def table(page: RowPage, *, against: str) -> list[dict[str, object]]:
    """Return a page as lines of a table, under translated titles.

    Args:
        page: the rows.
        against: what the other prompt's answers are called; empty: they are not shown.
    """
    lines = []
    for row in page.rows:
        line: dict[str, object] = {
            t("Result"): state_words(row.state),
            t("Score"): score_cell(row.trial),
            t("Example"): cell(input_text(row)),
            t("Answer"): cell(answer_text(row.trial)),
            t("Expected"): cell(expected_text(row.example.expected)),
        }
        if against:
            line[against] = cell(answer_text(row.other)) if row.other else t("(not tried)")
        line[t("Why")] = cell(" ".join(told(reason) for reason in row.reasons))
        line[t("Tokens")] = row.trial.usage.tokens
        line[t("Seconds")] = round(row.trial.latency_seconds, 1)
        lines.append(line)
    return lines


def score_lines(trial: Trial) -> list[tuple[str, str]]:
    """Return every score of a row with its reason: (score, reason)."""
    return [
        (t("not scored") if score.value is None else locale.number(100 * score.value), told(score.explanation))
        for score in trial.scores
    ]


def cost_words(trial: Trial) -> str:
    """Return what one answer took."""
    return t(
        "{prompt} tokens read, {answer} written, {seconds} s",
        prompt=trial.usage.prompt_tokens,
        answer=trial.usage.completion_tokens,
        seconds=locale.number(trial.latency_seconds, 1),
    )


def confidence_words(trial: Trial) -> str:
    """Return how sure the model was, where that is known."""
    if trial.confidence is None:
        return ""
    return t("The model was {share} sure.", share=locale.percent(trial.confidence))


def safe_key(text: str) -> str:
    """Return a text as part of a widget's key."""
    return json.dumps(text)[1:-1]
