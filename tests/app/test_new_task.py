"""New task: saved from the moment it has a name."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from app import state


def field(page: AppTest, name: str) -> str:
    (key,) = [
        widget.key
        for widget in (*page.text_input, *page.text_area, *page.radio)
        if widget.key and widget.key.startswith(f"task_{name}_")
    ]
    return str(key)


def test_a_task_is_saved_as_it_is_typed(open_page: Callable[..., AppTest]) -> None:
    page = open_page("new_task")
    page.text_area(key=field(page, "description")).set_value("Which team acts first?").run()
    assert state.copilot().tasks.list() == (), "without a name nothing is kept"
    page.text_input(key=field(page, "name")).set_value(" Mail ").run()
    (found,) = state.copilot().tasks.list()
    assert found.task.task.name == "Mail"
    assert found.task.task.description == "Which team acts first?"
    page.text_area(key=field(page, "labels")).set_value("billing, delivery\n").run()
    page.text_input(key=field(page, "project")).set_value("Shop").run()
    saved = state.copilot().tasks.get(found.task.id)
    assert saved.task.labels == ("billing", "delivery")
    assert saved.project == "Shop"
    assert len(state.copilot().tasks.list()) == 1
    page.button(key="to_examples").click().run()
    assert not page.exception
    assert page.title[0].value == "Mail"


def test_what_another_window_changed_meanwhile_is_kept(open_page: Callable[..., AppTest]) -> None:
    tasks = state.copilot().tasks
    saved = tasks.create_sample("support_tickets")
    page = open_page("new_task", task=saved.id)
    tasks.update(saved.id, saved.task.model_copy(update={"description": "Words of the other window"}))
    page.text_input(key=field(page, "name")).set_value("Mail").run()
    page.text_input(key=field(page, "project")).set_value("Shop").run()
    found = tasks.get(saved.id)
    assert (found.task.name, found.project) == ("Mail", "Shop")
    assert found.task.description == "Words of the other window"


def test_what_is_missing_is_said(open_page: Callable[..., AppTest]) -> None:
    page = open_page("new_task")
    page.button(key="to_examples").click().run()
    assert "name first" in page.error[0].value
    page.text_input(key=field(page, "name")).set_value("Mail").run()
    page.button(key="to_examples").click().run()
    assert "what is to be done" in page.error[0].value


def test_a_custom_task_names_its_inputs(open_page: Callable[..., AppTest]) -> None:
    page = open_page("new_task")
    page.radio(key=field(page, "kind")).set_value("custom").run()
    page.text_input(key=field(page, "name")).set_value("Reply").run()
    page.text_area(key=field(page, "fields")).set_value("customer name\noffer").run()
    (found,) = state.copilot().tasks.list()
    assert found.task.task.fields == ("customer_name", "offer")


def test_the_kind_stays_once_there_are_examples(open_page: Callable[..., AppTest]) -> None:
    saved = state.copilot().tasks.create_sample()
    page = open_page("new_task", task=saved.id)
    assert len(page.radio(key=field(page, "kind")).options) == 1
    page.text_input(key=field(page, "name")).set_value("Tickets").run()
    after = state.copilot().tasks.get(saved.id)
    assert after.task == saved.task.model_copy(update={"name": "Tickets"})


def test_an_unknown_task_gives_a_sentence_and_a_way_back(open_page: Callable[..., AppTest]) -> None:
    page = open_page("new_task", task="nothing")
    assert "no such task" in page.error[0].value
    assert not page.exception
