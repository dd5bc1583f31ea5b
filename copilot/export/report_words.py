"""The words of the report in the reader's language; English sentences are the keys of `report_words.json`."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from copilot.errors import UserError

LANGUAGES = ("en", "de", "fr", "es")
_REGIONS = {"en": "en_GB"}


def as_told(sentence: str) -> str:
    """Leave a sentence as the engine told it."""
    return sentence


class ReportWords:
    """What the report says, and how it writes numbers and days.

    Args:
        language: `en`, `de`, `fr` or `es`.
        told: turns sentences of the engine and of criteria, which are English, into that language.

    Raises:
        UserError: there is no report in this language.
    """

    def __init__(self, language: str = "en", told: Callable[[str], str] = as_told) -> None:
        if language not in LANGUAGES:
            raise UserError(f"There is no report in '{language}'; choose one of {', '.join(LANGUAGES)}.")
        self.language = language
        self.told = told
        self._locale = _REGIONS.get(language, language)

    def __call__(self, text: str, **values: object) -> str:
        """Return a sentence with its slots filled."""
        return catalogue().get(text, {}).get(self.language, text).format(**values)

    def number(self, value: float, digits: int = 0, *, sign: bool = False) -> str:
        """Return a number with so many decimals; with its sign, but 0 has none."""
        from babel.numbers import format_decimal

        rounded = round(value, digits) + 0.0  # -0.0 would keep its sign
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        text = format_decimal(rounded, format=pattern, locale=self._locale)
        return f"+{text}" if sign and rounded > 0 else text.replace("-", "\u2212")

    def day(self, when: datetime) -> str:
        """Return a day in full."""
        from babel.dates import format_date

        return format_date(when, format="long", locale=self._locale)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return the sentences in the other languages, by the English ones."""
    found: dict[str, dict[str, str]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return found
