"""A title above the table is told from the table, and left out with a sentence; nothing else is."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from tasks.loading import Table, load_table

TEXTS = (
    "My parcel has not come yet",
    "I was charged twice",
    "The app stops",
    "Where is my refund?",
    "Close my account",
)
LABELS = ("delivery", "billing")
BODY = [[TEXTS[number % 5] + f" ({number})", LABELS[number % 2], str(number)] for number in range(12)]
HEADER = ["Message", "Category", "Nr"]
Load = Callable[..., Table]


@pytest.fixture(params=["csv", "xlsx"])
def load(request: pytest.FixtureRequest, tmp_path: Path) -> Load:
    def run(rows: Sequence[Sequence[str]], *, titles: bool = True) -> Table:
        path = tmp_path / f"table.{request.param}"
        if request.param == "csv":
            with path.open("w", newline="", encoding="utf-8") as stream:
                csv.writer(stream).writerows(rows)
        else:
            book = Workbook()
            assert book.active is not None
            for row in rows:
                book.active.append([cell or None for cell in row])
            book.save(path)
        return load_table(path, titles=titles)

    return run


def told(table: Table) -> list[str]:
    return [
        oddity.message.replace("lines", "rows").replace("line", "row").replace("Line", "Row")
        for oddity in table.report.warnings
    ]


ABOVE = {
    "a title": [["Tickets of March", "", ""]],
    "two titles": [["Tickets of March", "", ""], ["Support team", "", ""]],
    "a title, then an empty row": [["Tickets of March", "", ""], ["", "", ""]],
    "empty rows around it": [["", "", ""], ["Tickets of March", "", ""], ["", "", ""]],
    "a title in the middle": [["", "Tickets of March", ""]],
    "a title and a date": [["Tickets of March", "", "2026-03-31"]],
    "a merged title": [["Tickets of March"] * 3],
    "facts": [["Exported by:", "Anna", ""], ["Date:", "2026-03-31", ""], ["", "", ""]],
    "a sentence": [["All tickets of March 2026. For the support team only!", "", ""], ["", "", ""]],
}


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_what_stands_above_is_left_out_and_told(load: Load, above: list[list[str]]) -> None:
    table = load([*above, HEADER, *BODY])
    assert table.columns == tuple(HEADER)
    assert [list(row.values()) for row in table.rows] == BODY
    rows = sum(any(row) for row in above)
    assert table.report.titles == rows
    assert f"row {len(above) + 1} is taken as the header." in " ".join(told(table))
    assert next(cell for row in above for cell in row if cell)[:50] in " ".join(told(table))


def test_the_sentence_counts_the_rows_and_names_the_header(load: Load) -> None:
    assert "The first two rows hold a title, not data: row 3 is taken as the header." in told(
        load([*ABOVE["two titles"], HEADER, *BODY])
    )
    assert "The first row holds a title, not data: row 2 is taken as the header." in told(
        load([*ABOVE["a title"], HEADER, *BODY])
    )
    assert "Row 2: a title, not data; row 4 is taken as the header." in told(
        load([*ABOVE["empty rows around it"], HEADER, *BODY])
    )


@pytest.mark.parametrize("names", [["Wortlaut", "Sorte"], ["Was der Kunde schrieb (Original!)", "Lfd. Abt."]])
def test_names_nobody_knows_are_a_header_below_a_title(load: Load, names: list[str]) -> None:
    table = load([["Anfragen im März", "", ""], ["", "", ""], [*names, "Lfd. Nr."], *BODY])
    assert table.columns == (*names, "Lfd. Nr.") and len(table.rows) == len(BODY)


def test_columns_of_texts_alone_have_a_header_where_a_category_is_said_again_and_again(load: Load) -> None:
    table = load([["Anfragen", ""], ["Wortlaut", "Sorte"], *[row[:2] for row in BODY]])
    assert table.columns == ("Wortlaut", "Sorte") and len(table.rows) == len(BODY)


def test_headings_of_groups_stand_above_the_names(load: Load) -> None:
    rows = [[text, text[:5], label, number] for text, label, number in BODY]
    table = load([["Input", "", "Answer", ""], ["Message", "Subject", "Category", "Nr"], *rows])
    assert table.columns == ("Message", "Subject", "Category", "Nr") and len(table.rows) == len(rows)


def test_one_column_below_a_title_and_an_empty_row(load: Load) -> None:
    table = load([["Tickets of March"], [""], ["Message"], *[[row[0]] for row in BODY]])
    assert table.columns == ("Message",) and len(table.rows) == len(BODY)


@pytest.mark.parametrize(
    "first",
    [
        [["Where is it", "", ""]],
        [["Where is it", "", ""], ["And mine", "", ""]],
        [["Where is it", "", "1"]],
    ],
)
def test_a_sparse_row_of_data_stays(load: Load, first: list[list[str]]) -> None:
    table = load([*first, *BODY])
    assert table.generated_names and not table.report.titles
    assert [list(row.values()) for row in table.rows] == [*first, *BODY]


def test_a_header_stays_above_an_empty_row_and_above_itself(load: Load) -> None:
    table = load([HEADER, ["", "", ""], *BODY, HEADER, *BODY])
    assert table.columns == tuple(HEADER) and len(table.rows) == 2 * len(BODY) and not table.report.titles


def test_the_user_may_say_that_it_is_data(load: Load) -> None:
    table = load([*ABOVE["a title"], HEADER, *BODY], titles=False)
    assert len(table.rows) + (not table.generated_names) == len(BODY) + 2
    assert not table.report.titles
