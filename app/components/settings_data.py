"""Where data lies, and to whom anything is sent."""

import streamlit as st

from app import state
from app.components.text import plain
from app.formatting.settings import contacted, data_sentence
from app.wording import t


def data() -> None:
    """Show where data lies, how much of it, and which servers see any of it."""
    st.subheader(t("Your data"), anchor=False)
    st.markdown(plain(data_sentence(state.copilot().preferences.place())))
    hosts = contacted(state.copilot().connections.list())
    if hosts:
        st.markdown(
            plain(t("Texts are sent to these model servers, when they are used, and to nobody else: {hosts}.",
                    hosts=", ".join(hosts)))
        )  # fmt: skip
    else:
        st.markdown(plain(t("Nothing leaves this computer: no model server elsewhere is set up.")))
    st.markdown(plain(t("Falconer reports nothing about you or your work to anybody, and looks for no updates.")))
