"""The difference of two prompts as people can read it; nothing here draws."""

import re
from collections.abc import Iterable, Sequence

from copilot.types import Piece

FEWEST_WORDS = 4
"""A stretch of fewer words that two rewritten texts happen to share is no anchor for the eye."""


def readable(pieces: Iterable[Piece], variables: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return a word-by-word difference with changes that lie close together as one, and slots marked.

    Returns:
        Texts with their marks: `same`, `removed`, `added` or `variable`.
    """
    shown: list[tuple[str, str]] = []
    gone = new = ""

    def flush() -> None:
        nonlocal gone, new
        if gone:
            shown.append((gone, "removed"))
        if gone and new and not gone[-1].isspace():
            shown.append((" ", "same"))
        if new:
            shown.append((new, "added"))
        gone = new = ""

    parts = list(pieces)
    for place, piece in enumerate(parts):
        if piece.change == "gone":
            gone += piece.text
        elif piece.change == "new":
            new += piece.text
        elif 0 < place < len(parts) - 1 and len(piece.text.split()) < FEWEST_WORDS and "\n\n" not in piece.text:
            gone, new = gone + piece.text, new + piece.text
        else:
            flush()
            shown += _slots(piece.text, variables)
    flush()
    return shown


def _slots(text: str, variables: Sequence[str]) -> list[tuple[str, str]]:
    if not variables:
        return [(text, "same")]
    names = "|".join(map(re.escape, variables))
    return [
        (part, "variable" if place % 2 else "same")
        for place, part in enumerate(re.split(r"(\{\{\s*(?:" + names + r")\s*\}\})", text))
        if part
    ]
