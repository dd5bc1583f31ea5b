"""Home: nothing yet, tasks with what came of them, deleting and bringing back."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from app import state
from copilot import Dataset, Example, Task, TaskKind

ROWS = Dataset(
    examples=tuple(
        Example(id=str(n), inputs={"text": f"mail {n}"}, expected=("a" if n % 2 else "b",)) for n in range(1, 13)
    )
)


def make(name: str = "Sort mail", project: str = "", examples: Dataset | None = ROWS) -> str:
    task = Task(name=name, kind=TaskKind.CLASSIFICATION, description="Which team?", labels=("a", "b"))
    return state.copilot().tasks.create(task, project=project, examples=examples).id


def said(page: AppTest) -> str:
    return "\n".join(str(element.value) for element in (*page.markdown, *page.caption, *page.error, *page.warning))


def test_where_nothing_is_the_sample_is_one_click_away(web: AppTest) -> None:
    web.run()
    assert [button.label for button in web.button] == ["Try the sample"]
    web.button[0].click().run()
    assert not web.exception
    (found,) = state.copilot().tasks.list()
    assert found.task.task.name == "Support tickets"
    assert found.counts.accepted == 120
    assert web.query_params["task"] in (found.task.id, [found.task.id])


def test_tasks_stand_under_their_projects_with_one_primary_button(open_page: Callable[..., AppTest]) -> None:
    make("Sort mail", project="Shop")
    make("Evil <b>*task*</b> ![x](http://evil.example/x.png)", examples=None)
    page = open_page("home")
    assert not page.exception
    assert {header.value for header in page.subheader} == {"Shop", "Without a project"}
    text = said(page)
    assert "12 examples" in text
    assert "Not improved yet" in text.replace("\\", "")
    assert "no examples yet" in text
    assert [button.label for button in page.button if button.key == "new_task"] == ["New task"]


def test_a_deleted_task_is_brought_back(open_page: Callable[..., AppTest]) -> None:
    task_id = make()
    page = open_page("home")
    page.button(key=f"delete_{task_id}").click().run()
    assert state.copilot().tasks.list() == ()
    assert "was deleted" in said(page)
    page.button(key="undo_delete").click().run()
    assert [found.task.id for found in state.copilot().tasks.list()] == [task_id]
    page.button(key=f"delete_{task_id}").click().run()
    page.button(key=f"restore_{task_id}").click().run()
    assert [found.task.id for found in state.copilot().tasks.list()] == [task_id]


def test_renaming_and_moving_save_at_once(open_page: Callable[..., AppTest]) -> None:
    task_id = make()
    page = open_page("home")
    page.text_input(key=f"rename_{task_id}").set_value("Letters").run()
    page.text_input(key=f"move_{task_id}").set_value("Post").run()
    saved = state.copilot().tasks.get(task_id)
    assert (saved.task.name, saved.project) == ("Letters", "Post")


def test_search_finds_or_says_that_it_does_not(open_page: Callable[..., AppTest]) -> None:
    for number in range(12):
        make(f"Task number {number}")
    page = open_page("home")
    assert any("Page 1 of 2" in markdown.value for markdown in page.markdown)
    page.text_input(key="q").set_value("number 7").run()
    assert "one task found" in said(page)
    page.text_input(key="q").set_value("nothing like it").run()
    assert "No task matches" in said(page).replace("\\", "")


def test_a_finished_run_is_told_in_words(open_page: Callable[..., AppTest]) -> None:
    task_id = make()
    state.copilot().tasks.start_run(task_id, max_calls=40).wait(timeout=120)
    page = open_page("home")
    assert not page.exception
    text = said(page).replace("\\", "")
    assert "your prompt" in text
    assert "Score " in text
