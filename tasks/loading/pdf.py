"""PDF documents: the text of all pages as one document."""

import itertools
import logging
import re
from collections import Counter
from pathlib import Path
from typing import Any

from tasks.loading.cells import clean_text
from tasks.loading.report import Findings, ImportLimits, ImportRefused, name_lines

_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st",
     "\u00ad": "-"}
)  # fmt: skip
_HYPHEN = re.compile(r"(\w*[a-z\u00df-\u00ff])-\n(\s*)([a-z\u00df-\u00ff]\w*)")
_DIGITS = re.compile(r"\d+")
_UNMAPPED = re.compile(r"\(cid:\d+\)")
_EDGE = 2
"""Lines at the top and bottom of a page that may be running headers and footers."""


def read_pdf(path: Path, findings: Findings, *, limits: ImportLimits) -> str:
    """Return the text of a PDF in reading order, words broken at line ends joined, running lines dropped.

    Raises:
        ImportRefused: it is damaged, password-protected, or holds no text.
    """
    findings.unit = "page"
    pages, pictures = _pages(path, findings, limits=limits)
    if not pages:
        raise ImportRefused(f"The PDF '{path.name}' has no pages.", columns=("document",))
    if not any(page.strip() for page in pages):
        why = "only pictures of pages (a scan); it needs text recognition (OCR)" if pictures else "its pages are empty"
        raise ImportRefused(f"The PDF '{path.name}' has no text, {why}.", columns=("document",))
    blank = [number for number, page in enumerate(pages, start=1) if not page.strip()]
    if blank:
        where = name_lines(blank[:10], total=len(blank), unit="page")
        findings.warn(f"No text on {where} (a scan or empty); nothing was read there.", line=blank[0])
    pages = _without_running_lines(pages, findings)
    text = "\n".join(page.strip("\n") for page in pages if page.strip()).translate(_LIGATURES)
    lost = len(_UNMAPPED.findall(text))
    if lost > len(text) * 0.02:
        findings.warn("The PDF does not say which letters its signs stand for; the text read may be unusable.")
    joined, hyphens = _HYPHEN.subn(r"\1\3\n\2", text)
    if hyphens:
        findings.note(f"{hyphens} word(s) broken at a line end were put together again.")
    return clean_text(joined.strip(), line=1, findings=findings)


def _pages(path: Path, findings: Findings, *, limits: ImportLimits) -> tuple[list[str], bool]:
    """Return the text of every page, and whether there are pictures."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect, PDFTextExtractionNotAllowed
    from pdfminer.psexceptions import PSException
    from pdfplumber.utils.exceptions import PdfminerException

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        with path.open("rb") as stream, pdfplumber.open(stream) as document:
            if len(document.pages) > limits.max_pages:
                raise ImportRefused(
                    f"The PDF '{path.name}' has {len(document.pages):,} pages (limit {limits.max_pages:,}); split it."
                )
            texts = []
            pictures = False
            for page in document.pages:
                texts.append(_page_text(page, findings))
                pictures = pictures or bool(page.images)
                page.close()
            return texts, pictures
    except ImportRefused:
        raise
    except (PdfminerException, PDFPasswordIncorrect, PDFTextExtractionNotAllowed) as error:
        if any(isinstance(part, PDFPasswordIncorrect) for part in (error, *error.args)):
            raise ImportRefused(
                f"The PDF '{path.name}' is password-protected; save it without the password and import that.",
                columns=("document",),
            ) from error
        raise _damaged(path) from error
    except (PSException, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, EOFError,
            RecursionError, ZeroDivisionError, NotImplementedError) as error:  # fmt: skip
        # What the parser raises on damaged files is of many kinds.
        raise _damaged(path) from error


def _damaged(path: Path) -> ImportRefused:
    return ImportRefused(
        f"The PDF '{path.name}' is damaged or was not copied completely; save it again and import the new copy.",
        columns=("document",),
    )


def _page_text(page: Any, findings: Findings) -> str:
    """Return a page's text; two columns are read one after the other."""
    gutter = _gutter(page)
    if gutter is None:
        return str(page.extract_text(**_rotation(page)) or "")
    findings.count("{where}: set in two columns, read one after the other.", page.page_number, note=True)
    top, x, bottom = gutter
    left, upper, right, lower = page.bbox
    parts = [(left, upper, right, top), (left, top, x, bottom), (x, top, right, bottom), (left, bottom, right, lower)]
    texts = [page.crop(box).extract_text() or "" for box in parts if box[3] - box[1] > 1 and box[2] - box[0] > 1]
    return "\n".join(text for text in texts if text.strip())


