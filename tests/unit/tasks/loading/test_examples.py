from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tasks.loading import ImportRefused, ImportReport, Table, load_table, match_columns, to_examples
from tasks.model import TaskKind


def table(columns: Sequence[str], *rows: Sequence[str | list[str]], generated: bool = False) -> Table:
    named = tuple(dict(zip(columns, row, strict=True)) for row in rows)
    report = ImportReport(outcome="import", rows=len(rows), columns=tuple(columns), format="csv")
    lines = tuple(range(2, len(rows) + 2))
    return Table(columns=tuple(columns), rows=named, lines=lines, generated_names=generated, report=report)


def told(report: ImportReport) -> str:
    return " ".join(oddity.message for oddity in (*report.warnings, *report.notes))


def test_classification() -> None:
    data, report = to_examples(
        table(["Message", "Category"], ["late parcel", " delivery "], ["", "x"], ["charged twice", ""]),
        kind=TaskKind.CLASSIFICATION,
    )
    assert [(example.inputs, example.expected) for example in data.examples] == [
        ({"text": "late parcel"}, ("delivery",))
    ]
    assert "'Message' was read as 'text'" in told(report) and "'Category' was read as 'label'" in told(report)
    assert {oddity.line for oddity in report.warnings} == {3, 4} and report.rows == 1


def test_labels_of_a_closed_set() -> None:
    data, report = to_examples(
        table(["text", "label"], ["a", "BILLING"], ["b", "billing"], ["c", "other"]),
        kind=TaskKind.CLASSIFICATION,
        labels=("Billing", "Delivery"),
    )
    assert [example.expected for example in data.examples] == [("Billing",), ("Billing",)]
    assert [oddity.line for oddity in report.warnings] == [4] and "'other'" in report.warnings[0].message


def test_labels_that_differ_in_spelling_are_told() -> None:
    rows = table(["text", "label"], ["a", "Billing"], ["b", "billing"])
    assert "'Billing' and 'billing'" in told(to_examples(rows, kind=TaskKind.CLASSIFICATION)[1])


@pytest.mark.parametrize(
    ("cell", "answers"),
    [
        (["ten days", " ten days", "10 days"], ("ten days", "10 days")),
        ('["ten days", "10 days"]', ("ten days", "10 days")),
        ("['ten days', '10 days']", ("ten days", "10 days")),
        ('[{"text": "ten days", "answer_start": 3}]', ("ten days",)),
        ("ten days | 10 days", ("ten days", "10 days")),
        ("ten days; 10 days", ("ten days", "10 days")),
        ("ten, or so", ("ten, or so",)),
        ("", ()),
        ("[]", ()),
        ([], ()),
    ],
)
def test_answers(cell: str | list[str], answers: tuple[str, ...]) -> None:
    rows = table(["context", "question", "answers"], ["doc", "how long?", cell])
    assert to_examples(rows, kind=TaskKind.DOCUMENT_QA)[0].examples[0].expected == answers


def test_one_document_one_group() -> None:
    rows = table(["document", "question", "answers"], ["A", "q1", "x"], ["a ", "q2", "y"], ["B", "q1", ""])
    first, second, third = to_examples(rows, kind=TaskKind.DOCUMENT_QA)[0].examples
    assert first.group == second.group != third.group


@pytest.mark.parametrize("column", ["summary", "summaries", "Highlights"])
def test_summaries(column: str) -> None:
    rows = table(["text", column], ["a long text", "short; it says"], ["another", ["one", "two"]])
    data, _ = to_examples(rows, kind=TaskKind.SUMMARIZATION)
    assert [example.expected for example in data.examples] == [("short; it says",), ("one", "two")]
    assert data.examples[0].inputs == {"document": "a long text"}


def test_further_summaries_beside_the_first() -> None:
    rows = table(["document", "summary", "Summaries"], ["a", "one", ["one", "two"]], ["b", "three", ""])
    data, report = to_examples(rows, kind=TaskKind.SUMMARIZATION)
    assert [example.expected for example in data.examples] == [("one", "two"), ("three",)]
    assert not any("Not used" in note.message for note in report.notes)
    told, _ = to_examples(rows, kind=TaskKind.SUMMARIZATION, mapping={"summary": "Summaries"})
    assert told.examples[0].expected == ("one", "two")


