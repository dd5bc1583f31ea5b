from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.loading import ImportReport, Table, check_file, load_table

GERMAN = "text,label\nGröße passt nicht bitte umtauschen.,Retoure\nÄrger mit der Lieferung \u2013 zurück,Lieferung\n"
Load = Callable[..., Table]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def run(content: bytes | str, name: str = "data.csv", *, header: bool | None = None) -> Table:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_table(path, header=header)

    return run


def values(table: Table) -> list[list[object]]:
    return [list(row.values()) for row in table.rows]


def told(report: ImportReport) -> str:
    return " ".join(oddity.message for oddity in report.warnings)


@pytest.mark.parametrize(
    ("encoding", "found", "warned"),
    [
        ("cp1252", "cp1252", True),
        ("mac_roman", "mac_roman", True),
        ("utf-8", "utf-8", False),
        ("utf-8-sig", "utf-8-sig", False),
        ("utf-16", "utf-16", False),
        ("utf-16-le", "utf-16-le", False),
        ("utf-16-be", "utf-16-be", False),
        ("utf-32", "utf-32", False),
        ("utf-32-le", "utf-32-le", False),
        ("utf-32-be", "utf-32-be", False),
    ],
)
def test_western_encodings(load: Load, encoding: str, found: str, warned: bool) -> None:
    table = load(GERMAN.encode(encoding))
    assert table.rows[0] == {"text": "Größe passt nicht bitte umtauschen.", "label": "Retoure"}
    assert table.report.encoding == found
    assert bool(table.report.warnings) is warned


@pytest.mark.parametrize(
    ("encoding", "sentence"),
    [
        ("cp932", "注文した商品がまだ届きません。"),
        ("gb18030", "发票金额有误请更正。"),
        ("cp949", "주문한 상품이 아직 도착하지 않았습니다"),
        ("big5", "訂單還沒有到請盡快處理。"),
        ("cp1251", "Счёт неверный, исправьте пожалуйста"),
        ("cp1253", "\u03a4\u03bf δέμα δεν έφτασε ακόμα"),
        ("cp1250", "Zażółć gęślą jaźń proszę"),
    ],
)
def test_other_encodings(load: Load, encoding: str, sentence: str) -> None:
    table = load(f'text,label\n"{sentence}",x\n"{sentence}",y\n'.encode(encoding))
    assert table.rows[0]["text"] == sentence
    assert "check the special characters" in told(table.report)


def test_utf8_with_damaged_places_names_the_line(load: Load) -> None:
    table = load("text,label\nGrüße aus Köln,a\nÄrger,b\n".encode() + b"caf\xe9 closed,c\n")
    assert table.rows[2]["text"] == "café closed"
    assert [oddity.line for oddity in table.report.warnings] == [4]


def test_damage_beyond_the_sample_is_found(load: Load) -> None:
    table = load(b"text,label\n" + b"plain words,a\n" * 90_000 + b"caf\xe9,b\n")
    assert table.rows[-1]["text"] == "café" and table.report.warnings[0].line == 90_002


def test_zero_bytes_are_taken_out(load: Load) -> None:
    table = load(b"text,label\nfo\0o,x\nbar,y\n")
    assert table.rows[0]["text"] == "foo" and table.report.warnings[0].line == 2


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("text;label\nfoo, bar;a\nbaz, qux;b\n", ";"),
        ("text|label\nhello, there|a\nfoo|b\n", "|"),
        ("text\tlabel\nfoo, bar\ta\nbaz\tb\n", "\t"),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("sep=;\r\ntext;label\r\nfoo, bar;a\r\nbaz;b\r\n", ";"),
        ('id, text, label\n1, "hello, you", a\n2, "foo", b\n', ","),
        ("Nachricht;Kategorie\nPaket kommt zu spät, Karton kaputt;Lieferung\nRechnung doppelt;Rechnung\n", ";"),
    ],
)
def test_delimiters(load: Load, content: str, delimiter: str) -> None:
    table = load(content)
    assert table.report.delimiter == delimiter and table.report.outcome == "import"
    assert len(table.rows) == 2 and len(table.columns) >= 2


