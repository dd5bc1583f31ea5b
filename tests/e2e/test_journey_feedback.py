"""Journeys 4 and 5: feedback that the next improvement hears; two prompts compared blind by keyboard."""

import re
from pathlib import Path

from playwright.sync_api import expect

from copilot import Copilot
from tests.e2e.browsing import SECONDS, Visitor
from tests.e2e.seeds import improved

CHOICES = 6


def test_feedback_is_heard_by_the_next_improvement(home: Path, visitor: Visitor) -> None:
    task, run = improved(home)
    visitor.open("feedback", task=task, run=run)
    expect(visitor.button("Refine with my feedback")).to_be_disabled()
    visitor.page.get_by_role("radio", name=re.compile("Not good")).click()
    visitor.says("Saved:")
    visitor.settled()
    expect(visitor.button("Refine with my feedback")).to_be_enabled()
    visitor.press("Undo")
    visitor.says_not("Saved:")
    expect(visitor.button("Refine with my feedback")).to_be_disabled()
    visitor.write("The answer as it should be", "delivery")
    visitor.write("Comment", "A parcel is asked for.")
    visitor.says("Saved:")
    visitor.page.reload()
    visitor.settled()
    expect(visitor.page.get_by_role("textbox", name="Comment")).to_have_value("A parcel is asked for.")
    expect(visitor.page.get_by_role("textbox", name="The answer as it should be")).to_have_value("delivery")
    visitor.press("Refine with my feedback")
    visitor.at("improve")
    refined = visitor.state("run")
    assert refined != run
    expect(visitor.button("See the result")).to_be_visible(timeout=3 * SECONDS * 1000)
    with Copilot(home) as copilot:
        assert [summary.id for summary in copilot.tasks.runs(task)] == [refined, run]
        (said,) = copilot.get_run(run).feedback()
    assert (said.feedback.comment, said.feedback.edited_output) == ("A parcel is asked for.", "delivery")


def test_two_prompts_blind_by_keyboard(home: Path, visitor: Visitor) -> None:
    task, run = improved(home)
    visitor.open("compare", task=task, run=run)
    visitor.says(re.compile("^Pair 1 of"))
    for number in range(CHOICES):
        visitor.page.keyboard.press(("ArrowLeft", "ArrowRight", "ArrowDown")[number % 3])
        visitor.says(re.compile(f"^Pair {number + 2} of"))
    visitor.page.keyboard.press("u")
    visitor.says(re.compile(f"^Pair {CHOICES} of"))
    visitor.press("Stop and see the result")
    visitor.holds(tab="result")
    visitor.says(re.compile(r"\d+%"))
    with Copilot(home) as copilot:
        prompts = {prompt.role: prompt.id for prompt in reversed(copilot.reviews.prompts(run))}
        other = prompts.get("chosen") or prompts["other"]
        assert copilot.reviews.win_rate(run, prompts["own"], other).n == CHOICES - 1
