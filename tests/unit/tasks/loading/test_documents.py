import io
import struct
import zlib
from pathlib import Path
from typing import Any

import docx
import pytest

from tasks.loading import check_file, load_table


def pdf(pages: list[list[tuple[float, float, str]]]) -> bytes:
    """A PDF of pages with texts at (x, y)."""
    parts = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for page in pages:
        shown = "".join(f"1 0 0 1 {x} {y} Tm ({text}) Tj\n" for x, y, text in page)
        stream = f"BT /F1 10 Tf\n{shown}ET"
        parts.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        parts.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {len(parts)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(parts)} 0 R")
    parts[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(pages)} >>"
    out, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}"
    out += f"trailer << /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{out.index('xref')}\n%%EOF\n"
    return out.encode("latin-1")


def lines(texts: list[str], *, x: float = 50, top: float = 750) -> list[tuple[float, float, str]]:
    return [(x, top - 14 * number, text) for number, text in enumerate(texts)]


def document(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    text = load_table(path).rows[0]["document"]
    assert isinstance(text, str)
    return text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.pdf"


def test_running_lines_go_and_words_are_joined(path: Path) -> None:
    pages = [
        lines(["ACME Corp", f"Part {name} speaks of an infor-", f"mation that {name} matters.", f"Page {number} of 3"])
        for number, name in enumerate(["one", "two", "three"], start=1)
    ]
    text = document(path, pdf(pages))
    assert "ACME" not in text and "Page" not in text
    assert "Part two speaks of an information" in text
    notes = " ".join(oddity.message for oddity in load_table(path).report.notes)
    assert "ACME Corp" in notes and "put together again" in notes


def test_two_columns_are_read_one_after_the_other(path: Path) -> None:
    left = lines([f"left column line {number} with a few more words" for number in range(12)], top=700)
    right = lines([f"right column line {number} with a few more words" for number in range(12)], x=320, top=700)
    text = document(path, pdf([[(50, 750, "A heading over both of the columns of this page here"), *left, *right]]))
    assert text.index("heading") < text.index("left column line 11") < text.index("right column line 0")


def test_a_table_is_read_row_by_row(path: Path) -> None:
    page = [cell for x, name in ((50, "item"), (250, "value"), (450, "sum")) for cell in
            lines([f"{name} {number}" for number in range(30)], x=x)]  # fmt: skip
    assert "item 3 value 3 sum 3" in document(path, pdf([page]))


def test_a_page_without_text_is_named(path: Path) -> None:
    path.write_bytes(pdf([lines(["Some words on the first page."]), []]))
    assert "page 2" in check_file(path).warnings[0].message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pdf([[]]), "no text"),
        (b"%PDF-1.4\ntruncated", "damaged"),
        (pdf([lines(["some words"])])[:150], "damaged"),
    ],
)
def test_pdf_refused(path: Path, content: bytes, words: str) -> None:
    path.write_bytes(content)
    report = check_file(path)
    assert report.outcome == "refuse" and words in report.message


def png() -> io.BytesIO:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\1\2\3")) + chunk(b"IEND", b""))


def test_docx_in_reading_order(tmp_path: Path) -> None:
    word: Any = docx.Document()
    word.add_heading("Title")
    table = word.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "a", "b"
    inner = table.cell(1, 0).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "c", "d"
    word.add_paragraph("item", style="List Bullet")
    word.sections[0].footer.paragraphs[0].text = "footer text"
    word.save(tmp_path / "a.docx")
    table_read = load_table(tmp_path / "a.docx")
    text = str(table_read.rows[0]["document"])
    assert text.splitlines()[:2] == ["Title", "a | b"] and "c | d" in text and text.endswith("- item")
    assert "footer text" not in text and "footer text" in table_read.report.notes[0].message


def test_docx_with_tracked_changes(tmp_path: Path) -> None:
    word: Any = docx.Document()
    paragraph = word.add_paragraph("The price is ")
    for tag, inner, text in (("ins", "t", "twelve"), ("del", "delText", "eleven")):
        space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        xml = f"<w:{tag} {space}><w:r><w:{inner}>{text}</w:{inner}></w:r></w:{tag}>"
        paragraph._p.append(docx.oxml.parse_xml(xml))
    word.save(tmp_path / "a.docx")
    table = load_table(tmp_path / "a.docx")
    assert table.rows[0]["document"] == "The price is twelve"
    assert "tracked changes" in table.report.warnings[0].message


def test_docx_without_text(tmp_path: Path) -> None:
    word: Any = docx.Document()
    word.save(tmp_path / "empty.docx")
    word.add_picture(png())
    word.save(tmp_path / "picture.docx")
    assert "holds no text" in check_file(tmp_path / "empty.docx").message
    assert "only pictures" in check_file(tmp_path / "picture.docx").message
