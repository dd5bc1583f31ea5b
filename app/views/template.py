"""One template: its prompt, versions and labels, trying it, taking it away."""

import streamlit as st

from app import navigation, state
from app.components.page import heading
from app.components.playground import playground
from app.components.template_edit import edit
from app.components.template_export import show_export
from app.components.template_prompt import show_prompt
from app.components.template_tags import tags_field
from app.components.template_versions import show_versions
from app.components.text import plain
from app.formatting.errors import message_of
from app.formatting.templates import byline, chosen_version, version_name
from app.navigation import link
from app.wording import t
from copilot import CopilotError

name = state.in_url("template")
library = state.copilot().template_library
link(t("← All templates"), "templates")
try:
    versions = library.versions(name) if name else ()
except CopilotError as error:
    versions = ()
    st.error(plain(message_of(error)))
if not versions:
    heading(t("Template"))
    st.markdown(t("This link names no template. The list of all templates is one click away, at the top."))
    st.stop()

saved = chosen_version(versions, state.in_url("version"))
heading(name)
if saved is None:
    st.warning(t("This template has no such version; the newest is shown."))
    saved = versions[0]
numbers = [each.version for each in versions]
names = {each.version: version_name(each) for each in versions}
left, right = st.columns([2, 3], vertical_alignment="bottom")
# The link decides: a choice made earlier on this page must not outlive it.
picked = left.selectbox(
    t("Version"),
    numbers,
    index=numbers.index(saved.version),
    format_func=names.__getitem__,
    key=f"version_of_{name}_{saved.version}",
)
if picked != saved.version:
    state.to_url(version=picked)
    st.rerun()
right.caption(plain(" · ".join(text for text in (byline(saved, zone=st.context.timezone), saved.note) if text)))

tabs = {"prompt": t("Prompt"), "versions": t("Versions"), "try": t("Try it"), "export": t("Export")}
shown = state.in_url("tab", "prompt")
tab = st.segmented_control(
    t("What to see"),
    list(tabs),
    format_func=tabs.__getitem__,
    default=shown if shown in tabs else "prompt",
    required=True,
    label_visibility="collapsed",
    key=f"tab_of_{name}",
)
if tab != "prompt" or shown != "edit":
    state.to_url(tab=None if tab == "prompt" else tab)

if tab == "versions":
    show_versions(name, versions)
elif tab == "try":
    playground(name, versions, saved.version)
elif tab == "export":
    show_export(saved)
elif shown == "edit":
    edit(saved)
else:
    show_prompt(saved.template)
    tags_field(name)
    with st.container(horizontal=True):
        kept = library.kept_edit(name, saved.version) is not None
        if st.button(t("Go on editing") if kept else t("Edit this prompt"), type="primary", key="edit_prompt"):
            state.to_url(tab="edit")
            st.rerun()
        if st.button(t("Make an app of it"), key="make_app"):
            navigation.go("apps", template=name)
