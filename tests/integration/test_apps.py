"""Apps over a real database of each kind and a scripted model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot import Copilot, RunStatus, UserError
from copilot.domain.apps import AppDraft, AppField
from copilot.domain.completion import Decoding
from copilot.domain.prompt import PromptTemplate
from copilot.errors import ImportRefused, TemplateError
from copilot.service.apps import Apps
from copilot.storage.database import Database
from tasks.model import OutputContract, TaskKind


def template(
    text: str = "About {{text}} in {{tone}}:", variables: tuple[str, ...] = ("text", "tone")
) -> PromptTemplate:
    return PromptTemplate(
        kind=TaskKind.CUSTOM,
        variables=variables,
        item=text,
        contract=OutputContract(form="text"),
        decoding=Decoding(max_tokens=50),
    )


@pytest.fixture
def copilot(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copilot]:
    monkeypatch.setenv("FALCONER_START_WORKER", "false")
    url = database.engine.url.render_as_string(hide_password=False)
    with Copilot(tmp_path / "home", database=url, model="fake") as opened:
        opened.save_template("reply", template(), labels=("production",))
        yield opened


@pytest.fixture
def apps(copilot: Copilot) -> Apps:
    return copilot.apps


TONE = AppField(name="tone", label="Tone of voice", type="choice", options=("warm", "short"), example="warm")
TEXT = AppField(name="text", label="The customer's words", type="long_text", example="Where is my parcel?")
DRAFT = AppDraft(title="Réply to a customer", template="reply@production", fields=(TEXT, TONE))


def test_an_app_is_drafted_from_the_variables_of_its_template(apps: Apps) -> None:
    draft = apps.draft("reply@production")
    assert draft.title == "Reply"
    assert [(field.name, field.label) for field in draft.fields] == [("text", "Text"), ("tone", "Tone")]
    assert apps.create(draft).slug == "reply"
    assert apps.create(draft).slug == "reply-2"


def test_only_what_was_published_is_used(apps: Apps) -> None:
    slug = apps.create(DRAFT).slug
    with pytest.raises(UserError, match="not published yet"):
        apps.run(slug, {"text": "a", "tone": "warm"})
    assert apps.run(slug, {"text": "a", "tone": "warm"}, draft=True).output
    apps.publish(slug)
    changed = apps.update(slug, DRAFT.model_copy(update={"title": "New"}))
    assert changed.changed
    assert apps.form(slug).title == "Réply to a customer"
    assert apps.form(slug, draft=True).title == "New"
    assert not apps.discard(slug).changed


def test_what_cannot_be_published_is_said_in_a_sentence(apps: Apps) -> None:
    lacking = DRAFT.model_copy(update={"fields": (TEXT, TONE.model_copy(update={"options": ("warm", "warm ")}))})
    with pytest.raises(UserError, match="'Tone of voice' needs at least two different options"):
        apps.publish(lacking)
    same = DRAFT.model_copy(update={"fields": (TEXT, TONE.model_copy(update={"label": TEXT.label.upper()}))})
    with pytest.raises(UserError, match="Two fields are called"):
        apps.publish(same)
    with pytest.raises(UserError, match="has no title"):
        apps.publish(DRAFT.model_copy(update={"title": " "}))
    with pytest.raises(TemplateError):
        apps.publish(DRAFT.model_copy(update={"template": "nothing"}))
    assert apps.list() == ()


def test_a_withdrawn_app_is_refused_and_comes_back_as_it_was(apps: Apps) -> None:
    app = apps.publish(DRAFT)
    apps.delete(app.slug)
    with pytest.raises(UserError, match="withdrawn"):
        apps.form(app.slug)
    restored = apps.restore(app.slug)
    assert restored.live
    assert restored.published == app.published


def test_a_label_is_followed_to_a_version_with_other_variables(copilot: Copilot, apps: Apps) -> None:
    slug = apps.publish(DRAFT).slug
    pinned = apps.publish(DRAFT.model_copy(update={"template": "reply@1", "title": "Pinned"})).slug
    copilot.save_template("reply", template("{{text}} for {{reader}}", ("text", "reader")), labels=("production",))
    form = apps.form(slug)
    assert (form.version, form.follows) == (2, "production")
    assert [field.label for field in form.fields] == [TEXT.label, "Reader"]
    assert form.unplanned == ("reader",)
    assert (apps.form(pinned).version, apps.form(pinned).follows) == (1, "")


def test_an_empty_field_is_named(apps: Apps) -> None:
    slug = apps.publish(DRAFT).slug
    with pytest.raises(UserError, match="The field 'Tone of voice' is empty"):
        apps.run(slug, {"text": "a", "tone": " "})
    optional = DRAFT.model_copy(update={"fields": (TEXT, TONE.model_copy(update={"optional": True}))})
    assert apps.run(apps.publish(optional).slug, {"text": "a"}).output


def test_apps_are_found_by_title_and_template_in_any_case(apps: Apps) -> None:
    apps.publish(DRAFT)
    apps.publish(DRAFT.model_copy(update={"title": "Another"}))
    assert [app.slug for app in apps.list()] == ["another", "reply-to-a-customer"]
    assert [app.slug for app in apps.list(search="RÉPLY TO")] == ["reply-to-a-customer"]
    assert apps.list(search="nowhere") == ()


def test_the_sheet_template_is_read_back_without_any_mapping(apps: Apps, tmp_path: Path) -> None:
    slug = apps.publish(DRAFT).slug
    apps.write_sheet_template(slug, tmp_path / "rows.xlsx")
    seen = apps.preview(slug, tmp_path / "rows.xlsx")
    assert seen.columns == {"text": TEXT.label, "tone": TONE.label}
    assert seen.first_rows == ({TEXT.label: "Where is my parcel?", TONE.label: "warm"},)


def test_a_batch_is_found_again_by_its_app_alone(copilot: Copilot, apps: Apps, tmp_path: Path) -> None:
    slug = apps.publish(DRAFT).slug
    other = apps.publish(DRAFT.model_copy(update={"title": "Other"})).slug
    file = tmp_path / "mail.csv"
    file.write_text('message,mood,note\n"Where, then?",warm,"""app"":""other"""\nLate again,short,\n')
    seen = apps.preview(slug, file)
    assert (seen.report.rows, seen.columns) == (2, {"text": "message"})
    with pytest.raises(ImportRefused, match="'Tone of voice'"):
        apps.submit(slug, file, columns=seen.columns)
    sheet = apps.submit(slug, file, columns={"text": "message", "tone": "mood"})
    copilot.sheets.submit("reply", [{"text": "a", "tone": "b"}])
    assert [batch.id for batch in apps.batches(slug)] == [sheet.id]
    assert apps.batches(other) == ()
    assert apps.batch(slug, sheet.id).progress().status is RunStatus.QUEUED
    with pytest.raises(UserError):
        apps.batch(other, sheet.id)
    assert [line.row for line in sheet.rows(offset=1)] == [1]


def test_a_row_with_another_value_than_the_choices_fails_alone(tmp_path: Path) -> None:
    file = tmp_path / "mail.csv"
    file.write_text("message,mood\nWhere is it?,Warm\nLate again,shrt\nToo much,short\n,\nNo mood,\n")
    with Copilot(tmp_path / "home", model="fake") as copilot:
        copilot.save_template("reply", template(), labels=("production",))
        slug = copilot.apps.publish(DRAFT).slug
        sheet = copilot.apps.submit(slug, file, columns={"text": "message", "tone": "mood"}).wait(timeout=60)
        results = [line.result for line in sheet.rows()]
    assert [result and result.error for result in results] == [
        None,
        "Tone of voice must be one of: warm, short; row 2 says 'shrt'.",
        None,
        "Tone of voice must be one of: warm, short; row 4 says nothing.",
    ]
    assert results[0] is not None and "warm" in str(results[0].output)


def test_a_refused_sheet_says_why(apps: Apps, tmp_path: Path) -> None:
    slug = apps.publish(DRAFT).slug
    (tmp_path / "empty.csv").write_text("")
    seen = apps.preview(slug, tmp_path / "empty.csv")
    assert seen.report.outcome == "refuse"
    assert "empty" in seen.report.message


def test_the_text_of_documents_is_read_whole(apps: Apps, tmp_path: Path) -> None:
    import docx

    text = "name;amount\nAnna;3\nBéa;4"
    (tmp_path / "note.txt").write_bytes(text.encode("cp1252"))
    assert apps.read_document(tmp_path / "note.txt") == text
    document = docx.Document()
    document.add_paragraph("First")
    document.add_paragraph("Second")
    document.save(str(tmp_path / "letter.docx"))
    assert apps.read_document(tmp_path / "letter.docx") == "First\nSecond"
    (tmp_path / "blank.txt").write_text(" \n")
    with pytest.raises(ImportRefused, match="no text"):
        apps.read_document(tmp_path / "blank.txt")
    with pytest.raises(ImportRefused):
        apps.read_document(tmp_path / "missing.pdf")
