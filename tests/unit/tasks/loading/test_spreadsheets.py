import datetime
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tasks.loading import ImportReport, Table, check_file, load_table, stream_rows

FIXTURES = Path(__file__).parents[3] / "fixtures" / "loading" / "awkward"
Build = Callable[[Workbook, Worksheet], None]


@pytest.fixture
def make(tmp_path: Path) -> Callable[[Build], Path]:
    def run(build: Build) -> Path:
        book = openpyxl.Workbook()
        assert isinstance(book.active, Worksheet)
        build(book, book.active)
        path = tmp_path / "book.xlsx"
        book.save(path)
        return path

    return run


def rows(content: Sequence[Sequence[object]]) -> Build:
    def build(_: Workbook, sheet: Worksheet) -> None:
        for row in content:
            sheet.append(list(row))

    return build


def told(report: ImportReport) -> str:
    return " ".join(oddity.message for oddity in report.warnings)


def test_values_read_as_they_are_shown(make: Callable[[Build], Path]) -> None:
    def build(_: Workbook, sheet: Worksheet) -> None:
        sheet.append(["id", "text", "n", "share", "date", "time", "flag", "zip", "noise"])
        moment = datetime.datetime(2026, 3, 17, 10, 30)
        sheet.append([12, "foo", 12.0, 0.125, datetime.date(2026, 3, 17), moment, True, 42, 0.1 + 0.2])
        sheet["D2"].number_format = "0.0%"
        sheet["H2"].number_format = "00000"

    row = load_table(make(build)).rows[0]
    shown = ["12", "foo", "12", "12.5%", "2026-03-17", "2026-03-17 10:30:00", "TRUE", "00042", "0.3"]
    assert list(row.values()) == shown


def test_error_cells_and_formulas_without_a_result_are_told(make: Callable[[Build], Path]) -> None:
    def build(_: Workbook, sheet: Worksheet) -> None:
        for row in (["text", "a", "b"], ["x", "#N/A", "=1+1"], ["y", 1, 2]):
            sheet.append(row)

    table = load_table(make(build))
    assert table.rows[0] == {"text": "x", "a": "#N/A", "b": ""}
    assert "#N/A" in told(table.report) and "C2" in told(table.report)


def test_first_sheet_with_data(make: Callable[[Build], Path]) -> None:
    def build(book: Workbook, _: Worksheet) -> None:
        sheet = book.create_sheet("Data")
        sheet.append(["text", "label"])
        sheet.append(["foo", "x"])
        book.create_chartsheet("Chart")

    table = load_table(make(build))
    assert table.report.sheet == "Data" and len(table.rows) == 1
    assert "first sheet is empty" in told(table.report)


def test_empty_workbook_is_refused(make: Callable[[Build], Path]) -> None:
    report = check_file(make(lambda book, sheet: None))
    assert report.outcome == "refuse" and "empty" in report.message


def test_hidden_rows_and_columns_are_read_and_told(make: Callable[[Build], Path]) -> None:
    def build(_: Workbook, sheet: Worksheet) -> None:
        for row in (["text", "label", "note"], ["foo", "x", 1], ["bar", "y", 2]):
            sheet.append(row)
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True

    table = load_table(make(build))
    assert len(table.rows) == 2
    assert "hidden row" in told(table.report) and "hidden column" in told(table.report)


def test_table_that_does_not_begin_in_the_corner(make: Callable[[Build], Path]) -> None:
    def build(_: Workbook, sheet: Worksheet) -> None:
        sheet["B2"] = "Report"
        rows = [("id", "text", "label"), ("1", "foo", "a"), ("2", "bar", "b"), ("Total", "2", "")]
        for place, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.cell(4 + place, 2 + column, value)
        sheet["B10"] = "Source: CRM"

    table = load_table(make(build))
    assert table.columns == ("id", "text", "label")
    assert [row["text"] for row in table.rows] == ["foo", "bar"] and table.lines == (5, 6)
    assert all(words in told(table.report) for words in ("Report", "Total 2", "Source: CRM"))


def test_workbook_under_another_name(make: Callable[[Build], Path]) -> None:
    path = make(rows([["text", "label"], ["foo", "x"]]))
    other = path.rename(path.with_name("book.csv"))
    assert load_table(other).report.format == "xlsx"


def test_a_wide_sheet_is_refused(make: Callable[[Build], Path]) -> None:
    path = make(rows([list(range(2_500)), list(range(2_500))]))
    assert "2,000 columns" in check_file(path).message


def test_rows_are_streamed(make: Callable[[Build], Path]) -> None:
    path = make(rows([[f"text {number}", "x"] for number in range(1_000)]))
    with stream_rows(path, header=False) as stream:
        assert sum(1 for _ in stream) == 1_000


def test_damage_is_told_without_a_trace(make: Callable[[Build], Path], tmp_path: Path) -> None:
    whole = make(lambda book, sheet: sheet.append(["text", "label"])).read_bytes()
    broken = tmp_path / "broken.xlsx"
    for content in (whole[: len(whole) // 2], b"PK\x03\x04junk", whole[:1500] + b"\xff\xff" + whole[1502:]):
        broken.write_bytes(content)
        report = check_file(broken)
        assert report.outcome == "refuse" and "damaged" in report.message


@pytest.mark.parametrize(
    ("name", "marker", "words"),
    [
        ("a.xlsx", "EncryptedPackage", "password-protected"),
        ("a.doc", "WordDocument", "save it as .docx"),
        ("a.xls", "Workbook", "damaged"),
    ],
)
def test_old_office_containers(tmp_path: Path, name: str, marker: str, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + marker.encode("utf-16-le") + bytes(500))
    report = check_file(path)
    assert report.outcome == "refuse" and words in report.message


def test_old_workbook_rows() -> None:
    table: Table = load_table(FIXTURES / "legacy.xls")
    assert table.report.format == "xls" and table.rows[0]["label"] == "delivery"


@pytest.mark.parametrize(
    ("name", "inside", "words"),
    [
        ("a.zip", "a.csv", "zip archive"),
        ("a.pptx", "ppt/presentation.xml", "presentation"),
        ("a.xlsx", "xl/workbook.xml", "damaged"),
    ],
)
def test_other_zip_files(tmp_path: Path, name: str, inside: str, words: str) -> None:
    path = tmp_path / name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(inside, "<a/>")
    assert words in check_file(path).message


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 3_000_000)
    content = path.read_bytes()
    path.write_bytes(content.replace((3_000_000).to_bytes(4, "little"), (3_000).to_bytes(4, "little")))
    report = check_file(path)
    assert report.outcome == "refuse" and "damaged" in report.message
