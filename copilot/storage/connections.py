"""Model servers the user has named; keys stay in the environment."""

from sqlmodel import Session, col, delete, select

from copilot.domain.saved import ModelConnection
from copilot.errors import ModelConfigError
from copilot.storage.columns import now
from copilot.storage.content import dump, load
from copilot.storage.datasets import upsert
from copilot.storage.tables import ModelConnectionRow


def save_connection(session: Session, *, connection: ModelConnection) -> None:
    """Save a connection; one of the same name is replaced."""
    row = {"name": connection.name, "kind": connection.kind, "content": dump(connection), "created_at": now()}
    statement = upsert(session, "model_connections")
    changed = {"kind": statement.excluded.kind, "content": statement.excluded.content}
    session.connection().execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed), row)


def find_connection(session: Session, *, name: str) -> ModelConnection | None:
    """Return a connection by its name, or None."""
    content = session.exec(select(ModelConnectionRow.content).where(ModelConnectionRow.name == name)).first()
    return None if content is None else load(ModelConnection, content)


def list_connections(session: Session) -> tuple[ModelConnection, ...]:
    """Return all connections by name."""
    query = select(ModelConnectionRow.content).order_by(col(ModelConnectionRow.name))
    return tuple(load(ModelConnection, content) for content in session.exec(query))


def delete_connection(session: Session, *, name: str) -> None:
    """Forget a connection.

    Raises:
        ModelConfigError: there is none of this name.
    """
    deleted = session.exec(delete(ModelConnectionRow).where(col(ModelConnectionRow.name) == name))
    if deleted.rowcount == 0:
        raise ModelConfigError(f"There is no model '{name}'. `falconer models list` shows what is there.")
