"""What a description asks for in so many words: lengths, languages, lists, tone. English, French, German, Spanish."""

import re
from dataclasses import dataclass
from typing import Literal

_UNITS: dict[str, Literal["words", "sentences", "characters"]] = {
    "word": "words",
    "wort": "words",
    "wört": "words",
    "mot": "words",
    "palabra": "words",
    "sentence": "sentences",
    "satz": "sentences",
    "sätz": "sentences",
    "phrase": "sentences",
    "frase": "sentences",
    "character": "characters",
    "zeichen": "characters",
    "caract": "characters",
    "letter": "characters",
}
_UNIT = (
    r"(?P<unit>words?|wörter|worte?n?|mots?|palabras?|sentences?|sätzen?|satz|phrases?|frases?"
    r"|characters?|zeichen|caractères?|caracteres?|letters?)\b"
)
_NUMERALS = {
    name: number
    for number, names in enumerate(
        (
            ("one", "a single", "einem", "einen", "ein", "une", "un", "una"),
            ("two", "zwei", "deux", "dos"),
            ("three", "drei", "trois", "tres"),
            ("four", "vier", "quatre", "cuatro"),
            ("five", "fünf", "cinq", "cinco"),
            ("six", "sechs", "seis"),
            ("seven", "sieben", "sept", "siete"),
            ("eight", "acht", "huit", "ocho"),
            ("nine", "neun", "neuf", "nueve"),
            ("ten", "zehn", "dix", "diez"),
        ),
        start=1,
    )
    for name in names
}
_NUMBER = rf"\d+|{'|'.join(sorted(_NUMERALS, key=len, reverse=True))}"
_MOST = (
    r"at most|no more than|not more than|up to|a maximum of|maximum(?: of)?|max\.?|under|below|fewer than|less than"
    r"|within|höchstens|maximal|bis zu|unter|au plus|au maximum|moins de|jusqu'à|como máximo|máximo(?: de)?|menos de"
    r"|hasta"
)
_LEAST = r"at least|no fewer than|a minimum of|minimum(?: of)?|mindestens|au moins|como mínimo|al menos"
_BETWEEN = re.compile(
    rf"\b(?:between |zwischen |entre |from )?(?P<low>{_NUMBER})\s?(?:-|\u2013|to|and|und|bis|et|à|y|a)\s?"
    rf"(?P<high>{_NUMBER}) {_UNIT}",
    re.IGNORECASE,
)
_AT_MOST = re.compile(rf"\b(?:{_MOST}) (?P<high>{_NUMBER}) {_UNIT}", re.IGNORECASE)
_AT_LEAST = re.compile(rf"\b(?:{_LEAST}) (?P<low>{_NUMBER}) {_UNIT}", re.IGNORECASE)
_AFTER = re.compile(
    rf"\b(?P<high>{_NUMBER}) {_UNIT} (?:or less|or fewer|at most|maximum|max\b|maximal|au plus|como máximo)",
    re.IGNORECASE,
)
_IN = re.compile(
    rf"\b(?:in|into|en|als) (?:only |just |exactly )?(?P<high>{_NUMBER}) (?:short |kurzen? |clear )?{_UNIT}",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"(?:^|[.;:,] )(?P<high>{_NUMBER}) (?:short |clear )?{_UNIT}", re.IGNORECASE)

