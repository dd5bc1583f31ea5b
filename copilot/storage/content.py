"""Domain objects as JSON text and back, exactly."""

import json
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from copilot.domain.sheets import Cell

Model = TypeVar("Model", bound=BaseModel)
Union = TypeVar("Union")


def dump(model: BaseModel, *, compact: bool = False) -> str:
    """Return the object as JSON text; `compact` leaves out what equals its default.

    Half of a surrogate pair, which a model's answer may end with, is not UTF-8: it is kept as an escape.
    """
    try:
        return model.model_dump_json(exclude_defaults=compact)
    except PydanticSerializationError:
        return json.dumps(model.model_dump(exclude_defaults=compact), default=str)


def load(kind: type[Model], text: str) -> Model:
    """Return the object that `dump` wrote."""
    try:
        return kind.model_validate_json(text)
    except ValidationError:
        return kind.model_validate(json.loads(text))


def load_one_of(kinds: TypeAdapter[Union], text: str) -> Union:
    """Return the object that `dump` wrote, of one of several kinds."""
    try:
        return kinds.validate_json(text)
    except ValidationError:
        return kinds.validate_python(json.loads(text))


def dump_cells(rows: Sequence[dict[str, Cell]]) -> str:
    """Return rows of cells as JSON text."""
    text = json.dumps(list(rows), ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(list(rows))
    return text


def load_cells(text: str) -> list[dict[str, Cell]]:
    """Return the rows that `dump_cells` wrote."""
    rows: list[dict[str, Cell]] = json.loads(text)
    return rows
