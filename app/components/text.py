"""Texts of users and models on a page: shown as they are, never as markup."""

import html
import re
from collections.abc import Sequence

import streamlit as st

_ADDRESS = re.compile(r"(?<=https)(?=:)|(?<=http)(?=:)|(?<=www)(?=\.)", re.IGNORECASE)
"""Between these, markdown would otherwise see an address and make a link of it."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=])")


def plain(text: str) -> str:
    """Return a text so that markdown shows it literally: no link, image, formula or colour comes of it."""
    return _SPECIAL.sub(r"\\\1", _ADDRESS.sub("\u2060", text))


def panel(text: str, *, height: int | None = None, key: str | None = None) -> None:
    """Show a prompt or an output in a monospace panel that wraps and keeps line breaks, with a copy button."""
    with st.container(key=key):
        st.code(text or " ", language=None, wrap_lines=True, height=height or "content")


def marked(pieces: Sequence[tuple[str, str]]) -> None:
    """Show a text with marks: pieces are (text, mark), the mark being `same`, `added`, `removed` or `variable`.

    Added is underlined and removed struck through, besides their colours. Every text is escaped.
    """
    sections([("", pieces)])


def sections(parts: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
    """As `marked`, of several parts; one that has a title is folded away under it.

    The marks `head`, `head_added` and `head_removed` are for what a part of a prompt is.
    """
    shown = [
        f"<details><summary>{html.escape(title)}</summary>{_html(pieces)}</details>" if title else _html(pieces)
        for title, pieces in parts
    ]
    st.html(f'<div class="falconer-text">{"".join(shown)}</div>')


def legend(added: str, removed: str) -> None:
    """Say what the marks of a difference mean, by the marks themselves."""
    st.html(f'<p class="falconer-legend"><ins>{html.escape(added)}</ins> <del>{html.escape(removed)}</del></p>')


def _html(pieces: Sequence[tuple[str, str]]) -> str:
    tags = {
        "added": ("<ins>", "</ins>"),
        "removed": ("<del>", "</del>"),
        "variable": ("<mark>", "</mark>"),
        "head": ("<strong>", "</strong>"),
        "head_added": ("<ins><strong>", "</strong></ins>"),
        "head_removed": ("<del><strong>", "</strong></del>"),
    }
    found = [(*tags.get(mark, ("", "")), html.escape(text)) for text, mark in pieces]
    return "".join(f"{opening}{text}{closing}" for opening, closing, text in found)
