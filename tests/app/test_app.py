"""An app's own page: the form, and whole sheets through it."""

import asyncio
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from app import state
from copilot import PromptTemplate, RunStatus, TaskKind
from copilot.domain.completion import Decoding
from copilot.domain.prompt import DecisionLayer
from copilot.types import AppDraft, AppField
from copilot.worker.lanes import Worker
from tasks.model import ChoiceConstraint, OutputContract

OpenPage = Callable[..., AppTest]
KINDS = {"text": TaskKind.CUSTOM, "label": TaskKind.CLASSIFICATION, "list": TaskKind.KEYWORD_EXTRACTION}
LABELS = ("billing", "other")
LAYER = DecisionLayer(method="logistic", labels=LABELS, weights=((1.0, 0.0), (0.0, 1.0)), biases=(0.0, 0.0))


def published(form: str = "text", kind: str = "long_text", *, optional: bool = False) -> str:
    """Publish an app with one field; return its name in links."""
    label = form == "label"
    template = PromptTemplate(
        kind=KINDS[form],
        variables=("text",),
        item="About {{text}}",
        contract=OutputContract.model_validate(
            {
                "form": form,
                "labels": LABELS if label else (),
                "constraint": ChoiceConstraint(choices=LABELS) if label else None,
            }
        ),
        decoding=Decoding(max_tokens=50),
        label_scoring=label,
        decision=LAYER if label else None,
    )
    state.copilot().save_template("mail", template, labels=("production",))
    field = AppField.model_validate({"name": "text", "label": "Message", "type": kind, "optional": optional})
    draft = AppDraft(title="Mail", about="Reads it", template="mail@production", fields=(field,))
    return state.copilot().apps.publish(draft).slug


def run(page: AppTest, text: str) -> AppTest:
    page.text_area[0].set_value(text)
    next(button for button in page.button if button.label == "Run").click()
    return page.run()


