"""A template to take away: as a file, as code, as a command."""

import streamlit as st

from app import state
from app.components.text import plain
from app.formatting.told import told
from app.wording import t
from copilot import TemplateVersion
from copilot.types import TemplateForm

LANGUAGES = {"yaml": "yaml", "curl": "bash"}
MOST_SHOWN = 20_000
"""Characters of code on the page; the download is whole."""


def forms() -> dict[TemplateForm, str]:
    """Return the forms with what they are called."""
    return {
        "python": t("Python"),
        "langchain": t("LangChain"),
        "openai": t("Python without Falconer"),
        "curl": t("Command line (curl)"),
        "yaml": t("Template file (YAML)"),
    }


def show_export(saved: TemplateVersion) -> None:
    """Show the forms to choose from, and the chosen one with copy, download and what it cannot hold."""
    names = forms()
    asked = [t("this version, {version}", version=saved.version), *saved.labels]
    form: TemplateForm = st.pills(
        t("Form"),
        list(names),
        format_func=names.__getitem__,
        default="python",
        required=True,
        key="export_form",
    )
    which = asked[0]
    if form == "python" and saved.labels:
        which = st.selectbox(t("Ask for"), asked, index=1, key="export_reference")
    reference = f"{saved.name}@{saved.version}" if which == asked[0] else f"{saved.name}@{which}"
    made = state.copilot().template_library.export_text(reference, form)
    st.markdown(plain(_explained(form)))
    shown = made.text if len(made.text) <= MOST_SHOWN else made.text[:MOST_SHOWN] + "\n…"
    st.code(
        shown, language=LANGUAGES.get(form, "python"), wrap_lines=True, height=460 if len(shown) > 1800 else "content"
    )
    if made.notes:
        st.markdown(f"**{t('What this form cannot hold')}**")
        for note in made.notes:
            st.markdown(f"- {plain(told(note))}")
    else:
        st.caption(t("Nothing is lost: what was scored is what is sent."))
    st.download_button(
        t("Download {file}", file=plain(made.file_name)),
        made.text.encode(),
        file_name=made.file_name,
        mime="text/plain",
        type="primary",
        key="export_download",
        on_click="ignore",
    )


def _explained(form: TemplateForm) -> str:
    return {
        "python": t(
            "For a program on a machine with this installation. Asking by a label, it gets the version that the label "
            "points at when it starts."
        ),
        "langchain": t("A module of its own for LangChain; the messages are the very ones that were scored."),
        "openai": t("A module of its own for any server that speaks the protocol of OpenAI."),
        "curl": t("One request from a shell; put your text where the double braces are."),
        "yaml": t("The template itself with everything in it, to keep, hand on or load elsewhere."),
    }[form]
