"""The words of the interface in the reader's language: English sentences are the keys of the other catalogues."""

import json
from functools import cache
from pathlib import Path

from app.formatting.locale import filled
from app.language import language

LOCALES = Path(__file__).parent / "locales"


def t(text: str, /, **values: object) -> str:
    """Return a sentence in the reader's language, with its `{slots}` filled.

    Args:
        text: the English sentence, written as a literal: a test collects these from the code.
        values: for the slots, numbers as numbers: they are written in the reader's form. Never put user's text in
            here where the result is shown as markdown: use `plain`.
    """
    said = _catalogue(language()).get(text, text)
    return filled(said, values) if values else said


def tn(one: str, many: str, n: int, /, **values: object) -> str:
    """As `t`, for a number: `one` is said of 1 (in French of 0 too), `many` of others; both may hold `{n}`."""
    single = n == 1 or (n == 0 and language() == "fr")
    return t(one if single else many, n=n, **values)


@cache
def _catalogue(code: str) -> dict[str, str]:
    file = LOCALES / f"{code}.json"
    if code == "en" or not file.exists():
        return {}
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found
