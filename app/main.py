"""The router: which page is shown, and nothing else."""

import streamlit as st

from app import navigation
from app.components.page import frame, look
from app.language import speak
from app.state import copilot

st.set_page_config(page_title="Falconer", page_icon=None, layout="wide", initial_sidebar_state="auto")
look()
with frame():
    speak(copilot().preferences.get().language)
    page = st.navigation(list(navigation.pages().values()))
    page.run()
