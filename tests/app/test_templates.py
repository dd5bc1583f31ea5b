"""The template library, one template, and the step Use."""

import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from copilot import Budget, Copilot, PromptTemplate, Run, Task, TaskKind
from copilot.types import TemplateLibrary

Open = Callable[..., AppTest]
HOSTILE = "<script>alert(1)</script> [click](http://evil.test) ![i](http://evil.test/a.png) $x^2$"


def prompt(instruction: str = "Summarise the text.") -> PromptTemplate:
    return PromptTemplate.model_validate(
        {
            "kind": "summarization",
            "variables": ("text",),
            "instruction": instruction,
            "item": "Text:\n{{text}}",
            "contract": {"form": "text"},
            "decoding": {"max_tokens": 40},
        }
    )


@pytest.fixture
def library(web: AppTest) -> TemplateLibrary:
    return state.copilot().template_library


@pytest.fixture
def minutes(library: TemplateLibrary) -> str:
    """A template of two versions; production points at the first."""
    library.save("Minutes", prompt(), note="First", labels=("production",))
    library.save("Minutes", prompt("Summarise the text in two sentences."), note=HOSTILE, author="Ann")
    return "Minutes"


def texts(page: AppTest) -> str:
    """Everything that a page says."""
    elements = [*page.markdown, *page.caption, *page.error, *page.warning, *page.success, *page.title, *page.subheader]
    shown = [str(element.value) for element in elements]
    return "\n".join([*shown, *(str(block.value) for block in page.code)]).replace("\\", "")


def test_an_empty_library_says_what_will_stand_there(open_page: Open) -> None:
    page = open_page("templates")
    assert "Saved prompts will stand here" in texts(page)
    assert [button.label for button in page.button] == ["Go to your tasks"]
    assert not page.exception


def test_the_library_finds_by_word_tag_and_label(open_page: Open, library: TemplateLibrary, minutes: str) -> None:
    library.save("Tickets", prompt("Sort the message."))
    library.set_tags("Tickets", ["support"])
    page = open_page("templates")
    assert "2 templates" in texts(page)
    page.text_input(key="q").set_value("sort the").run()
    assert "one template" in texts(page)
    page.text_input(key="q").set_value("").run()
    page.selectbox(key="filter").select("support").run()
    assert "one template" in texts(page)
    page.selectbox(key="label").select("production").run()
    assert "No template matches" in texts(page)


def test_an_unknown_template_has_a_way_back(open_page: Open, minutes: str) -> None:
    page = open_page("template", template="Minuts")
    assert "Did you mean 'Minutes'?" in texts(page)
    assert not page.exception


def test_an_unknown_version_shows_the_newest(open_page: Open, minutes: str) -> None:
    page = open_page("template", template=minutes, version="9")
    assert "no such version" in texts(page)
    assert "two sentences" in texts(page)


def test_a_prompt_is_edited_and_saved_with_a_note(open_page: Open, library: TemplateLibrary, minutes: str) -> None:
    page = open_page("template", template=minutes)
    page.button(key="edit_prompt").click().run()
    page.button(key="save_version").click().run()
    assert "Nothing is changed yet" in page.info[-1].value
    page.text_area(key="edit_Minutes_2_instruction").set_value("Summarise in three sentences.").run()
    assert library.kept_edit(minutes, 2) is not None, "what is typed is kept"
    page.button(key="save_version").click().run()
    page.button(key="save_confirm").click().run()
    assert library.get(minutes).version == 2 and "what changed" in page.warning[-1].value, "a note is asked for"
    page.text_input(key="save_note").set_value("Three, as the team asked").run()
    page.button(key="save_confirm").click().run()
    newest = library.get(minutes)
    assert (newest.version, newest.note) == (3, "Three, as the team asked")
    assert newest.template.instruction == "Summarise in three sentences."
    assert library.kept_edit(minutes, 2) is None


def test_a_field_that_is_lost_is_told(open_page: Open, minutes: str) -> None:
    page = open_page("template", template=minutes, tab="edit")
    page.text_area(key="edit_Minutes_2_item").set_value("Text: none").run()
    assert "no longer holds the field {{text}}" in texts(page)
    page.button(key="save_version").click().run()
    assert not [button for button in page.button if button.key == "save_confirm"], "it is not asked to be saved"


def test_edits_are_there_after_a_reload(open_page: Open, minutes: str) -> None:
    page = open_page("template", template=minutes, tab="edit")
    page.text_area(key="edit_Minutes_2_instruction").set_value("Half a thought").run()
    again = open_page("template", template=minutes, tab="edit")
    assert again.text_area(key="edit_Minutes_2_instruction").value == "Half a thought"


def test_a_label_is_promoted_rolled_back_and_the_rollback_undone(
    open_page: Open, library: TemplateLibrary, minutes: str
) -> None:
    page = open_page("template", template=minutes, tab="versions")
    page.button(key="promote_2").click().run()
    page.selectbox(key="promote_label").select("production").run()
    assert "“production” now points at version 1 of" in texts(page)
    assert "it will point at version 2 of" in texts(page)
    page.button(key="promote_confirm").click().run()
    assert library.get("Minutes@production").version == 2
    page.button(key="rollback_production").click().run()
    assert library.get("Minutes@production").version == 1
    page.button(key="label_undo").click().run()
    assert library.get("Minutes@production").version == 2
    assert not page.exception


def test_a_version_with_a_label_offers_no_deletion(open_page: Open, library: TemplateLibrary, minutes: str) -> None:
    page = open_page("template", template=minutes, tab="versions")
    keys = [button.key for button in page.button]
    assert "delete_2" in keys
    assert "delete_1" not in keys
    page.button(key="delete_2").click().run()
    page.button(key="delete_confirm").click().run()
    assert [saved.version for saved in library.versions(minutes)] == [1]


