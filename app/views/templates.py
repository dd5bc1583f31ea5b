"""The template library: search, tags, labels."""

import streamlit as st

from app import navigation, state
from app.components.page import empty, heading
from app.components.template_list import card
from app.components.text import plain
from app.wording import t, tn

PAGE = 20

heading(t("Templates"), t("Prompts that were saved, with every version and what each label points at."))
library = state.copilot().template_library
everything = library.list()
if not everything:
    empty(
        t(
            "Saved prompts will stand here, each with its versions. Improve a task's prompt, then save the result as a "
            "template: apps and programs use it from then on."
        ),
        t("Go to your tasks"),
        lambda: navigation.go("home"),
    )
else:
    labels = sorted({label for entry in everything for label in entry.labels})
    tags = library.tags()
    wide, *narrow = st.columns([2, 1, 1], vertical_alignment="bottom")
    search = wide.text_input(
        t("Search"), key="q", bind="query-params", placeholder=t("Name, task, words of the prompt")
    )
    tag = narrow[0].selectbox(t("Tag"), tags, index=None, key="filter", bind="query-params", placeholder=t("All"))
    label = narrow[1].selectbox(t("Label"), labels, index=None, key="label", bind="query-params", placeholder=t("All"))
    filtered = bool(search.strip() or tag or label)
    found = library.list(search=search.strip(), tag=tag or "", label=label or "") if filtered else everything
    found = tuple(sorted(found, key=lambda entry: entry.changed_at, reverse=True))
    st.caption(tn("one template", "{n} templates", len(found)))
    if not found:
        st.markdown(plain(t("No template matches. Take a filter off, or search for another word.")))
    pages = max(1, -(-len(found) // PAGE))
    page = min(pages, int(state.in_url("page", "1")) if state.in_url("page", "1").isdecimal() else 1) or 1
    for entry in found[(page - 1) * PAGE : page * PAGE]:
        card(entry)
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(t("Earlier"), disabled=page == 1, key="page_back"):
                state.to_url(page=page - 1)
                st.rerun()
            st.markdown(t("Page {page} of {pages}", page=page, pages=pages), width="content")
            if st.button(t("Later"), disabled=page == pages, key="page_on"):
                state.to_url(page=page + 1)
                st.rerun()
