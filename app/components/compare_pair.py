"""Two answers, neither named, and the keys by which one is preferred."""

import streamlit as st

from app import state
from app.components.text import panel, plain
from app.formatting.errors import message_of
from app.formatting.reviews import TALL, skipped_words
from app.formatting.tasks import field_name
from app.wording import t
from copilot import CopilotError
from copilot.types import Pair, PairQueue, Side

PROBLEM = "compare_problem"


def pair(run_id: str, ids: tuple[str, str], queue: PairQueue, two: Pair) -> None:
    """Show two answers to the same input and take the choice."""
    done = t("Pair {number} of {total}", number=queue.judged + 1, total=queue.total)
    st.progress(queue.judged / queue.total, text=" · ".join(filter(None, (done, skipped_words(queue.identical)))))
    if sentence := st.session_state.pop(PROBLEM, ""):
        st.error(plain(sentence))
    for name, text in two.example.inputs.items():
        st.caption(plain(field_name(name)))
        panel(text, height=TALL if len(text) > 600 else None)
    left, right = st.columns(2)
    for column, title, text in ((left, t("Answer A"), two.left), (right, t("Answer B"), two.right)):
        with column:
            st.caption(title)
            panel(text, height=TALL if len(text) > 900 else None)
    st.markdown(f"**{t('Which answer is better?')}**")
    with st.container(horizontal=True, key="compare_buttons"):
        for side, label, keys in (
            ("left", t("A is better"), "Left"),
            ("tie", t("Equal"), "Down"),
            ("right", t("B is better"), "Right"),
        ):
            st.button(
                label,
                key=f"compare_{side}",
                shortcut=keys,
                on_click=vote,
                args=(run_id, ids, two.example.id, side),
            )


def undo(queue: PairQueue) -> None:
    """Offer to take the last choice back."""
    st.button(
        t("Undo the last choice"),
        key="compare_undo",
        shortcut="U",
        disabled=queue.last_vote is None,
        on_click=take_back,
        args=(queue.last_vote,),
    )


def vote(run_id: str, ids: tuple[str, str], example_id: str, side: Side) -> None:
    """Save which answer is better."""
    try:
        state.copilot().reviews.vote(run_id, *ids, example_id=example_id, side=side)
    except CopilotError as error:
        st.session_state[PROBLEM] = message_of(error)


def take_back(vote_id: int) -> None:
    """Take a choice back."""
    try:
        state.copilot().reviews.undo_vote(vote_id)
    except CopilotError as error:
        st.session_state[PROBLEM] = message_of(error)
