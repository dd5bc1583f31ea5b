"""A title above a table is left out; no row of a table is ever taken for one."""

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tasks.loading import Table, load_table
from tasks.loading.names import is_known

often = settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
letters = st.characters(categories=["Ll", "Lu"], max_codepoint=0x2FF)
word = st.text(letters, min_size=2, max_size=9)
sentence = st.lists(word, min_size=1, max_size=12).map(" ".join).filter(lambda text: not is_known(text))
LABELS = ("delivery", "billing", "other")


def bodies(*, sparse: bool) -> st.SearchStrategy[list[list[str]]]:
    """Rows of a text, a label that comes several times, and a note or a number; the text may be the only cell."""
    labels = st.permutations(LABELS * 2)
    notes = st.sampled_from(["", "note", "7", "12"]) if sparse else st.sampled_from(["note", "remark"])
    texts = st.lists(sentence, min_size=6, max_size=6, unique=True)
    return st.builds(
        lambda said, names, note: [[text, name, note] for text, name in zip(said, names, strict=True)],
        texts,
        labels,
        notes,
    )


def loaded(rows: list[list[str]]) -> Table:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(stream.getvalue(), encoding="utf-8", newline="")
        return load_table(path)


def cells(table: Table) -> list[list[str]]:
    return [[str(cell) for cell in row.values()] for row in table.rows]


@often
@given(body=bodies(sparse=True), header=st.sampled_from([["Message", "Category", "Note"], ["text", "label", "Extra"]]))
def test_a_table_with_a_header_and_no_title_is_unchanged(body: list[list[str]], header: list[str]) -> None:
    table = loaded([header, *body])
    assert table.columns == tuple(header)
    assert cells(table) == body
    assert table.report.titles == 0


@often
@given(body=bodies(sparse=False), first=st.lists(sentence, min_size=1, max_size=3), place=st.integers(0, 2))
@example(body=[["ab cd", name, "note"] for name in LABELS * 2], first=["ab"], place=0)
def test_sparse_rows_at_the_top_of_a_table_without_header_stay(
    body: list[list[str]], first: list[str], place: int
) -> None:
    above = [["", "", ""] for _ in first]
    for row, text in zip(above, first, strict=True):
        row[place] = text
    table = loaded([*above, *body])
    assert table.report.titles == 0
    kept = cells(table)
    assert kept[-len(body) :] == body
    assert len(kept) == len(body) + len(first), "no sparse row is lost, nor taken for names"


@often
@given(
    body=bodies(sparse=True),
    title=st.lists(sentence, min_size=1, max_size=3),
    gap=st.booleans(),
    place=st.integers(0, 2),
)
def test_a_title_is_left_out(body: list[list[str]], title: list[str], gap: bool, place: int) -> None:
    above = [["", "", ""] for _ in title]
    for row, text in zip(above, title, strict=True):
        row[place] = text
    header = ["Message", "Category", "Note"]
    table = loaded([*above, *[["", "", ""]] * gap, header, *body])
    assert table.columns == tuple(header) and cells(table) == body
    assert table.report.titles == len(title)
