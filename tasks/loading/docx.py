"""Word documents (.docx): all text in reading order, tables included."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.loading.report import Findings, ImportRefused, plural

if TYPE_CHECKING:
    from docx.document import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_NOT_SHOWN = {"del", "moveFrom", "instrText", "delText", "pPr", "rPr", "tblPr", "sectPr", "Fallback"}


def read_docx(path: Path, findings: Findings) -> str:
    """Return the document's text: a paragraph a line, a table row a line with its cells separated by " | ".

    Raises:
        ImportRefused: it is damaged or holds no text.
    """
    import docx

    findings.unit = "paragraph"
    try:
        document = docx.Document(str(path))
        lines = list(_blocks(document.element.body))
        lines += _notes(path, findings)
        running = _running(document)
    except (ValueError, KeyError, AttributeError, zipfile.BadZipFile, SyntaxError) as error:
        raise ImportRefused(
            f"The document '{path.name}' is damaged; open it in its program, save it again and import the new copy."
        ) from error
    text = "\n".join(lines).strip()
    if not text:
        pictures = any(True for _ in document.element.body.iter(f"{_W}drawing", f"{_W}pict"))
        why = "holds only pictures; it needs text recognition (OCR) first" if pictures else "holds no text"
        raise ImportRefused(f"The document '{path.name}' {why}.", columns=("document",))
    if running:
        findings.note(f"Headers and footers were left out: {'; '.join(running)[:200]}")
    _tell(document, findings)
    return text


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _blocks(element: Any) -> Iterator[str]:
    """Yield a line for every paragraph and table row, in reading order, also inside content controls."""
    for child in element:
        name = _local(child)
        if name == "p":
            yield from _paragraph(child)
        elif name == "tbl":
            yield from _table(child)
        elif name and name not in _NOT_SHOWN:
            yield from _blocks(child)


def _paragraph(paragraph: Any) -> Iterator[str]:
    boxes: list[Any] = []
    text = "".join(_runs(paragraph, boxes)).strip()
    if text:
        properties = next((child for child in paragraph if _local(child) == "pPr"), None)
        bullet = properties is not None and any(_local(part) == "numPr" for part in properties)
        yield f"- {text}" if bullet or _is_list_style(properties) else text
    for box in boxes:
        yield from _blocks(box)


def _is_list_style(properties: Any) -> bool:
    if properties is None:
        return False
    style = next((part for part in properties if _local(part) == "pStyle"), None)
    return style is not None and any(str(value).startswith("List") for value in style.attrib.values())


def _runs(element: Any, boxes: list[Any]) -> Iterator[str]:
    """Yield the pieces of a paragraph's text as shown: insertions yes, deletions and field codes no."""
    for child in element:
        name = _local(child)
        if name == "t":
            yield child.text or ""
        elif name == "tab":
            yield "\t"
        elif name in {"br", "cr"}:
            yield "\n"
        elif name == "noBreakHyphen":
            yield "-"
        elif name == "txbxContent":
            boxes.append(child)
        elif name and name not in _NOT_SHOWN:
            yield from _runs(child, boxes)


def _table(table: Any) -> Iterator[str]:
    for row in table.iter(f"{_W}tr", f"{_STRICT}tr"):
        if _nearest_table(row) is not table:
            continue
        cells = [" ".join(_blocks(cell)) for cell in _cells(row)]
        if any(cell.strip() for cell in cells):
            yield " | ".join(cell.replace("\n", " ") for cell in cells)


def _cells(element: Any) -> Iterator[Any]:
    for child in element:
        name = _local(child)
        if name == "tc":
            yield child
        elif name in {"sdt", "sdtContent", "customXml", "ins"}:
            yield from _cells(child)


def _nearest_table(row: Any) -> Any:
    parent = row.getparent()
    while parent is not None and _local(parent) != "tbl":
        parent = parent.getparent()
    return parent


def _notes(path: Path, findings: Findings) -> list[str]:
    """Return footnotes and endnotes, which stand in parts of their own."""
    from docx.oxml import parse_xml

    lines: list[str] = []
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        for part in ("word/footnotes.xml", "word/endnotes.xml"):
            if part in names:
                for note in parse_xml(archive.read(part)):
                    if not any(key.endswith("}type") for key in note.attrib):
                        lines.extend(_blocks(note))
    if lines:
        shown = plural(len(lines), "footnote")
        findings.note(f"At the end of the text: {shown}.")
    return lines


def _running(document: "Document") -> list[str]:
    seen: dict[str, None] = {}
    for section in document.sections:
        for part in (section.header, section.footer, section.first_page_header, section.first_page_footer):
            if not part.is_linked_to_previous:
                for line in _blocks(part._element):
                    seen.setdefault(line)
    return list(seen)


def _tell(document: "Document", findings: Findings) -> None:
    names = {_local(element) for element in document.element.body.iter()}
    if names & {"ins", "del", "moveFrom"}:
        findings.warn("The document has tracked changes; the text was read as if all of them were accepted.")
    pictures = sum(1 for _ in document.element.body.iter(f"{_W}drawing", f"{_W}pict"))
    if pictures:
        shown = plural(pictures, "picture")
        findings.note(f"{shown} left out (only text is read).")
