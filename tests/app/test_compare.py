"""The blind comparison: empty, under way, stopped, finished."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from copilot import Budget, Copilot, Dataset, Example, FakeModel, Run, Task, TaskKind
from copilot.types import SavedTask

TASK = Task(
    name="tickets",
    kind=TaskKind.CLASSIFICATION,
    labels=("refund", "delivery"),
    prompt="What is it about? {text}",
)
EXAMPLES = Dataset(
    examples=tuple(
        Example(
            id=str(n),
            inputs={"text": f"ticket {n}: {'my money back' if n % 2 else 'where is my parcel'}"},
            expected=("refund" if n % 2 else "delivery",),
        )
        for n in range(60)
    )
)


@pytest.fixture
def task() -> SavedTask:
    return state.copilot().tasks.create(TASK, examples=EXAMPLES)


@pytest.fixture
def run(task: SavedTask) -> Run:
    done = state.copilot().improve(TASK, EXAMPLES, budget=Budget(max_calls=100))
    state.copilot().tasks.link_run(task.id, done.id)
    return done


def click(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return page.run()


def texts(page: AppTest) -> str:
    found = "\n".join(str(part.value) for part in (*page.markdown, *page.caption, *page.subheader, *page.info))
    return found.replace("\\", "")


def test_without_answers_it_says_what_will_stand_here(open_page: Callable[..., AppTest], task: SavedTask) -> None:
    assert "Open a task that has a result" in texts(open_page("compare"))
    assert "There are no answers to look at yet" in texts(open_page("compare", task=task.id))
    assert "There is no" in open_page("compare", run="nowhere").error[0].value


def test_choices_are_saved_undone_and_end_in_words(
    open_page: Callable[..., AppTest], task: SavedTask, run: Run
) -> None:
    reviews = state.copilot().reviews
    page = open_page("compare", task=task.id)
    assert page.button(key="compare_stop").disabled and page.button(key="compare_undo").disabled
    prompts = reviews.prompts(run.id)
    other = next(prompt for prompt in prompts if prompt.role != "own")
    shown = [part.value for part in page.code]
    pair = reviews.pairs(run.id, "user", other.id).next
    assert pair is not None and shown[-2:] == [pair.left, pair.right]
    assert "Your own prompt" not in texts(page) and "The prompt to use" not in texts(page), "neither is named"
    click(page, "compare_left")
    assert reviews.pairs(run.id, "user", other.id).judged == 1
    click(page, "compare_undo")
    assert [part.value for part in page.code] == shown
    click(page, "compare_tie")
    click(page, "compare_stop")
    assert "No difference: you saw none in the one pair" in texts(page)
    click(page, "compare_on")
    while (queue := reviews.pairs(run.id, "user", other.id)).next is not None:
        side = "left" if queue.next.left == reviews.item(run.id, other.id, queue.next.example.id).output else "right"
        click(page, f"compare_{side}")
        assert not page.exception
    assert "is preferred" in texts(page) or "Too few" in texts(page)
    assert "would come with probability" in texts(page)
    again = open_page("compare", run=run.id)
    assert again.subheader[0].value == page.subheader[0].value, "a reload shows the same"


def test_two_prompts_that_answer_alike_leave_nothing_to_compare(
    open_page: Callable[..., AppTest], home: Path, task: SavedTask
) -> None:
    with Copilot(home, model=FakeModel(lambda request: "refund")) as other:
        done = other.improve(TASK, EXAMPLES, budget=Budget(max_calls=100))
    state.copilot().tasks.link_run(task.id, done.id)
    page = open_page("compare", task=task.id)
    assert "answered every row alike" in texts(page)
    assert "pairs of equal answers are skipped" in texts(page)
    assert not page.exception
