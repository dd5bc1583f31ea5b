"""What the pages about apps say."""

from datetime import UTC, datetime

import pytest

from app.formatting import apps as words
from copilot import PromptTemplate, RowOutput, RunStatus, SheetLine, SheetProgress, TaskKind, TemplateVersion
from copilot.domain.completion import Decoding
from copilot.types import AppForm, AppProblem
from tasks.model import OutputContract

TEMPLATE = PromptTemplate(
    kind=TaskKind.CUSTOM,
    variables=("text",),
    item="{{text}}",
    contract=OutputContract(form="text"),
    decoding=Decoding(max_tokens=5),
)
WHEN = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)


def progress(status: RunStatus, *, total: int = 100, done: int = 0, errors: int = 0) -> SheetProgress:
    return SheetProgress(id="s", name="a.csv", status=status, total=total, done=done, errors=errors, created_at=WHEN)


def version(number: int, *labels: str) -> TemplateVersion:
    return TemplateVersion(
        name="mail", version=number, template=TEMPLATE, content_hash="", labels=labels, created_at=WHEN
    )


def test_labels_are_offered_before_versions_and_say_what_they_mean() -> None:
    choices = words.version_choices([version(2), version(1, "production")])
    assert list(choices) == ["mail@production", "mail", "mail@2", "mail@1"]
    assert choices["mail@production"] == "production (now version 1): follows promotions"
    assert choices["mail@2"].endswith("never changes")


@pytest.mark.parametrize(
    ("follows", "said"),
    [("production", "whoever promotes another version"), ("latest", "every newer version"), ("", "Always runs")],
)
def test_an_app_says_what_changes_it(follows: str, said: str) -> None:
    form = AppForm(slug="a", title="A", about="", fields=(), template="mail", version=3, follows=follows, model="m")
    assert said in words.follows(form)
    assert "version 3" in words.follows(form)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("mail", "From “mail”, newest version"),
        ("mail@3", "From “mail”, version 3"),
        ("mail@staging", "From “mail”, label “staging”"),
    ],
)
def test_a_card_names_its_template(reference: str, said: str) -> None:
    assert words.reference_words(reference) == said


def test_every_problem_has_a_sentence_with_its_field() -> None:
    for kind in ("title", "label", "twice", "options"):
        sentence = words.problem_sentence(AppProblem.model_validate({"kind": kind, "field": "Tone"}))
        assert kind == "title" or "“Tone”" in sentence


@pytest.mark.parametrize(
    ("confidence", "said"),
    [
        (0.999, "Very sure: about 99"),
        (0.86, "Fairly sure: about 86"),
        (0.5, "Not very sure: about 50"),
        (0.001, "A guess: only about 1"),
    ],
)
def test_confidence_is_said_in_words_and_never_as_certainty(confidence: float, said: str) -> None:
    assert words.confidence_words(confidence).startswith(said)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "5 s"), (41, "45 s"), (55, "1 min"), (600, "10 min"), (7260, "2 h 1 min"), (40_000, "11 h")],
)
def test_times_are_rounded_as_people_say_them(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_what_is_left_follows_the_pace_that_was_watched() -> None:
    assert words.seconds_left(progress(RunStatus.RUNNING, done=60), since=40, elapsed=10) == pytest.approx(20)
    assert words.seconds_left(progress(RunStatus.RUNNING, done=60), since=60, elapsed=10) is None
    assert words.seconds_left(progress(RunStatus.RUNNING, done=60), since=0, elapsed=1) is None


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (progress(RunStatus.QUEUED), "Getting ready: 100 rows"),
        (progress(RunStatus.RUNNING, done=10), "Working: 10 of 100 rows are done."),
        (progress(RunStatus.FINISHED, done=100), "Finished: all 100 rows are done."),
        (progress(RunStatus.FINISHED, done=100, errors=2), "Finished: 100 of 100 rows are done, 2 of them failed."),
        (progress(RunStatus.STOPPED, done=3), "Stopped: 3 of 100 rows are done."),
        (progress(RunStatus.STOPPED), "Stopped before the first"),
        (progress(RunStatus.FAILED, done=3), "Interrupted: 3 of 100"),
    ],
)
def test_every_state_of_a_batch_has_its_sentence(state: SheetProgress, said: str) -> None:
    assert words.batch_sentence(state).startswith(said)
    assert words.status_word(state.status)


def test_a_batch_at_work_says_when_it_is_done_and_when_it_stops() -> None:
    state = progress(RunStatus.RUNNING, done=10)
    assert words.batch_sentence(state, left=90).endswith("about 2 min left.")
    assert words.batch_sentence(state, left=90, stopping=True).startswith("Stopping")


def test_a_table_shows_the_row_then_its_answer_then_the_rest() -> None:
    lines = [
        SheetLine(row=0, inputs={"Date": "1", "Answer": "n/a", "Mail": "x" * 400}, result=RowOutput(output=("a", "b"))),
        SheetLine(row=1, inputs={"Date": "2", "Answer": "n/a", "Mail": ""}, result=RowOutput(output=None, error="no")),
        SheetLine(row=2, inputs={"Date": "3", "Answer": "n/a", "Mail": "z"}, result=None),
    ]
    rows = words.table(lines, inputs={"text": "Mail"})
    assert list(rows[0]) == ["Row", "Mail", "Answer", "What went wrong", "Date", "Answer "]
    assert (rows[0]["Row"], rows[0]["Answer"], rows[0]["Answer "]) == ("1", "a; b", "n/a")
    assert len(rows[0]["Mail"]) == words.CELL_CHARACTERS
    assert (rows[1]["Answer"], rows[1]["What went wrong"]) == ("", "no")
    assert rows[2]["Answer"] == "waiting"


def test_a_page_of_failed_rows_begins_with_why() -> None:
    failed = SheetLine(row=7, inputs={"Mail": "a"}, result=RowOutput(output=None, error="no"))
    rows = words.table([failed], inputs={"text": "Mail"})
    assert list(rows[0].items()) == [("Row", "8"), ("What went wrong", "no"), ("Mail", "a")]


def test_a_calibrated_answer_shows_how_sure_it_is() -> None:
    line = SheetLine(row=0, inputs={"Mail": "a"}, result=RowOutput(output="bill", confidence=0.123))
    assert words.table([line], inputs={"text": "Mail"})[0]["Sure"] == "12%"


def test_options_are_lines_each_once() -> None:
    assert words.options_of(" warm\n\nshort \nwarm") == ("warm", "short")


@pytest.mark.parametrize(
    ("name", "stem"), [("tickets.xlsx", "tickets answers"), ("rows", "rows answers"), ("../a/b.csv", "___a_b answers")]
)
def test_a_download_is_called_after_its_sheet_and_names_no_folder(name: str, stem: str) -> None:
    assert words.file_stem(name) == stem


def test_pages_hold_fifty_rows() -> None:
    assert [words.pages_of(n) for n in (0, 1, 50, 51, 50_000)] == [1, 1, 1, 2, 1000]
