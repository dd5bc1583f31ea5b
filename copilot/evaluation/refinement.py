"""Take off a parsed answer what its inputs show to be superfluous: small models say more than they are asked.

An answer is never emptied: where a rule would leave nothing, the answer stays as it is.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import distribution
from pathlib import Path

from evaluators import normalise
from tasks.fingerprint import QUESTION
from tasks.model import Refinement

_WORD = re.compile(r"\w+")


def refine(value: str | tuple[str, ...], refinement: Refinement, inputs: Mapping[str, str]) -> str | tuple[str, ...]:
    """Return the answer for these inputs after the rule."""
    if isinstance(value, str):
        return _TEXT_RULES[refinement.rule](value, refinement, inputs) if refinement.rule in _TEXT_RULES else value
    return _occurring(value, inputs) if refinement.rule == "occurring_items" else value


def _occurring(items: tuple[str, ...], inputs: Mapping[str, str]) -> tuple[str, ...]:
    document = f" {_stems(_document(inputs))} "
    return tuple(item for item in items if f" {_stems(item)} " in document) or items


def _without_question(text: str, refinement: Refinement, inputs: Mapping[str, str]) -> str:
    known = {normalise.stem(word) for word in _words(inputs.get(QUESTION, ""))}
    function_words = _function_words(refinement.language)

    def superfluous(word: str) -> bool:
        return all(part in function_words or normalise.stem(part) in known for part in _words(word))

    words = text.split()
    kept = [position for position, word in enumerate(words) if not superfluous(word)]
    return " ".join(words[kept[0] : kept[-1] + 1]) if kept else text


def _copied(text: str, refinement: Refinement, inputs: Mapping[str, str]) -> str:
    words = text.split()
    plain = [" ".join(_words(word)) for word in words]
    document = f" {' '.join(_words(_document(inputs)))} "
    first, last = 0, 0
    for start in range(len(words)):
        while start + (last - first) < len(words) and _in(plain[start : start + (last - first) + 1], document):
            first, last = start, start + (last - first) + 1
    return " ".join(words[first:last]) or text


_TEXT_RULES: dict[str, Callable[[str, Refinement, Mapping[str, str]], str]] = {
    "without_question": _without_question,
    "copied_words": _copied,
}


def _in(words: Sequence[str], document: str) -> bool:
    run = " ".join(word for word in words if word)
    return bool(run) and f" {run} " in document


@lru_cache(maxsize=1024)
def _stems(text: str) -> str:
    return " ".join(normalise.stem(word) for word in _words(text))


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _document(inputs: Mapping[str, str]) -> str:
    return "\n".join(text for name, text in inputs.items() if name != QUESTION)


@lru_cache(maxsize=8)
def _function_words(language: str) -> frozenset[str]:
    # YAKE's lists, read from where it is installed: the package itself takes more than a second to import.
    lists = Path(str(distribution("yake").locate_file("yake/core/StopwordsList")))
    own = lists / f"stopwords_{language[:2].lower()}.txt"
    text = (own if own.exists() else lists / "stopwords_noLang.txt").read_text(encoding="utf-8", errors="replace")
    return frozenset(text.lower().split("\n"))
