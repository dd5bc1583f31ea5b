"""Every page stands in a real browser, in both themes, and asks no other host for anything."""

from playwright.sync_api import expect

from app.navigation import PLACES
from tests.e2e.browsing import Visitor


def test_every_page_opens_by_its_address(visitor: Visitor) -> None:
    for place in PLACES:
        visitor.open(place.name)
        expect(visitor.page.get_by_text("This page could not be shown")).to_have_count(0)
