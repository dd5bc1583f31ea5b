"""Numbers, dates and quotation marks are written as each language writes them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import streamlit as st

from app.formatting import locale
from app.language import LANGUAGES

WHEN = datetime(2026, 11, 2, 22, 30, tzinfo=UTC)
SPOKEN = tuple(LANGUAGES)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Choose the reader's language."""
    return lambda code: monkeypatch.setattr(st, "session_state", {"language": code})


@pytest.mark.parametrize(
    ("code", "numbers"),
    [
        ("en", ("1,234,567", "12,345.7", "\u22123.5", "0.25", "+14", "95%", "12.5%")),
        ("de", ("1.234.567", "12.345,7", "\u22123,5", "0,25", "+14", "95\u00a0%", "12,5\u00a0%")),
        ("fr", ("1\u202f234\u202f567", "12\u202f345,7", "\u22123,5", "0,25", "+14", "95\u00a0%", "12,5\u00a0%")),
        ("es", ("1.234.567", "12.345,7", "\u22123,5", "0,25", "+14", "95\u00a0%", "12,5\u00a0%")),
    ],
)
def test_numbers(said: Callable[[str], None], code: str, numbers: tuple[str, ...]) -> None:
    said(code)
    assert (
        locale.number(1_234_567),
        locale.number(12_345.67, 1),
        locale.number(-3.5, 1),
        locale.plain_number(0.25),
        locale.points(0.14),
        locale.percent(0.953),
        locale.percent(0.125, 1),
    ) == numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (3, "3"), (2.44, "2.4"), (9.96, "10.0"), (380.2, "380"), (1250, "1,200"), (12_345, "12,000")],
)
def test_a_rough_number_has_the_digits_that_matter(value: float, text: str) -> None:
    assert locale.rough(value) == text


def test_no_difference_has_no_sign() -> None:
    assert [locale.points(share) for share in (0.004, -0.004, 0.0, -0.06)] == ["0", "0", "0", "\u22126"]


@pytest.mark.parametrize(
    ("code", "sums"),
    [
        ("en", ("US$1,234.50", "€0.05", "<\u00a0€0.01", "3.00\u00a0credits", "2.00")),
        ("de", ("1.234,50\u00a0$", "0,05\u00a0€", "<\u00a00,01\u00a0€", "3,00\u00a0credits", "2,00")),
        ("fr", ("1\u202f234,50\u00a0$US", "0,05\u00a0€", "<\u00a00,01\u00a0€", "3,00\u00a0credits", "2,00")),
        ("es", ("1.234,50\u00a0US$", "0,05\u00a0€", "<\u00a00,01\u00a0€", "3,00\u00a0credits", "2,00")),
    ],
)
def test_sums(said: Callable[[str], None], code: str, sums: tuple[str, ...]) -> None:
    said(code)
    given = ((1234.5, "USD"), (0.05, "eur"), (0.004, "EUR"), (3, "credits"), (2, ""))
    assert tuple(locale.money(value, currency) for value, currency in given) == sums


@pytest.mark.parametrize(
    ("code", "sizes"),
    [
        ("en", ("999\u00a0byte", "1.2\u00a0MB", "12\u00a0GB")),
        ("de", ("999\u00a0Byte", "1,2\u00a0MB", "12\u00a0GB")),
        ("fr", ("999\u202fo", "1,2\u202fMo", "12\u202fGo")),
        ("es", ("999\u00a0B", "1,2\u00a0MB", "12\u00a0GB")),
    ],
)
def test_sizes(said: Callable[[str], None], code: str, sizes: tuple[str, ...]) -> None:
    said(code)
    assert tuple(locale.size(count) for count in (999, 1_234_567, 12_345_678_901)) == sizes


@pytest.mark.parametrize(
    ("code", "same", "other"),
    [
        ("en", "2 Nov", "2 Nov 2026"),
        ("de", "2. Nov.", "2. Nov. 2026"),
        ("fr", "2 nov.", "2 nov. 2026"),
        ("es", "2 nov", "2 nov 2026"),
    ],
)
def test_days(said: Callable[[str], None], code: str, same: str, other: str) -> None:
    said(code)
    assert locale.date(WHEN, today=WHEN) == same
    assert locale.date(WHEN, today=datetime(2027, 1, 2, tzinfo=UTC)) == other


def test_a_moment_is_told_by_the_readers_clock() -> None:
    assert locale.moment(WHEN, zone="Asia/Tokyo", today=WHEN) == "3 Nov, 07:30"
    assert locale.moment(WHEN, zone="Nowhere/Else", today=WHEN) == "2 Nov, 22:30"
    assert locale.moment(WHEN, today=WHEN) == "2 Nov, 22:30"


def test_quotation_marks(said: Callable[[str], None]) -> None:
    quoted = []
    for code in ("en", "de", "fr", "es"):
        said(code)
        quoted.append(locale.quoted("a"))
    assert quoted == ["“a”", "„a“", "«\u00a0a\u00a0»", "«a»"]


@pytest.mark.parametrize("code", SPOKEN)
def test_charts_write_numbers_as_sentences_do(said: Callable[[str], None], code: str) -> None:
    said(code)
    told = locale.vega()
    assert f"1{told['thousands']}234{told['decimal']}5" == locale.number(1234.5, 1)
    assert f"50{told['percent']}" == locale.percent(0.5)
