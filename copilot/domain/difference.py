"""What differs between two prompts."""

import difflib

from pydantic import BaseModel

from copilot.domain.prompt import PromptTemplate
from tasks.model import Frozen


class FieldDifference(Frozen):
    """One part of the prompt that differs."""

    field: str
    """`system`, `instruction`, `item`, `demonstrations`, `contract`, `decoding`, ..."""
    before: str
    after: str
    lines: tuple[str, ...]
    """Line by line: "- " gone, "+ " new, "  " the same."""


def diff_templates(before: PromptTemplate, after: PromptTemplate) -> tuple[FieldDifference, ...]:
    """Return the parts that differ, in the order they stand in the prompt; empty for equal prompts."""
    found = []
    for field in PromptTemplate.model_fields:
        old, new = _text(getattr(before, field)), _text(getattr(after, field))
        if old != new:
            found.append(FieldDifference(field=field, before=old, after=new, lines=_lines(old, new)))
    return tuple(found)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, BaseModel):
        return "\n".join(f"{name}: {_inline(getattr(value, name))}" for name in type(value).model_fields)
    if isinstance(value, tuple):
        return "\n".join(_inline(part) for part in value)
    return str(value)


def _inline(value: object) -> str:
    return value.model_dump_json() if isinstance(value, BaseModel) else str(value)


def _lines(before: str, after: str) -> tuple[str, ...]:
    # ndiff's "? " lines mark columns within a line; they mean nothing in a proportional font.
    compared = difflib.ndiff(before.split("\n"), after.split("\n"))
    return tuple(line for line in compared if not line.startswith("? "))
