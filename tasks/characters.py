"""Text that every file, database and server can hold."""

from typing import Annotated

from pydantic import BeforeValidator, JsonValue


def mended(text: str) -> str:
    """Return the text with halves of surrogate pairs joined, or replaced by U+FFFD where the other half is missing.

    A model's answer that is cut off, or a file that escapes one alone, holds such halves; no encoding can write them.
    """
    if text.isascii():
        return text
    try:
        # Far quicker than looking for them.
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def mended_value(value: JsonValue) -> JsonValue:
    """Return what JSON held with all its texts mended: an escaped half is plain ASCII in the document."""
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, list):
        return [mended_value(part) for part in value]
    if isinstance(value, dict):
        return {mended(name): mended_value(part) for name, part in value.items()}
    return value


def _mended_text(value: object) -> object:
    return mended(value) if isinstance(value, str) else value


WholeText = Annotated[str, BeforeValidator(_mended_text)]
"""Text from outside: of users, their files, and models."""
