"""Journey 10: examples typed into the grid, pasted into it, and kept as they are."""

from pathlib import Path

from playwright.sync_api import Locator, expect

from copilot import Copilot, Task, TaskKind
from tests.e2e.browsing import Visitor

SCRIPT = "<script>window.hacked = 1</script> Where is my parcel?"
PASTED = "My invoice is wrong.\tbilling\nThe lamp arrived broken.\tcomplaints\n"
"""As a spreadsheet hands it over; the task knows no label “complaints”."""


def empty_task(home: Path) -> str:
    """Make a task that has two labels and no example; return its id."""
    with Copilot(home, model="fake") as copilot:
        copilot.preferences.update(started=True)
        task = Task(
            name="Route mail",
            kind=TaskKind.CLASSIFICATION,
            description="Say which team has to act first.",
            labels=("billing", "delivery"),
        )
        return copilot.tasks.create(task).id


def grid(visitor: Visitor) -> Locator:
    """Return the grid, which is a picture to the browser."""
    found = visitor.page.get_by_test_id("stDataFrame").first
    expect(found.locator("canvas").first).to_be_visible()
    return found


def choose_cell(visitor: Visitor, row: int, *, right: bool = False) -> None:
    """Choose a cell of the grid; the first row is 0."""
    box = grid(visitor).bounding_box()
    assert box is not None
    grid(visitor).click(position={"x": box["width"] - 100 if right else 80, "y": 52 + 35 * row})


def fill_cell(visitor: Visitor, text: str) -> None:
    """Write into the chosen cell."""
    visitor.page.keyboard.press("Enter")
    field = visitor.page.locator("#portal textarea, #portal input").first
    expect(field).to_be_visible()
    field.fill(text)
    field.press("Enter")
    visitor.settled()


def test_examples_typed_and_pasted_by_hand(home: Path, visitor: Visitor) -> None:
    task = empty_task(home)
    page = visitor.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.open("examples", task=task, tab="type")
    choose_cell(visitor, 0)
    fill_cell(visitor, SCRIPT)
    visitor.says("Row 1 is not saved yet: choose its category")
    choose_cell(visitor, 0, right=True)
    fill_cell(visitor, "delivery")
    visitor.says("One example saved.")

    page.evaluate("text => navigator.clipboard.writeText(text)", PASTED)
    choose_cell(visitor, 1)
    page.keyboard.press("Control+V")
    visitor.says("2 examples saved.")
    visitor.says("Row 3 is not saved yet: choose its category, one of billing, delivery.")
    choose_cell(visitor, 2, right=True)
    fill_cell(visitor, "delivery")
    visitor.says("3 examples saved.")
    visitor.says_not("is not saved yet")

    page.reload()
    visitor.settled()
    visitor.press("Back to the examples")
    visitor.says("3 examples")
    assert page.evaluate("window.hacked === undefined")
    with Copilot(home, model="fake") as copilot:
        kept = [(row.example.inputs["text"], row.example.expected, row.origin) for row in copilot.tasks.examples(task)]
    assert kept == [
        (SCRIPT, ("delivery",), "typed"),
        ("My invoice is wrong.", ("billing",), "typed"),
        ("The lamp arrived broken.", ("delivery",), "typed"),
    ]
