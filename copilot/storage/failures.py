"""Translates what SQLite and PostgreSQL raise into sentences, once."""

import errno
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from sqlalchemy.exc import DBAPIError, IntegrityError

from copilot.errors import StorageError

if TYPE_CHECKING:
    import psycopg

_ALMOST_FULL = 1024 * 1024
_ROOM = "Free some space there, or set FALCONER_HOME to a folder on another disk; what was saved so far is safe."
_SQLITE = {
    sqlite3.SQLITE_FULL: "The disk that holds {where} is full. " + _ROOM,
    sqlite3.SQLITE_READONLY: (
        "The database {where} may only be read. Give yourself the right to write to the file and its folder, "
        "or set FALCONER_HOME to another folder."
    ),
    sqlite3.SQLITE_BUSY: (
        "The database {where} has been locked by another program for too long. "
        "Close what else has it open (a database browser, a backup, a synchronised folder) and try again."
    ),
    sqlite3.SQLITE_LOCKED: "The database {where} is locked by another part of this program. Try again.",
    sqlite3.SQLITE_CANTOPEN: (
        "The database {where} cannot be opened. Check that the folder is there and that you may write to it."
    ),
    sqlite3.SQLITE_NOTADB: (
        "{where} is not a Falconer database. Move the file away, or put a backup (falconer.db.backup-...) in its place."
    ),
    sqlite3.SQLITE_CORRUPT: (
        "The database {where} is damaged. Put a backup (falconer.db.backup-...) in its place, or move the file away "
        "to begin with an empty one."
    ),
    sqlite3.SQLITE_IOERR: "The disk that holds {where} reports an error. Check the disk and its free space.",
    sqlite3.SQLITE_PERM: "You may not use the database {where}. Check the rights of the file and its folder.",
    sqlite3.SQLITE_AUTH: "You may not use the database {where}. Check the rights of the file and its folder.",
}
_POSTGRES = {
    "08": "The connection to the database {where} was lost. Check that the server runs and try again.",
    "28": "The database {where} refuses this user or password. Check the database URL.",
    "3D": "The server has no database of that name: {where}. Create it, or correct the database URL.",
    "42501": "This user may not do that in the database {where}. Grant it the rights to its schema and tables.",
    "53100": "The disk of the database server {where} is full. Free some space there and try again.",
    "53300": "The database server {where} has no connection left. Stop a worker, or raise max_connections.",
    "53": "The database server {where} is short of memory or connections. Try again later.",
    "25006": "The database {where} may only be read; perhaps the URL names a standby server.",
    "55P03": "A table of the database {where} was locked for too long. Try again.",
    "57014": "The database {where} took too long to answer. Try again.",
    "57P": "The database server {where} is starting or shutting down. Try again in a moment.",
}


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn a database's own errors into `StorageError`; programming errors pass through.

    Args:
        where: the file, or the URL without its password.
    """
    try:
        yield
    except (IntegrityError, sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except DBAPIError as error:
        _raise_sentence(error.orig or error, where, cause=error)
    except sqlite3.Error as error:
        _raise_sentence(error, where, cause=error)
    except Exception as error:
        if not _of_postgres(error, "Error") or _of_postgres(error, "IntegrityError", "ProgrammingError"):
            raise
        _raise_sentence(error, where, cause=error)


def _of_postgres(error: BaseException, *kinds: str) -> "TypeGuard[psycopg.Error]":
    """Tell whether the driver raised an error of one of these kinds.

    It takes 10 MB, so it is not loaded for this question: what was never loaded raised nothing.
    """
    driver = sys.modules.get("psycopg")
    return driver is not None and isinstance(error, tuple(getattr(driver, kind) for kind in kinds))


def _raise_sentence(original: BaseException, where: str, *, cause: Exception) -> None:
    sentence = None
    if isinstance(original, sqlite3.Error):
        sentence = _sqlite_sentence(original, where)
    elif _of_postgres(original, "Error"):
        sentence = _postgres_sentence(original)
    if sentence is None:
        raise cause
    raise StorageError(sentence.format(where=where)) from cause


def _sqlite_sentence(error: sqlite3.Error, where: str) -> str | None:
    # The low byte is the kind of error; the rest says in which system call.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _is_full(where):
        code = sqlite3.SQLITE_FULL
    return _SQLITE.get(code)


def _is_full(where: str) -> bool:
    try:
        return shutil.disk_usage(Path(where).parent).free < _ALMOST_FULL
    except OSError:
        return False


def _postgres_sentence(error: "psycopg.Error") -> str | None:
    state = error.sqlstate
    if state is None:
        if not _of_postgres(error, "OperationalError"):
            return None
        # The driver says the reason on the last line, without a code, where no connection came about.
        text = str(error)
        if "password" in text or "role" in text:
            return _POSTGRES["28"]
        if "database" in text and "does not exist" in text:
            return _POSTGRES["3D"]
        return "The database server {where} does not answer. Check that it runs and that the URL is right."
    for length in (5, 3, 2):
        if state[:length] in _POSTGRES:
            return _POSTGRES[state[:length]]
    return None


def folder_sentence(error: OSError, folder: Path) -> str:
    """Say why a folder for the database cannot be made or used."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk that holds {folder} is full. {_ROOM}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"The folder {folder} may not be written to. Change its rights, or set FALCONER_HOME to another folder."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"{folder} is a file, not a folder. Set FALCONER_HOME to a folder."
    return f"The folder {folder} cannot be used ({error.strerror}). Set FALCONER_HOME to another folder."
