"""The library as a list: what each template is for, where its labels point, and when it changed."""

import streamlit as st

from app.components.template_labels import badges
from app.components.text import plain
from app.formatting import locale
from app.navigation import link
from app.wording import t, tn
from copilot.types import TemplateEntry


def card(entry: TemplateEntry) -> None:
    """Show one template of the library."""
    newest = entry.newest
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            link(f"**{plain(entry.name)}**", "template", template=entry.name)
            badges(entry.labels)
        facts = [
            tn("one version", "{n} versions", entry.versions),
            t("changed {day}", day=locale.date(entry.changed_at)),
        ]
        if newest.task and newest.task != entry.name:
            facts.insert(0, t("for the task {task}", task=newest.task))
        if entry.tags:
            facts.append(t("tags: {tags}", tags=", ".join(entry.tags)))
        st.caption(plain(" · ".join(facts)))
        if newest.note:
            note = " ".join(newest.note.split())
            st.markdown(plain(note if len(note) <= 200 else note[:199] + "…"))
