"""Journey 1: from the first visit to a verdict on the sample, with the model that comes along."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import Visitor, visit
from tests.e2e.serving import Serve

CALLS = 24
VERDICT_SECONDS = 300


@pytest.fixture
def visitor(chromium: Browser, serve: Serve, tmp_path: Path) -> Iterator[Visitor]:
    """Somebody in front of an installation as it comes: its own model, a sample task, no key."""
    with visit(chromium, serve(tmp_path / "home", model="embedded")) as person:
        yield person


@pytest.mark.model
def test_from_the_first_visit_to_a_verdict(visitor: Visitor) -> None:
    visitor.open("home")
    visitor.page.get_by_role("link", name="Support tickets").click()
    visitor.at("improve")
    visitor.page.get_by_text("Quick", exact=False).first.click()
    visitor.settled()
    visitor.number("Calls of models at most", CALLS)
    visitor.press("Start improving")
    assert visitor.state("run")
    expect(visitor.button(re.compile("^Stop"))).to_be_visible()
    expect(visitor.button("See the result")).to_be_visible(timeout=VERDICT_SECONDS * 1000)
    visitor.press("See the result")
    visitor.at("result")
    verdict = visitor.page.locator(".falconer-verdict")
    expect(verdict).to_have_text(re.compile(r"^(Better|Worse|No evidence)"))
    visitor.page.reload()
    expect(verdict).to_be_visible()
    visitor.open("home")
    visitor.says(re.compile("Better|Worse|No evidence|No improvement"))
