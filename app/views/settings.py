"""Settings: model servers, which of them does what, language, light and dark, and where data lies."""

import streamlit as st

from app import state
from app.components.page import heading
from app.components.settings_choices import language_and_look, which_model
from app.components.settings_connections import connections
from app.components.settings_data import data
from app.components.settings_form import form
from app.wording import t

if edited := state.in_url("connection"):
    form(edited)
else:
    heading(t("Settings"), t("What you choose here holds for everybody who uses this installation."))
    connections()
    st.divider()
    which_model()
    st.divider()
    language_and_look()
    st.divider()
    data()
