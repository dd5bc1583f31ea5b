"""A prompt as people read it, and what differs between two."""

import streamlit as st

from app import state
from app.components.text import marked, panel, plain
from app.formatting import locale
from app.formatting.templates import diff_pieces, read_parts, settings_of, unseen_parts, with_chips
from app.wording import t, tn
from copilot import PromptTemplate

SHOWN_EXAMPLES = 3
TALL = 360
"""Pixels from which a text scrolls instead of pushing the rest of the page away."""


def show_prompt(template: PromptTemplate) -> None:
    """Show all parts of a prompt, its fields marked, and in words what stands in no text."""
    if template.system:
        st.markdown(f"**{t('Background')}**")
        _text(template.system)
    if template.instruction:
        st.markdown(f"**{t('Instruction')}**")
        _text(template.instruction)
    if template.demonstrations:
        _show_examples(template)
    st.markdown(f"**{t('Each input')}**")
    marked(with_chips(template, template.item))
    with st.expander(t("What belongs to it besides the text")):
        for title, words in settings_of(template):
            st.markdown(f"**{title}**{locale.colon()}{plain(words)}")


def _show_examples(template: PromptTemplate) -> None:
    shown = template.demonstrations
    st.markdown("**" + tn("One worked example", "{n} worked examples", len(shown)) + "**")
    with st.expander(t("Shown to the model before every input"), expanded=len(shown) <= SHOWN_EXAMPLES):
        for example in shown:
            with st.container(border=True):
                for name, text in example.inputs.items():
                    st.caption(plain(name))
                    _text(text)
                st.caption(t("Answer"))
                _text(example.output)


def show_difference(before: PromptTemplate, after: PromptTemplate) -> bool:
    """Show what differs word by word, then what no reader sees; return whether anything does."""
    library = state.copilot().template_library
    read = read_parts(before, after)
    unseen = unseen_parts(before, after)
    for part in read:
        st.markdown(f"**{part.title}**")
        with st.container(height=TALL if len(part.before) + len(part.after) > 3000 else "content", border=False):
            marked(diff_pieces(library.words(part.before, part.after)))
    if unseen:
        st.markdown(f"**{t('What no reader of the prompt sees')}**")
        for part in unseen:
            st.markdown(
                t(
                    "{title}: was *{before}*, is *{after}*",
                    title=part.title,
                    before=plain(part.before),
                    after=plain(part.after),
                )
            )
    return bool(read or unseen)


def _text(text: str) -> None:
    panel(text, height=TALL if text.count("\n") > 14 or len(text) > 1500 else None)
