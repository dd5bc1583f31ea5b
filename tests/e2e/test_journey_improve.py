"""Journey 3: criteria with a live check; improve, stop, go on; the computer fails, and the run goes on."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from copilot import Budget, Copilot
from tests.e2e import seeds
from tests.e2e.browsing import SECONDS, Visitor, visit
from tests.e2e.office_model import OfficeModel, served
from tests.e2e.serving import Serve

CALLS = 150


@pytest.fixture
def model() -> OfficeModel:
    return OfficeModel()


@pytest.fixture
def visitor(chromium: Browser, serve: Serve, home: Path, model: OfficeModel) -> Iterator[Visitor]:
    """Somebody whose model waits when it is told to."""
    with served(model) as address, visit(chromium, serve(home, model=address)) as person:
        yield person


def test_criteria_stop_go_on_and_a_failing_computer(home: Path, visitor: Visitor, model: OfficeModel) -> None:
    with Copilot(home) as copilot:
        task = copilot.tasks.create_sample().id
    visitor.open("criteria", task=task)
    visitor.says(re.compile(r"120 of 120"))
    visitor.write("Search", "length")
    visitor.keyed("choose-length").get_by_role("button").click()
    expect(visitor.keyed("adding")).to_be_visible()
    visitor.number("At most", 1, within=visitor.keyed("adding"))
    expect(visitor.keyed("adding")).to_contain_text("120 of 120")
    visitor.press("Add this criterion")
    expect(visitor.keyed("card-1")).to_be_visible()
    visitor.press("Go on to Improve")

    visitor.at("improve")
    visitor.number("Calls of models at most", CALLS)
    model.hold(30)
    visitor.press("Start improving")
    run = visitor.state("run")
    visitor.press(re.compile("^Stop"))
    visitor.says("Everything done is kept")
    model.hold(30)
    visitor.press("Go on")
    expect(visitor.button(re.compile("^Stop"))).to_be_visible()

    visitor.server.kill()
    visitor.server.start()
    model.release()
    visitor.open("improve", task=task, run=run)
    # The page that was open missed its server, and said so.
    visitor.errors.clear()
    # A worker that is gone is missed after a while, and another one goes on with what it had done.
    expect(visitor.button("See the result")).to_be_visible(timeout=4 * SECONDS * 1000)
    visitor.press("See the result")
    expect(visitor.page.locator(".falconer-verdict")).to_have_text(re.compile(r"^(Better|Worse|No evidence)"))
    with Copilot(home) as copilot:
        usage = copilot.get_run(run).usage
    assert sum(part.calls for part in usage.values()) <= CALLS


def test_prompts_of_two_runs_beside_each_other(chromium: Browser, serve: Serve, home: Path) -> None:
    task, first = seeds.improved(home)
    with Copilot(home, model="fake") as copilot:
        saved = copilot.tasks.get(task)
        newest = copilot.improve(saved.task, copilot.tasks.dataset(task), budget=Budget(max_calls=200), seed=7)
        copilot.tasks.link_run(task, newest.id)
        rows = copilot.comparisons.between(f"{newest.id}/{newest.finalist_id}", f"{first}/user").shared
    with visit(chromium, serve(home)) as visitor:
        visitor.open("result", task=task, run=newest.id)
        visitor.says("only in: Your prompt")
        visitor.choose("Compared with a prompt from", re.compile("at most 120 calls"))
        visitor.choose(re.compile("Compared with$"), re.compile("^Your prompt"))
        visitor.holds(against=f"{first}/user")
        visitor.says(re.compile("only in: Your prompt of "))
        visitor.says(f"Compared on the {rows.aside} examples that both answered")
        visitor.page.get_by_text("Also the examples used to choose").click()
        visitor.says(f"Compared on the {rows.n} examples that both answered")
        visitor.says(re.compile("that favours"))
        visitor.holds(tab="all")
