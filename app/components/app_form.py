"""The form of an app: fields as its maker named them, and the answer to what was filled in."""

from collections.abc import Mapping

import streamlit as st

from app import state
from app.components.app_files import as_file
from app.components.text import panel, plain
from app.formatting import apps as words
from app.formatting.errors import message_of
from app.formatting.told import told
from app.wording import t
from copilot import CopilotError, RowOutput
from copilot.types import AppField, AppForm

DOCUMENTS = ["pdf", "docx", "txt", "md"]
DOCUMENT_MB = 20
LINES = 140


def run_form(form: AppForm, *, draft: bool = False) -> None:
    """Show the form, run what is filled in, and show the answer.

    Args:
        form: the app.
        draft: as its maker tries it; the page's primary button is then another.
    """
    prefix = f"{'try' if draft else 'use'}_{form.slug}"
    examples = {field.name: example for field in form.fields if (example := _example(field))}
    if examples:
        st.button(
            t("Fill in the example"),
            key=f"{prefix}_example",
            on_click=_fill,
            args=(prefix, examples),
        )
    with st.form(f"{prefix}_form", border=not draft):
        given = {field.name: _widget(field, prefix) for field in form.fields}
        sent = st.form_submit_button(
            t("Try it") if draft else t("Run"), key=f"{prefix}_run", type="secondary" if draft else "primary"
        )
    if sent:
        _run(form, given, prefix=prefix, draft=draft)
    answer = st.session_state.get(f"{prefix}_answer")
    if isinstance(answer, RowOutput):
        show_answer(answer)


def show_answer(result: RowOutput) -> None:
    """Show an answer as text, a list as a list, with how sure it is; or why there is none."""
    with st.container(key="app_answer", border=True):
        st.subheader(t("Answer"), anchor=False)
        if result.output is None:
            st.error(
                plain(
                    told(result.error or "")
                    or t("The answer could not be read. Run it again, or change what you filled in.")
                )
            )
            return
        if not isinstance(result.output, str):
            st.markdown(
                "\n".join(f"- {plain(' '.join(item.split()))}" for item in result.output) or t("Nothing found.")
            )
        if isinstance(result.output, str) or result.output:
            panel(words.answer_text(result), key="app_answer_text")
        if result.confidence is not None:
            st.markdown(plain(words.confidence_words(result.confidence)))
        if result.output:
            st.caption(t("Copy it with the button at the upper right of the box."))


def _example(field: AppField) -> str:
    if field.type == "choice":
        return field.example if field.example in field.options else ""
    return field.example


def _fill(prefix: str, examples: Mapping[str, str]) -> None:
    for name, example in examples.items():
        st.session_state[f"{prefix}_{name}"] = example
    st.session_state.pop(f"{prefix}_answer", None)


def _widget(field: AppField, prefix: str) -> object:
    label = plain(field.label) + (t(" (may be left empty)") if field.optional else "")
    key = f"{prefix}_{field.name}"
    value: object
    if field.type == "choice":
        value = st.selectbox(label, field.options, index=None, placeholder=t("Choose one"), key=key)
    elif field.type == "text":
        value = st.text_input(label, key=key)
    elif field.type == "long_text":
        value = st.text_area(label, key=key, height=LINES)
    else:
        file = st.file_uploader(label, type=DOCUMENTS, max_upload_size=DOCUMENT_MB, key=f"{key}_file")
        pasted = st.text_area(t("Or paste the text here"), key=key, height=LINES // 2 + 10)
        value = file or pasted
    if field.help:
        st.caption(plain(field.help))
    return value


def _run(form: AppForm, given: Mapping[str, object], *, prefix: str, draft: bool) -> None:
    st.session_state.pop(f"{prefix}_answer", None)
    apps = state.copilot().apps
    try:
        with st.spinner(
            t("Writing the answer. A short text takes seconds, a long one up to a minute."), show_time=True
        ):
            inputs = {name: _text(value) for name, value in given.items()}
            st.session_state[f"{prefix}_answer"] = apps.run(form.slug, inputs, draft=draft)
    except CopilotError as error:
        st.error(plain(message_of(error)))


def _text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    with as_file(value) as path:
        return state.copilot().apps.read_document(path)
