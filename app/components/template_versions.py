"""The versions of a template: who saved what and why, what differs between any two, and taking one away."""

from functools import partial

import streamlit as st

from app import navigation, state
from app.components.template_dialogs import ask, asked, put_away, question
from app.components.template_labels import badges, promote, show_history, show_labels
from app.components.template_prompt import show_difference
from app.components.text import plain
from app.formatting.errors import message_of
from app.formatting.templates import apps_following, byline, version_name
from app.wording import t, tn
from copilot import CopilotError, TemplateVersion

SHOWN = 25


def show_versions(name: str, versions: tuple[TemplateVersion, ...]) -> None:
    """Show labels, versions and a comparison of two."""
    st.subheader(t("Labels"), anchor=False)
    show_labels(name, versions)
    show_history(name)
    st.subheader(t("Versions"), anchor=False)
    everything = len(versions) <= SHOWN or st.toggle(t("Show all {n} versions", n=len(versions)), key="all_versions")
    for saved in versions if everything else versions[:SHOWN]:
        _row(saved, only=len(versions) == 1)
    there = {saved.version: saved for saved in versions}
    if (version := asked("promote", name)) in there:
        promote(name, there[version].version)
    if (version := asked("delete", name)) in there:
        question(t("Delete this version?"), partial(_delete, there[version]))
    if len(versions) > 1:
        st.subheader(t("Compare two versions"), anchor=False)
        _compare(versions)
    if not any(saved.labels for saved in versions):
        _deletion(name, len(versions))


def _deletion(name: str, n: int) -> None:
    if st.button(t("Delete this template"), key="delete_template", type="tertiary"):
        ask("delete_all", name, n)
    if asked("delete_all", name):
        question(t("Delete this template?"), partial(_delete_all, name, n))


def _delete_all(name: str, n: int) -> None:
    used = apps_following(state.copilot().apps.list(), name)
    if used:
        st.warning(
            plain(
                t("“{name}” is used by the apps {apps}. Take them out of use first.", name=name, apps=", ".join(used))
            )
        )
        return
    st.markdown(
        plain(
            tn(
                "“{name}” goes for good, with its one version.",
                "“{name}” goes for good, with all its {n} versions.",
                n,
                name=name,
            )
        )
    )
    st.caption(t("Export it first if you want to keep a copy."))
    if st.button(t("Delete for good"), type="primary", key="delete_all_confirm"):
        try:
            state.copilot().template_library.delete(name)
        except CopilotError as error:
            st.error(plain(message_of(error)))
            return
        put_away()
        navigation.go("templates")


def _row(saved: TemplateVersion, *, only: bool) -> None:
    with st.container(border=True, gap="xsmall", key=f"version_{saved.version}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{t('Version {version}', version=saved.version)}**", width="content")
            badges(saved.labels)
            if saved.run_id:
                st.badge(t("from an improvement"), color="gray")
        if saved.note:
            st.markdown(plain(saved.note))
        st.caption(plain(byline(saved, zone=st.context.timezone)))
        with st.container(horizontal=True):
            if st.button(t("Open"), key=f"open_{saved.version}"):
                navigation.go("template", template=saved.name, version=saved.version)
            if st.button(t("Point a label here"), key=f"promote_{saved.version}"):
                ask("promote", saved.name, saved.version)
            if not saved.labels and not only and st.button(t("Delete"), key=f"delete_{saved.version}", type="tertiary"):
                ask("delete", saved.name, saved.version)


def _delete(saved: TemplateVersion) -> None:
    st.markdown(plain(t("Version {version} of “{name}” goes for good.", version=saved.version, name=saved.name)))
    if saved.note:
        st.caption(plain(saved.note))
    st.caption(t("Its number is not given again, and programs that ask for it by number get an error."))
    if st.button(t("Delete version {version}", version=saved.version), type="primary", key="delete_confirm"):
        try:
            state.copilot().template_library.delete_version(saved.name, saved.version)
        except CopilotError as error:
            st.error(plain(message_of(error)))
            return
        put_away()
        st.rerun()


def _compare(versions: tuple[TemplateVersion, ...]) -> None:
    names = {saved.version: version_name(saved) for saved in versions}
    numbers = list(names)
    left, right = st.columns(2)
    before = left.selectbox(t("From"), numbers, index=1, format_func=names.__getitem__, key="compare_before")
    after = right.selectbox(t("To"), numbers, index=0, format_func=names.__getitem__, key="compare_after")
    found = {saved.version: saved.template for saved in versions}
    if not show_difference(found[before], found[after]):
        st.caption(t("These two are the same in every part."))
