"""What pages say of tasks and their examples."""

from datetime import UTC, datetime

import pytest

from app.formatting import tasks as words
from copilot import RunStatus, RunSummary, TaskKind
from copilot.types import ExampleCounts, ImportReport, ScoredRun

NOW = datetime(2026, 3, 14, tzinfo=UTC)


def run(status: RunStatus, **more: object) -> RunSummary:
    content = {"id": "r", "task_name": "t", "dataset_version": "d", "status": status, "task_model": "fake"}
    return RunSummary.model_validate({**content, "created_at": NOW, **more})


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (ExampleCounts(), "no examples yet"),
        (ExampleCounts(accepted=1, expected=1), "one example"),
        (
            ExampleCounts(accepted=3, expected=2, drafted=4),
            "3 examples, one without an expected answer, 4 drafts to look at",
        ),
    ],
)
def test_counts_are_said_in_words(counts: ExampleCounts, said: str) -> None:
    assert words.counts_words(counts) == said


def test_every_state_of_a_run_has_its_sentence() -> None:
    said = {words.run_words(run(status)) for status in RunStatus if status is not RunStatus.FINISHED}
    said |= {words.run_words(run(RunStatus.FINISHED, outcome=name)) for name in ("better", "no_evidence", "worse")}
    assert len(said) == 7
    assert all(sentence.endswith(".") for sentence in said)
    assert words.run_words(run(RunStatus.FAILED, error="The server is gone.")) == "The server is gone."


def test_the_line_of_scores_begins_with_the_own_prompt() -> None:
    scores = (
        ScoredRun(run_id="a", at=NOW, score=0.5, own_score=0.4, n=20),
        ScoredRun(run_id="b", at=NOW, score=0.75, own_score=0.5, n=20),
    )
    assert [point["score"] for point in words.score_points(scores)] == [40.0, 50.0, 75.0]
    assert words.score_words(scores) == "Score 75 of 100 instead of 50, on 20 examples."
    assert words.score_words(()) == ""


def test_signs_that_turn_text_around_are_made_visible() -> None:
    assert words.shown("abc\u202edcb\x00") == "abc[U+202E]dcb[U+0000]"
    assert words.shown("שלום\t日本\n🦅") == "שלום\t日本\n🦅"


def test_long_text_is_clipped_on_one_line() -> None:
    assert words.clipped("a\n b " * 100, 10) == "a b a b a…"
    assert words.clipped("short") == "short"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (TaskKind.KEYWORD_EXTRACTION, ["one", "two"]),
        (TaskKind.DOCUMENT_QA, ["yes, of course", "yes"]),
        (TaskKind.SUMMARIZATION, ["One way.", "Another; longer."]),
    ],
)
def test_expected_answers_survive_the_cell(kind: TaskKind, expected: list[str]) -> None:
    assert words.expected_cell(kind, words.expected_text(kind, expected)) == expected
    assert words.expected_cell(TaskKind.CUSTOM, "a | b; c") == "a | b; c"


def test_names_are_read_as_people_type_them() -> None:
    assert words.typed_names("a, b ;c,,a") == ("a", "b", "c")
    assert words.typed_names("billing, other\n delivery \n\n") == ("billing, other", "delivery")
    assert words.input_names("Customer name\noffer!\n!!!") == ("Customer_name", "offer")


def test_oddities_name_their_place_once() -> None:
    report = ImportReport.model_validate(
        {
            "outcome": "import_with_warning",
            "format": "csv",
            "warnings": [{"message": "Left out.", "line": 4}, {"message": "Line 7: cut off.", "line": 7}],
            "notes": [{"message": "Tidied."}],
        }
    )
    assert words.report_lines(report) == (["Line 4: Left out.", "Line 7: cut off."], ["Tidied."])
    assert words.report_lines(report.model_copy(update={"format": "xlsx"}))[0][0] == "Row 4: Left out."


def test_changed_cells_are_those_a_person_touched() -> None:
    assert words.changed_cells({"text": "a", "label": "b"}, {"text": "a", "label": None}) == {"label": ""}


def test_steps_are_done_when_they_have_something_to_show() -> None:
    counts = ExampleCounts(accepted=3)
    assert words.done_steps(counts, criteria=False, runs=[run(RunStatus.RUNNING)]) == {"examples"}
    assert words.done_steps(counts, criteria=True, runs=[run(RunStatus.FINISHED)]) == {
        "examples",
        "criteria",
        "improve",
        "result",
    }


def test_rows_that_were_begun_say_what_is_missing() -> None:
    rows: list[dict[str, object]] = [
        {"text": "a", "label": "billing"},
        {"text": "b", "label": ""},
        {"text": None, "label": "delivery"},
        {"text": "", "label": None},
    ]
    said = words.unfinished_rows(rows, ("text", "label"), expected="label", labels=("billing", "delivery"))
    assert said == [
        "Row 2 is not saved yet: choose its category, one of billing, delivery. Others can be added to the description "
        "of the task.",
        "Row 3 is not saved yet. Still empty: Text.",
    ]
    free = words.unfinished_rows(rows[1:2], ("text", "label"), expected="label", labels=())
    assert free == ["Row 1 is not saved yet. Still empty: Category."]
