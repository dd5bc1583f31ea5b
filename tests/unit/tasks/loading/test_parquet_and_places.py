import datetime
import os
from decimal import Decimal
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from tasks.loading import ImportLimits, ImportRefused, check_file, load_table


def test_parquet_values_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    columns = {
        "text": ["a", "b"],
        "s": pyarrow.array([{"x": 1, "y": [1, 2]}, None]),
        "l": pyarrow.array([[{"k": 1}], []]),
        "price": pyarrow.array([Decimal("1.50"), None]),
        "at": pyarrow.array([1_000_000_001, None], pyarrow.timestamp("ns")),
        "raw": pyarrow.array([b"\xff\x00", b"ok"]),
        "f": [1.0, float("nan")],
        "day": pyarrow.array([datetime.date(2026, 1, 2), None]),
    }
    parquet.write_table(pyarrow.table(columns), path)
    table = load_table(path)
    assert table.columns == ("text", "s.x", "s.y", "l", "price", "at", "raw", "f", "day")
    first, second = table.rows
    assert list(first.values()) == ["a", "1", ["1", "2"], '[{"k": 1}]', "1.50", "1970-01-01 00:00:01", "/wA=", "1",
                                    "2026-01-02"]  # fmt: skip
    assert list(second.values()) == ["b", "", "", [], "", "", "ok", "", ""]


def test_parquet_without_rows_or_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"text": pyarrow.array([], pyarrow.string())}), path)
    assert "0 rows" in check_file(path).message
    path.write_bytes(path.read_bytes()[:60])
    assert "damaged" in check_file(path).message


def test_places_that_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop2")
    (tmp_path / "loop2").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    cases = {
        tmp_path / "missing.csv": "There is no file",
        tmp_path / "file" / "a.csv": "There is no file",
        tmp_path: "is a folder",
        tmp_path / "loop": "leads back to itself",
        tmp_path / "pipe": "device or pipe",
        tmp_path / ("x" * 300): "too long",
    }
    for path, words in cases.items():
        report = check_file(path)
        assert report.outcome == "refuse" and words in report.message


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("text\nfoo\n", encoding="utf-8")
    path.chmod(0)
    report = check_file(path)
    # The administrator may read everything.
    assert report.outcome == "import" if os.geteuid() == 0 else "may not be read" in report.message


@pytest.mark.parametrize(
    ("limits", "words"), [(ImportLimits(max_bytes=10), "MB"), (ImportLimits(max_rows=1), "1 rows")]
)
def test_limits_are_told(tmp_path: Path, limits: ImportLimits, words: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\nfoo,a\nbar,b\n", encoding="utf-8")
    assert words in check_file(path, limits=limits).message
    with pytest.raises(ImportRefused) as refused:
        load_table(path, limits=limits)
    assert refused.value.report.outcome == "refuse"