def test_a_template_without_labels_is_deleted_after_a_question(open_page: Open, library: TemplateLibrary) -> None:
    library.save("Old", prompt(), labels=("draft",))
    page = open_page("template", template="Old", tab="versions")
    assert "delete_template" not in [button.key for button in page.button]
    library.unlabel("Old", "draft")
    page.run()
    page.button(key="delete_template").click().run()
    assert "“Old” goes for good, with its one version." in texts(page)
    page.button(key="delete_all_confirm").click().run()
    assert not library.exists("Old")
    assert not page.exception


def test_a_template_that_an_app_uses_is_not_deleted(open_page: Open, library: TemplateLibrary) -> None:
    library.save("Old", prompt())
    apps = state.copilot().apps
    apps.publish(apps.draft("Old"))
    page = open_page("template", template="Old", tab="versions")
    page.button(key="delete_template").click().run()
    assert "is used by the apps" in texts(page)
    assert "delete_all_confirm" not in [button.key for button in page.button]


def test_a_sheet_runs_through_what_was_saved(open_page: Open, finished: tuple[str, Run]) -> None:
    task, run = finished
    state.copilot().template_library.save_run(run.id, "Saved")
    page = open_page("use", task=task, run=run.id, tab="sheet")
    assert "Every row needs “text”" in texts(page)
    page.file_uploader(key="sheet_file").set_value(
        ("rows.csv", b"message,who\nMy parcel is late,Al\n", "text/csv")
    ).run()
    assert page.button(key="sheet_start").disabled, "no column is called text"
    (column,) = [box for box in page.selectbox if box.label.startswith("Column for")]
    column.select("message").run()
    page.button(key="sheet_start").click().run()
    assert not page.exception
    sheet = state.copilot().sheets.list()[0]
    assert (sheet.total, sheet.name) == (1, "rows.csv")
    assert page.query_params["sheet"] == sheet.id
    state.copilot().sheets.get(sheet.id).wait(timeout=60)


def test_notes_are_text(open_page: Open, minutes: str) -> None:
    page = open_page("template", template=minutes, tab="versions")
    shown = [element.value for element in page.markdown if "alert" in element.value]
    assert shown
    assert all("\\<script\\>" in text and "\\[click\\]" in text and "http:" not in text for text in shown)


@pytest.mark.parametrize("form", ["python", "langchain", "openai", "curl", "yaml"])
def test_every_form_is_shown(open_page: Open, minutes: str, form: str) -> None:
    page = open_page("template", template=minutes, tab="export")
    page.pills(key="export_form").set_value(form).run()
    assert not page.exception
    assert len(page.code) == 1
    assert ("Minutes@2" if form == "python" else "Summarise the text in two sentences.") in page.code[0].value


def test_the_playground_answers_side_by_side(open_page: Open, minutes: str) -> None:
    page = open_page("template", template=minutes, tab="try")
    page.selectbox(key="play_beside").select(1).run()
    page.text_area(key="play_Minutes_text").set_value("The board met on Monday and chose a date.")
    page.button(key="play_run").click().run()
    until = time.monotonic() + 20
    while texts(page).count("tokens read") < 2 and time.monotonic() < until:
        time.sleep(0.05)
        page.run()
    assert texts(page).count("tokens read") == 2
    assert len(page.code) == 2
    assert not page.exception


def test_the_playground_wants_something_to_answer(open_page: Open, minutes: str) -> None:
    page = open_page("template", template=minutes, tab="try")
    page.button(key="play_run").click().run()
    assert "Fill in a field first" in texts(page)


@pytest.fixture
def finished(web: AppTest) -> tuple[str, Run]:
    """A task with a finished improvement."""
    copilot: Copilot = state.copilot()
    saved = copilot.tasks.create_sample("support_tickets")
    run = copilot.improve(saved.task, copilot.tasks.dataset(saved.id), budget=Budget(max_calls=60))
    copilot.tasks.link_run(saved.id, run.id)
    return saved.id, run


def test_a_verdict_is_saved_and_leads_on(open_page: Open, library: TemplateLibrary, finished: tuple[str, Run]) -> None:
    task, run = finished
    page = open_page("use", task=task, run=run.id)
    assert "examples kept aside" in (page.text_area(key=f"save_note_{run.id}").value or "")
    page.selectbox(key=f"save_label_{run.id}").select("production").run()
    assert "“production” will point at it." in texts(page)
    page.button(key="save_template").click().run()
    (made,) = library.of_run(run.id)
    assert made.labels == ("production",)
    assert made.template == run.result.template
    assert "Already saved" in texts(page)
    page.button(key="use_code").click().run()
    assert f"{made.name}@production" in page.code[0].value
    assert not page.exception


def test_without_a_verdict_use_leads_to_improve(open_page: Open) -> None:
    saved = state.copilot().tasks.create(Task(name="Summaries", kind=TaskKind.SUMMARIZATION))
    page = open_page("use", task=saved.id)
    assert "no verdict yet" in texts(page)
    assert [button.label for button in page.button] == ["Go to Improve"]


@pytest.mark.parametrize("url", [{}, {"task": "gone"}, {"run": "gone"}, {"task": "gone", "run": "gone"}])
def test_a_wrong_link_to_use_is_no_crash(open_page: Open, url: dict[str, str]) -> None:
    page = open_page("use", **url)
    assert not page.exception
    assert page.title[0].value == "Use"
