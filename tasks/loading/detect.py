"""Which format a file really has: its first bytes decide, its name only where text could be several things."""

import re
import zipfile
from enum import StrEnum
from pathlib import Path

from tasks.loading.report import ImportRefused


class Format(StrEnum):
    """The formats that are read."""

    CSV = "csv"
    TSV = "tsv"
    TEXT = "txt"
    JSON = "json"
    JSONL = "jsonl"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    PARQUET = "parquet"
    PDF = "pdf"
    DOCX = "docx"


_HINT = "save it as .xlsx or .csv and import that"
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"BZh", "a compressed file (bzip2)"),
    (b"\xfd7zXZ\0", "a compressed file (xz)"),
    (b"\x28\xb5\x2f\xfd", "a compressed file (Zstandard)"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file (7-Zip)"),
    (b"Rar!", "a compressed file (RAR)"),
    (b"SQLite format 3\0", "a database (SQLite)"),
    (b"ARROW1", "an Arrow or Feather file"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound or video file"),
    (b"RIFF", "a sound, video or picture file"),
    (b"%!PS", "a PostScript file"),
    (b"{\\rtf", "a rich text document (RTF)"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JSON_START = re.compile(r'\s*(\{\s*["}]|\{\s*$|\[\s*([\]}"{\[]|-?\d|true\b|false\b|null\b|NaN\b|$))')
_MARKUP = re.compile(r"\s*<(!doctype|html|table|\?xml|workbook|head|body)\b", re.IGNORECASE)
HEAD = 65_536


def detect_binary(path: Path) -> Format | None:
    """Return the format of a file that is not plain text, None for text.

    Raises:
        ImportRefused: the file is of a kind that is not read.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _inside_zip(path)
    if head.startswith(_OLE):
        return _inside_ole(path)
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    if b"%PDF-" in head[:1024] and not _mostly_text_before(head, b"%PDF-"):
        return Format.PDF
    for magic, name in _REFUSED:
        if head.startswith(magic) and _is_really(head, magic):
            raise ImportRefused(f"The file '{path.name}' is {name}, not a table or a document; {_hint_for(name)}.")
    if head[4:8] == b"ftyp":
        raise ImportRefused(f"The file '{path.name}' is a video or picture, not a table or a document.")
    return None


def _is_really(head: bytes, magic: bytes) -> bool:
    """Short signatures made of letters also begin ordinary words ("MZ", "ORC", "RIFF"): ask for binary content too."""
    if magic in {b"{\\rtf", b"%!PS"} or not magic.isascii() or b"\0" in magic:
        return True
    sample = head[:2048]
    control = sum(byte < 9 or 13 < byte < 32 for byte in sample)
    return control > len(sample) * 0.02


def _mostly_text_before(head: bytes, magic: bytes) -> bool:
    """A table may speak of "%PDF-"; a real PDF begins with it or with a little junk."""
    return b"," in head[: head.index(magic)] or b"\t" in head[: head.index(magic)]


def _hint_for(name: str) -> str:
    if "compressed" in name:
        return "unpack it first and import what is inside"
    if "picture" in name:
        return "pictures need text recognition (OCR) first"
    if "RTF" in name:
        return "save it as .docx and import that"
    return _HINT


def _inside_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mimetype = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise ImportRefused(
            f"The file '{path.name}' is damaged or was not copied completely; open it in its program, save it again "
            "and import the new copy."
        ) from error
    if "xl/workbook.xml" in names or any(name.lower() == "xl/workbook.xml" for name in names):
        return Format.XLSX
    if "xl/workbook.bin" in names or b"opendocument.spreadsheet" in mimetype:
        return Format.ODS
    if "word/document.xml" in names:
        return Format.DOCX
    if "[Content_Types].xml" in names and any(name.startswith("word/") for name in names):
        return Format.DOCX
    if any(name.startswith("ppt/") for name in names):
        raise ImportRefused(
            f"The file '{path.name}' is a presentation; save its text as .docx or .pdf and import that."
        )
    if b"opendocument.text" in mimetype:
        raise ImportRefused(f"The file '{path.name}' is an OpenDocument text; save it as .docx and import that.")
    raise ImportRefused(f"The file '{path.name}' is a zip archive; unpack it first and import what is inside.")


def _inside_ole(path: Path) -> Format:
    """Tell the programs apart that used the old container, by the names of its streams."""
    content = path.read_bytes()

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in content

    if holds("EncryptedPackage") or holds("EncryptionInfo"):
        raise ImportRefused(
            f"The file '{path.name}' is password-protected; open it in its program, save it without the password and "
            "import that."
        )
    if holds("WordDocument"):
        raise ImportRefused(f"The file '{path.name}' is an old Word document (.doc); save it as .docx and import that.")
    if holds("Workbook") or holds("Book"):
        return Format.XLS
    raise ImportRefused(
        f"The file '{path.name}' is damaged or of an old Office kind; open it in its program and save it "
        "in a newer format."
    )


def detect_text(path: Path, head: str) -> Format:
    """Return the format of a text file from its beginning; CSV where it could be a table or plain text.

    Raises:
        ImportRefused: it is a web page or XML.
    """
    suffix = path.suffix.lower()
    if _MARKUP.match(head):
        if suffix in {".txt", ".md"}:
            return Format.TEXT
        raise ImportRefused(
            f"The file '{path.name}' is a web page or XML, whatever its name says; open it in your spreadsheet program "
            "and save it as .xlsx."
        )
    if _JSON_START.match(head) or (suffix in {".json", ".jsonl", ".ndjson"} and head.lstrip()[:1] in {"{", "["}):
        return Format.JSON
    if suffix in {".jsonl", ".ndjson"}:
        return Format.JSONL
    if suffix == ".json":
        return Format.JSON
    if suffix in {".txt", ".md", ".text", ".log", ""}:
        return Format.TEXT
    return Format.CSV
