"""Brings a database's tables to this version, or says why not."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, inspect

from copilot.errors import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_SECONDS = 120
_ADVISORY_LOCK = 5_072_146_215
"""Any number that no other program uses; this one was drawn once."""


def revisions() -> tuple[str, ...]:
    """Return every revision this version knows, oldest first: the numbers in the migrations' file names."""
    return tuple(sorted(file.name[1:5] for file in (MIGRATIONS / "versions").glob("v*.py")))


def alembic_config(connection: Connection) -> "Config":
    """Return Alembic's configuration, made in code: an installed package has no alembic.ini.

    Args:
        connection: where migrations run; the caller owns its transaction.
    """
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def current_revision(engine: Engine, where: str) -> str | None:
    """Return the revision of the database's tables; None: there are none yet.

    Raises:
        StorageError: the tables are newer than this version, or not ours.
    """
    with engine.connect() as connection:
        found = inspect(connection)
        current = None
        if found.has_table("alembic_version"):
            current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if current is not None and current not in revisions():
            raise StorageError(
                f"The database {where} was made by a newer version of Falconer. "
                "Install that version, or put the backup that was made before the upgrade in its place."
            )
        if current is None and found.get_table_names():
            raise StorageError(
                f"The database {where} holds tables of another program, or lost the record of its version. "
                "Name an empty database, or put a backup in its place."
            )
    return current


def require_current(engine: Engine, where: str) -> None:
    """Refuse a database whose tables are older or newer than this version.

    Raises:
        StorageError: with the command to run.
    """
    current = current_revision(engine, where)
    if current != revisions()[-1]:
        state = "has no tables yet" if current is None else "was made by an older version"
        raise StorageError(f"The database {where} {state}. Back it up if it holds data, then run: falconer db upgrade")


def bring_up_to_date(engine: Engine, where: str) -> Path | None:
    """Upgrade the tables where they are older than this version; safe when several processes start at once.

    Returns:
        The backup, where one was made.

    Raises:
        StorageError: the database is newer than this version, or the upgrade failed and changed nothing.
    """
    if engine.dialect.name == "sqlite":
        return _upgrade_sqlite(engine, Path(where))
    if current_revision(engine, where) == revisions()[-1]:
        return None
    with engine.connect() as connection, connection.begin():
        # Held until the transaction ends: whoever comes second finds the work done.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        _apply(connection)
    return None


def _apply(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def _upgrade_sqlite(engine: Engine, file: Path) -> Path | None:
    if _is_wal(engine) and current_revision(engine, str(file)) == revisions()[-1]:
        return None
    try:
        with FileLock(f"{file}.lock", timeout=LOCK_SECONDS):
            _use_wal(engine)
            before = current_revision(engine, str(file))
            if before == revisions()[-1]:
                return None
            backup = _back_up(file, before) if before is not None else None
            with engine.connect() as connection:
                _migrate_sqlite(connection, file)
            return backup
    except Timeout as error:
        raise StorageError(
            f"Another process has been upgrading the database {file} for {LOCK_SECONDS} seconds. "
            "Wait until it is done and try again."
        ) from error


def _is_wal(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def _use_wal(engine: Engine) -> None:
    # The file remembers the mode. Changing it does not wait for other connections, hence under the lock, and it is
    # not possible inside a transaction, hence on the driver's connection.
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _migrate_sqlite(connection: Connection, file: Path) -> None:
    # With foreign keys on, rebuilding a table would silently delete the rows that point at it. The switch has no
    # effect inside a transaction, so it is set on the driver's connection before one begins.
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        with connection.execution_options(falconer_mode="write").begin():
            _apply(connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                tables = ", ".join(sorted({str(row[0]) for row in broken}))
                raise StorageError(
                    f"The database {file} was not upgraded and is unchanged: rows in {tables} would point nowhere. "
                    "Please report this; the former version of Falconer still works with it."
                )
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _back_up(file: Path, revision: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    target = file.with_name(f"{file.name}.backup-{revision}-{stamp}")
    part = target.with_name(target.name + ".part")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
    # Under its own name only when it is whole.
    part.replace(target)
    return target
