"""Pages headless, over a real database in a folder of their own and a scripted model."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import state

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation of its own for each test."""
    monkeypatch.setenv("FALCONER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FALCONER_MODEL", "fake")
    state.copilot.clear()
    yield tmp_path / "home"
    state.copilot().close()
    state.copilot.clear()


@pytest.fixture
def web(home: Path) -> AppTest:
    """The application, opened at its first page."""
    return AppTest.from_file(MAIN, default_timeout=60)


@pytest.fixture
def open_page(web: AppTest) -> Callable[..., AppTest]:
    """Open a page by its view's name, with this state in its URL."""

    def opened(view: str, **url: str) -> AppTest:
        web.run()
        for name, value in url.items():
            web.query_params[name] = value
        return web.switch_page(f"views/{view}.py").run()

    return opened
