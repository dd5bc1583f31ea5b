"""What the layers below the app said in English, in the reader's language.

Those layers write whole English sentences, partly into the database, and know nothing of a reader. A catalogue holds
the templates they were made from (see `app.told_check`), so that a sentence is recognised and said anew.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from app.formatting.locale import number, quoted
from app.language import language
from app.wording import LOCALES

MOST_PIECES = 40
"""Texts of more sentences than this are told sentence by sentence."""
WORD_SLOTS = frozenset({"check", "empty", "number", "status", "unit", "unit_2", "word", "what"})
"""Slots that hold words of ours: a single known word is told only there."""
TEXT_SLOTS = frozenset(
    [
        "absent",
        "answer",
        "answers",
        "enumerated",
        "expected",
        "found",
        "label",
        "labels",
        "left_out",
        "missed",
        "missed_must",
        "missing",
        "name",
        "open_must",
        "output",
        "path",
        "rare",
        "rule",
        "running",
        "sentences",
        "simple",
        "spare",
        "text",
        "texts",
        "title",
        "unlisted",
        "unscored",
        "unused",
        "values",
    ]
)
"""Slots that hold somebody's text: it is never told, be it a phrase of ours or not."""
NUMBERS = {"n": r"\d[^A-Za-z]*?(?: and [\d,]+|, \.\.\. \([\d,]+ in all\))?", "total": r"[\d,]+"}
"""Slots that hold nothing but numbers."""
_QUOTES = "'\"“”`"
_LITERAL_WORD = re.compile(r"[A-Za-z]{2,}")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+")
_ITEM = r"(?:'[^']*'|column \d+|[^\s,']+(?: = [^\s,']+)*)"
_LIST = re.compile(rf"(?P<head>{_ITEM}(?:, {_ITEM})*) (?P<joint>and|or) (?P<last>\d+ more|{_ITEM})")
_ITEMS = re.compile(r", (?![^']*'(?:, | and | or |$))|, (?=')")
_QUOTED = re.compile(r"'[^']*'")
_MORE = re.compile(r"(?P<head>.+) (?P<joint>and|or) (?P<last>\d[\d,]* more)", re.S)
_JOINT = re.compile(r"(?<=[.!?…:])\s+|(?<=;)\s+|(?<=[.!?]['\"”)])\s+")


@dataclass(frozen=True)
class _Template:
    """An English sentence with slots, and what it is in another language."""

    pattern: re.Pattern[str]
    slots: tuple[tuple[str, bool], ...]
    """Names in their order, and whether the slot stands in quotation marks: that is somebody's text."""
    words: frozenset[str]
    weight: int
    """Characters of its own."""
    said: str


def told(sentence: str) -> str:
    """Return a sentence of the layers below in the reader's language; what is not known comes back as it is."""
    code = language()
    return sentence if code == "en" else _told(code, sentence)


@lru_cache(maxsize=20_000)
def _told(code: str, text: str) -> str:
    best = _best(code, text)
    return text if best is None else best[1]


def _best(code: str, text: str) -> tuple[int, str] | None:
    """Return the best reading of a text, as (characters that were recognised, what it says); None: there is none.

    A text is one sentence of ours, or several of them; the reading that recognises most of it is the right one.
    """
    core = text.strip()
    whole = _one(code, core) if core else None
    found = _joined(code, core, whole)
    if found is None:
        return None
    start = text.index(core)
    return found[0], text[:start] + found[1] + text[start + len(core) :]


def _joined(code: str, text: str, whole: tuple[int, str] | None) -> tuple[int, str] | None:
    ends = [found.span() for found in _JOINT.finditer(text)]
    if not ends:
        return whole
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    pieces = len(starts)
    # best[i]: the most that can be recognised in the first i pieces, and how they are said
    best: list[tuple[int, str]] = [(0, "")]
    for last in range(pieces):
        options = []
        for first in range(last + 1 if pieces <= MOST_PIECES else 1):
            first = first if pieces <= MOST_PIECES else last
            piece = text[starts[first] : stops[last]]
            one = whole if first == 0 and last == pieces - 1 else _one(code, piece)
            if one is None and first < last:
                continue
            weight, said = one or (0, piece)
            between = text[stops[first - 1] : starts[first]] if first else ""
            options.append((best[first][0] + weight, best[first][1] + between + said))
        best.append(max(options, key=lambda option: option[0]))
    return best[-1] if best[-1][0] else None


