"""Every page stands in a real browser, in both themes, and asks no other host for anything."""

from playwright.sync_api import expect

from app.navigation import PLACES
from tests.e2e.browsing import Visitor


def test_every_page_opens_by_its_address(visitor: Visitor) -> None:
    for place in PLACES:
        visitor.open(place.name)
        expect(visitor.page.get_by_text("This page could not be shown")).to_have_count(0)


def test_an_unknown_address_says_so_and_leads_home(visitor: Visitor) -> None:
    answer = visitor.page.goto(f"{visitor.server.url}/old/link?task=1")
    assert answer is not None and answer.status == 404
    sentence = visitor.page.get_by_role("heading", level=1)
    expect(sentence).to_have_text("There is no page at this address; it may be an old link.")
    expect(visitor.page.get_by_alt_text("Falconer").first).to_be_visible()
    assert not visitor.page.evaluate("document.querySelector('h1').scrollWidth > innerWidth")
    # The browser itself notes the status of the document; scripts and policies have nothing to say.
    assert all("404 (Not Found)" in error for error in visitor.errors) and len(visitor.errors) <= 1
    visitor.errors.clear()
    visitor.page.get_by_role("link", name="To the tasks").click()
    visitor.at("home")
    expect(visitor.page.get_by_role("heading", level=1).first).to_be_visible()
