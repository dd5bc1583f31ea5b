"""Every screen in both themes, wide and on a phone: accessible, nothing cut off, nothing raw.

With FALCONER_SCREENSHOTS naming a folder (`dev.py screenshots`) each is saved as a picture, too.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import DESKTOP, PHONE, Theme, Visitor, visit
from tests.e2e.office_model import OfficeModel, served
from tests.e2e.screens import SCREENS, Screen, picture
from tests.e2e.seeds import MODEL, Office, furnish
from tests.e2e.serving import AppServer

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
PICTURES = os.environ.get("FALCONER_SCREENSHOTS", "")
WINDOWS: tuple[tuple[Theme, int], ...] = (("light", DESKTOP), ("dark", DESKTOP), ("light", PHONE))
DARK_PHONE: tuple[tuple[Theme, int], ...] = (("dark", PHONE),) if PICTURES else ()
"""Colours are those of the wide window and sizes those of the light one, so that it is looked at for pictures alone."""
RAW = re.compile(r"\b[0-9a-f]{10,64}\b|\bTraceback\b|\bNone\b|\bnan\b|\{(?!text|document|question)[a-z_]+\}")
"""What never stands on a page: ids and hashes, words of programs, slots that nobody filled but a prompt's own."""
DEVELOPERS_WORDS = re.compile(r"\b(holdout|trials?|hyperparameters?|YAML|JSON|seed|candidates?|dev set)\b", re.I)
TALL, TALL_PHONE = 900, 844
MOST_TABS = 80
CODE_SCREENS = {"template-export", "use", "template-try"}
"""Screens that show code on purpose."""


@dataclass(frozen=True)
class Furnished:
    """A server on an office that has worked for a while."""

    server: AppServer
    office: Office


@pytest.fixture(scope="module")
def furnished() -> Iterator[Furnished]:
    model = OfficeModel()
    # The page of settings names the folder, so it has a name that can be shown.
    with TemporaryDirectory(prefix="falconer-", ignore_cleanup_errors=True) as folder, served(model) as address:
        home = Path(folder)
        office = furnish(home, model, address)
        server = AppServer(home, model=MODEL)
        try:
            server.start()
            yield Furnished(server, office)
        finally:
            server.close()


@pytest.fixture(scope="module", params=WINDOWS + DARK_PHONE, ids=lambda window: f"{window[0]}-{window[1]}")
def window(request: pytest.FixtureRequest, chromium: Browser, furnished: Furnished) -> Iterator[Visitor]:
    """A window of each theme and width."""
    theme, width = request.param
    height = TALL_PHONE if width == PHONE else TALL
    with visit(chromium, furnished.server, theme=theme, width=width, height=height) as visitor:
        yield visitor


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_screen(window: Visitor, furnished: Furnished, screen: Screen, request: pytest.FixtureRequest) -> None:
    screen.show(window, furnished.office)
    if PICTURES:
        theme, width = request.node.callspec.params["window"]
        picture(window, Path(PICTURES) / f"{screen.name}-{theme}-{width}.png")
    expect(window.page.get_by_text("This page could not be shown")).to_have_count(0)
    report = Axe().run(window.page, options={"runOnly": list(WCAG), "resultTypes": ["violations"]})
    assert report.violations_count == 0, report.generate_report()
    main = window.page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth + 1"), "it has to be scrolled sideways"
    words = main.inner_text()
    for upload in window.page.get_by_test_id("stFileUploader").all():
        # It lists the formats that it takes by their names.
        words = words.replace(upload.inner_text(), "")
    if screen.name not in CODE_SCREENS:
        assert not (raw := RAW.findall(words)), f"raw: {raw}"
        assert not (said := DEVELOPERS_WORDS.findall(words)), f"words of developers: {said}"
    if window.page.viewport_size == {"width": DESKTOP, "height": TALL}:
        primary_within_reach(window)


def primary_within_reach(visitor: Visitor) -> None:
    """Expect at most one primary button, and that the keyboard alone comes to it."""
    primary = visitor.page.locator(".stMain [data-testid^='stBaseButton-primary']:not(:disabled)")
    assert primary.count() <= 1, [button.inner_text() for button in primary.all()]
    for _ in range(MOST_TABS * primary.count()):
        visitor.page.keyboard.press("Tab")
        if primary.evaluate("button => button === document.activeElement"):
            return
    assert not primary.count(), f"{MOST_TABS} times Tab do not reach “{primary.inner_text()}”"