def test_single_column_with_commas_in_it(load: Load) -> None:
    table = load("text\nHello, world\nFoo bar, baz, qux\nplain\n")
    assert table.columns == ("text",)
    assert values(table) == [["Hello, world"], ["Foo bar, baz, qux"], ["plain"]]


def test_rows_of_other_lengths_are_named(load: Load) -> None:
    table = load("id,text,label\n1,hello,a\n2,world\n3,foo,b,extra\n4,bar,c\n")
    assert values(table) == [["1", "hello", "a"], ["2", "world", ""], ["3", "foo", "b,extra"], ["4", "bar", "c"]]
    assert [oddity.line for oddity in table.report.warnings] == [3, 4]


def test_text_cut_at_its_commas_is_put_together(load: Load) -> None:
    table = load("text,label\nHello, world,praise\nFine,praise\nI paid, but nothing came,billing\n")
    assert values(table) == [["Hello, world", "praise"], ["Fine", "praise"], ["I paid, but nothing came", "billing"]]
    assert "Lines 2 and 4" in told(table.report)


@pytest.mark.parametrize(
    ("content", "line", "cell"),
    [
        ('id,text,label\n1,"never closed,a\n2,fine,b\n3,"ok, quoted",c\n4,fine,d\n', 2, '"never closed'),
        ('id,text,label\n1,fine,b\n2,ok,c\n3,"never closed,a\n', 4, '"never closed'),
        ('id,text,label\n1,"Great" service,a\n2,ok,b\n', 2, '"Great" service'),
    ],
)
def test_a_stray_quote_spoils_its_own_line_only(load: Load, content: str, line: int, cell: str) -> None:
    table = load(content)
    assert len(table.rows) == content.count("\n") - 1
    assert table.rows[line - 2]["text"] == cell
    assert [oddity.line for oddity in table.report.warnings] == [line]


def test_many_unclosed_quotes_do_not_take_for_ever(load: Load) -> None:
    body = "".join(f'{number},"open {number},a\n{number},plain,b\n' for number in range(2_000))
    assert len(load("id,text,label\n" + body).rows) == 4_000


def test_quotes_written_with_backslashes(load: Load) -> None:
    table = load('text,label\n"He said \\"hi, you\\" to me",x\n"plain",y\n')
    assert table.rows[0]["text"] == 'He said "hi, you" to me'


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_ends(load: Load, end: str) -> None:
    assert values(load(end.join(["text,label", "foo,a", "bar,b", ""]))) == [["foo", "a"], ["bar", "b"]]


def test_mixed_line_ends_and_blank_lines(load: Load) -> None:
    table = load("text,label\r\n\r\nfoo,a\nbar,b\rbaz,c\n\n,\nqux,d\n\n\n")
    assert [row["label"] for row in table.rows] == ["a", "b", "c", "d"]
    assert table.report.outcome == "import"


def test_trailing_empty_columns_are_dropped(load: Load) -> None:
    assert load("text,label,,\nfoo,a,,\nbar,b,,\n,,,\n").columns == ("text", "label")


def test_nameless_column_with_data_is_kept(load: Load) -> None:
    table = load("text, ,label\nfoo,x,a\nbar,y,b\n")
    assert table.columns == ("text", "column 2", "label") and "Column 2 has no name" in told(table.report)


def test_late_text_in_a_dropped_column_is_told(load: Load) -> None:
    body = "".join(f"text {number},,a\n" for number in range(600)) + "late,surprise,b\n"
    report = load("text,,label\n" + body).report
    assert [oddity.line for oddity in report.warnings] == [602]


