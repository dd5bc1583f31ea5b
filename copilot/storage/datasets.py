"""Tasks and their examples, saved once for each version.

Functions of this package take the session first; the caller owns its transaction.
"""

import hashlib

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from copilot.errors import StorageError
from copilot.storage.columns import now
from copilot.storage.content import dump, load
from copilot.storage.tables import Base, DatasetRow, ExampleRow, TaskRow
from tasks.model import Dataset, Example, Task


def upsert(session: Session, table: str) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT for this database's dialect, which can be told what to do on a conflict."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return (sqlite.insert if is_sqlite else postgresql.insert)(Base.metadata.tables[table])


def save_task(session: Session, *, task: Task) -> str:
    """Save a task unless the same is there; return its id, the hash of its content."""
    content = dump(task)
    task_id = hashlib.sha256(content.encode()).hexdigest()[:16]
    row = {"id": task_id, "name": task.name, "kind": task.kind, "content": content, "created_at": now()}
    session.connection().execute(upsert(session, "tasks").on_conflict_do_nothing(), row)
    return task_id


def get_task(session: Session, *, task_id: str) -> Task:
    """Return a saved task.

    Raises:
        StorageError: there is none with this id.
    """
    content = session.exec(select(TaskRow.content).where(TaskRow.id == task_id)).first()
    if content is None:
        raise StorageError(f"The task {task_id} is not in the database. Was its run deleted?")
    return load(Task, content)


def save_dataset(session: Session, *, dataset: Dataset) -> str:
    """Save examples unless the same are there; return their version."""
    row = {"version": dataset.version, "n": len(dataset.examples), "created_at": now()}
    statement = upsert(session, "datasets").on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    inserted = session.connection().execute(statement, row)
    if inserted.rowcount == 1 and dataset.examples:
        rows = [
            {"dataset_version": row["version"], "position": n, "example_id": example.id, "content": dump(example)}
            for n, example in enumerate(dataset.examples)
        ]
        session.connection().execute(upsert(session, "examples"), rows)
    return dataset.version


def get_dataset(session: Session, *, version: str) -> Dataset:
    """Return saved examples in their order.

    Raises:
        StorageError: this version is not saved.
    """
    if session.get(DatasetRow, version) is None:
        raise StorageError(f"The examples of version {version} are not in the database.")
    query = select(ExampleRow.content).where(ExampleRow.dataset_version == version).order_by(col(ExampleRow.position))
    return Dataset(examples=tuple(load(Example, content) for content in session.exec(query)))


def find_example(session: Session, *, version: str, example_id: str) -> Example | None:
    """Return one example of a saved version, or None."""
    query = select(ExampleRow.content).where(ExampleRow.dataset_version == version, ExampleRow.example_id == example_id)
    content = session.exec(query).first()
    return None if content is None else load(Example, content)
