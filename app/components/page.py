"""What every page has: a frame that no error breaks, a heading, the steps of a task, and an empty state."""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from app.components.text import plain
from app.formatting.errors import message_of
from app.navigation import STEPS, link
from app.wording import t
from copilot import CopilotError

logger = logging.getLogger("falconer.app")
LOOK = Path(__file__).parents[1] / "look"


def look() -> None:
    """Put our own styles and the word mark onto the page."""
    st.html(LOOK / "falconer.css")
    dark = st.context.theme.type == "dark"
    st.logo(str(LOOK / f"wordmark-{'dark' if dark else 'light'}.svg"), size="large")


@contextmanager
def frame() -> Iterator[None]:
    """Show what goes wrong inside as one sentence; a stack trace goes to the log alone."""
    try:
        yield
    except CopilotError as error:
        st.error(plain(message_of(error)))
    except Exception:
        number = secrets.token_hex(3)
        logger.exception("page failed (%s)", number)
        st.error(
            t(
                "This page could not be shown; nothing you saved is lost. Reload it, and if it happens again, give "
                "your administrator the number {number}: the log has the details.",
                number=number,
            )
        )


def heading(title: str, lead: str = "") -> None:
    """Show the page's title and at most two lines about what it is for; both may hold users' words."""
    st.title(plain(title), anchor=False)
    if lead:
        st.markdown(plain(lead))


def steps(current: str, *, task: str, done: frozenset[str] = frozenset(), run: str | None = None) -> None:
    """Show the five steps of a task, which are done, and where the reader is."""
    names = {
        "examples": t("Examples"),
        "criteria": t("Criteria"),
        "improve": t("Improve"),
        "result": t("Result"),
        "use": t("Use"),
    }
    with st.container(horizontal=True, key="steps", gap="small"):
        for number, name in enumerate(STEPS, start=1):
            mark = "✓" if name in done else str(number)
            if name == current:
                st.markdown(f"**{mark} {names[name]}**", width="content")
            else:
                link(f"{mark} {names[name]}", name, task=task, run=run if name in ("result", "use") else None)


def empty(text: str, button: str, act: Callable[[], object]) -> None:
    """Show in two lines what will stand here, and the one button that makes it so."""
    with st.container(border=True, key="empty"):
        st.markdown(plain(text))
        if st.button(button, type="primary"):
            act()
