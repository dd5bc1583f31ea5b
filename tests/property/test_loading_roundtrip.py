"""Any table of text that is written and loaded again is the same; no bytes whatever bring the reader down."""

import csv
import io
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.export.rows import existing_rows, open_row_writer
from tasks.loading import check_file, load_table

FIXTURES = Path(__file__).parents[1] / "fixtures" / "loading" / "awkward"
# What no text file can hold (half surrogates, zero bytes) or what marks a file as binary (control characters).
characters = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t,;|\"'=+-@\\ ")
texts = st.text(characters, max_size=40)
tables = st.lists(st.tuples(texts, texts), min_size=1, max_size=12)
once = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def numbered(rows: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"id": f"r{number}", "text": text, "label": label} for number, (text, label) in enumerate(rows)]


@once
@given(rows=tables, delimiter=st.sampled_from(",;\t|"), end=st.sampled_from(["\n", "\r\n"]))
def test_delimited_text_comes_back(rows: list[tuple[str, str]], delimiter: str, end: str) -> None:
    expected = numbered(rows)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, ["id", "text", "label"], delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(expected)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(stream.getvalue().encode())
        table = load_table(path)
    assert list(table.rows) == expected
    assert table.report.outcome == "import"


@once
@given(rows=tables)
def test_json_lines_come_back(rows: list[tuple[str, str]]) -> None:
    expected = numbered(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in expected), encoding="utf-8")
        assert list(load_table(path).rows) == expected


@once
@given(rows=tables, suffix=st.sampled_from([".csv", ".tsv", ".jsonl"]), cut=st.integers(0, 2_000))
def test_a_torn_output_is_gone_on_with(rows: list[tuple[str, str]], suffix: str, cut: int) -> None:
    expected = numbered(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        with open_row_writer(path, ["id", "text", "label"]) as writer:
            for row in expected:
                writer.write(row)
        whole = path.read_bytes()
        path.write_bytes(whole[: cut % (len(whole) + 1)])
        kept = list(existing_rows(path))
        assert kept == expected[: len(kept)]
        with open_row_writer(path, ["id", "text", "label"], resume=True) as writer:
            assert writer.rows_before == len(kept)
            for row in expected[writer.rows_before :]:
                writer.write(row)
        assert path.read_bytes() == whole
        assert list(existing_rows(path)) == expected


@once
@given(
    content=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.json", "a.jsonl", "a.txt", "a.xlsx", "a.pdf"])
)
def test_any_bytes_are_taken_or_refused(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        report = check_file(path)
    assert report.message and (report.outcome == "refuse") == (report.rows == 0)


@pytest.mark.parametrize(
    "name", ["merged_cells_two_sheets.xlsx", "legacy.xls", "table.parquet", "text.pdf", "letter.docx"]
)
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_files_are_taken_or_refused(name: str, data: st.DataObject) -> None:
    content = bytearray((FIXTURES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        report = check_file(path)
    assert report.message and (report.outcome == "refuse") == (report.rows == 0)
