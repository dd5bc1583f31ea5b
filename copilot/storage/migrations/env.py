"""Run by Alembic: applies migrations on the connection the caller gives, inside the caller's transaction."""

from typing import Any, Literal

from alembic import context

from copilot.storage import desk_tables  # noqa: F401 - its tables join the same metadata
from copilot.storage.columns import PlainText, UtcDateTime
from copilot.storage.tables import Base


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as what they are in the database: a migration must outlive our code."""
    if kind == "type" and isinstance(item, PlainText):
        return "sa.Text()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite alters a table by rebuilding it; with our own BEGIN its DDL rolls back like everything else.
    render_as_batch=True,
    transactional_ddl=True,
    render_item=render_item,
)
context.run_migrations()
