"""Journey 10: a model server that is not there, the language, light and dark."""

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.serving import free_port


def test_a_server_that_is_not_there_and_another_language_and_the_dark(visitor: Visitor) -> None:
    visitor.open("settings")
    visitor.press("Add a model")
    visitor.write("Name", "office")
    visitor.write("Address", f"http://127.0.0.1:{free_port()}/v1")
    visitor.press("Test")
    failure = visitor.page.get_by_role("alert").first
    expect(failure).to_contain_text("127.0.0.1")
    expect(failure).not_to_contain_text("Traceback")
    visitor.press("Save")
    expect(visitor.keyed("connection-office")).to_contain_text("office")
    visitor.keyed("test-office").get_by_role("button").click()
    expect(visitor.keyed("connection-office").get_by_role("alert")).to_contain_text("127.0.0.1")
    visitor.keyed("remove-office").get_by_role("button").click()
    expect(visitor.keyed("connection-office")).to_have_count(0)
    visitor.press("Undo")
    expect(visitor.keyed("connection-office")).to_be_visible()

    visitor.choose("Language", "Deutsch")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Einstellungen")
    expect(visitor.page.locator("html")).to_have_attribute("lang", "de")
    visitor.choose_in("choice-appearance", "Dunkel")
    expect(visitor.page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(17, 22, 28)")
    visitor.page.reload()
    visitor.settled()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Einstellungen")
    expect(visitor.page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(17, 22, 28)")
    visitor.choose_in("choice-language", "English")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Settings")