_LANGUAGES = {
    "en": ("english", "englisch", "anglais", "inglés"),
    "fr": ("french", "französisch", "français", "francés"),
    "de": ("german", "deutsch", "allemand", "alemán"),
    "es": ("spanish", "spanisch", "espagnol", "español"),
    "it": ("italian", "italienisch", "italien", "italiano"),
    "pt": ("portuguese", "portugiesisch", "portugais", "portugués"),
    "nl": ("dutch", "niederländisch", "néerlandais", "neerlandés"),
    "pl": ("polish", "polnisch", "polonais", "polaco"),
}
_CODES = {name: code for code, names in _LANGUAGES.items() for name in names}
_LANGUAGE = re.compile(
    rf"\b(?:in|into|auf|ins|en|in simple|in plain) (?P<language>{'|'.join(sorted(_CODES, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_BULLETS = re.compile(
    r"\b(?:bullet(?:ed)?(?:[ -]points?| list)?s?|numbered list|stichpunkte?n?|aufzählung|liste à puces|viñetas)\b",
    re.IGNORECASE,
)
_NO_NAMES = re.compile(
    r"\b(?:no|without(?: any)?|never (?:give|use|mention|write)|do not (?:give|use|mention|name)|don't (?:use|mention))"
    r" (?:(?:any|personal|people's|customer|customers'|real|full|first|last) )?(?:names|people|persons)\b"
    r"|\bohne namen\b|\bkeine namen\b|\bsans noms?\b|\bsin nombres\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\b(?:no|without(?: any)?|remove|hide|mask|never|omit) (?:\w+ ){0,2}?"
    r"(?:personal (?:data|details|information)|contact details|e-?mail addresses|phone numbers)\b"
    r"|\banonymi[sz]ed?\b|\bgdpr\b|\bdsgvo\b|\brgpd\b|\bkeine personenbezogenen daten\b"
    r"|\bsans données personnelles\b|\bsin datos personales\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\b(?:plain|simple|easy) (?:language|words|english)\b|\beasy to (?:read|understand)\b|\beinfache[rn]? sprache\b"
    r"|\blangage simple\b|\blenguaje sencillo\b",
    re.IGNORECASE,
)
_TONES = r"(?:polite|friendly|formal|informal|professional|neutral|warm|empathetic|objective|factual)"
_TONE = re.compile(
    rf"\b(?:{_TONES}(?:,? (?:and |but |yet )?{_TONES})*(?:ly)?(?: (?:tone|style|reply|answer|language))?"
    r"|höflich|freundlich|sachlich|poli|amical|formel|educado|cortés)\b",
    re.IGNORECASE,
)
_QUOTE = r"[\"“„«](?P<text>[^\"“”„«»\n]{2,80})[\"”“»]"
_SAYS = re.compile(
    r"\b(?:must |should |always |has to )?(?:mention|include|contain|say|end with|ends with|begin with|start with"
    rf"|close with)s? (?:the words? )?{_QUOTE}",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"\b(?:never|do not|don't|must not|should not|avoid)(?: ever)? (?:to )?(?:mention|include|contain|say|saying|use"
    rf"|using|write|writing)?\s?(?:the words? )?{_QUOTE}",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A length that a description asks for."""

    minimum: int | None = None
    maximum: int | None = None
    unit: Literal["words", "sentences", "characters"]
    words: str
    """Its own words."""


def lengths(text: str) -> list[Bound]:
    """Return the lengths asked for, one for each unit."""
    found: dict[str, Bound] = {}
    for pattern in (_BETWEEN, _AT_MOST, _AFTER, _AT_LEAST, _IN, _ALONE):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            unit = next(unit for stem, unit in _UNITS.items() if groups["unit"].lower().startswith(stem))
            low, high = (_number(groups.get(name)) for name in ("low", "high"))
            if low is not None and high is not None and low > high:
                continue
            found.setdefault(unit, Bound(minimum=low, maximum=high, unit=unit, words=match.group().strip(" .;:,")))
    return list(found.values())


def language(text: str) -> tuple[str, str] | None:
    """Return the code of the one language asked for, and the words that ask."""
    found = {_CODES[match["language"].lower()]: match.group() for match in _LANGUAGE.finditer(text)}
    return next(iter(found.items())) if len(found) == 1 else None


def bullets(text: str) -> str:
    """Return the words that ask for a list; empty: none."""
    return _first(_BULLETS, text)


def no_names(text: str) -> str:
    """Return the words that forbid names."""
    return _first(_NO_NAMES, text)


def personal_data(text: str) -> str:
    """Return the words that forbid personal data."""
    return _first(_PERSONAL, text)


def plain_language(text: str) -> str:
    """Return the words that ask for plain language."""
    return _first(_PLAIN, text)


def tone(text: str) -> str:
    """Return the words that ask for a tone."""
    return _first(_TONE, text)


def quoted(text: str, *, never: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Return what is to be said, or never to be said, each with the words that ask."""
    pattern = _NEVER if never else _SAYS
    forbidden = [match.span() for match in _NEVER.finditer(text)]
    return [
        (match.group(), (match["text"],))
        for match in pattern.finditer(text)
        if never or not any(start < match.end() and match.start() < end for start, end in forbidden)
    ]


def _number(word: str | None) -> int | None:
    if word is None:
        return None
    return int(word) if word.isdigit() else _NUMERALS[word.lower()]


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match.group() if match else ""
