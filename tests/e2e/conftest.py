"""The application in a real browser: a server for each test, one Chromium for all."""

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browsing import CHROMIUM, Visitor, launch, visit
from tests.e2e.serving import AppServer, Serve

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Chromium."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser; each test gets a profile of its own."""
    if not CHROMIUM.exists():
        pytest.fail("Chromium is not installed: apt-get install chromium, or run the tests by dev.py test.")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start the application on a home; everything it started ends with the test."""
    with ExitStack() as stack:

        def started(
            home: Path | None = None, *, model: str = "fake", environment: Mapping[str, str] | None = None
        ) -> AppServer:
            server = AppServer(home or tmp_path / "home", model=model, environment=environment)
            stack.callback(server.close)
            server.start()
            return server

        yield started


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the test's server, known to this process too, so that the public interface fills it."""
    monkeypatch.setenv("FALCONER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FALCONER_MODEL", "fake")
    return tmp_path / "home"


@pytest.fixture
def visitor(chromium: Browser, serve: Serve, home: Path) -> Iterator[Visitor]:
    """Somebody in front of a new installation with the scripted model."""
    with visit(chromium, serve(home)) as person:
        yield person


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the server said where a test failed; keep the page's picture where FALCONER_PICTURES names a folder."""
    report = yield
    given = getattr(item, "funcargs", {})
    person = given.get("visitor", given.get("window"))
    if report.when == "call" and report.failed and isinstance(person, Visitor):
        report.sections.append(("server", person.server.log[-6000:]))
        if folder := os.environ.get("FALCONER_PICTURES"):
            person.page.screenshot(path=Path(folder) / f"{item.name}.png", full_page=True)
    return report
