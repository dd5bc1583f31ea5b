"""A page in Chromium that notes what a visitor must never see: requests to other hosts, errors of scripts."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Playwright, TimeoutError, expect

from tests.e2e.serving import AppServer

Theme = Literal["light", "dark"]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = float(os.environ.get("FALCONER_PATIENCE", "20"))
"""How long anything may take to appear; more where many share a machine."""
HOME = "home"
"""The page that stands at the address itself."""
DESKTOP, PHONE = 1280, 390
LOCAL_SCHEMES = {"data", "blob", "about", "chrome-error"}
ASKED = """
const Socket = window.WebSocket;
const mark = (state) => document.documentElement?.setAttribute("data-asked", state);
let turn = 0;
const owed = (patience) => {
  const mine = ++turn;
  mark("yes");
  setTimeout(() => requestIdleCallback(() => { if (mine === turn) mark("no"); }), patience);
};
const asked = () => owed(4000);
document.addEventListener("DOMContentLoaded", asked);
window.WebSocket = class extends Socket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", () => owed(60));
  }
  send(...given) {
    asked();
    super.send(...given);
  }
};
"""
"""Notes on the page whether its server still owes it an answer, or the browser its drawing: neither comes at once."""


def launch(playwright: Playwright) -> Browser:
    """Start Debian's Chromium."""
    expect.set_options(timeout=SECONDS * 1000)
    return playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))


@dataclass
class Visitor:
    """Somebody in front of the application."""

    page: Page
    server: AppServer
    elsewhere: list[str] = field(default_factory=list)
    """Addresses on other hosts that the page asked for."""
    errors: list[str] = field(default_factory=list)
    """What scripts complained about."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(SECONDS * 1000)
        self.page.context.on("request", lambda request: self._seen(request.url))
        self.page.on("websocket", lambda socket: self._seen(socket.url))
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _seen(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in LOCAL_SCHEMES and parts.netloc != f"127.0.0.1:{self.server.port}":
            self.elsewhere.append(url)

    def _said(self, message: ConsoleMessage) -> None:
        # Streamlit looks for its server below the page's address first. A server that was killed on purpose is missed.
        expected = "/_stcore/" in message.location["url"] or "WebSocket" in message.text
        if message.type == "error" and not expected and "ERR_CONNECTION" not in message.text:
            self.errors.append(f"{message.text} ({message.location['url']})")

    def open(self, view: str = "", **state: str | int) -> None:
        """Open a page by its name, with this state in its URL, and wait until it stands."""
        query = f"?{urlencode(state)}" if state else ""
        self.page.goto(f"{self.server.url}/{'' if view == HOME else view}{query}")
        expect(self.page.get_by_role("heading", level=1).first).to_be_visible()
        self.settled()

    def settled(self) -> None:
        """Wait until the server has heard, its script has run, and nothing on the page is out of date."""
        expect(self.page.locator("html")).not_to_have_attribute("data-asked", "yes")
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0)
        expect(self.page.locator('[data-stale="true"]')).to_have_count(0)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """Return a button by what stands on it."""
        return self.page.get_by_role("button", name=name)

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press a button that is ready, and wait for what follows."""
        button = self.button(name).first
        expect(button).to_be_enabled()
        button.click()
        self.settled()

    def write(self, label: str | re.Pattern[str], text: str) -> None:
        """Put a text into a field and leave it, so that it is kept."""
        box = self.page.get_by_role("textbox", name=label).first
        box.fill(text)
        box.blur()
        self.settled()

    def number(self, label: str | re.Pattern[str], value: float, *, within: Locator | None = None) -> None:
        """Put a number into a field and leave it."""
        box = (within or self.page.locator("body")).get_by_role("spinbutton", name=label).first
        box.fill(str(value))
        box.press("Enter")
        self.settled()

    def choose(self, label: str | re.Pattern[str], option: str | re.Pattern[str]) -> None:
        """Choose in a list, by its label."""
        self._pick(self.page.get_by_role("combobox", name=label).first, option)

    def choose_in(self, key: str, option: str | re.Pattern[str]) -> None:
        """Choose in a list, by its key in the code."""
        self._pick(self.keyed(key).get_by_role("combobox"), option)

    def _pick(self, box: Locator, option: str | re.Pattern[str]) -> None:
        wanted = self.page.get_by_role("option", name=option).first
        # A list closes when the page is drawn anew meanwhile: then it is opened again.
        for last in (False, False, False, False, True):
            box.click()
            try:
                wanted.click(timeout=None if last else SECONDS * 1000 / 4)
                break
            except TimeoutError:
                if last:
                    raise
                self.page.keyboard.press("Escape")
                self.settled()
        self.settled()

    def upload(self, file: Path, *, nth: int = 0) -> None:
        """Hand a file to an upload field."""
        self.page.get_by_test_id("stFileUploaderDropzoneInput").nth(nth).set_input_files(file)
        self.settled()

    def keyed(self, key: str) -> Locator:
        """Return a widget or container by its key in the code."""
        return self.page.locator(f".st-key-{key}")

    def says(self, text: str | re.Pattern[str]) -> None:
        """Expect words on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def says_not(self, text: str | re.Pattern[str]) -> None:
        """Expect that words are nowhere on the page."""
        expect(self.page.get_by_text(text)).to_have_count(0)

    def state(self, name: str) -> str:
        """Wait until the URL holds a value of this name, and return it."""
        expect(self.page).to_have_url(re.compile(rf"[?&]{name}=[^&]"))
        return parse_qs(urlsplit(self.page.url).query)[name][0]

    def holds(self, **state: str | int) -> None:
        """Expect these values in the URL."""
        for name, value in state.items():
            expect(self.page).to_have_url(re.compile(rf"[?&]{name}={re.escape(quote_plus(str(value)))}(&|$)"))

    def at(self, view: str) -> None:
        """Expect to be on a page."""
        expect(self.page).to_have_url(re.compile(rf"/{'' if view == HOME else view}(\?|$)"))
        self.settled()

    @contextmanager
    def download(self, folder: Path) -> Iterator[list[Path]]:
        """Save what is downloaded inside; the list holds its path afterwards."""
        saved: list[Path] = []
        with self.page.expect_download() as event:
            yield saved
        target = folder / event.value.suggested_filename
        event.value.save_as(target)
        saved.append(target)


@contextmanager
def visit(
    browser: Browser, server: AppServer, *, theme: Theme = "light", width: int = DESKTOP, height: int = 900
) -> Iterator[Visitor]:
    """Give a visitor with a browser profile of their own; a request to another host is an error at the end.

    Raises:
        AssertionError: the page asked another host for something, or a script failed.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
        accept_downloads=True,
    )
    context.add_init_script(ASKED)
    try:
        visitor = Visitor(context.new_page(), server)
        yield visitor
        assert not visitor.elsewhere, f"Other hosts were asked: {visitor.elsewhere}"
        assert not visitor.errors, f"Scripts complained: {visitor.errors}"
    finally:
        context.close()
