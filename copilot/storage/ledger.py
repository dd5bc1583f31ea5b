"""The ledger of completions in the database."""

import sqlite3
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from sqlalchemy import Connection, CursorResult, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import ClauseElement
from sqlmodel import col, select

from copilot.domain.completion import Completion
from copilot.storage.columns import now
from copilot.storage.content import dump, load
from copilot.storage.database import Database
from copilot.storage.failures import translated
from copilot.storage.tables import CompletionRow

CACHED = 4096
"""Completions kept in memory; a few megabytes."""

_SELECT = select(CompletionRow.content).where(col(CompletionRow.key) == bindparam("key"))
_COLUMNS = ("key", "model", "content", "created_at")


class _Prepared:
    """A statement in the database's own words: putting it together anew costs more than running it."""

    def __init__(self, statement: ClauseElement, database: Database, names: tuple[str, ...]) -> None:
        dialect = database.engine.dialect
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        self.text = str(compiled)
        self._by_position = database.is_sqlite
        table = CompletionRow.metadata.tables["completions"]
        self._convert = {name: table.columns[name].type.bind_processor(dialect) for name in names}

    def parameters(self, row: Mapping[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        """Return a row's values as the driver takes them."""
        values = {name: convert(row[name]) if convert else row[name] for name, convert in self._convert.items()}
        return tuple(values.values()) if self._by_position else values


class DatabaseLedger:
    """Implements `copilot.domain.ledger.Ledger`; may be shared by threads.

    Every `put` is a transaction of its own on a connection that is kept: a killed process loses none, and other
    processes wait at most for one small write. The first answer to a request stays, whoever else writes one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._connection: Connection | None = None
        self._recent: OrderedDict[str, Completion] = OrderedDict()
        insert = sqlite.insert if database.is_sqlite else postgresql.insert
        statement = insert(CompletionRow).on_conflict_do_nothing(index_elements=["key"])
        self._insert = _Prepared(statement, database, _COLUMNS)
        self._select = _Prepared(_SELECT, database, ("key",))

    def get(self, key: str) -> Completion | None:
        """Return the stored completion, or None.

        Raises:
            StorageError: the database cannot be read.
        """
        with self._lock:
            if key in self._recent:
                self._recent.move_to_end(key)
                return self._recent[key]
            found = self._execute(self._select, {"key": key}).fetchone()
            if found is None:
                return None
            completion = load(Completion, found[0])
            self._remember(key, completion)
            return completion

    def put(self, key: str, completion: Completion, *, model: str) -> None:
        """Store a completion; a key that is there already is left as it is.

        Raises:
            StorageError: the database cannot be written.
        """
        row = {"key": key, "model": model, "content": dump(completion, compact=True), "created_at": now()}
        with self._lock:
            if key in self._recent:
                return
            if self._execute(self._insert, row).rowcount == 1:
                self._remember(key, completion)

    def close(self) -> None:
        """Give the connection back; the ledger opens another when it is used again."""
        with self._lock:
            self._drop()

    def _execute(self, statement: _Prepared, row: Mapping[str, Any]) -> CursorResult[Any] | sqlite3.Cursor:
        parameters = statement.parameters(row)
        with translated(self._database.where):
            if isinstance(driver := self._open().connection.driver_connection, sqlite3.Connection):
                # Twice per evaluation: without the layers between, which only a server's connections need.
                return driver.execute(statement.text, parameters)
            try:
                return self._open().exec_driver_sql(statement.text, parameters)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                # The server hung up while the connection lay idle: once more on a fresh one.
                self._drop()
                return self._open().exec_driver_sql(statement.text, parameters)

    def _open(self) -> Connection:
        if self._connection is None:
            opened = self._database.connect_autocommitting()
            self._connection = opened.execution_options(preserve_rowcount=True)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _remember(self, key: str, completion: Completion) -> None:
        self._recent[key] = completion
        if len(self._recent) > CACHED:
            self._recent.popitem(last=False)
