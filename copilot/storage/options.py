"""Free settings as JSON text."""

import json

from pydantic import JsonValue


def dump_options(options: dict[str, JsonValue]) -> str:
    """Return the settings as JSON text."""
    return json.dumps(options, ensure_ascii=True)


def load_options(text: str) -> dict[str, JsonValue]:
    """Return the settings that `dump_options` wrote."""
    options: dict[str, JsonValue] = json.loads(text)
    return options
