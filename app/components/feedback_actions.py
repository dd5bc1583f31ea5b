"""What a reviewer does to an answer: every change is saved at once, and the last one can be taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from app import state
from app.formatting.errors import message_of
from app.formatting.reviews import scale
from app.wording import t
from copilot import CopilotError, Feedback
from copilot.types import ExampleChange, ReviewItem

LAST, PROBLEM, TURN = "feedback_last", "feedback_problem", "feedback_turn"
Field = Literal["flag", "value", "tag", "comment", "edited"]


@dataclass(frozen=True)
class Done:
    """The last action, in words, and how it is taken back."""

    words: str
    undo: Callable[[], object]


def key(field: str, item: ReviewItem) -> str:
    """Return the key of a widget about one answer; another one after an undo, so that it shows what is saved."""
    trial = item.trial
    return f"feedback_{field}_{st.session_state.get(TURN, 0)}_{trial.candidate_id}_{trial.example_id}"


def fill(item: ReviewItem) -> None:
    """Let the widgets about an answer show what is saved, where they do not hold anything yet."""
    said = item.rating.feedback if item.rating else None
    saved: dict[str, object] = {
        "flag": said.flag if said else None,
        "value": scale(said.value) if said and said.value is not None else None,
        "tag": (said.tag or None) if said else None,
        "comment": said.comment if said else "",
        "edited": said.edited_output if said and said.edited_output is not None else item.output,
    }
    for field, value in saved.items():
        st.session_state.setdefault(key(field, item), value)


def save(run_id: str, item: ReviewItem, changed: Field, number: int) -> None:
    """Save one changed field of what is said of an answer."""
    trial = item.trial
    # Read anew: leaving a text by a click saves two changes before the page is drawn again.
    rating = state.copilot().reviews.item(run_id, trial.candidate_id, trial.example_id).rating
    before = rating.feedback if rating else None
    base = before or Feedback(run_id=run_id, candidate_id=trial.candidate_id, example_id=trial.example_id)
    value = st.session_state.get(key(changed, item))
    name = {"edited": "edited_output"}.get(changed, changed)
    if changed in ("tag", "comment"):
        value = (value or "").strip()
    if changed == "edited" and value == item.output:
        value = None
    after = Feedback.model_validate({**base.model_dump(), name: value, "created_at": None})
    if _try(lambda: state.copilot().reviews.add(after)):
        _done(t("what you said of answer {number}", number=number), lambda: _restore(before, after))


def take_back(feedback_id: int, said: Feedback) -> None:
    """Take one opinion back."""
    if _try(lambda: state.copilot().reviews.undo(feedback_id)):
        _turn()
        _done(t("the removal of feedback"), lambda: state.copilot().reviews.add(said))


def add_to_examples(feedback_id: int, number: int) -> None:
    """Make an answer the expected one of the task's example."""
    found: list[ExampleChange] = []
    if _try(lambda: found.append(state.copilot().reviews.to_example(feedback_id))):
        change = found[0]
        _done(
            t("answer {number} became the expected answer of your examples", number=number)
            if change.before
            else t("answer {number} was added to your examples", number=number),
            lambda: state.copilot().reviews.undo_example(change),
        )


def last() -> Done | None:
    """Return the last action that can be taken back."""
    done = st.session_state.get(LAST)
    return done if isinstance(done, Done) else None


def undo_last() -> None:
    """Take the last action back."""
    done = last()
    if done is not None and _try(done.undo):
        st.session_state.pop(LAST, None)
        _turn()


def problem() -> str:
    """Return why the last action failed, once."""
    return str(st.session_state.pop(PROBLEM, ""))


def _restore(before: Feedback | None, after: Feedback) -> None:
    empty = Feedback(run_id=after.run_id, candidate_id=after.candidate_id, example_id=after.example_id)
    state.copilot().reviews.add(before or empty.model_copy(update={"author": after.author}))


def _turn() -> None:
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


def _done(words: str, undo: Callable[[], object]) -> None:
    st.session_state[LAST] = Done(words, undo)


def _try(act: Callable[[], object]) -> bool:
    try:
        act()
    except CopilotError as error:
        st.session_state[PROBLEM] = message_of(error)
        return False
    return True
