"""Choices made in the browser, one row each."""

import json
from collections.abc import Mapping

from pydantic import JsonValue
from sqlmodel import Session, select

from copilot.storage.datasets import upsert
from copilot.storage.desk_tables import SettingRow


def load_choices(session: Session) -> dict[str, JsonValue]:
    """Return all choices by name."""
    return {row.name: json.loads(row.content) for row in session.exec(select(SettingRow))}


def save_choices(session: Session, *, choices: Mapping[str, JsonValue]) -> None:
    """Save choices; others stay as they are."""
    statement = upsert(session, "settings")
    replace = statement.on_conflict_do_update(index_elements=["name"], set_={"content": statement.excluded.content})
    for name, value in choices.items():
        session.connection().execute(replace, {"name": name, "content": json.dumps(value)})