def shown(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption, *page.warning, *page.error])


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing works on sheets by itself."""
    monkeypatch.setenv("FALCONER_START_WORKER", "false")
    state.copilot.clear()


def work() -> None:
    workspace = state.copilot().workspace
    asyncio.run(Worker(settings=workspace.settings, database=workspace.database).run())


@pytest.mark.parametrize("url", [{}, {"app": "nowhere"}])
def test_a_link_to_nothing_is_a_sentence_and_a_way_back(open_page: OpenPage, url: dict[str, str]) -> None:
    page = open_page("app", **url)
    assert page.warning
    assert not page.exception


def test_an_app_that_is_not_published_or_withdrawn_says_so(open_page: OpenPage) -> None:
    slug = published()
    state.copilot().apps.delete(slug)
    assert "withdrawn by its maker" in shown(open_page("app", app=slug))


def test_a_text_is_answered(open_page: OpenPage) -> None:
    page = run(open_page("app", app=published()), "Where is my parcel?")
    assert page.code[0].value.strip()
    assert "follows the label" in shown(page).replace("\\", "")
    assert not page.exception


def test_a_label_is_told_with_how_sure_it_is(open_page: OpenPage) -> None:
    page = run(open_page("app", app=published("label")), "I was charged twice")
    assert page.code[0].value in LABELS
    assert "of 100 such answers are right" in shown(page)


def test_keywords_are_a_list(open_page: OpenPage) -> None:
    page = run(open_page("app", app=published("list")), "one")
    assert any(element.value.startswith("- ") for element in page.markdown)


def test_an_empty_field_is_a_sentence(open_page: OpenPage) -> None:
    page = run(open_page("app", app=published()), "  ")
    assert "is empty; fill it in" in shown(page)
    assert not page.exception


def test_a_document_is_read_and_a_picture_is_refused(open_page: OpenPage) -> None:
    page = open_page("app", app=published(kind="file"))
    page.file_uploader[0].upload("letter.txt", b"a;b\n1;2", "text/plain")
    next(button for button in page.button if button.label == "Run").click()
    page.run()
    assert page.code[0].value
    page.file_uploader[0].set_value(("letter.txt", b"\x89PNG\r\n\x1a\n0000", "text/plain"))
    next(button for button in page.button if button.label == "Run").click()
    page.run()
    assert "picture" in shown(page)
    assert not page.exception


def test_a_sheet_goes_through_with_a_mapping_and_a_row_that_fails(no_worker: None, open_page: OpenPage) -> None:
    slug = published("label")
    page = open_page("app", app=slug, tab="batch")
    assert "Past batches" in [element.value for element in page.subheader]
    page.file_uploader[0].upload("odd.csv", b"Words,Note\n=1+1 refund,a\n,b\n<script>x</script>,c\n", "text/csv")
    page.run()
    assert "Say which column holds" in shown(page)
    assert page.button(key="start_batch").disabled
    page.selectbox[0].set_value("Words").run()
    page.button(key="start_batch").click().run()
    assert not page.exception
    assert "Getting ready" in shown(page)
    page.button(key="stop_batch").click().run()
    assert "Stopped before the first" in shown(page)
    page.button(key="resume_batch").click().run()
    work()
    page.run()
    assert "1 of them failed" in shown(page)
    assert list(page.dataframe[0].value["Row"]) == ["1", "2", "3"]
    page.segmented_control(key="batch_filter").set_value("failed").run()
    assert page.query_params["filter"] == "failed"
    failed = page.dataframe[0].value
    assert list(failed["Row"]) == ["2"]
    assert "empty" in failed["What went wrong"][0]
    again = page.button(key="retry_batch")
    assert again.label == "Run the failed row again"
    again.click().run()
    assert "2 of 3 rows are done" in shown(page)
    work()
    page.run()
    assert "1 of them failed" in shown(page), "an empty row stays empty"
    assert not page.exception


def test_a_batch_is_opened_again_by_its_link_and_deleted(no_worker: None, open_page: OpenPage, tmp_path: Path) -> None:
    slug = published()
    file = tmp_path / "rows.csv"
    file.write_text("Message\n" + "".join(f"hello {n}\n" for n in range(120)))
    sheet = state.copilot().apps.submit(slug, file, columns={"text": "Message"})
    work()
    page = open_page("app", app=slug, tab="batch", sheet=sheet.id, page="3")
    assert "all 120 rows are done" in shown(page)
    assert list(page.dataframe[0].value["Row"])[:2] == ["101", "102"]
    page.pagination[0].set_value(2).run()
    assert page.dataframe[0].value["Row"][0] == "51"
    page.button(key="delete_batch_now").click().run()
    assert state.copilot().apps.batches(slug) == ()
    assert not page.exception


@pytest.mark.parametrize("page_number", ["0", "999", "x", "²"])
def test_a_page_that_is_not_there_is_none(
    no_worker: None, open_page: OpenPage, tmp_path: Path, page_number: str
) -> None:
    slug = published()
    (tmp_path / "rows.csv").write_text("Message\na\n")
    sheet = state.copilot().apps.submit(slug, tmp_path / "rows.csv", columns={"text": "Message"})
    work()
    page = open_page("app", app=slug, tab="batch", sheet=sheet.id, page=page_number)
    assert list(page.dataframe[0].value["Row"]) == ["1"]
    assert not page.exception


def test_a_batch_of_another_app_is_not_shown(no_worker: None, open_page: OpenPage) -> None:
    slug = published()
    other = state.copilot().sheets.submit("mail", [{"text": "a"}])
    for wanted in (other.id, "sheet-nowhere"):
        page = open_page("app", app=slug, tab="batch", sheet=wanted)
        assert page.warning
        assert not page.exception


def test_a_sheet_that_cannot_be_read_is_a_sentence(open_page: OpenPage) -> None:
    page = open_page("app", app=published(), tab="batch")
    page.file_uploader[0].upload("rows.xlsx", b"no workbook", "application/octet-stream")
    page.run()
    page.file_uploader[0].set_value(("rows.csv", b"", "text/csv")).run()
    assert page.error
    assert not page.exception


def test_formulas_are_neutral_in_what_is_downloaded(no_worker: None, tmp_path: Path, open_page: OpenPage) -> None:
    slug = published()
    (tmp_path / "rows.csv").write_text('Message\n"=HYPERLINK(""http://evil"")"\n')
    sheet = state.copilot().apps.submit(slug, tmp_path / "rows.csv", columns={"text": "Message"})
    work()
    assert sheet.status is RunStatus.FINISHED
    page = open_page("app", app=slug, tab="batch", sheet=sheet.id)
    assert [button.label for button in page.download_button] == ["Download .xlsx", "Download .csv"]
    from app.components.batch_progress import written

    assert b"'=HYPERLINK" in written(sheet, "csv")
    book = openpyxl.load_workbook(io.BytesIO(written(sheet, "xlsx")))
    assert book.worksheets[0]["A2"].data_type == "s"
