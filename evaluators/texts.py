"""Texts cut into words and sentences, the same way for every evaluator."""

from functools import lru_cache

import regex

# Scripts written without blanks count each sign as a word; elsewhere 'don't' and 'well-known' are one word.
_WORD = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}]|(?:(?![\p{Han}\p{Hiragana}\p{Katakana}])[\p{L}\p{M}\p{N}_])+"
    r"(?:['\u2019.,\-](?:(?![\p{Han}\p{Hiragana}\p{Katakana}])[\p{L}\p{M}\p{N}_])+)*"
)
_SPACE = regex.compile(r"\s+")
_FOLD = str.maketrans(
    # Typographic apostrophes, quotation marks and dashes.
    dict.fromkeys(map(ord, "\u2018\u2019\u201a"), "'")
    | dict.fromkeys(map(ord, "\u201c\u201d\u201e\u00ab\u00bb"), '"')
    | dict.fromkeys(map(ord, "\u2010\u2011\u2013\u2014\u2212"), "-")
)


def words(text: str) -> list[str]:
    """Return the words of a text; numbers such as 1,250.00 are one word."""
    return _WORD.findall(text)


@lru_cache(maxsize=2048)
def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text, as segtok divides them (fit for languages with Latin or Cyrillic script)."""
    from segtok.segmenter import split_multi

    return tuple(sentence.strip() for sentence in split_multi(text) if sentence.strip())


def folded(text: str) -> str:
    """Return the text with plain quotes and dashes, single blanks and no capitals, for verbatim comparison."""
    return _SPACE.sub(" ", text.translate(_FOLD)).strip().casefold()
