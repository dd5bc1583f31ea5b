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
    tags = {"added": "ins", "removed": "del", "variable": "mark"}
    parts = [
        html.escape(text) if mark not in tags else f"<{tags[mark]}>{html.escape(text)}</{tags[mark]}>"
        for text, mark in pieces
    ]
    st.html(f'<div class="falconer-text">{"".join(parts)}</div>')
