"""Small statements that are run for every call of a model, each a transaction of its own."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import ClauseElement

from copilot.storage.database import Database
from copilot.storage.failures import translated


class Prepared:
    """A statement in the database's own words: putting it together anew costs more than running it.

    Args:
        statement: with a parameter for each name.
        database: where it runs.
        table: whose columns the parameters are.
        names: of the parameters, in the order in which the statement has them.
    """

    def __init__(self, statement: ClauseElement, database: Database, *, table: Table, names: tuple[str, ...]) -> None:
        dialect = database.engine.dialect
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        self.text = str(compiled)
        self._by_position = database.is_sqlite
        self._convert = {name: table.columns[name].type.bind_processor(dialect) for name in names}

    def parameters(self, row: Mapping[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        """Return a row's values as the driver takes them."""
        values = {name: convert(row[name]) if convert else row[name] for name, convert in self._convert.items()}
        return tuple(values.values()) if self._by_position else values


class KeptConnection:
    """A connection that is opened when it is needed and kept; every statement is a transaction of its own.

    A killed process loses none, and other processes wait at most for one small write. Not for two threads at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def execute(self, statement: Prepared, row: Mapping[str, Any]) -> CursorResult[Any] | sqlite3.Cursor:
        """Run a statement.

        Raises:
            StorageError: the database cannot be used.
        """
        parameters = statement.parameters(row)
        with translated(self._database.where):
            if isinstance(driver := self._open().connection.driver_connection, sqlite3.Connection):
                # Several times per evaluation: without the layers between, which only a server's connections need.
                return driver.execute(statement.text, parameters)
            try:
                return self._open().exec_driver_sql(statement.text, parameters)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                # The server hung up while the connection lay idle: once more on a fresh one.
                self.close()
                return self._open().exec_driver_sql(statement.text, parameters)

    def close(self) -> None:
        """Give the connection back; another is opened when it is used again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> Connection:
        if self._connection is None:
            opened = self._database.connect_autocommitting()
            self._connection = opened.execution_options(preserve_rowcount=True)
        return self._connection
