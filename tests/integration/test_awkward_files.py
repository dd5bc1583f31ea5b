"""Every awkward file comes out as its `expected.json` says."""

import json
from pathlib import Path

import pytest

from tasks.loading import ImportReport, check_file, load_table

FOLDER = Path(__file__).parents[1] / "fixtures" / "loading" / "awkward"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def words(report: ImportReport) -> str:
    return " ".join([report.message, *(oddity.message for oddity in (*report.warnings, *report.notes))])


@pytest.mark.parametrize("name", EXPECTED)
def test_outcome_and_rows(name: str) -> None:
    expected = EXPECTED[name]
    report = check_file(FOLDER / name)
    assert report.outcome == expected["outcome"], report
    assert report.message
    assert bool(report.warnings) == (report.outcome == "import_with_warning")
    if expected["rows"] is not None:
        assert report.rows == expected["rows"]
    for detail in ("encoding", "delimiter", "sheet"):
        if detail in expected:
            assert getattr(report, detail) == expected[detail]


@pytest.mark.parametrize("name", [name for name, case in EXPECTED.items() if case["outcome"] == "import"])
def test_columns(name: str) -> None:
    assert list(check_file(FOLDER / name).columns) == EXPECTED[name]["columns"]


@pytest.mark.parametrize("name", [name for name, case in EXPECTED.items() if "must_contain" in case])
def test_documents_keep_their_words(name: str) -> None:
    document = load_table(FOLDER / name).rows[0]["document"]
    assert isinstance(document, str)
    for phrase in EXPECTED[name]["must_contain"]:
        assert phrase in document


def test_pdf_is_tidied_and_says_so() -> None:
    table = load_table(FOLDER / "text.pdf")
    document = table.rows[0]["document"]
    assert "infor-" not in document and "information" in document
    assert "confidential - page" not in document
    assert "confidential - page 1 of 2" in words(table.report)


def test_decimal_commas_stay() -> None:
    assert load_table(FOLDER / "semicolon_decimal_comma.csv").rows[0]["betrag"] == "1.234,50"


def test_line_breaks_in_cells_stay() -> None:
    rows = load_table(FOLDER / "newlines_in_cells.csv").rows
    assert rows[0]["text"] == "Dear team,\n\nthe invoice is wrong.\nKind regards,\nAnna"
    assert rows[1]["text"] == 'First line\r\nsecond line, with a comma and a "quoted" word'


def test_equal_names_are_told_apart() -> None:
    table = load_table(FOLDER / "duplicate_header.csv")
    assert table.columns == ("text", "label", "text (2)", "Label (2)")
    assert table.rows[0]["label"] == "delivery" and table.rows[0]["Label (2)"] == "DELIVERY"
    assert "text (2)" in words(table.report)


def test_empty_and_header_only_are_named() -> None:
    assert "is empty" in check_file(FOLDER / "empty.csv").message
    report = check_file(FOLDER / "header_only.csv")
    assert "0 rows" in report.message and report.columns == ("text", "label")


def test_first_row_is_not_swallowed() -> None:
    table = load_table(FOLDER / "no_header.csv")
    assert table.columns == ("column 1", "column 2") and table.generated_names
    assert table.rows[0]["column 2"] == "delivery"


def test_formulas_are_text() -> None:
    rows = load_table(FOLDER / "formula_injection.csv").rows
    assert rows[4]["text"] == "=1+1" and rows[5]["text"] == "\t=1+2"


def test_every_character_survives() -> None:
    raw = (FOLDER / "emoji_rtl_cjk.csv").read_text(encoding="utf-8")
    for row in load_table(FOLDER / "emoji_rtl_cjk.csv").rows:
        assert isinstance(row["text"], str) and row["text"] in raw


def test_merged_cells_titles_and_totals() -> None:
    table = load_table(FOLDER / "merged_cells_two_sheets.xlsx")
    assert [row["region"] for row in table.rows] == ["North"] * 3 + ["South"] * 3
    assert table.rows[0]["id"] == "1"
    assert table.report.sheets == ("Complaints 2026", "Label guide")
    for told in ("Label guide", "hidden notes", "Customer complaints", "Total: 6", "merged"):
        assert told in words(table.report)


def test_other_sheet_by_name() -> None:
    table = load_table(FOLDER / "merged_cells_two_sheets.xlsx", sheet="label guide")
    assert table.report.sheet == "Label guide" and "region" not in table.columns
    assert "'Nowhere'" in check_file(FOLDER / "merged_cells_two_sheets.xlsx", sheet="Nowhere").message


def test_broken_line_is_named() -> None:
    report = check_file(FOLDER / "one_broken_line.jsonl")
    assert [oddity.line for oddity in report.warnings] == [4]
    assert "Line 4" in report.warnings[0].message


def test_missing_keys_are_empty() -> None:
    rows = load_table(FOLDER / "array_of_objects.json").rows
    assert all(row["extra"] == "" for row in rows) and rows[1]["id"] == "2"


def test_parquet_values() -> None:
    row = load_table(FOLDER / "table.parquet").rows[0]
    assert isinstance(row["scores"], list) and str(row["received"]).startswith("20")


def test_password_is_asked_away() -> None:
    assert "password-protected" in check_file(FOLDER / "encrypted.pdf").message


def test_zip_bomb_is_not_unpacked() -> None:
    assert "297 MB" in check_file(FOLDER / "zip_bomb_like.xlsx").message
