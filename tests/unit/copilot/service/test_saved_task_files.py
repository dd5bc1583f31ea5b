"""Files and typed rows on their way to a task."""

import json
from pathlib import Path

import pytest

from copilot.errors import ImportRefused
from copilot.service.saved_tasks_files import preview, read_file, read_rows
from tasks.model import Task, TaskKind

FOLDER = Path(__file__).parents[3] / "fixtures" / "loading" / "awkward"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
SORT = Task(name="Sort", kind=TaskKind.CLASSIFICATION)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_awkward_file_is_shown_or_refused_in_a_sentence(name: str) -> None:
    seen = preview(FOLDER / name, task=SORT)
    assert seen.report.outcome == EXPECTED[name]["outcome"]
    assert str(FOLDER) not in seen.report.message
    assert seen.report.message.endswith(".")
    if seen.report.outcome == "refuse":
        assert not seen.columns
    else:
        assert 1 <= len(seen.rows) <= 5
        assert seen.mapping["text"] in seen.columns


def test_sheets_are_offered_and_read() -> None:
    file = FOLDER / "merged_cells_two_sheets.xlsx"
    assert preview(file, task=SORT).sheets == ("Complaints 2026", "Label guide")
    assert preview(file, task=SORT, sheet="Label guide").columns != preview(file, task=SORT).columns


def test_told_columns_win_over_names(tmp_path: Path) -> None:
    file = tmp_path / "mail.csv"
    file.write_text("text,note,label\nfirst,second,a\nthird,fourth,b\n", encoding="utf-8")
    read = read_file(file, task=SORT, columns={"text": "note", "label": "label"})
    assert [example.inputs["text"] for example in read.dataset.examples] == ["second", "fourth"]


def test_without_an_expected_column_none_is_looked_for(tmp_path: Path) -> None:
    file = tmp_path / "mail.csv"
    file.write_text("id,text,label\nx,first,a\ny,second,b\n", encoding="utf-8")
    read = read_file(file, task=SORT, columns={"text": "text"})
    assert [(example.id, example.expected) for example in read.dataset.examples] == [("x", None), ("y", None)]


def test_a_file_without_column_names_can_be_said_to_have_none(tmp_path: Path) -> None:
    file = tmp_path / "mail.csv"
    file.write_text("text,label\n", encoding="utf-8")
    assert preview(file, task=SORT).report.outcome == "refuse"
    seen = preview(file, task=SORT, header=False)
    assert seen.mapping == {"text": "column 1", "label": "column 2"}
    assert len(read_file(file, task=SORT, columns=seen.mapping, header=False).dataset.examples) == 1


def test_a_missing_column_is_named_without_our_folders(tmp_path: Path) -> None:
    file = tmp_path / "mail.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ImportRefused, match="no column 'text'") as refused:
        read_file(file, task=SORT, columns={"label": "b"})
    assert str(tmp_path) not in str(refused.value)


def test_typed_rows_are_read_as_a_file_is() -> None:
    task = SORT.model_copy(update={"labels": ("Praise", "Blame")})
    read = read_rows(
        [{"text": "fine", "label": "praise"}, {"text": "", "label": ""}, {"text": "x", "label": "y"}], task=task
    )
    assert [example.expected for example in read.dataset.examples] == [("Praise",)]
    assert any("kept out" in oddity.message for oddity in read.report.warnings)
    with pytest.raises(ImportRefused, match="no row with text"):
        read_rows([{"text": " "}], task=task)


def test_a_custom_task_takes_every_column_but_the_expected_one(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("id,offer,price,expected\n1,two,3,ok\n", encoding="utf-8")
    seen = preview(file, task=Task(name="Any", kind=TaskKind.CUSTOM))
    assert seen.inputs == ("offer", "price")
    assert seen.mapping["expected"] == "expected"
