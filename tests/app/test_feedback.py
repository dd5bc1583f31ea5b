"""Feedback on a run's answers: without a task, without answers, and with them."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from copilot import Budget, Dataset, Example, Feedback, Run, Task, TaskKind
from copilot.types import SavedTask

TASK = Task(
    name="tickets",
    kind=TaskKind.CLASSIFICATION,
    description="Sort the ticket by what the customer wants.",
    labels=("refund", "delivery"),
    prompt="What is it about? {text}",
)
HOSTILE = "<script>alert(1)</script> ![x](http://localhost:9/x.png) **bold**"
OTHER = {"refund": "delivery", "delivery": "refund"}
EXAMPLES = Dataset(
    examples=tuple(
        Example(
            id=str(n),
            inputs={"text": f"ticket {n}: {'my money back' if n % 2 else 'where is my parcel'} {HOSTILE}"},
            expected=("refund" if n % 2 else "delivery",),
        )
        for n in range(48)
    )
)


@pytest.fixture
def task() -> SavedTask:
    return state.copilot().tasks.create(TASK, examples=EXAMPLES)


@pytest.fixture
def run(task: SavedTask) -> Run:
    done = state.copilot().improve(TASK, EXAMPLES, budget=Budget(max_calls=80))
    state.copilot().tasks.link_run(task.id, done.id)
    return done


def button(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return page.run()


def _row(page: AppTest) -> str:
    value = page.query_params["row"]
    return value if isinstance(value, str) else value[0]


def _shown(page: AppTest, run: Run) -> tuple[str, str]:
    return state.copilot().reviews.prompts(run.id)[0].id, _row(page)


def texts(page: AppTest) -> str:
    found = "\n".join(str(part.value) for part in (*page.markdown, *page.caption, *page.subheader, *page.info))
    return found.replace("\\", "")


def test_without_a_task_it_leads_to_the_tasks(open_page: Callable[..., AppTest]) -> None:
    page = open_page("feedback")
    assert "Open a task that has a result" in texts(page)
    page.button[0].click()
    assert page.run().title[0].value != "Feedback"


def test_without_a_run_it_leads_to_improve(open_page: Callable[..., AppTest], task: SavedTask) -> None:
    assert "There are no answers to look at yet" in texts(open_page("feedback", task=task.id))


@pytest.mark.parametrize("url", [{"task": "nowhere"}, {"run": "nowhere"}])
def test_an_old_link_gets_a_sentence_and_a_way_back(open_page: Callable[..., AppTest], url: dict[str, str]) -> None:
    page = open_page("feedback", **url)
    assert len(page.error) == 1 and "There is no" in page.error[0].value
    assert not page.exception


def test_everything_said_is_saved_at_once_and_undone(
    open_page: Callable[..., AppTest], task: SavedTask, run: Run
) -> None:
    page = open_page("feedback", task=task.id)
    assert "0 of " in page.get("progress")[0].proto.text
    assert page.button(key="feedback_refine").disabled
    assert "Answer 1 of " in page.subheader[0].value
    page.button_group[1].set_value(["down"]).run()
    page.text_area[0].set_value("too vague").run()
    [said] = run.feedback()
    assert (said.feedback.flag, said.feedback.comment) == ("down", "too vague")
    edited = OTHER[str(page.text_area[1].value)]
    page.text_area[1].set_value(edited).run()
    page.selectbox[1].set_value("wrong").run()
    [said] = run.feedback()
    assert (said.feedback.flag, said.feedback.edited_output, said.feedback.tag) == ("down", edited, "wrong")
    button(page, "feedback_undo")
    assert run.feedback()[0].feedback.tag == ""
    assert "1 of " in page.get("progress")[0].proto.text
    assert not page.button(key="feedback_refine").disabled
    assert "1 opinion, among them 1 answer as you would have written it" in texts(page)
    page = open_page("feedback", task=task.id)
    assert page.text_area[0].value == "too vague", "a reload shows what was saved"
    button(page, f"feedback_undo_{run.feedback()[0].id}")
    assert run.feedback() == ()
    button(page, "feedback_undo")
    assert run.feedback()[0].feedback.comment == "too vague"
    assert not page.exception


def test_an_edit_becomes_an_example_and_is_undone(open_page: Callable[..., AppTest], task: SavedTask, run: Run) -> None:
    page = open_page("feedback", task=task.id, filter="failures")
    page.text_area[1].set_value("nonsense").run()
    button(page, "feedback_to_example")
    assert "none of the labels" in page.error[0].value
    edited = OTHER[state.copilot().reviews.item(run.id, *_shown(page, run)).output]
    page.text_area[1].set_value(edited).run()
    button(page, "feedback_to_example")
    origins = [row.origin for row in state.copilot().tasks.examples(task.id)]
    assert origins.count("feedback") == 1
    button(page, "feedback_undo")
    assert [row.origin for row in state.copilot().tasks.examples(task.id)].count("feedback") == 0
    assert run.feedback()[0].feedback.edited_output == edited


def test_next_and_filters_walk_through_the_answers(
    open_page: Callable[..., AppTest], task: SavedTask, run: Run
) -> None:
    page = open_page("feedback", task=task.id, candidate="user")
    names = state.copilot().reviews.ids(run.id, "user")
    assert _row(page) == names[0]
    button(page, "feedback_on_top")
    assert _row(page) == names[1]
    page.button_group[1].set_value(["up"]).run()
    button(page, "feedback_back_top")
    assert _row(page) == names[0]
    page = open_page("feedback", task=task.id, candidate="user", filter="rated", row="")
    assert _row(page) == names[1]
    assert "Answer 1 of 1" in page.subheader[0].value
    page = open_page("feedback", task=task.id, candidate="nobody", filter="odd", row="nowhere", page="99")
    assert not page.exception and not page.error


def test_refining_goes_to_the_new_improvement(open_page: Callable[..., AppTest], task: SavedTask, run: Run) -> None:
    state.copilot().reviews.add(
        Feedback(run_id=run.id, candidate_id="user", example_id=run.trials(split="dev")[0].example_id, comment="longer")
    )
    page = open_page("feedback", task=task.id)
    button(page, "feedback_refine")
    newest = state.copilot().tasks.runs(task.id)[0]
    assert newest.id != run.id
    assert "longer" in str(state.copilot().get_run(newest.id).saved.plan.options["said"])
    state.copilot().get_run(newest.id).wait(timeout=120)
