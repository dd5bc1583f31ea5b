"""What the XML of an .xlsx file says beside its values: merged cells, hidden rows and columns, unfinished formulas.

The spreadsheet readers that keep memory flat leave these out, and they decide which value belongs to which row.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_NOTED = 10


@dataclass
class SheetFacts:
    """What the markup of one sheet says."""

    merged: list[str] = field(default_factory=list)
    """Ranges such as A4:A6."""
    hidden_rows: int = 0
    hidden_columns: int = 0
    unfinished: list[str] = field(default_factory=list)
    """First cells with a formula whose result was never stored."""
    unfinished_count: int = 0


def sheet_paths(path: Path) -> dict[str, str]:
    """Return sheet name -> name inside the zip file, for worksheets alone."""
    with zipfile.ZipFile(path) as archive:
        book = _find(archive, "xl/workbook.xml")
        relations = _find(archive, "xl/_rels/workbook.xml.rels")
        if book is None or relations is None:
            return {}
        targets = {
            relation.get("Id", ""): relation.get("Target", "")
            for relation in ElementTree.fromstring(archive.read(relations))
            if relation.get("Type", "").endswith("/worksheet")
        }
        found: dict[str, str] = {}
        names = {name.casefold(): name for name in archive.namelist()}
        for element in ElementTree.fromstring(archive.read(book)).iter():
            if not element.tag.endswith("}sheet"):
                continue
            target = targets.get(element.get(_RELATION) or element.get(_STRICT_RELATION) or "")
            if target:
                inside = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
                found[element.get("name", "")] = names.get(inside.casefold(), inside)
        return found


def _find(archive: zipfile.ZipFile, name: str) -> str | None:
    return next((entry for entry in archive.namelist() if entry.casefold() == name.casefold()), None)


def sheet_facts(path: Path, inside: str) -> SheetFacts:
    """Read one sheet's markup as a stream."""
    facts = SheetFacts()
    parser = expat.ParserCreate()
    cell = ""
    formula = value = inside_value = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal cell, formula, inside_value, value
        name = tag.rpartition(":")[2]
        if name == "c":
            cell, formula, value = attributes.get("r", ""), False, False
        elif name == "f":
            formula = True
        elif name in {"v", "is"}:
            inside_value = True
        elif name == "row":
            facts.hidden_rows += attributes.get("hidden") in {"1", "true"}
        elif name == "col" and attributes.get("hidden") in {"1", "true"}:
            facts.hidden_columns += min(int(attributes["max"]), 16_384) - int(attributes["min"]) + 1
        elif name == "mergeCell":
            facts.merged.append(attributes.get("ref", ""))

    def text(_: str) -> None:
        nonlocal value
        value = value or inside_value

    def end(tag: str) -> None:
        nonlocal inside_value
        if tag.rpartition(":")[2] in {"v", "is"}:
            inside_value = False
        if tag.rpartition(":")[2] == "c" and formula and not value:
            facts.unfinished_count += 1
            if len(facts.unfinished) < _NOTED:
                facts.unfinished.append(cell)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    with zipfile.ZipFile(path) as archive, archive.open(inside) as stream:
        parser.ParseFile(stream)
    return facts


def ranges(references: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield (first row, first column, last row, last column), all from 1, for references like A4:B6."""
    from openpyxl.utils.cell import range_boundaries

    for reference in references:
        try:
            left, top, right, bottom = range_boundaries(reference)
        except ValueError:
            continue
        if None not in (left, top, right, bottom):
            yield int(top or 0), int(left or 0), int(bottom or 0), int(right or 0)
