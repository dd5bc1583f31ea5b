"""Numbers, shares, sums, dates and quotation marks as the reader's language writes them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_skeleton, format_time
from babel.numbers import NumberPattern, format_currency, parse_pattern
from babel.units import format_unit

from app.language import language

REGIONS = {"en": "en_GB"}
"""Where a language is written in more than one way, the one that the interface is written in."""
QUOTES = {"de": ("„", "“"), "fr": ("«\u00a0", "\u00a0»"), "es": ("«", "»")}
MINUS = "\u2212"
UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")
SMALLEST_SUM = 0.01


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(REGIONS.get(code, code))


@cache
def _pattern(code: str, digits: int, exact: bool, sign: bool) -> NumberPattern:
    tail = ("0" if exact else "#") * digits
    whole = str(_locale(code).decimal_formats[None].pattern).partition(".")[0] + (f".{tail}" if tail else "")
    return parse_pattern(f"+{whole};-{whole}" if sign else whole)


def _written(value: float, digits: int, *, exact: bool = True, sign: bool = False) -> str:
    code = language()
    text: str = _pattern(code, digits, exact, sign).apply(value, _locale(code))
    return text.replace("-", MINUS)


def number(value: float, digits: int = 0) -> str:
    """Return a number with exactly so many decimals."""
    return _written(value, digits)


def plain_number(value: float) -> str:
    """Return a number with the decimals that it has, six at most."""
    return _written(value, 6, exact=False)


def rough(value: float) -> str:
    """Return a number of 0 or more with the two leading digits that matter."""
    if value >= 1000:
        value = round(value, 2 - len(str(int(value))))
    return number(value, 0 if value >= 10 or value == int(value) else 1)


def signed(value: float, digits: int = 0) -> str:
    """Return a number with its sign; 0 has none."""
    rounded = round(value, digits)
    return _written(rounded or 0, digits, sign=bool(rounded))


def points(share: float) -> str:
    """Return a difference of two shares in points, with its sign."""
    return signed(100 * share)


def percent(share: float, digits: int = 0) -> str:
    """Return a share in percent."""
    code = language()
    # What stands around the number's place is the sign, in most languages behind a space.
    before, after = str(_locale(code).percent_formats[None].pattern).split("#,##0")
    return f"{before}{number(100 * share, digits)}{after}"


def money(value: float, currency: str) -> str:
    """Return a sum; what is no currency that is known stands behind it."""
    code = language()
    shown = max(value, SMALLEST_SUM) if value > 0 else 0.0
    known = currency.upper() in _locale(code).currencies
    text = (
        format_currency(shown, currency.upper(), locale=_locale(code))
        if known
        else f"{number(shown, 2)}\u00a0{currency}".rstrip("\u00a0")
    )
    return f"<\u00a0{text}" if 0 < value < SMALLEST_SUM else text


def size(count: int) -> str:
    """Return bytes in the unit that people read, with at most one decimal."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    digits = 0 if value >= 10 or unit == 0 else 1
    form = "#,##0.#" if digits else "#,##0"
    text = format_unit(round(value, digits), UNITS[unit], "short", format=form, locale=_locale(language()))
    return text.replace(" ", "\u00a0")


def date(when: datetime, *, today: datetime | None = None) -> str:
    """Return a day; its year only where it is another."""
    same = when.year == (today or datetime.now(UTC)).year
    return format_skeleton("MMMd" if same else "yMMMd", when, locale=_locale(language()))


def moment(when: datetime, *, zone: str | None = None, today: datetime | None = None) -> str:
    """Return day and time of day as the reader's clock shows them; without a zone that is known, as given."""
    try:
        here = when.astimezone(ZoneInfo(zone)) if zone else when
    except (ZoneInfoNotFoundError, ValueError):
        here = when
    return f"{date(here, today=today)}, {format_time(here.time(), 'HH:mm', locale=_locale(language()))}"


def quoted(text: str) -> str:
    """Return a text in quotation marks."""
    first, last = QUOTES.get(language(), ("“", "”"))
    return f"{first}{text}{last}"


def colon() -> str:
    """Return the colon between a name and what is said of it; a French one stands behind a space."""
    return "\u00a0: " if language() == "fr" else ": "


def price(value: float, currency: str) -> str:
    """Return a price, with as many decimals as it has, two at least."""
    exact = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    known = currency.upper() in _locale(language()).currencies
    if not known:
        return f"{number(value, max(2, exact))}\u00a0{currency}".rstrip("\u00a0")
    pattern = str(_locale(language()).currency_formats["standard"].pattern).replace("0.00", "0.00####")
    return format_currency(value, currency.upper(), pattern, _locale(language()), currency_digits=False)


def signs() -> tuple[str, str]:
    """Return the signs before decimals and between thousands."""
    symbols = _locale(language()).number_symbols["latn"]
    return symbols["decimal"], symbols["group"]


def vega() -> dict[str, object]:
    """Return how charts write numbers, as d3 wants it told."""
    decimal, thousands = signs()
    return {
        "decimal": decimal,
        "thousands": thousands,
        "grouping": [3],
        "currency": ["", ""],
        "minus": MINUS,
        "percent": percent(0).removeprefix("0"),
    }


class _Filler(Formatter):
    """Fills slots, numbers in the reader's form."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(super().format_field(value, format_spec))
        if format_spec.endswith("f"):
            return number(value, int(format_spec.strip(".f")))
        return plain_number(value)


_FILLER = _Filler()


def filled(text: str, values: Mapping[str, object]) -> str:
    """Return a text with its `{slots}` filled: numbers in the reader's form, `{seconds:.1f}` with so many decimals."""
    return _FILLER.vformat(text, (), values)
