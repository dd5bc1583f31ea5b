"""One answer, and what a reviewer says of it."""

from collections.abc import Sequence

import streamlit as st

from app import state
from app.components import feedback_actions as actions
from app.components.text import panel, plain
from app.formatting.reviews import TALL, VALUES, flag_name, score_rows, state_name, tags, value_name
from app.formatting.tasks import field_name
from app.formatting.told import told
from app.wording import t
from copilot import Run
from copilot.types import ReviewItem, SavedTask


def card(run: Run, task: SavedTask | None, item: ReviewItem, *, number: int, total: int) -> None:
    """Show an answer with input and expected answer, and take what is said of it."""
    st.subheader(t("Answer {number} of {total}", number=number, total=total), anchor=False)
    _texts(item)
    _scores(item)
    actions.fill(item)
    _rate(run, item, number)
    _edit(run, task, item, number)


def turner(ids: Sequence[str], place: int, *, at: str) -> None:
    """Lead to the answers before and after."""
    with st.container(horizontal=True, key=f"feedback_turner_{at}"):
        if st.button(t("← Previous"), disabled=place == 0, key=f"feedback_back_{at}"):
            state.to_url(row=ids[place - 1])
            st.rerun()
        if st.button(t("Next →"), disabled=place + 1 >= len(ids), key=f"feedback_on_{at}"):
            state.to_url(row=ids[place + 1])
            st.rerun()


def undo_bar() -> None:
    """Show the last action with its undo, and what went wrong."""
    if sentence := actions.problem():
        st.error(plain(sentence))
    done = actions.last()
    if done is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="feedback_done"):
            st.markdown(plain(t("Saved: {what}.", what=done.words)), width="content")
            st.button(t("Undo"), key="feedback_undo", on_click=actions.undo_last)


def _texts(item: ReviewItem) -> None:
    inputs = item.example.inputs
    for name, text in inputs.items():
        st.caption(plain(field_name(name)))
        panel(text, height=TALL if len(text) > 600 else None)
    expected = item.example.expected
    columns = st.columns(1 if expected is None else 2)
    with columns[0]:
        st.caption(t("The answer ({state})", state=state_name(item.trial.passed)))
        panel(item.output or t("(no answer)"), height=TALL if len(item.output) > 600 else None)
        if item.trial.problem:
            st.caption(plain(told(item.trial.problem)))
    if expected is not None:
        with columns[1]:
            st.caption(t("What you expected"))
            text = "\n".join(expected) or t("(no answer to be found)")
            panel(text, height=TALL if len(text) > 600 else None)


def _scores(item: ReviewItem) -> None:
    if item.trial.scores:
        with st.expander(t("How it was scored")):
            st.dataframe(score_rows(item.trial), hide_index=True, width="stretch")


def _rate(run: Run, item: ReviewItem, number: int) -> None:
    st.segmented_control(
        t("Is this answer good?"),
        ["up", "down"],
        format_func=flag_name,
        key=actions.key("flag", item),
        on_change=actions.save,
        args=(run.id, item, "flag", number),
    )
    st.segmented_control(
        t("How useful is it?"),
        list(VALUES),
        format_func=value_name,
        key=actions.key("value", item),
        on_change=actions.save,
        args=(run.id, item, "value", number),
    )
    st.selectbox(
        t("In a word"),
        tags([saved.feedback for saved in run.feedback()]),
        index=None,
        accept_new_options=True,
        placeholder=t("Choose, or write a word of your own"),
        key=actions.key("tag", item),
        on_change=actions.save,
        args=(run.id, item, "tag", number),
    )
    st.text_area(
        t("Comment"),
        height=80,
        placeholder=t("What should be different?"),
        key=actions.key("comment", item),
        on_change=actions.save,
        args=(run.id, item, "comment", number),
    )


def _edit(run: Run, task: SavedTask | None, item: ReviewItem, number: int) -> None:
    st.text_area(
        t("The answer as it should be"),
        height=120,
        help=t("Change it to what you would have written. The copilot learns from it."),
        key=actions.key("edited", item),
        on_change=actions.save,
        args=(run.id, item, "edited", number),
    )
    said = item.rating
    usable = said is not None and (said.feedback.edited_output is not None or said.feedback.flag == "up")
    if task is not None and said is not None and usable:
        st.button(
            t("Add to examples"),
            key="feedback_to_example",
            help=t("It becomes the expected answer of this example, and every further run is measured by it."),
            on_click=actions.add_to_examples,
            args=(said.id, number),
        )
