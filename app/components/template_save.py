"""Saving what an improvement ended with, and where what was saved can be used."""

import streamlit as st

from app import navigation, state
from app.components.template_labels import author_field, badges
from app.components.template_sheet import run_sheet
from app.components.text import plain
from app.components.verdict import in_words
from app.formatting.errors import message_of
from app.formatting.templates import KNOWN_LABELS, byline, change_preview, proposed_name, usable_label
from app.navigation import link
from app.wording import t
from copilot import CopilotError, Run, TemplateVersion


def save_run(run: Run, task: str, *, saved: tuple[TemplateVersion, ...]) -> None:
    """Show the form that saves a finished run's prompt as a template.

    Args:
        run: finished.
        task: its name, from which a template's is proposed.
        saved: versions that hold this prompt already.
    """
    library = state.copilot().template_library
    name = st.text_input(
        t("Name"), value=saved[0].name if saved else proposed_name(task), max_chars=200, key=f"save_name_{run.id}"
    ).strip()
    note = st.text_area(
        t("Note"),
        value=in_words(run),
        key=f"save_note_{run.id}",
        height=100,
        help=t("Why this version is there."),
    )
    label = st.selectbox(
        t("Label (optional)"),
        KNOWN_LABELS,
        index=None,
        accept_new_options=True,
        key=f"save_label_{run.id}",
        placeholder=t("None: it is saved without one"),
    )
    author = author_field(f"save_author_{run.id}")
    wanted = usable_label(label or "")
    if label and not wanted:
        st.warning(t("A label begins with a letter and holds small letters, digits, - and _ only, such as “review-2”."))
    try:
        versions = library.versions(name) if library.exists(name) else ()
    except CopilotError:
        versions = ()
    st.caption(plain(change_preview(name, versions, wanted, prompt=run.result.template)))
    # Greyed out for what is chosen only: a click right after typing would only end the typing, and be lost.
    pressed = st.button(
        t("Save as template"),
        type="secondary" if saved else "primary",
        key="save_template",
        disabled=bool(label and not wanted),
    )
    if pressed and not name:
        st.warning(t("The template has no name; write one."))
    elif pressed:
        try:
            made = library.save_run(run.id, name, note=note.strip(), author=author, labels=(wanted,) if wanted else ())
        except CopilotError as error:
            st.error(plain(message_of(error)))
            return
        st.toast(t("Saved as version {version}.", version=made.version))
        st.rerun()


def show_saved(saved: tuple[TemplateVersion, ...]) -> None:
    """Show which versions hold this run's prompt."""
    st.subheader(t("Already saved"), anchor=False)
    for version in saved:
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center"):
                link(
                    f"{plain(version.name)}, {t('version {version}', version=version.version)}",
                    "template",
                    template=version.name,
                    version=version.version,
                )
                badges(version.labels)
            st.caption(plain(byline(version, zone=st.context.timezone)))


def show_ways_on(saved: TemplateVersion) -> None:
    """Show the three ways to use a saved version, and the one that was chosen."""
    st.subheader(t("Use it"), anchor=False)
    app, code, sheet = st.columns(3, border=True)
    with app:
        st.markdown(f"**{t('Make an app')}**")
        st.markdown(t("A page of its own with a form, for people who never see the prompt."))
        if st.button(t("Make an app"), key="use_app", type="primary"):
            navigation.go("apps", template=saved.name)
    with code:
        st.markdown(f"**{t('Call it from Python')}**")
        st.markdown(t("A few lines for a program; LangChain and a command line, too."))
        if st.button(t("Show the code"), key="use_code"):
            state.to_url(tab="code", sheet=None)
    with sheet:
        st.markdown(f"**{t('Run a sheet')}**")
        st.markdown(t("Every row of a spreadsheet gets its answer, in the background."))
        if st.button(t("Choose a sheet"), key="use_sheet"):
            state.to_url(tab="sheet")
    reference = f"{saved.name}@{saved.labels[-1] if saved.labels else saved.version}"
    if state.in_url("tab") == "code":
        made = state.copilot().template_library.export_text(reference, "python")
        st.code(made.text, language="python", wrap_lines=True)
        link(t("All forms of code"), "template", template=saved.name, version=saved.version, tab="export")
    elif state.in_url("tab") == "sheet" or state.in_url("sheet"):
        run_sheet(reference)
