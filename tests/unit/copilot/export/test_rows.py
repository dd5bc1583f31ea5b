import json
from pathlib import Path

import openpyxl
import pytest
from pydantic import JsonValue

from copilot.errors import StorageError, UserError
from copilot.export.rows import existing_rows, open_row_writer, rows_at_once
from copilot.export.rows_cells import cell_text, neutral, plain
from copilot.export.rows_xlsx import write_workbook
from tasks.loading import load_table

COLUMNS = ("id", "text", "output")
ROWS: list[dict[str, JsonValue]] = [
    {"id": "1", "text": "one, two", "output": "=1+1"},
    {"id": "2", "text": 'a "quoted"\r\nline\rend', "output": "-12.50"},
    {"id": "3", "text": "+49 221 123456", "output": "'quoted"},
]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".xlsx"])
def test_rows_come_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "new" / f"out{suffix}"
    with open_row_writer(path, COLUMNS) as writer:
        for row in ROWS:
            writer.write(row)
    assert list(existing_rows(path)) == ROWS
    assert load_table(path).columns == COLUMNS
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(1+1)*cmd|' /C calc'!A0", "'@SUM(1+1)*cmd|' /C calc'!A0"),
        ("+cmd|' /C notepad'!'A1'", "'+cmd|' /C notepad'!'A1'"),
        ("-2+3+cmd|' /C calc'!D2", "'-2+3+cmd|' /C calc'!D2"),
        ("\t=1+2", "'\t=1+2"),
        ("\r=1+2", "'\r=1+2"),
        ("- first bullet", "'- first bullet"),
        ("'=1+1", "''=1+1"),
        ("-12.50", "-12.50"),
        ("+49 221 123456", "+49 221 123456"),
        ("-1.234,50 €", "-1.234,50 €"),
        ("-5 %", "-5 %"),
        ("'tis fine", "'tis fine"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_formulas_are_neutralised_and_come_back(text: str, written: str) -> None:
    assert neutral(text) == written
    assert plain(written) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (["a", "b"], "a; b"),
        (["a; b", "c"], '["a; b", "c"]'),
        ([], "[]"),
        ({"k": 1}, '{"k": 1}'),
        (True, "true"),
        (0.5, "0.5"),
    ],
)
def test_values_as_cells(value: JsonValue, text: str) -> None:
    assert cell_text(value) == text


def test_workbook_holds_texts_never_formulas(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with open_row_writer(path, ["text", "n"]) as writer:
        writer.write({"text": "=HYPERLINK(1)", "n": 3})
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert sheet["A2"].data_type == "s" and sheet["A2"].value == "=HYPERLINK(1)"
    assert sheet["B2"].value == 3


def test_what_excel_cannot_hold_is_told(tmp_path: Path) -> None:
    rows: list[dict[str, JsonValue]] = [{"text": "x" * 40_000}, {"text": "a\x01b"}, {"text": "c"}]
    path = tmp_path / "a.xlsx"
    warnings = write_workbook(path, ["text"], rows, rows_a_sheet=2)
    assert [word in " ".join(warnings) for word in ("shortened", "replaced", "2 sheets")] == [True] * 3
    assert [len(str(row["text"])) for row in existing_rows(path)] == [32_767, 3, 1]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx"])
def test_an_interrupted_output_is_gone_on_with(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    with pytest.raises(RuntimeError), open_row_writer(path, COLUMNS) as writer:
        writer.write(ROWS[0])
        raise RuntimeError
    assert [row["id"] for row in existing_rows(path)] == ["1"]
    with open_row_writer(path, COLUMNS, resume=True) as writer:
        assert writer.rows_before == 1
        writer.write(ROWS[1])
    with open_row_writer(path, COLUMNS, resume=True) as writer:
        assert writer.rows_before == 2
        writer.write(ROWS[2])
    assert [row["id"] for row in existing_rows(path)] == ["1", "2", "3"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_without_resume_the_output_begins_anew(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    for row in ROWS[:2]:
        with open_row_writer(path, COLUMNS) as writer:
            writer.write(row)
    assert [row["id"] for row in existing_rows(path)] == ["2"]


def test_zeros_at_the_end_are_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(json.dumps(ROWS[0]).encode() + b"\n" + bytes(50) + b"\n")
    with open_row_writer(path, COLUMNS, resume=True) as writer:
        assert writer.rows_before == 1
    assert b"\0" not in path.read_bytes()


def test_errors_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.jsonl, \.csv, \.tsv, \.xlsx"):
        open_row_writer(tmp_path / "out.doc", COLUMNS)
    path = tmp_path / "out.csv"
    with open_row_writer(path, COLUMNS) as writer:
        writer.write(ROWS[0])
        with pytest.raises(ValueError, match="surprise"):
            writer.write({"surprise": 1})
    with pytest.raises(UserError, match="other columns"):
        open_row_writer(path, ["else"], resume=True)
    with pytest.raises(StorageError, match="could not be written"):
        open_row_writer(path / "below.csv", COLUMNS)


def test_no_file_has_no_rows(tmp_path: Path) -> None:
    assert list(existing_rows(tmp_path / "none.csv")) == []


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_file_is_replaced_when_the_new_one_is_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out [1]{suffix}"
    for rows in (ROWS[:1], ROWS[1:]):
        with rows_at_once(path, COLUMNS) as writer:
            for row in rows:
                writer.write(row)
    with pytest.raises(RuntimeError), rows_at_once(path, COLUMNS) as writer:
        writer.write(ROWS[0])
        raise RuntimeError
    assert list(existing_rows(path)) == ROWS[1:]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
