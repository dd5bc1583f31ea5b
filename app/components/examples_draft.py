"""Lets the copilot draft examples in the background, and says how far it is."""

import threading
from dataclasses import dataclass, field

import streamlit as st

from app import navigation, state
from app.components.text import plain
from app.formatting.errors import message_of
from app.wording import t, tn
from copilot import Copilot, CopilotError
from copilot.types import SavedTask

AT_ONCE = 2
"""Examples asked for in one go; after each the page knows more."""


@dataclass
class Drafting:
    """Examples that are being drafted for one task; what is drafted is in the database already."""

    wanted: int
    drafted: int = 0
    error: str = ""
    over: bool = False
    stop: threading.Event = field(default_factory=threading.Event)


@st.cache_resource(show_spinner=False)
def _under_way() -> dict[str, Drafting]:
    return {}


def drafting_of(task_id: str) -> Drafting | None:
    """Return the drafting that was started last for a task."""
    return _under_way().get(task_id)


def start(copilot: Copilot, task_id: str, wanted: int) -> Drafting:
    """Draft in a thread of its own: a click has to come back at once."""
    drafting = Drafting(wanted)
    _under_way()[task_id] = drafting
    threading.Thread(target=_draft, args=(copilot, task_id, drafting), name="falconer-drafts", daemon=True).start()
    return drafting


def _draft(copilot: Copilot, task_id: str, drafting: Drafting) -> None:
    try:
        while drafting.drafted < drafting.wanted and not drafting.stop.is_set():
            left = drafting.wanted - drafting.drafted
            drafting.drafted += len(copilot.tasks.draft_examples(task_id, min(AT_ONCE, left)))
    except CopilotError as error:
        drafting.error = message_of(error)
    finally:
        drafting.over = True


def draft_panel(saved: SavedTask) -> None:
    """Show how examples are drafted: the wish, then how far it is, then what came of it."""
    drafting = drafting_of(saved.id)
    if drafting is not None and not drafting.over:
        _progress(saved.id)
        return
    if drafting is not None:
        _outcome(saved.id, drafting)
        return
    st.markdown(
        plain(
            t(
                "The copilot writes examples from your description and from those that are there. They wait for you: "
                "a draft decides nothing until you have looked at it and accepted it."
            )
        )
    )
    wanted = st.segmented_control(t("How many"), (4, 8, 16), default=8, required=True, key="draft_number") or 8
    if st.button(t("Draft examples"), type="primary", key="draft"):
        start(state.copilot(), saved.id, int(wanted))
        st.rerun()


@st.fragment(run_every="1s")
def _progress(task_id: str) -> None:
    drafting = drafting_of(task_id)
    if drafting is None or drafting.over:
        st.rerun()
    words = tn("Writing one example", "Writing {n} examples", drafting.wanted)
    st.progress(
        min(1.0, drafting.drafted / drafting.wanted),
        t("{words}: {done} done. A small model needs a while.", words=words, done=drafting.drafted),
    )
    if st.button(t("Stop"), key="draft_stop", disabled=drafting.stop.is_set()):
        drafting.stop.set()


def _outcome(task_id: str, drafting: Drafting) -> None:
    if drafting.error:
        st.error(plain(drafting.error))
    if drafting.drafted:
        st.success(
            tn(
                "One example was drafted. Look at it, mend it, and accept it if it is right.",
                "{n} examples were drafted. Look at them, mend them, and accept those that are right.",
                drafting.drafted,
            )
        )
        if st.button(t("Look at the drafts"), type="primary", key="see_drafts"):
            _under_way().pop(task_id, None)
            navigation.go("examples", task=task_id, filter="drafted")
    if st.button(t("Draft more") if drafting.drafted else t("Try again"), key="draft_again"):
        _under_way().pop(task_id, None)
        st.rerun()
