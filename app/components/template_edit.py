"""Changing a prompt by hand: the text, then what differs and why, then a new version."""

from functools import partial

import streamlit as st

from app import navigation, state
from app.components.template_dialogs import ask, asked, put_away, question
from app.components.template_labels import author_field
from app.components.template_prompt import show_difference
from app.components.text import plain
from app.formatting.errors import message_of
from app.wording import t
from copilot import CopilotError, PromptTemplate, TemplateVersion
from copilot.types import PromptEdit


def edit(saved: TemplateVersion) -> None:
    """Show the parts of a prompt as fields, and save them as a new version."""
    library = state.copilot().template_library
    template = saved.template
    key = f"edit_{saved.name}_{saved.version}"
    kept = library.kept_edit(saved.name, saved.version)
    start = kept if kept and len(kept.outputs) == len(template.demonstrations) else unchanged(template)
    for part in ("system", "instruction", "item"):
        st.session_state.setdefault(f"{key}_{part}", getattr(start, part))
    system = st.text_area(t("Background"), key=f"{key}_system", height=100)
    instruction = st.text_area(t("Instruction"), key=f"{key}_instruction", height=220)
    outputs = _examples(template, start, key)
    item = st.text_area(
        t("Each input"),
        key=f"{key}_item",
        height=120,
        help=t("Fields stand in double braces; each is replaced by what is filled in."),
    )
    st.caption(plain(t("Fields: {names}", names=", ".join("{{" + name + "}}" for name in template.variables))))
    changed = PromptEdit(system=system, instruction=instruction, item=item, outputs=outputs)
    if changed != start:
        library.keep_edit(saved.name, saved.version, None if changed == unchanged(template) else changed)
    try:
        prompt = library.edited(template, changed)
    except CopilotError as error:
        st.error(plain(message_of(error)))
        prompt = template
    with st.container(horizontal=True):
        same = changed == unchanged(template)
        # Never greyed out: a click right after typing would only end the typing, and be lost.
        pressed = st.button(t("Save as a new version"), type="primary", key="save_version")
        if pressed and prompt != template:
            ask("save", saved.name, saved.version)
        if asked("save", saved.name) == saved.version:
            question(t("Save as a new version"), partial(_save, saved, prompt), wide=True)
        if st.button(t("Discard changes") if not same else t("Stop editing"), key="stop_editing"):
            state.to_url(tab=None)
            library.keep_edit(saved.name, saved.version, None)
            for name in [name for name in st.session_state if str(name).startswith(key)]:
                del st.session_state[name]
            st.rerun()
    if pressed and same:
        st.info(t("Nothing is changed yet, so there is nothing to save."))


def unchanged(template: PromptTemplate) -> PromptEdit:
    """Return the parts of a prompt as they are."""
    outputs = tuple(example.output for example in template.demonstrations)
    return PromptEdit(system=template.system, instruction=template.instruction, item=template.item, outputs=outputs)


def _examples(template: PromptTemplate, start: PromptEdit, key: str) -> tuple[str | None, ...]:
    if not template.demonstrations:
        return ()
    outputs: list[str | None] = []
    with st.expander(t("Worked examples")):
        for number, example in enumerate(template.demonstrations):
            inputs = " · ".join(example.inputs.values())
            st.text(inputs[:300] + ("…" if len(inputs) > 300 else ""))
            before = start.outputs[number]
            st.session_state.setdefault(f"{key}_kept_{number}", before is not None)
            st.session_state.setdefault(f"{key}_output_{number}", example.output if before is None else before)
            kept = st.checkbox(t("Show it to the model"), key=f"{key}_kept_{number}")
            answer = st.text_area(t("Answer"), key=f"{key}_output_{number}", height=68)
            outputs.append(answer if kept else None)
    return tuple(outputs)


def _save(saved: TemplateVersion, prompt: PromptTemplate) -> None:
    st.markdown(t("What changes from version {version}:", version=saved.version))
    show_difference(saved.template, prompt)
    if saved.run_id or saved.template.decision is not None:
        st.caption(
            t(
                "The former text was tried on your examples; this one was not. Run an improvement to learn whether it "
                "is better."
            )
        )
    note = st.text_input(
        t("What changed and why"),
        key="save_note",
        max_chars=300,
        placeholder=t("Asks for two sentences instead of one"),
    )
    author = author_field("save_author")
    # Never greyed out: a click right after typing would only end the typing, and be lost.
    pressed = st.button(t("Save"), type="primary", key="save_confirm")
    if not note.strip():
        tell = st.warning if pressed else st.caption
        tell(t("Say in a few words what changed; then it can be saved."))
    elif pressed:
        library = state.copilot().template_library
        made = library.save(saved.name, prompt, note=note.strip(), author=author)
        library.keep_edit(saved.name, saved.version, None)
        put_away()
        if made.note == note.strip():
            st.toast(t("Saved as version {version}.", version=made.version))
        else:
            st.toast(t("This is version {version} already; nothing new was saved.", version=made.version))
        navigation.go("template", template=saved.name, version=made.version)
