"""The difference of two prompts as people can read it; nothing here draws."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.wording import t, tn
from copilot.types import Piece

FEWEST_WORDS = 4
"""A stretch of fewer words that two rewritten texts happen to share is no anchor for the eye."""
AROUND = 25
"""So many unchanged words are shown beside a change."""
FEWEST_FOLDED = 30
"""Fewer words than this are not worth a click."""
CHANGED = frozenset({"removed", "added", "head_removed", "head_added"})
_SLOT_OR_WORD = re.compile(r"\s*\S+|\s+")

HEADS = {"same": "", "gone": "_removed", "new": "_added"}

Marked = list[tuple[str, str]]


@dataclass(frozen=True)
class Section:
    """A part of a text that is shown, or folded away under a title."""

    pieces: Marked
    title: str = ""


def readable(pieces: Iterable[Piece], variables: Sequence[str] = ()) -> Marked:
    """Return a word-by-word difference with changes that lie close together as one, and slots marked.

    Returns:
        Texts with their marks: `same`, `removed`, `added` or `variable`; and `head`, `head_removed` or `head_added` for
        who says what follows.
    """
    shown: Marked = []
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
        if piece.head is not None:
            flush()
            shown.append((f"{head_words(piece)}\n", f"head{HEADS[piece.change]}"))
        elif place and parts[place - 1].head is not None and piece.text == "\n":
            continue
        elif piece.change == "gone":
            gone += piece.text
        elif piece.change == "new":
            new += piece.text
        elif 0 < place < len(parts) - 1 and _is_short(piece.text, variables):
            gone, new = gone + piece.text, new + piece.text
        else:
            flush()
            shown += _slots(piece.text, variables)
    flush()
    return shown


def _is_short(text: str, variables: Sequence[str]) -> bool:
    return (
        len(text.split()) < FEWEST_WORDS
        and "\n\n" not in text
        and all(mark == "same" for _, mark in _slots(text, variables))
    )


def head_words(piece: Piece) -> str:
    """Return what a part of a prompt is."""
    return {
        "system": t("Instructions"),
        "user": t("Input"),
        "assistant": t("Answer"),
        "chosen_anew": t("For every input, the saved examples that are most like it are shown as well."),
    }[piece.head or "user"]


def folded(shown: Sequence[tuple[str, str]]) -> list[Section]:
    """Return a difference with long stretches that did not change folded away; a text without changes stays whole."""
    if not any(mark in CHANGED for _, mark in shown):
        return [Section(list(shown))]
    sections: list[Section] = []
    place = 0
    while place < len(shown):
        end = place
        while end < len(shown) and (shown[end][1] in CHANGED) == (shown[place][1] in CHANGED):
            end += 1
        run = list(shown[place:end])
        if shown[place][1] in CHANGED:
            sections.append(Section(run))
        else:
            sections += _fold(run, before=0 if place == 0 else AROUND, after=0 if end == len(shown) else AROUND)
        place = end
    return sections


def _fold(run: Marked, *, before: int, after: int) -> list[Section]:
    words = [(word, mark) for text, mark in run for word in _words(text, mark)]
    if len(words) - before - after < FEWEST_FOLDED:
        return [Section(run)]
    middle = words[before : len(words) - after]
    title = tn("Show one unchanged word", "Show {n} unchanged words", len(middle))
    return [
        section
        for section in (Section(words[:before]), Section(middle, title), Section(words[len(words) - after :]))
        if section.pieces
    ]


def _words(text: str, mark: str) -> list[str]:
    return _SLOT_OR_WORD.findall(text) if mark == "same" else [text]


def _slots(text: str, variables: Sequence[str]) -> Marked:
    if not variables:
        return [(text, "same")]
    names = "|".join(map(re.escape, variables))
    return [
        (part, "variable" if place % 2 else "same")
        for place, part in enumerate(re.split(r"(\{\{\s*(?:" + names + r")\s*\}\})", text))
        if part
    ]
