"""Labels of a template: where they point, moving them with a look at what is replaced, and going back."""

from functools import partial

import streamlit as st

from app import state
from app.components.template_dialogs import put_away, question
from app.components.text import plain
from app.formatting import locale
from app.formatting.errors import message_of
from app.formatting.templates import (
    KNOWN_LABELS,
    apps_following,
    change_sentence,
    move_sentence,
    usable_label,
)
from app.wording import t
from copilot import CopilotError, TemplateVersion
from copilot.types import LabelChange

_DONE = "template_label_change"


def badges(labels: tuple[str, ...] | dict[str, int]) -> None:
    """Show labels, those of a list with the version that they point at."""
    for label in labels:
        words = f"{label} → {labels[label]}" if isinstance(labels, dict) else label
        st.badge(plain(words), color="blue" if label == "production" else "gray")


def show_labels(name: str, versions: tuple[TemplateVersion, ...]) -> None:
    """Show every label, where it points, and the ways back."""
    library = state.copilot().template_library
    _show_done(name)
    pointed = {label: saved for saved in reversed(versions) for label in saved.labels}
    if not pointed:
        st.markdown(
            t(
                "No label yet. A label such as *production* is what apps and programs ask for; it can point at another "
                "version later without anything else being changed."
            )
        )
    for label, saved in sorted(pointed.items(), key=lambda pair: _rank(pair[0])):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            badges((label,))
            st.markdown(
                t("version {version} of {day}", version=saved.version, day=locale.date(saved.created_at)),
                width="stretch",
            )
            previous = library.previous(name, label)
            if previous is not None and st.button(
                t("Back to version {version}", version=previous), key=f"rollback_{label}"
            ):
                _done(library.rollback(name, label))
            if st.button(t("Take off"), key=f"unlabel_{label}", type="tertiary"):
                _done(library.unlabel(name, label))


def _rank(label: str) -> tuple[int, str]:
    order = tuple(reversed(KNOWN_LABELS))
    return (order.index(label) if label in order else len(order), label)


def show_history(name: str) -> None:
    """Show how labels moved, newest first."""
    moves = state.copilot().template_library.history(name)
    if not moves:
        return
    with st.expander(t("How labels moved")):
        for move in moves:
            by = " · " + plain(move.author) if move.author else ""
            when = locale.moment(move.changed_at, zone=st.context.timezone)
            st.markdown(f"{plain(when)} · {plain(change_sentence(move))}{by}")


def promote(name: str, version: int) -> None:
    """Ask which label is to point at a version, and say what that replaces."""
    question(t("Point a label at this version"), partial(_promote, name, version))


def _promote(name: str, version: int) -> None:
    library = state.copilot().template_library
    own = sorted({label for saved in library.versions(name) for label in saved.labels} - set(KNOWN_LABELS))
    typed = st.selectbox(
        t("Label"),
        [*reversed(KNOWN_LABELS), *own],
        index=None,
        accept_new_options=True,
        key="promote_label",
        placeholder=t("Choose a label, or write one of your own"),
    )
    author = author_field("promote_author")
    label = usable_label(typed or "")
    if not typed:
        st.caption(t("Version {version} is chosen; nothing changes before you confirm.", version=version))
        return
    if not label:
        st.warning(t("A label begins with a letter and holds small letters, digits, - and _ only, such as “review-2”."))
        return
    try:
        move = library.move(name, label, version)
    except CopilotError as error:
        st.error(plain(message_of(error)))
        return
    st.markdown(plain(move_sentence(move)))
    same = move.replaces is not None and move.replaces.version == version
    if following := apps_following(state.copilot().apps.list(), name, label):
        st.markdown(plain(t("Apps that follow this label: {apps}.", apps=", ".join(following))))
    if move.replaces is not None and not same:
        st.caption(
            t("Apps with this label use the new version from their next answer on, programs when they next load it.")
        )
    if st.button(
        t("Point it at version {version}", version=version), type="primary", key="promote_confirm", disabled=same
    ):
        _done(library.promote(name, label, version, author=author))


def author_field(key: str) -> str:
    """Ask who is doing it; remembered while the browser's tab is open."""
    known = str(st.session_state.get("author", ""))
    typed = str(st.text_input(t("Your name (optional)"), value=known, max_chars=80, key=key)).strip()
    st.session_state["author"] = typed
    return typed


def _done(change: LabelChange) -> None:
    put_away()
    st.session_state[_DONE] = change
    st.rerun()


def _show_done(name: str) -> None:
    change = st.session_state.get(_DONE)
    if not isinstance(change, LabelChange) or change.name != name:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="label_done"):
        st.success(plain(change_sentence(change)), width="stretch")
        if st.button(t("Undo"), key="label_undo"):
            try:
                state.copilot().template_library.undo(change)
            except CopilotError as error:
                st.error(plain(message_of(error)))
                return
            del st.session_state[_DONE]
            st.rerun()
