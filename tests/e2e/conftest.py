"""The application in a real browser: a server for each test, one Chromium for all."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browsing import CHROMIUM, Visitor, launch, visit
from tests.e2e.serving import AppServer

HERE = Path(__file__).parent
Serve = Callable[..., AppServer]


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


@pytest.fixture(autouse=True)
def picture_of_failure(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep what the page looked like where a test failed and FALCONER_PICTURES names a folder."""
    yield
    folder = os.environ.get("FALCONER_PICTURES")
    if not folder or "visitor" not in request.fixturenames:
        return
    person: Visitor = request.getfixturevalue("visitor")
    person.page.screenshot(path=Path(folder) / f"{request.node.name}.png", full_page=True)
