"""Journey 7: a template becomes an app; its form is filled in; a sheet with a row that fails goes through it."""

from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.seeds import BATCH, messages, template


def test_form_and_batch_with_a_row_that_fails(home: Path, visitor: Visitor, tmp_path: Path) -> None:
    name = template(home)
    visitor.open("apps", tab="new", template=name)
    visitor.press("Continue")
    visitor.write("Title", "Which team?")
    visitor.press("Publish")
    visitor.says("Published.")
    app = visitor.state("app")

    visitor.open("app", app=app)
    box = visitor.page.get_by_role("textbox").first
    box.fill("My parcel never came.")
    visitor.press("Run")
    expect(visitor.keyed("app_answer")).to_be_visible()

    visitor.page.get_by_role("radio", name="Batch").click()
    visitor.settled()
    with visitor.download(tmp_path) as empty:
        visitor.button("Download the sheet template").click()
    assert load_workbook(empty[0]).active is not None
    visitor.upload(messages(tmp_path / "messages.xlsx"))
    if (choice := visitor.page.get_by_role("combobox", name="Text")).count() and not choice.input_value():
        visitor.choose("Text", "Message")
    visitor.press(f"Run {len(BATCH)} rows")
    visitor.says("Failed 1")
    visitor.press("Run the failed row again")
    visitor.says("Finished: 7 of 7 rows are done, 1 of them failed.")
    visitor.settled()
    visitor.page.get_by_role("radio", name="Failed 1").click()
    visitor.settled()
    visitor.holds(filter="failed")
    with visitor.download(tmp_path) as results:
        visitor.button(".xlsx").first.click()
    rows = list(load_workbook(results[0]).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert len(rows) == len(BATCH) + 1
    assert sum(1 for row in rows if row[1] in BATCH) == len(BATCH) - 1