@pytest.mark.parametrize(
    ("cell", "keywords"),
    [("tax, rent", ("tax", "rent")), ("tax; rent, old", ("tax", "rent, old")), (["tax", "rent"], ("tax", "rent"))],
)
def test_keywords(cell: str | list[str], keywords: tuple[str, ...]) -> None:
    rows = table(["document", "keywords"], ["a text", cell])
    assert to_examples(rows, kind=TaskKind.KEYWORD_EXTRACTION)[0].examples[0].expected == keywords


def test_custom_fields() -> None:
    rows = table(["id", "Subject", "Body", "expected"], ["7", "s", "b", "reply"], ["8", "", "b2", ""])
    data, _ = to_examples(rows, kind=TaskKind.CUSTOM, fields=("subject", "body"))
    assert data.examples[0].id == "7" and data.examples[0].inputs == {"subject": "s", "body": "b"}
    assert [example.expected for example in data.examples] == [("reply",), None]
    every, _ = to_examples(rows, kind=TaskKind.CUSTOM)
    assert every.examples[0].inputs == {"Subject": "s", "Body": "b"}


def test_missing_column_names_what_is_there() -> None:
    with pytest.raises(ImportRefused) as refused:
        to_examples(table(["foo", "label"], ["a", "b"]), kind=TaskKind.CLASSIFICATION)
    assert "'text'" in str(refused.value) and "'foo' and 'label'" in str(refused.value)


def test_mapping_wins() -> None:
    mapping = {"text": "b", "label": "a"}
    rows = table(["text", "a", "b"], ["x", "l", "t"])
    assert to_examples(rows, kind=TaskKind.CLASSIFICATION, mapping=mapping)[0].examples[0].inputs == {"text": "t"}
    with pytest.raises(ImportRefused, match="'nope'"):
        to_examples(rows, kind=TaskKind.CLASSIFICATION, mapping={"text": "nope"})


def test_columns_without_names_go_by_their_order() -> None:
    rows = table(["column 1", "column 2"], ["late", "x"], generated=True)
    data, report = to_examples(rows, kind=TaskKind.CLASSIFICATION)
    assert data.examples[0].expected == ("x",) and report.outcome == "import_with_warning"


def test_repeated_ids_are_replaced_and_told() -> None:
    rows = table(["id", "text", "label"], ["1", "a", "x"], ["1", "b", "y"])
    data, report = to_examples(rows, kind=TaskKind.CLASSIFICATION)
    assert [example.id for example in data.examples] == ["1", "2"] and "occur twice (1)" in told(report)


def test_rows_that_occur_twice_stay_together_and_are_told() -> None:
    rows = table(["text", "label"], ["a", "x"], ["A ", "y"], ["b", "x"])
    data, report = to_examples(rows, kind=TaskKind.CLASSIFICATION)
    first, second, third = data.examples
    assert first.group is not None and first.group == second.group and third.group is None
    assert "different expected outputs (rows 1 and 2)" in told(report)


def test_nothing_left_is_an_error() -> None:
    with pytest.raises(ImportRefused, match=r"None of the 1 row .*Line 2: the label is empty"):
        to_examples(table(["text", "label"], ["a", ""]), kind=TaskKind.CLASSIFICATION)


def test_expected_output_may_be_missing_where_it_is_not_required() -> None:
    rows = table(["document"], ["a text"])
    data, _ = to_examples(rows, kind=TaskKind.SUMMARIZATION, expected_required=False)
    assert data.examples[0].expected is None


def test_from_a_file_to_examples(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id;text;label\n7;late;x\n8;;y\n", encoding="utf-8")
    data, report = to_examples(load_table(path), kind=TaskKind.CLASSIFICATION)
    assert [example.id for example in data.examples] == ["7"]
    assert report.warnings[0].line == 3 and report.delimiter == ";"


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (["Text", "LABEL"], {"text": "Text", "label": "LABEL"}),
        (["label", "text"], {"text": "text", "label": "label"}),
        (["intent", "utterance"], {"text": "utterance", "label": "intent"}),
        (["message", "text", "label"], {"text": "text", "label": "label"}),
    ],
)
def test_column_matching(columns: list[str], found: Mapping[str, str]) -> None:
    assert match_columns(columns, wanted=("text", "label")).columns == found
