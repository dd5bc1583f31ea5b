"""An app in the making: every change is kept at once, and people see it when it is published."""

import streamlit as st

from app import navigation, state
from app.components.app_fields import edited_field
from app.components.app_form import run_form
from app.components.text import plain
from app.formatting import apps as words
from app.formatting.errors import message_of
from app.wording import t
from copilot import CopilotError
from copilot.types import AppDraft, SavedApp

TITLE_CHARACTERS = 80
ABOUT_CHARACTERS = 200


def edit(app: SavedApp) -> None:
    """Show the app's settings, its fields, a preview that works, and the way to publish it."""
    if app.withdrawn:
        st.warning(t("This app was withdrawn. Publishing it puts it back."))
    left, right = st.columns([3, 2], gap="large")
    with left:
        draft = _edited(app)
    if draft != app.draft:
        app = state.copilot().apps.update(app.slug, draft)
    with right, st.container(border=True, key="app_preview"):
        st.caption(t("Preview"))
        _preview(app)
    _publish(app)


def revision(slug: str) -> int:
    """Return a number that changes when fields are to be filled anew from what is kept."""
    number: int = st.session_state.get(f"revision_{slug}", 0)
    return number


def _edited(app: SavedApp) -> AppDraft:
    draft, key = app.draft, f"{app.slug}_{revision(app.slug)}"
    title = st.text_input(t("Title"), draft.title, key=f"title_{key}", max_chars=TITLE_CHARACTERS)
    about = st.text_input(
        t("What it does, in one line"),
        draft.about,
        key=f"about_{key}",
        max_chars=ABOUT_CHARACTERS,
        placeholder=t("Writes a first answer to a customer's mail"),
    )
    template = _version(draft, key)
    form = state.copilot().apps.form(app.slug, draft=True)
    st.subheader(t("Fields"), anchor=False)
    if form.unplanned:
        st.caption(t("The template has fields that were not here before; give them a name."))
    fields = []
    for place, field in enumerate(form.fields):
        with st.container(border=True, key=f"field_{field.name}"):
            fields.append(edited_field(field, key=key))
            if place:
                st.button(
                    t("Move up"),
                    key=f"up_{field.name}_{key}",
                    type="tertiary",
                    on_click=_move_up,
                    args=(app.slug, place),
                )
    return AppDraft(title=title, about=about, template=template, fields=tuple(fields))


def _version(draft: AppDraft, key: str) -> str:
    """Let the reader choose which version of the template answers."""
    try:
        versions = state.copilot().template_library.versions(draft.template.partition("@")[0])
    except CopilotError as error:
        st.error(plain(message_of(error)))
        return draft.template
    choices = words.version_choices(versions)
    if draft.template not in choices:
        st.warning(plain(t("The version that this app ran is gone; choose another.")))
    return (
        st.selectbox(
            t("Version of the template"),
            list(choices),
            index=list(choices).index(draft.template) if draft.template in choices else 0,
            format_func=lambda choice: choices.get(choice, choice),
            key=f"version_{key}",
            help=t("An app that follows a label changes when somebody promotes another version there."),
        )
        or draft.template
    )


def _move_up(slug: str, place: int) -> None:
    apps = state.copilot().apps
    draft = apps.get(slug).draft
    order = list(apps.form(slug, draft=True).fields)
    order[place - 1], order[place] = order[place], order[place - 1]
    apps.update(slug, draft.model_copy(update={"fields": tuple(order)}))


def _preview(app: SavedApp) -> None:
    form = state.copilot().apps.form(app.slug, draft=True)
    st.markdown(f"### {plain(' '.join(form.title.split()) or t('Untitled'))}")
    if form.about:
        st.markdown(plain(form.about))
    run_form(form, draft=True)
    st.caption(plain(words.follows(form)))


def _publish(app: SavedApp) -> None:
    """Show what is still missing, or the button that lets people use the app."""
    apps = state.copilot().apps
    found = apps.problems(app.draft)
    for problem in found:
        st.warning(plain(words.problem_sentence(problem)))
    with st.container(horizontal=True, vertical_alignment="center", key="publish_bar"):
        # Never greyed out: a click right after typing would only end the typing, and be lost.
        pressed = st.button(
            t("Publish") if app.published is None else t("Publish the changes") if app.live else t("Put back"),
            type="primary",
            key="publish_app",
        )
        if pressed and not found:
            apps.publish(app.slug)
            st.session_state["just_published"] = app.slug
            st.rerun()
        if app.live and app.changed and st.button(t("Discard the changes"), key="discard_app"):
            apps.discard(app.slug)
            st.session_state[f"revision_{app.slug}"] = revision(app.slug) + 1
            st.rerun()
        if app.live:
            navigation.link(t("Open the app"), "app", app=app.slug)
    _say_state(app)


def _say_state(app: SavedApp) -> None:
    if st.session_state.pop("just_published", None) == app.slug and app.live:
        st.success(t("Published. Send people the link of the app's page."))
    elif app.published is None:
        st.caption(t("Nobody sees the app yet. What you type is kept."))
    elif app.changed:
        st.caption(t("People still see the app as it was published. What you type is kept."))
    elif app.live:
        st.caption(t("This is what people see."))