def _rotation(page: Any) -> dict[str, str]:
    """Return how text that stands on its side is to be read: upwards where its letters are turned to the left."""
    turned = [char["matrix"][1] for char in page.chars if not char["upright"]]
    if sum(slope > 0 for slope in turned) > len(turned) / 2:
        return {"char_dir_rotated": "btt", "line_dir_rotated": "ltr"}
    return {"char_dir_rotated": "ttb", "line_dir_rotated": "rtl"}


def _gutter(page: Any) -> tuple[float, float, float] | None:
    """Return (top, x, bottom) of an empty strip between two columns of running text, None where there is none."""
    words = [word for word in page.extract_words() if word.get("upright", True)]
    if len(words) < 60:
        return None
    left, right = min(word["x0"] for word in words), max(word["x1"] for word in words)
    width = right - left
    best: tuple[int, float] | None = None
    for step in range(35, 66):
        x = left + width * step / 100
        crossing = sum(word["x0"] < x + 4 and word["x1"] > x - 4 for word in words)
        if best is None or crossing < best[0]:
            best = (crossing, x)
    if best is None or best[0] > len(words) * 0.1:
        return None
    x = best[1]
    crossers = [word for word in words if word["x0"] < x + 4 and word["x1"] > x - 4]
    middle = (page.bbox[1] + page.bbox[3]) / 2
    top = max((word["bottom"] for word in crossers if word["bottom"] < middle), default=page.bbox[1])
    bottom = min((word["top"] for word in crossers if word["top"] >= middle), default=page.bbox[3])
    inside = [word for word in words if word["top"] >= top - 1 and word["bottom"] <= bottom + 1]
    sides = [[word for word in inside if (word["x0"] < x) is side] for side in (True, False)]
    if any(len(side) < 25 or len({round(word["top"]) for word in side}) < 6 for side in sides):
        return None
    # A table has short entries; running text fills its column.
    for side in sides:
        lines: dict[int, list[Any]] = {}
        for word in side:
            lines.setdefault(round(word["top"]), []).append(word)
        across = max(word["x1"] for word in side) - min(word["x0"] for word in side)
        room = (x - left) if side is sides[0] else (right - x)
        full = sum(_runs_through(words, room) for words in lines.values())
        if across < 0.6 * room or full < 0.6 * len(lines):
            return None
    return top, x, bottom


def _runs_through(words: list[Any], room: float) -> bool:
    """Whether a line of a column is running text: four words or more that fill it without large gaps."""
    ordered = sorted(words, key=lambda word: word["x0"])
    gaps = [after["x0"] - before["x1"] for before, after in itertools.pairwise(ordered)]
    return len(words) >= 4 and ordered[-1]["x1"] - ordered[0]["x0"] > 0.6 * room and max(gaps) < 0.12 * room


def _without_running_lines(pages: list[str], findings: Findings) -> list[str]:
    """Drop lines that stand at the top or bottom of most pages, page numbers apart."""
    split = [[line for line in page.splitlines() if line.strip()] for page in pages]
    full = [lines for lines in split if lines]
    if len(full) < 2:
        return pages
    needed = max(2, round(len(full) * 0.6))
    dropped: dict[str, None] = {}
    for edge in (slice(0, _EDGE), slice(-_EDGE, None)):
        seen = Counter(key for lines in full if len(lines) > _EDGE for key in {_key(line) for line in lines[edge]})
        running = {key for key, count in seen.items() if count >= needed}
        outermost = 0 if edge.start == 0 else -1
        for lines in full:
            # An inner line is only a running one where the lines outside of it are.
            for _ in range(_EDGE):
                if lines and _key(lines[outermost]) in running:
                    dropped.setdefault(lines.pop(outermost).strip())
    if not any(full):
        return pages
    if dropped:
        shown = "; ".join(list(dropped)[:4])
        findings.note(f"Repeated at the top or bottom of the pages and left out: {shown}")
    return ["\n".join(lines) for lines in split]


def _key(line: str) -> str:
    return _DIGITS.sub("#", line.strip())
