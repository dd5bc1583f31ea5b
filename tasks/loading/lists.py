"""Cells that stand for several values: lists, JSON lists, or texts with separators."""

import ast
import json

from tasks.loading.cells import Cell


def split_values(cell: Cell, *, separators: str) -> tuple[tuple[str, ...], str | None]:
    """Return the distinct, stripped values of a cell and the separator at which a text was divided, if one was.

    A list is taken as it is. A text that is a JSON or Python list is read as that list (of texts, or of objects with
    a `text`). Any other text is divided at the first of `separators` that it holds.
    """
    if isinstance(cell, list):
        return _distinct(cell), None
    text = cell.strip()
    listed = _literal(text) if text.startswith("[") and text.endswith("]") else None
    if listed is not None:
        return _distinct(listed), None
    for separator in separators:
        if separator in text:
            return _distinct(text.split(separator)), separator
    return _distinct([text]), None


def _literal(text: str) -> list[str] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None
    if not isinstance(value, list):
        return None
    items = [item.get("text", item.get("answer", "")) if isinstance(item, dict) else item for item in value]
    return ["" if item is None else str(item) for item in items]


def _distinct(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stripped for value in values if (stripped := value.strip())))
