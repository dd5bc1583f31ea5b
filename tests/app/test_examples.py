"""The examples step: none yet, a page of them, every way to add some."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from copilot import Dataset, Example, Task, TaskKind

FOLDER = Path(__file__).parents[1] / "fixtures" / "loading" / "awkward"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def make(n: int = 0, **more: object) -> str:
    task = Task.model_validate({"name": "Sort mail", "kind": "classification", "description": "Which team?", **more})
    rows = tuple(Example(id=str(i), inputs={"text": f"mail {i}"}, expected=("ab"[i % 2],)) for i in range(1, n + 1))
    return state.copilot().tasks.create(task, examples=Dataset(examples=rows)).id


def said(page: AppTest) -> str:
    elements = (*page.markdown, *page.caption, *page.error, *page.warning, *page.success)
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def upload(page: AppTest, name: str, content: bytes) -> AppTest:
    return page.file_uploader[0].upload(name, content).run()


def test_without_a_task_or_with_an_unknown_one_there_is_a_way_back(open_page: Callable[..., AppTest]) -> None:
    page = open_page("examples")
    assert [button.label for button in page.button] == ["To the tasks"]
    page = open_page("examples", task="nothing")
    assert "no such task" in page.error[0].value


def test_a_page_of_examples_with_what_is_odd_about_them(open_page: Callable[..., AppTest]) -> None:
    page = open_page("examples", task=make(120))
    assert not page.exception
    assert "120 examples" in said(page)
    assert "Page 1 of 3" in said(page)
    page.button(key="page_on").click().run()
    assert "Examples 51 to 100 of 120" in said(page)
    assert [button.label for button in page.button if button.key == "to_criteria"] == ["Go on to the criteria"]


def test_search_stands_in_the_url(open_page: Callable[..., AppTest]) -> None:
    page = open_page("examples", task=make(30), q="mail 7")
    assert len(page.dataframe[0].value) == 1
    page.text_input(key="q").set_value("gardening").run()
    assert "No example matches" in said(page)


def test_drafts_are_shown_apart_and_accepted_together(open_page: Callable[..., AppTest]) -> None:
    task_id = make(3)
    drafts = [Example(id=f"d{i}", inputs={"text": f"draft {i}"}, expected=("a",)) for i in range(2)]
    state.copilot().tasks.set_examples(task_id, drafts, origin="drafted")
    page = open_page("examples", task=task_id, filter="drafted")
    assert "2 drafts to look at" in said(page)
    assert len(page.dataframe[0].value) == 2
    page.button(key="accept").click().run()
    assert not page.exception
    assert len(state.copilot().tasks.dataset(task_id).examples) == 5


def test_a_pasted_table_is_added_and_taken_back(open_page: Callable[..., AppTest]) -> None:
    task_id = make(2)
    page = open_page("examples", task=task_id, tab="paste")
    page.text_area[0].set_value("Message\tTeam\nWhere is it?\tdelivery\nToo much\tbilling\n").run()
    assert "Say which column holds" not in said(page)
    teams = page.selectbox[1]
    assert teams.value is None
    teams.set_value("Team").run()
    page.button(key="add_examples").click().run()
    assert not page.exception
    assert "2 examples were added" in said(page)
    assert state.copilot().tasks.counts(task_id).accepted == 4
    page.button(key="undo_examples").click().run()
    assert state.copilot().tasks.counts(task_id).accepted == 2


def test_a_title_above_the_table_is_left_out_and_may_be_called_data(open_page: Callable[..., AppTest]) -> None:
    page = open_page("examples", task=make(), tab="paste")
    rows = "".join(f"Mail {number}, please help\t{'ab'[number % 2]}\n" for number in range(8))
    page.text_area[0].set_value(f"Mails of March\t\nFor the team\t\ntext\tlabel\n{rows}").run()
    assert "The first two lines hold a title, not data: line 3 is taken as the header." in said(page)
    assert [button.label for button in page.button if button.key == "add_examples"] == ["Add 8 examples"]
    titles, names = page.checkbox
    assert titles.label == "The 2 rows above the names are a title, not data" and titles.value
    assert names.value
    names.uncheck().run()
    page.selectbox[0].set_value("column 1").run()
    page.selectbox[1].set_value("column 2").run()
    assert "Add 9 examples" in [button.label for button in page.button]
    page.checkbox[0].uncheck().run()
    assert "hold a title" not in said(page)
    assert "column 1" in page.selectbox[0].options or "Mails of March" in page.selectbox[0].options


def test_replacing_is_undone_whole(open_page: Callable[..., AppTest]) -> None:
    task_id = make(3)
    before = state.copilot().tasks.examples(task_id)
    page = open_page("examples", task=task_id, tab="paste")
    page.text_area[0].set_value("text\tlabel\nWhere is it?\tdelivery\n").run()
    page.radio(key=f"clipboard_replace_{task_id}").set_value("replace").run()
    page.button(key="add_examples").click().run()
    assert [row.example.inputs["text"] for row in state.copilot().tasks.examples(task_id)] == ["Where is it?"]
    page.button(key="undo_examples").click().run()
    assert state.copilot().tasks.examples(task_id) == before


@pytest.mark.parametrize("name", EXPECTED)
def test_every_awkward_upload_is_shown_or_refused_in_a_sentence(open_page: Callable[..., AppTest], name: str) -> None:
    page = open_page("examples", task=make(), tab="upload")
    upload(page, name, (FOLDER / name).read_bytes())
    assert not page.exception
    if EXPECTED[name]["outcome"] == "refuse":
        assert len(page.error) == 1
        assert "/tmp" not in page.error[0].value
        assert not [button for button in page.button if button.key == "add_examples"]
        return
    assert not page.error
    documents = EXPECTED[name]["columns"] == ["document"]
    assert [button.label for button in page.button if button.key == "add_examples"], said(page)
    if EXPECTED[name]["rows"] and not documents:
        page.button(key="add_examples").click().run()
        assert state.copilot().tasks.list()[0].counts.accepted >= EXPECTED[name]["rows"] - 2


def test_a_sheet_can_be_chosen(open_page: Callable[..., AppTest]) -> None:
    page = open_page("examples", task=make(), tab="upload")
    upload(page, "two.xlsx", (FOLDER / "merged_cells_two_sheets.xlsx").read_bytes())
    assert page.selectbox[0].options == ["Complaints 2026", "Label guide"]
    before = list(page.selectbox[1].options)
    page.selectbox[0].set_value("Label guide").run()
    assert list(page.selectbox[1].options) != before


def test_questions_are_asked_about_an_uploaded_document(open_page: Callable[..., AppTest]) -> None:
    page = open_page("examples", task=make(kind="document_qa"), tab="upload")
    upload(page, "letter.docx", (FOLDER / "letter.docx").read_bytes())
    assert not page.exception
    assert "Type questions about this document" in said(page)
    assert "Press text" in page.code[0].value


def test_a_hostile_file_name_does_no_harm(open_page: Callable[..., AppTest]) -> None:
    page = open_page("examples", task=make(), tab="upload")
    upload(page, "../../etc/<b>x</b>\\..\\evil.csv", b"")
    assert not page.exception
    assert "empty" in page.error[0].value


def drafted(page: AppTest) -> AppTest:
    page.button(key="draft").click().run()
    for _ in range(100):
        if [button for button in page.button if button.key == "draft_again"]:
            break
        page.run()
    assert not page.exception
    return page


def test_drafts_lead_to_where_they_are_looked_at(open_page: Callable[..., AppTest]) -> None:
    task_id = make(labels=("a", "b"))
    page = drafted(open_page("examples", task=task_id, tab="draft"))
    assert "were drafted" in said(page)
    counts = state.copilot().tasks.counts(task_id)
    assert (counts.accepted, counts.drafted) == (0, 8)
    page.button(key="see_drafts").click().run()
    assert "8 drafts to look at" in said(page)


def test_drafting_that_fails_says_why(open_page: Callable[..., AppTest]) -> None:
    page = drafted(open_page("examples", task=make(kind="custom"), tab="draft"))
    assert "Say first which inputs" in page.error[0].value


def test_typing_a_custom_task_without_inputs_leads_to_naming_them(open_page: Callable[..., AppTest]) -> None:
    page = open_page("examples", task=make(kind="custom"), tab="type")
    assert [button.label for button in page.button if button.key == "name_inputs"] == ["Name the inputs"]
    page = open_page("examples", task=make(kind=TaskKind.CLASSIFICATION), tab="type")
    assert not page.exception
    assert "saved as soon as" in said(page)
