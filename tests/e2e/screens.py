"""The screens of the application: where each is found, and how it is brought into the state that is looked at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from tests.e2e.browsing import Visitor
from tests.e2e.seeds import Office

TALLEST = 4200
COLOURS = 128


def _nothing(_visitor: Visitor) -> None:
    """The screen is looked at as it opens."""


@dataclass(frozen=True)
class Screen:
    """One screen in one state."""

    name: str
    view: str
    state: Callable[[Office], Mapping[str, str]] = field(default=lambda _office: {})
    act: Callable[[Visitor], None] = _nothing

    def show(self, visitor: Visitor, office: Office) -> None:
        """Bring it up."""
        visitor.open(self.view, **self.state(office))
        self.act(visitor)
        visitor.settled()


def _task(office: Office) -> dict[str, str]:
    return {"task": office.tickets}


def _run(office: Office) -> dict[str, str]:
    return {"task": office.tickets, "run": office.run}


def _template(tab: str) -> Callable[[Office], Mapping[str, str]]:
    return lambda office: {"template": office.template, **({"tab": tab} if tab else {})}


SCREENS = (
    Screen("home", "home"),
    Screen("new-task", "new_task"),
    Screen("examples", "examples", _task),
    Screen("criteria", "criteria", _task),
    Screen("improve", "improve", lambda office: {"task": office.notes}),
    Screen("improve-running", "improve", lambda office: {"task": office.keywords, "run": office.live}),
    Screen("result", "result", _run),
    Screen("result-failures", "result", lambda office: {**_run(office), "filter": "failures"}),
    Screen("feedback", "feedback", _run),
    Screen("compare", "compare", _run),
    Screen("use", "use", _run),
    Screen("templates", "templates"),
    Screen("template", "template", _template("")),
    Screen("template-versions", "template", _template("versions")),
    Screen("template-try", "template", _template("try")),
    Screen("template-export", "template", _template("export")),
    Screen("apps", "apps"),
    Screen("app-editor", "apps", lambda office: {"app": office.app}),
    Screen("app", "app", lambda office: {"app": office.app}),
    Screen("app-batch", "app", lambda office: {"app": office.app, "tab": "batch"}),
    Screen("app-batch-results", "app", lambda office: {"app": office.app, "tab": "batch", "sheet": office.sheet}),
    Screen("settings", "settings"),
)


def picture(visitor: Visitor, path: Path) -> None:
    """Save the whole screen, however long, as a small file."""
    page = visitor.page
    size = page.viewport_size
    assert size is not None, "a window has a size"
    # The page scrolls inside of the window, so a picture of the whole needs a window of its height.
    height = page.get_by_test_id("stMain").evaluate("element => element.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(max(height, size["height"]), TALLEST)})
    visitor.settled()
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, animations="disabled", caret="hide")
    page.set_viewport_size(size)
    with Image.open(path) as raw:
        small = raw.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
