"""Texts brought to the form in which metrics compare them."""

import re
import string
from collections.abc import Callable
from functools import lru_cache

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLE = re.compile(r"\b(?:an?|the)\b")
_SEPARATOR = re.compile(r"[,;\n]")
_BULLET = re.compile(r"^\s*(?:\d+[.)]|[-*•])\s*")


@lru_cache(maxsize=4096)
def squad(text: str) -> str:
    """Normalise as SQuAD's scorer does: lower case, no ASCII punctuation, no English articles, single spaces."""
    return " ".join(_ARTICLE.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def label(text: str) -> str:
    """Normalise an answer that should be a label: no outer blanks, then no outer quotes or periods, lower case."""
    return text.strip().strip("\"'.").lower()


def split_list(text: str) -> list[str]:
    """Divide a written list at commas, semicolons and line ends; bullets and numbers are removed."""
    return [part for part in (without_bullet(part).strip() for part in _SEPARATOR.split(text)) if part]


def without_bullet(text: str) -> str:
    """Remove a bullet or a number such as `3.` from the head of a list item."""
    return _BULLET.sub("", text)


@lru_cache(maxsize=1)
def _porter() -> Callable[[str], str]:
    from nltk.stem.porter import PorterStemmer

    stem: Callable[[str], str] = PorterStemmer().stem
    return stem


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the Porter stem of one word."""
    return _porter()(word)


def stem_phrase(phrase: str) -> str:
    """Return the phrase normalised as by `squad`, each word stemmed: `The Reports.` and `report` are equal."""
    return " ".join(stem(word) for word in squad(phrase).split())
