"""What goes wrong with a disk or a server is said in a sentence."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from copilot.domain.completion import Completion, Usage
from copilot.errors import StorageError, UserError
from copilot.storage import database as database_module
from copilot.storage.database import FILE_NAME, Database, open_database
from copilot.storage.ledger import DatabaseLedger


def _fill(ledger: DatabaseLedger, entries: int) -> int:
    for n in range(entries):
        ledger.put(f"{n}", Completion(text="x" * 2000, usage=Usage()), model="m")
    return entries


def test_a_full_disk_is_said_and_what_was_saved_stays(tmp_path: Path) -> None:
    opened = open_database(tmp_path)
    ledger = DatabaseLedger(opened)
    _fill(ledger, 3)
    # SQLite's own limit gives the very error of a full disk.
    ledger._connection._open().exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(StorageError, match=r"The disk that holds .*falconer\.db is full\. Free some space"):
        _fill(ledger, 200)
    opened.close()
    opened = open_database(tmp_path)
    assert DatabaseLedger(opened).get("2") is not None
    opened.close()


def test_a_write_that_the_system_refuses_is_said(tmp_path: Path) -> None:
    code = f"""
import resource, signal, sys
from copilot.errors import StorageError
from copilot.domain.completion import Completion, Usage
from copilot.storage.database import open_database
from copilot.storage.ledger import DatabaseLedger
ledger = DatabaseLedger(open_database({str(tmp_path)!r}))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    for n in range(10_000):
        ledger.put(str(n), Completion(text="x" * 500, usage=Usage()), model="m")
except StorageError as error:
    sys.exit(str(error))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("The disk that holds "), done.stderr


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("a shopping list, long enough to be no header of a database\n" * 20)
    with pytest.raises(StorageError, match="is not a Falconer database"):
        open_database(tmp_path)


def test_a_damaged_database(tmp_path: Path) -> None:
    opened = open_database(tmp_path)
    _fill(DatabaseLedger(opened), 50)
    opened.close()
    file = tmp_path / FILE_NAME
    data = bytearray(file.read_bytes())
    data[4096 : len(data)] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    with pytest.raises(StorageError, match="is damaged"):
        open_database(tmp_path)


def test_another_program_holds_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.2)
    opened = open_database(tmp_path)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked by another program"), opened.writing() as session:
        session.connection()
    with pytest.raises(StorageError, match="locked by another program"):
        _fill(DatabaseLedger(opened), 1)
    with opened.reading() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM completions").scalar() == 0
    other.close()
    opened.close()


def test_a_database_that_may_only_be_read(tmp_path: Path) -> None:
    open_database(tmp_path).close()
    url = f"sqlite:///{tmp_path / FILE_NAME}"
    opened = open_database(url)
    with pytest.raises(StorageError, match="may only be read"), opened.writing() as session:
        session.connection().exec_driver_sql("PRAGMA query_only = ON")
        session.connection().exec_driver_sql("DELETE FROM completions")
    opened.close()


def test_folders_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="is a file, not a folder"):
        open_database(tmp_path / "file")
    with pytest.raises(StorageError, match="is a file, not a folder"):
        open_database(tmp_path / "file" / "home")
    with pytest.raises(StorageError, match=r"is not there\. Create it"):
        open_database(f"sqlite:///{tmp_path}/none/x.db")
    made = open_database(tmp_path / "new" / "home")
    assert (tmp_path / "new" / "home" / FILE_NAME).exists()
    made.close()


@pytest.mark.parametrize("url", ["mysql://host/x", "sqlite://", "postgresql://host:port/x", "://"])
def test_urls_that_name_no_database(url: str) -> None:
    with pytest.raises(UserError, match=r"Write sqlite:///FILE or postgresql://"):
        open_database(url)


@pytest.mark.postgres
def test_a_server_that_is_not_there_or_refuses(postgres_url: str) -> None:
    with pytest.raises(StorageError, match="does not answer") as caught:
        open_database("postgresql://falconer:secret@127.0.0.1:9/x")
    assert "secret" not in str(caught.value)
    host = postgres_url.partition("?")[2]
    with pytest.raises(StorageError, match="no database of that name"):
        open_database(f"postgresql://falconer@/nowhere?{host}")
    with pytest.raises(StorageError, match="refuses this user"):
        open_database(f"postgresql://nobody@/postgres?{host}")


@pytest.mark.postgres
def test_a_postgres_that_may_only_be_read(postgres_url: str) -> None:
    opened = open_database(postgres_url, upgrade=True)
    with pytest.raises(StorageError, match="may only be read"), opened.writing() as session:
        session.connection().exec_driver_sql("SET TRANSACTION READ ONLY")
        session.connection().exec_driver_sql("DELETE FROM completions")
    opened.close()


def test_mistakes_in_our_own_code_are_not_dressed_up(database: Database) -> None:
    with pytest.raises(Exception, match="nonsense") as caught, database.reading() as session:
        session.connection().exec_driver_sql("SELECT * FROM nonsense")
    assert not isinstance(caught.value, StorageError)
    assert isinstance(caught.value, OperationalError) or not database.is_sqlite


def test_readers_and_writers_wait_for_each_other_instead_of_failing(database: Database) -> None:
    failures: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(25):
                with database.writing() as session:
                    connection = session.connection()
                    n = connection.exec_driver_sql("SELECT count(*) FROM datasets").scalar_one()
                    name = f"{threading.get_ident()}-{n}-{os.urandom(4).hex()}"
                    connection.exec_driver_sql(f"INSERT INTO datasets VALUES ('{name}', 1, '2026-01-01 00:00:00')")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.reading() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM datasets").scalar() == 100
