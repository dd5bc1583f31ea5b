"""The pages, and how one leads to another: every state that a link should open stands in the URL."""

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import streamlit as st

from app.wording import t

VIEWS = Path(__file__).parent / "views"
IN_THE_SIDEBAR = ("home", "templates", "apps", "settings")
STEPS = ("examples", "criteria", "improve", "result", "use")
"""The five steps of a task, in their order."""


@dataclass(frozen=True)
class Place:
    """A page: its name in links and in the folder of views."""

    name: str


PLACES = tuple(Place(name) for name in (*IN_THE_SIDEBAR, "new_task", *STEPS, "feedback", "compare", "template", "app"))


def titles() -> dict[str, str]:
    """Return what each page is called, in the reader's language."""
    return {
        "home": t("Home"),
        "templates": t("Templates"),
        "apps": t("Apps"),
        "settings": t("Settings"),
        "new_task": t("New task"),
        "examples": t("Examples"),
        "criteria": t("Criteria"),
        "improve": t("Improve"),
        "result": t("Result"),
        "use": t("Use"),
        "feedback": t("Feedback"),
        "compare": t("Blind comparison"),
        "template": t("Template"),
        "app": t("App"),
    }


def pages() -> dict[str, st.Page]:
    """Return every page by its name; those outside the sidebar are reached by links."""
    return {name: _page(name, title) for name, title in titles().items()}


def _page(name: str, title: str) -> st.Page:
    return st.Page(
        VIEWS / f"{name}.py",
        title=title,
        url_path=name,
        default=name == "home",
        visibility="visible" if name in IN_THE_SIDEBAR else "hidden",
    )


def go(name: str, **state: str | int | None) -> NoReturn:
    """Open a page with this state in its URL; what is None is left out."""
    st.switch_page(
        VIEWS / f"{name}.py", query_params={key: str(value) for key, value in state.items() if value is not None}
    )


def link(label: str, name: str, **state: str | int | None) -> None:
    """Show a link to a page; the label is not translated again."""
    given = {key: str(value) for key, value in state.items() if value is not None}
    st.page_link(pages()[name], label=label, query_params=given)
