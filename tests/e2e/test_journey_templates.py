"""Journey 6: save what an improvement ended with, change it, promote it, go back."""

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.seeds import improved


def test_save_change_promote_and_go_back(home: Path, visitor: Visitor) -> None:
    task, run = improved(home)
    visitor.open("use", task=task, run=run)
    visitor.write("Name", "Team for a message")
    visitor.choose("Label (optional)", "production")
    visitor.press("Save as template")
    visitor.says("Already saved")

    visitor.open("template", template="Team for a message")
    visitor.press("Edit this prompt")
    visitor.press("Save as a new version")
    visitor.says("Nothing is changed yet")
    # One click right after typing, while the text still has the cursor.
    visitor.page.get_by_role("textbox", name="Instruction").fill("Name the team that has to act first.")
    visitor.button("Save as a new version").click()
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog.locator("ins").first).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Say in a few words what changed")
    visitor.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    visitor.press("Save as a new version")
    visitor.page.get_by_role("textbox", name="What changed and why").fill("Asks for the first team alone.")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    visitor.settled()
    visitor.holds(version="2")

    visitor.page.get_by_role("radio", name="Versions").click()
    visitor.settled()
    visitor.keyed("promote_2").get_by_role("button").click()
    visitor.choose("Label", "production")
    expect(dialog).to_contain_text("version 1")
    visitor.page.get_by_role("textbox", name="Your name (optional)").fill("Ann")
    dialog.get_by_role("button", name="Point it at version 2").click()
    expect(dialog).to_have_count(0)
    expect(visitor.keyed("version_2")).to_contain_text("production")
    visitor.press("Back to version 1")
    expect(visitor.keyed("version_1")).to_contain_text("production")
    expect(visitor.keyed("version_2")).not_to_contain_text("production")
    visitor.press("Undo")
    expect(visitor.keyed("version_2")).to_contain_text("production")
