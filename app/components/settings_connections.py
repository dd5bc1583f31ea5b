"""The list of model servers: test, edit, remove with a way back."""

import os

import streamlit as st

from app import navigation, state
from app.components.text import plain
from app.formatting.errors import message_of
from app.formatting.settings import answered, details, uses, where
from app.wording import t
from copilot import CopilotError
from copilot.types import ConnectionDraft, ModelConnection

NEW = "+"
"""In the URL in place of a name: a connection that is not there yet. No connection may be called so."""
REMOVED, SAID = "settings_removed", "settings_said"


def connections() -> None:
    """Show the models that can be used, and the button for another one."""
    st.subheader(t("Models"), anchor=False)
    api = state.copilot().connections
    _removed()
    for connection in api.list():
        _card(connection)
    if st.button(t("Add a model"), type="primary", key="add_connection"):
        navigation.go("settings", connection=NEW)


def _card(connection: ModelConnection) -> None:
    name = connection.name
    with st.container(border=True, key=f"connection-{name}"):
        words, buttons = st.columns([3, 2], vertical_alignment="center")
        with words:
            used = uses(name, state.copilot().preferences.get())
            st.markdown(f"**{plain(name)}**" + (f" · {plain(', '.join(used))}" if used else ""))
            lines = (where(connection), " · ".join(details(connection, os.environ)))
            st.caption("  \n".join(plain(line) for line in lines if line))
        with buttons, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            if st.button(t("Test"), key=f"test-{name}"):
                _test(connection)
            if name != "embedded":
                if st.button(t("Edit"), key=f"edit-{name}"):
                    navigation.go("settings", connection=name)
                if st.button(t("Remove"), key=f"remove-{name}", type="tertiary"):
                    _remove(connection)
        _outcome(name)


def _test(connection: ModelConnection) -> None:
    outcomes = st.session_state.setdefault(SAID, {})
    with st.spinner(t("Asking the model one small question …")):
        outcomes[connection.name] = outcome(connection.name)


def outcome(tested: str | ConnectionDraft) -> tuple[bool, str]:
    """Test a connection by its name or as it is typed; return whether it works, and the sentence about it."""
    try:
        return True, answered(state.copilot().connections.test(tested))
    except CopilotError as error:
        return False, message_of(error)


def _outcome(name: str) -> None:
    if name in st.session_state.get(SAID, {}):
        works, sentence = st.session_state[SAID][name]
        (st.success if works else st.error)(plain(sentence))


def _remove(connection: ModelConnection) -> None:
    st.session_state[REMOVED] = state.copilot().connections.remove(connection.name)
    st.session_state.get(SAID, {}).pop(connection.name, None)
    st.rerun()


def _removed() -> None:
    gone: ModelConnection | None = st.session_state.get(REMOVED)
    if gone is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="removed"):
        st.markdown(plain(t("{name} was removed; its key and its server are untouched.", name=gone.name)))
        if st.button(t("Undo"), key="undo_remove"):
            state.copilot().connections.restore(gone)
            del st.session_state[REMOVED]
            st.rerun()
