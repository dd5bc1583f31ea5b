from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.loading import Table, check_file, load_table, stream_rows

Load = Callable[..., Table]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def run(content: str, name: str = "data.json") -> Table:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return load_table(path)

    return run


TWO = ({"text": "a", "label": "x"}, {"text": "b", "label": "y"})


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('{"text":"a","label":"x"}\n{"text":"b","label":"y"}\n', "a.json"),
        ('[{"text":"a","label":"x"},\n{"text":"b","label":"y"}]', "a.jsonl"),
        ('\ufeff[{"text":"a","label":"x"},{"text":"b","label":"y"}]', "a.json"),
        ('\ufeff{"text":"a","label":"x"}\r\n\r\n{"text":"b","label":"y"}\r\n', "a.jsonl"),
        ('{"data": [{"text":"a","label":"x"},{"text":"b","label":"y"}]}', "a.json"),
        ('{"rows":\n[\n{"text":"a","label":"x"},\n{"text":"b","label":"y"}\n]\n}', "a.txt"),
        ('{"text":["a","b"],"label":["x","y"]}', "a.json"),
        ('{"text":{"0":"a","1":"b"},"label":{"0":"x","1":"y"}}', "a.json"),
        ('{"columns":["text","label"],"index":[0,1],"data":[["a","x"],["b","y"]]}', "a.json"),
        ('{"text":"a","label":"x"},\n{"text":"b","label":"y"},\n', "a.jsonl"),
    ],
)
def test_forms_of_json(load: Load, content: str, name: str) -> None:
    table = load(content, name)
    assert table.rows == TWO and table.report.outcome == "import"


def test_nested_values(load: Load) -> None:
    row = load('[{"m": {"x": 1.50, "y": [1, true]}, "l": [{"k": 1}], "n": null, "big": 12345678901234567890}]').rows[0]
    assert row == {"m.x": "1.50", "m.y": ["1", "true"], "l": '[{"k": 1}]', "n": "", "big": "12345678901234567890"}


def test_what_stands_beside_the_rows_is_told(load: Load) -> None:
    report = load('{"version": 1, "data": [{"text": "a"}]}').report
    assert "'version'" in report.warnings[0].message


def test_nan_is_empty_and_told(load: Load) -> None:
    table = load('[{"text":"a","score":NaN},{"text":"b","score":2}]')
    assert table.rows[0]["score"] == "" and "NaN" in table.report.warnings[0].message


@pytest.mark.parametrize(
    "content",
    [
        '[{"text":"a"},\n{"text":"b"},\n{"text":"c',
        '{"data":[\n{"text":"a"},\n{"text":"b"},\n{"text":"c',
        '[{"text":"a"},{"text":"b"}',
    ],
)
def test_cut_off_json_gives_what_is_whole(load: Load, content: str) -> None:
    table = load(content)
    assert [row["text"] for row in table.rows] == ["a", "b"]
    assert table.report.outcome == "import_with_warning"


def test_keys_twice_in_one_object(load: Load) -> None:
    table = load('{"text":"a","text":"b"}\n{"text":"c"}\n', "a.jsonl")
    assert table.rows[0] == {"text": "a", "text (2)": "b"} and table.report.warnings[0].line == 1


def test_lines_that_are_no_objects_are_named(load: Load) -> None:
    table = load('{"text":"a"}\n[1,2]\n"str"\n{"text":"b"}\n{}\n', "a.jsonl")
    assert len(table.rows) == 2
    assert sorted(oddity.line or 0 for oddity in table.report.warnings) == [2, 5]


def test_first_line_broken(load: Load) -> None:
    assert [row["text"] for row in load('{"text":"a\n{"text":"b"}\n{"text":"c"}\n', "a.jsonl").rows] == ["b", "c"]


def test_plain_values_get_a_column(load: Load) -> None:
    table = load('["a b", "c d"]')
    assert table.columns == ("column 1",) and table.report.warnings


def test_what_no_text_can_hold(load: Load) -> None:
    table = load('{"text":"a\\ud800b"}\n{"text":"c\\u0000d"}\n', "a.jsonl")
    assert [row["text"] for row in table.rows] == ["a\ufffdb", "cd"]
    assert len(table.report.warnings) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("42", "single value"),
        ('"hello"', "single value"),
        ("[]", "0 rows"),
        ("{}", "0 rows"),
        ('{"text": "a", oops', "line 1"),
        ("[" * 100_000, "0 rows"),
        ('{"a":[{"x":1}],"b":[{"y":2}]}', "several lists"),
    ],
)
def test_refused_with_a_reason(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    report = check_file(path)
    assert report.outcome == "refuse" and words in report.message


def test_a_stream_knows_late_columns_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text":"a"}\n' * 3 + '{"text":"b","new":[1,2]}\n', encoding="utf-8")
    with stream_rows(path) as stream:
        assert stream.columns == ("text", "new")
        rows = list(stream)
    assert rows[0] == {"text": "a", "new": ""} and rows[3]["new"] == ["1", "2"]
    assert stream.report.rows == 4