@lru_cache(maxsize=20_000)
def _one(code: str, text: str) -> tuple[int, str] | None:
    """Return one sentence or phrase of ours, as (characters recognised, what it says)."""
    found = _matched(code, text)
    if found is None and text[:1].isupper():
        # Some sentences are phrases that were begun with a capital letter, and the other way round.
        lower = _matched(code, text[0].lower() + text[1:])
        found = lower and (lower[0], lower[1][:1].upper() + lower[1][1:])
    return found


def _matched(code: str, text: str) -> tuple[int, str] | None:
    index, wordless = _templates(code)
    words = set(_LITERAL_WORD.findall(text))
    candidates = {id(one): one for word in words for one in index.get(word, ())}
    for one in sorted((*candidates.values(), *wordless), key=lambda one: -one.weight):
        if one.words <= words and (match := one.pattern.fullmatch(text)):
            weight, values = one.weight, {}
            for name, in_quotes in one.slots:
                more, values[name] = (0, match[name]) if in_quotes else _slot(code, name, match[name])
                weight += more
            return weight, one.said.format_map(values)
    return None


def _slot(code: str, name: str, value: str) -> tuple[int, str]:
    """Return what stands in a slot: a number, a list, a phrase of ours, or somebody's text, which stays as it is."""
    core = value.strip()
    if core.endswith(" ..."):
        weight, said = _slot(code, name, core[:-4])
        return weight, value.replace(core, f"{said} ...")
    if _NUMBER.fullmatch(core):
        digits = len(core.partition(".")[2])
        return 0, value.replace(core, number(float(core.replace(",", "")), digits))
    ours = name not in TEXT_SLOTS
    listed = _LIST.fullmatch(core)
    if ours and not listed and not _QUOTED.fullmatch(core) and (" " in core or name in WORD_SLOTS):
        found = _best(code, value)
        if found is not None:
            return found
    if listed := listed or _MORE.fullmatch(core):
        head = ", ".join(_item(code, item, ours=ours) for item in _ITEMS.split(listed["head"]))
        last = _item(code, listed["last"], ours=ours or listed["last"].endswith(" more"))
        return 4, value.replace(core, f"{head} {_item(code, listed['joint'], ours=True)} {last}")
    if ", " in core and ours and all(_one(code, item) for item in _ITEMS.split(core)):
        return len(core), ", ".join(_item(code, item, ours=True) for item in _ITEMS.split(core))
    return 0, value.replace(core, _item(code, core, ours=False)) if core else value


def _item(code: str, text: str, *, ours: bool) -> str:
    """Return one entry of a list: a text in quotation marks, a word of ours, or somebody's, which stays as it is."""
    if _QUOTED.fullmatch(text):
        return quoted(text[1:-1])
    found = _one(code, text) if ours else None
    return text if found is None else found[1]


@cache
def _templates(code: str) -> tuple[dict[str, list[_Template]], list[_Template]]:
    """Return the templates of a language by their rarest word, and those that have no word of their own."""
    file = LOCALES / "told" / f"{code}.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    every = [_template(english, said) for english, said in found.items() if said]
    uses: dict[str, int] = defaultdict(int)
    for one in every:
        for word in one.words:
            uses[word] += 1
    index: dict[str, list[_Template]] = defaultdict(list)
    wordless = []
    for one in every:
        if one.words:
            index[min(one.words, key=lambda word: (uses[word], word))].append(one)
        else:
            wordless.append(one)
    return dict(index), wordless


def _template(english: str, said: str) -> _Template:
    slots, pattern = [], []
    parts = list(_parts(english))
    for (text, name), (after, next_name) in zip(parts, [*parts[1:], ("", "")], strict=True):
        pattern.append(re.escape(text))
        if name:
            slots.append((name, _in_quotes(text, after)))
            # Where two slots stand side by side, the first takes all.
            pattern.append(f"(?P<{name}>{NUMBERS.get(name) or ('.*' if next_name and not after else '.*?')})")
    literal = [text for text, _ in parts]
    words = frozenset(word for text in literal for word in _LITERAL_WORD.findall(text))
    return _Template(re.compile("".join(pattern), re.S), tuple(slots), words, sum(map(len, literal)), said)


def _in_quotes(before: str, after: str) -> bool:
    return bool(before and after) and before[-1] in _QUOTES and after[0] in _QUOTES


def _parts(template: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of a template, each with the name of the slot behind it."""
    place = 0
    text = ""
    for found in re.finditer(r"\{\{|\}\}|\{(\w+)\}", template):
        text += template[place : found.start()]
        place = found.end()
        if found[1]:
            yield text, found[1]
            text = ""
        else:
            text += found[0][0]
    yield text + template[place:], ""
