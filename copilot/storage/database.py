"""Opens the database: SQLite in FALCONER_HOME by default, PostgreSQL by URL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session, create_engine

from copilot.errors import StorageError, UserError
from copilot.storage.failures import folder_sentence, translated
from copilot.storage.upgrade import bring_up_to_date, require_current

FILE_NAME = "falconer.db"
BUSY_SECONDS = 15
_MODE = "falconer_mode"


class Database:
    """An open database. Reading and writing happen in sessions whose transaction the caller owns."""

    def __init__(self, engine: Engine, *, where: str) -> None:
        self.engine = engine
        self.where = where
        """The file, or the URL without its password: for messages."""
        self._kept: list[Connection] = []
        self._writing = engine.execution_options(**{_MODE: "write"})

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session on one consistent view of the data; nothing it does is kept.

        Raises:
            StorageError: the database cannot be used; the message says why and what to do.
        """
        with translated(self.where), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session whose changes are committed at the end, all or none.

        Raises:
            StorageError: the database cannot be used; the message says why and what to do.
        """
        with translated(self.where), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def connect_autocommitting(self) -> Connection:
        """Return a connection on which every statement is a transaction of its own; `close` closes it, too."""
        if self.is_sqlite:
            connection = self.engine.connect().execution_options(**{_MODE: "autocommit"})
        else:
            connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._kept.append(connection)
        return connection

    def close(self) -> None:
        """Close all connections."""
        while self._kept:
            self._kept.pop().close()
        self.engine.dispose()


def open_database(target: str | Path, *, upgrade: bool | None = None) -> Database:
    """Open the database and make sure that its tables are those of this version.

    Args:
        target: a folder (FALCONER_HOME; made where it is missing), or a URL: `sqlite:///FILE`,
            `postgresql://USER:PASSWORD@HOST/DATABASE`.
        upgrade: bring older tables up to date. None: yes for SQLite, which is backed up first; no for PostgreSQL,
            where it is the operator's decision.

    Raises:
        StorageError: the database cannot be used or belongs to another version.
        UserError: the URL cannot be read.
    """
    url = _url(target)
    where = str(url.database)
    if url.get_backend_name() != "sqlite":
        where = url.set(drivername="postgresql").render_as_string(hide_password=True)
    database = Database(_engine(url), where=where)
    try:
        with translated(where):
            if upgrade if upgrade is not None else database.is_sqlite:
                bring_up_to_date(database.engine, where)
            else:
                require_current(database.engine, where)
    except BaseException:
        database.close()
        raise
    return database


def _url(target: str | Path) -> URL:
    if isinstance(target, str) and "://" in target:
        return _parsed(target)
    folder = Path(target).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(folder_sentence(error, folder)) from error
    return URL.create("sqlite", database=str(folder / FILE_NAME))


def _parsed(text: str) -> URL:
    help_ = "Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise UserError(f"The database URL cannot be read. {help_}") from error
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise UserError(f"Databases of the kind '{url.drivername}' are not supported. {help_}")
    if url.drivername == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise UserError(f"The database URL names no file. {help_}")
        file = Path(str(url.database)).expanduser().absolute()
        if not file.parent.is_dir():
            raise StorageError(f"The folder {file.parent} is not there. Create it, or correct the database URL.")
        return url.set(database=str(file))
    return url


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": BUSY_SECONDS})
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own implicit transactions leave DDL outside; ours begin in `_begin_sqlite`.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get(_MODE)
    if mode == "autocommit":
        return
    # A transaction that reads first and writes later fails at once when another has written in between;
    # one that is known to write therefore waits for its turn at the start.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if mode == "write" else "BEGIN")
