"""The words of the report: every sentence in every language, with its slots; numbers and days in its form."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest

from copilot.errors import UserError
from copilot.export import report
from copilot.export.report_words import LANGUAGES, ReportWords, catalogue


def said() -> set[str]:
    """Return the sentences that the report's code says."""
    calls = [
        node
        for node in ast.walk(ast.parse(Path(report.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
    ]
    texts = [call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)]
    assert len(texts) == len(calls), "every sentence is a literal"
    return {str(text) for text in texts}


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_sentence_is_there_in_every_language_and_none_besides() -> None:
    assert set(catalogue()) == said()
    for text, others in catalogue().items():
        assert set(others) == set(LANGUAGES) - {"en"}, text
        for other in others.values():
            assert slots(other) == slots(text), text


@pytest.mark.parametrize(
    ("language", "number", "day"),
    [
        ("en", "1,234.50", "22 November 2026"),
        ("de", "1.234,50", "22. November 2026"),
        ("fr", "1\u202f234,50", "22 novembre 2026"),
        ("es", "1.234,50", "22 de noviembre de 2026"),
    ],
)
def test_numbers_and_days_are_written_as_the_language_does(language: str, number: str, day: str) -> None:
    words = ReportWords(language)
    assert words.number(1234.5, 2) == number
    assert words.day(datetime(2026, 11, 22, tzinfo=UTC)) == day


def test_signs_and_unknown_languages() -> None:
    words = ReportWords()
    assert [words.number(value, sign=True) for value in (7, -7, -0.2)] == ["+7", "\u22127", "0"]
    with pytest.raises(UserError, match="one of en, de, fr, es"):
        ReportWords("it")
