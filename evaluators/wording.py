"""Small helpers for explanations, so that every evaluator speaks the same way."""

from collections.abc import Iterable, Sequence

NO_EXPECTED = "Not scored: this example has no expected output to compare with."
NO_DOCUMENT = "Not scored: this example has no document to compare with."


def quote(text: str, *, limit: int = 80) -> str:
    """Return the text on one line in quotation marks, cut to `limit` characters."""
    flat = " ".join(text.split())
    return f"'{flat}'" if len(flat) <= limit else f"'{flat[: limit - 1].rstrip()}…'"


def listing(texts: Iterable[str], *, limit: int = 8) -> str:
    """Return the texts separated by commas, the first `limit` of them and how many more there are."""
    items = [" ".join(text.split()) for text in texts]
    shown = ", ".join(item if len(item) <= 60 else item[:59] + "…" for item in items[:limit])
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit} more"


def alternatives(texts: Sequence[str]) -> str:
    """Return the texts quoted and joined by "or"."""
    shown = [quote(text) for text in texts[:4]]
    if len(texts) > 4:
        shown.append(f"{len(texts) - 4} more")
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " or " + shown[-1]


def counted(number: int, noun: str) -> str:
    """Return "1 word", "2 words"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
