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
    title: str


PLACES = (
    Place("home", "Home"),
    Place("templates", "Templates"),
    Place("apps", "Apps"),
    Place("settings", "Settings"),
    Place("new_task", "New task"),
    Place("examples", "Examples"),
    Place("criteria", "Criteria"),
    Place("improve", "Improve"),
    Place("result", "Result"),
    Place("use", "Use"),
    Place("feedback", "Feedback"),
    Place("compare", "Blind comparison"),
    Place("template", "Template"),
    Place("app", "App"),
)


def pages() -> dict[str, st.Page]:
    """Return every page by its name; those outside the sidebar are reached by links."""
    return {place.name: _page(place) for place in PLACES}


def _page(place: Place) -> st.Page:
    return st.Page(
        VIEWS / f"{place.name}.py",
        title=t(place.title),
        url_path=place.name,
        default=place.name == "home",
        visibility="visible" if place.name in IN_THE_SIDEBAR else "hidden",
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
