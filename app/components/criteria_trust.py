"""Can a judge be trusted? Its ratings beside the user's own, and outputs to rate right here."""

from collections.abc import Mapping

import altair as alt
import pandas as pd
import streamlit as st

from app import state
from app.components import criteria_check
from app.components.text import panel, plain
from app.formatting import criteria as words
from app.formatting.errors import message_of
from app.wording import t, tn
from copilot import CopilotError, Feedback, SuccessCriterion
from copilot.types import Agreement, OutputToRate

ASKED, SKIPPED, LAST = "criteria_trust_asked", "criteria_trust_skipped", "criteria_trust_last"
TALL = 260


def meter(task_id: str, criterion: SuccessCriterion, *, key: str) -> None:
    """Show how far a judge agrees with the user, and let the user rate more outputs."""
    with st.expander(t("Can you trust it?"), key=f"{key}-trust"):
        _meter(task_id, criterion, key)


@st.fragment
def _meter(task_id: str, criterion: SuccessCriterion, key: str) -> None:
    service = state.copilot().criteria
    asked = criterion.model_dump_json(include={"evaluator", "parameters"})
    judged: Mapping[tuple[str, str], bool] = st.session_state.setdefault(ASKED, {})
    try:
        agreement = service.agreement(task_id, criterion)
        if agreement.calls and judged.get((task_id, asked)):
            # What the model has said once is kept, so that asking again costs calls for new ratings only.
            with st.spinner(t("The model rates the outputs that you have rated…")):
                agreement = service.agreement(task_id, criterion, ask=True)
    except CopilotError as error:
        st.error(plain(message_of(error)))
        return
    _shown(agreement, key)
    if agreement.calls:
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(t("Let the model rate them, too"), key=f"{key}-agree"):
                st.session_state[ASKED] = {**judged, (task_id, asked): True}
                st.rerun(scope="fragment")
            most = tn("At most {n} call of your model.", "At most {n} calls of your model.", agreement.calls)
            st.caption(most, width="content")
    _rate(task_id, key)


def _shown(agreement: Agreement, key: str) -> None:
    st.markdown(f"**{plain(words.trust_sentence(agreement))}**")
    if agreement.rated:
        st.progress(
            min(1.0, agreement.rated / (agreement.rated + agreement.wanted)),
            tn("You have rated {n} output.", "You have rated {n} outputs.", agreement.rated),
        )
    if numbers := words.trust_numbers(agreement):
        st.markdown(plain(numbers))
    if agreement.low is not None and agreement.trust != "too_few":
        _drawn(agreement)
    if agreement.disagreements:
        count = len(agreement.disagreements)
        st.markdown(
            tn("You and the model disagree on {n} output:", "You and the model disagree on {n} outputs:", count)
        )
        criteria_check.ratings(agreement.disagreements, answer=t("Answer of the model"), key=f"{key}-disagreements")


def _drawn(agreement: Agreement) -> None:
    """Draw the agreement with its interval on one line from none to full."""
    kappa, low, high = agreement.kappa or 0.0, agreement.low or 0.0, agreement.high or 0.0
    frame = pd.DataFrame({"kappa": [kappa], "low": [low], "high": [high]})
    scale = alt.Scale(domain=[min(0.0, low), 1.0])
    axis = alt.Axis(title=t("Agreement beyond chance: 0 none, 1 full"), values=[0, 0.2, 0.4, 0.6, 0.8, 1])
    base = alt.Chart(frame)
    line = base.mark_bar(height=6, opacity=0.45).encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q")
    dot = base.mark_point(size=160, filled=True).encode(x=alt.X("kappa:Q", scale=scale, axis=axis))
    st.altair_chart(line + dot, height=90)


def _rate(task_id: str, key: str) -> None:
    _undo(task_id, key)
    skipped: set[OutputId] = st.session_state.setdefault(SKIPPED, set())
    most = 20 + len(skipped)
    waiting = [
        output for output in state.copilot().criteria.outputs_to_rate(task_id, most=most) if _id(output) not in skipped
    ]
    if not waiting:
        st.markdown(
            t(
                "There is no output left to rate. Each improvement of this task writes new ones; they can be rated "
                "here then, or beside each result."
            )
        )
        return
    output = waiting[0]
    st.markdown(t("Is this a good answer?"))
    for name, text in output.inputs.items():
        st.caption(plain(name))
        panel(text, height=TALL if len(text) > 700 else None)
    st.caption(t("Answer of the model"))
    panel(output.output, height=TALL if len(output.output) > 700 else None)
    if output.expected:
        st.caption(t("Expected answer"))
        panel(", ".join(output.expected), height=TALL if len(", ".join(output.expected)) > 700 else None)
    with st.container(horizontal=True):
        st.button(t("Good"), key=f"{key}-good", on_click=_say, args=(task_id, output, "up"), width=120)
        st.button(t("Not good"), key=f"{key}-bad", on_click=_say, args=(task_id, output, "down"), width=120)
        st.button(t("Skip"), key=f"{key}-skip", on_click=skipped.add, args=(_id(output),), type="tertiary")


OutputId = tuple[str, str, str]


def _id(output: OutputToRate) -> OutputId:
    return output.run_id, output.candidate_id, output.example_id


def _say(task_id: str, output: OutputToRate, flag: str) -> None:
    saved = state.copilot().add_feedback(
        Feedback(
            run_id=output.run_id,
            candidate_id=output.candidate_id,
            example_id=output.example_id,
            flag="up" if flag == "up" else "down",
        )
    )
    st.session_state[LAST] = (task_id, saved.id, flag)


def _undo(task_id: str, key: str) -> None:
    last = st.session_state.get(LAST)
    if not last or last[0] != task_id:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        said = t("Saved: good.") if last[2] == "up" else t("Saved: not good.")
        st.markdown(said, width="content")
        st.button(t("Undo"), key=f"{key}-undo-rating", on_click=_take_back, args=(last[1],), type="tertiary")


def _take_back(feedback_id: int) -> None:
    st.session_state.pop(LAST, None)
    state.copilot().reviews.undo(feedback_id)
