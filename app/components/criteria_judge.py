"""A criterion that asks a model: tried on a few of the user's rows, each time for a known number of calls."""

import streamlit as st

from app import state
from app.components import criteria_check, criteria_trust
from app.components.text import panel, plain
from app.formatting import criteria as words
from app.formatting.errors import message_of
from app.formatting.told import told
from app.wording import t, tn
from copilot import CopilotError, Example, SuccessCriterion
from copilot.types import CheckedRow, CriterionEntry

ROWS = 10
TRIED = "criteria_tried"


def tools(task_id: str, criterion: SuccessCriterion, entry: CriterionEntry, *, key: str, trust: bool = True) -> None:
    """Offer a trial on a few rows, a look at one row and, where runs may have used it, the trust meter."""
    examples = state.copilot().criteria.rows(task_id)
    if examples:
        with st.expander(t("Try it on your examples"), key=f"{key}-try", expanded=not trust):
            _several(task_id, criterion, entry, min(ROWS, len(examples)), key)
            _one(task_id, criterion, entry, examples, key)
    if trust:
        criteria_trust.meter(task_id, criterion, key=key)


def _several(task_id: str, criterion: SuccessCriterion, entry: CriterionEntry, n: int, key: str) -> None:
    calls = n * entry.calls
    with st.container(horizontal=True, vertical_alignment="center"):
        label = tn("Try it on {n} expected answer", "Try it on {n} expected answers", n)
        asked = st.button(label, key=f"{key}-several")
        st.caption(tn("{n} call of your model.", "{n} calls of your model.", calls), width="content")
    if asked:
        _ask(task_id, criterion, n=n)
    found = _tried(task_id, criterion).get("several")
    if isinstance(found, str):
        st.error(plain(found))
    elif found:
        scored = [row for row in found if row.value is not None]
        passed = sum(bool(row.passed) for row in scored)
        st.markdown(
            tn(
                "{passed} of {n} passes this.",
                "{passed} of {n} expected answers pass this.",
                len(scored),
                passed=passed,
            )
        )
        criteria_check.ratings(found, answer=t("Expected answer"), key=f"{key}-several-rows")


def _one(
    task_id: str, criterion: SuccessCriterion, entry: CriterionEntry, examples: tuple[Example, ...], key: str
) -> None:
    texts = [words.shortened(next(iter(example.inputs.values()), ""), 90) for example in examples]
    number = st.selectbox(
        t("Or look at one row"), range(len(examples)), format_func=lambda index: texts[index], key=f"{key}-row"
    )
    example = examples[number]
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button(t("Ask about this row"), key=f"{key}-one")
        st.caption(tn("{n} call of your model.", "{n} calls of your model.", entry.calls), width="content")
    if asked:
        _ask(task_id, criterion, n=1, example_id=example.id)
    found = _tried(task_id, criterion).get(f"one-{example.id}")
    if isinstance(found, str):
        st.error(plain(found))
    elif found:
        row = found[0]
        st.caption(t("Expected answer"))
        panel(row.output)
        st.markdown(f"**{plain(_rating(row))}**")


def _rating(row: CheckedRow) -> str:
    if row.value is None:
        return told(row.reason)
    if row.passed:
        return t("Rated {rating}: it passes.", rating=words.rating(row))
    return t("Rated {rating}: it does not pass.", rating=words.rating(row))


def _tried(task_id: str, criterion: SuccessCriterion) -> dict[str, list[CheckedRow] | str]:
    """Return what was asked about this very criterion while the page is open; the model's answers are kept for good."""
    asked = criterion.model_dump_json(include={"evaluator", "parameters", "threshold"})
    all_tried: dict[tuple[str, str], dict[str, list[CheckedRow] | str]] = st.session_state.setdefault(TRIED, {})
    return all_tried.setdefault((task_id, asked), {})


def _ask(task_id: str, criterion: SuccessCriterion, *, n: int, example_id: str | None = None) -> None:
    where = "several" if example_id is None else f"one-{example_id}"
    line = st.empty()
    found: list[CheckedRow] = []
    line.progress(0.0, t("The model reads the first answer…"))
    try:
        rows = state.copilot().criteria.judge_rows(task_id, criterion, rows=n, example_id=example_id)
        for row in rows:
            found.append(row)
            line.progress(
                min(1.0, len(found) / n), t("The model has read {done} of {n} answers.", done=len(found), n=n)
            )
    except CopilotError as error:
        _tried(task_id, criterion)[where] = message_of(error)
    else:
        _tried(task_id, criterion)[where] = found
    line.empty()