def test_header_with_line_break_and_wide_blanks(load: Load) -> None:
    assert load('"customer\n  text",label\nfoo bar baz qux,a\nbar baz foo qux,b\n').columns == (
        "customer text",
        "label",
    )


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("id,2023,2024\na,1,2\nb,3,4\n", ("id", "2023", "2024")),
        ("Filiale,2023,2024\nNord,1,2\nSued,3,4\n", ("Filiale", "2023", "2024")),
        ("0,1\nhello there,a\nfoo bar,b\n", ("0", "1")),
        ("Question,Answer\nWhat is it?,A thing.\nWhy?,Because.\n", ("Question", "Answer")),
        (",text,label\n0,foo bar,a\n1,bar foo,b\n", ("column 1", "text", "label")),
        ("text,label\n1,foo bar,a\n2,bar foo,b\n", ("column 1", "text", "label")),
        ("# exported 2026-01-01, by me\ntext,label\nfoo,a\n#hash,b\n", ("text", "label")),
        ("Complaints 2026\n\nid,text,label\n1,foo,a\n2,bar,b\nTotal: 2\n", ("id", "text", "label")),
        ("text,label\nfoo,a\ntext,label\nbar,b\n", ("text", "label")),
    ],
)
def test_headers_are_found(load: Load, content: str, columns: tuple[str, ...]) -> None:
    table = load(content)
    assert table.columns == columns and len(table.rows) == 2


@pytest.mark.parametrize(
    "content",
    [
        "apple,fruit\ncarrot,vegetable\npear,fruit\n",
        "1,hello there,a\n2,foo bar,b\n",
        "Great service thank you very much!,praise\n",
        "2026-01-01,arrived late\n2026-01-02,was broken\n",
    ],
)
def test_data_is_not_taken_for_a_header(load: Load, content: str) -> None:
    table = load(content)
    assert table.generated_names and len(table.rows) == content.count("\n")
    assert "no column names" in told(table.report)


def test_the_user_has_the_last_word_on_the_header(load: Load) -> None:
    assert len(load("text,label\nfoo,a\n", header=False).rows) == 2
    assert load("apple,fruit\npear,fruit\n", header=True).columns == ("apple", "fruit")


def test_a_long_cell_is_read(load: Load) -> None:
    assert len(load("text,label\n" + "x" * 3_000_000 + ",a\nfoo,b\n").rows[0]["text"]) == 3_000_000


def test_total_below_is_left_out_and_said(load: Load) -> None:
    table = load("id,text,amount\n1,foo,5\n2,bar,6\nSum,,11\n")
    assert len(table.rows) == 2 and "Sum 11" in told(table.report)


def test_a_text_that_begins_with_total_stays(load: Load) -> None:
    assert len(load("text,label\nfoo,a\nTotally lost my parcel,b\n").rows) == 2


@pytest.mark.parametrize("content", ["text;label\nfoo;a\nbar;b\n", "text\tlabel\nfoo\ta\nbar\tb\n"])
def test_txt_that_is_a_table(load: Load, content: str) -> None:
    assert load(content, "data.txt").columns == ("text", "label")


def test_txt_that_is_a_document(load: Load) -> None:
    table = load("Dear team,\r\n\r\nthe invoice is wrong, again.\r\nAnna\r\n", "letter.txt")
    assert values(table) == [["Dear team,\n\nthe invoice is wrong, again.\nAnna"]]
    assert table.report.outcome == "import" and table.report.format == "txt"


def test_lines_say_where_rows_begin(load: Load) -> None:
    assert load('text,label\n"a\nb",x\nc,y\n').lines == (2, 4)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a.csv", "picture"),
        (b"MZ" + bytes(300), "a.csv", "a program"),
        (b"\x1f\x8b\x08" + bytes(99), "a.csv", "unpack it first"),
        (bytes(number * 7919 % 256 for number in range(3_000)), "a.csv", "binary data"),
        (b"<html><body><table></table></body></html>", "a.xls", "web page"),
        (b"  \n\n \t\n", "a.csv", "only blanks"),
        (b"\xef\xbb\xbf", "a.csv", "only blanks"),
        (b"{\\rtf1 hello}", "a.doc", "RTF"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(tmp_path: Path, content: bytes, name: str, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    report = check_file(path)
    assert report.outcome == "refuse" and words in report.message
