"""Apps: the gallery, a new one, or one in the making."""

import streamlit as st

from app import navigation, state
from app.components.app_begin import begin
from app.components.app_editor import edit
from app.components.app_gallery import gallery
from app.components.page import heading
from app.components.text import plain
from app.formatting.errors import message_of
from app.wording import t
from copilot import CopilotError

slug = state.in_url("app")
if slug:
    try:
        app = state.copilot().apps.get(slug)
    except CopilotError as error:
        heading(t("Apps"))
        st.warning(plain(message_of(error)))
    else:
        heading(t("Edit the app"), t("What people see, and what they fill in."))
        edit(app)
    navigation.link(t("To all apps"), "apps")
elif state.in_url("tab") == "new" or state.in_url("template"):
    heading(t("Make an app"), t("A page with a form, made from a saved template."))
    begin()
else:
    heading(t("Apps"), t("Prompts as pages: people fill in a form or give a sheet, and get answers."))
    gallery()
