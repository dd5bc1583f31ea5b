"""The gallery: a card for each app, found by a search, withdrawn and put back."""

import streamlit as st

from app import navigation, state
from app.components.page import empty
from app.components.text import plain
from app.formatting import apps as words
from app.formatting import locale
from app.wording import t
from copilot.types import SavedApp

CARDS = 12
"""On a page."""


def gallery() -> None:
    """Show apps, or what apps are for where there are none."""
    _offer_undo()
    apps = state.copilot().apps
    if not apps.list():
        empty(
            t(
                "An app is a page with a form made from a saved template, for people who only fill it in. "
                "They need to know nothing of prompts, and can run a whole sheet at once."
            ),
            t("Make an app"),
            make,
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(t("Search"), state.in_url("q"), key="app_search", placeholder=t("Title or template"))
        withdrawn = st.toggle(t("Withdrawn, too"), key="withdrawn_too")
    state.to_url(q=search)
    found = [app for app in apps.list(search=search) if withdrawn or not app.withdrawn]
    if not found:
        st.markdown(t("No app fits. Search for another word, or show those that were withdrawn, too."))
    page = _page(len(found))
    _cards(found[(page - 1) * CARDS : page * CARDS])
    if st.button(t("Make an app"), type="primary", key="make_app"):
        make()


def make() -> None:
    """Open the page on which an app is begun."""
    navigation.go("apps", tab="new")


def _page(count: int) -> int:
    pages = max(1, -(-count // CARDS))
    return st.pagination(pages, key="app_pages") if pages > 1 else 1


def _cards(found: list[SavedApp]) -> None:
    for start in range(0, len(found), 2):
        for column, app in zip(st.columns(2), found[start : start + 2], strict=False):
            with column, st.container(border=True, key=f"card_{app.slug}"):
                _card(app)


def _card(app: SavedApp) -> None:
    shown = app.published or app.draft
    st.markdown(f"#### {plain(' '.join(shown.title.split()) or t('Untitled'))}")
    st.markdown(plain(" ".join(shown.about.split())) or " ")
    st.caption(plain(words.reference_words(shown.template)) + _state(app))
    with st.container(horizontal=True, vertical_alignment="center"):
        if app.live and st.button(t("Open"), key=f"open_{app.slug}"):
            navigation.go("app", app=app.slug)
        if app.withdrawn:
            st.button(t("Put back"), key=f"restore_{app.slug}", on_click=_restore, args=(app.slug,))
        else:
            if st.button(t("Edit"), key=f"edit_{app.slug}", type="tertiary"):
                navigation.go("apps", app=app.slug)
            st.button(t("Withdraw"), key=f"withdraw_{app.slug}", type="tertiary", on_click=_withdraw, args=(app,))


def _state(app: SavedApp) -> str:
    if app.withdrawn:
        return t(" · **withdrawn**")
    if app.published is None:
        return t(" · **not published yet**")
    return t(" · changes not published") if app.changed else ""


def _withdraw(app: SavedApp) -> None:
    state.copilot().apps.delete(app.slug)
    st.session_state["withdrawn_app"] = app.slug


def _restore(slug: str) -> None:
    state.copilot().apps.restore(slug)
    st.session_state.pop("withdrawn_app", None)


def _offer_undo() -> None:
    slug = st.session_state.get("withdrawn_app")
    if not slug:
        return
    app = state.copilot().apps.get(slug)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="undo_withdraw"):
        title = (app.published or app.draft).title
        st.markdown(
            plain(
                t("{title} was withdrawn: its page no longer opens. Its batches are kept.", title=locale.quoted(title))
            )
        )
        st.button(t("Undo"), key="undo", on_click=_restore, args=(slug,))
