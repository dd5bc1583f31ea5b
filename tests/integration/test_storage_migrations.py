"""Migrations: from empty they give the tables that the code expects, and they lose nothing on the way."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect

from copilot.errors import StorageError
from copilot.storage import upgrade
from copilot.storage.database import FILE_NAME, Database, open_database
from copilot.storage.tables import Base


def _described(engine: Engine) -> dict[str, Any]:
    """Describe every table by what the database itself says of it."""
    found = inspect(engine)
    return {
        name: {
            "columns": _sorted({**column, "type": str(column["type"])} for column in found.get_columns(name)),
            "primary": found.get_pk_constraint(name),
            "foreign": _sorted(found.get_foreign_keys(name)),
            "indexes": _sorted(found.get_indexes(name)),
            "unique": _sorted(found.get_unique_constraints(name)),
            "checks": _sorted(found.get_check_constraints(name)),
        }
        for name in set(found.get_table_names()) - {"alembic_version"}
    }


def _sorted(parts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return sorted((dict(part) for part in parts), key=lambda part: str(part["name"]))


def test_migrations_from_empty_equal_the_metadata(database: Database, request: pytest.FixtureRequest) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    migrated = _described(database.engine)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
        Base.metadata.drop_all(connection)
        Base.metadata.create_all(connection)
    assert migrated == _described(database.engine)
    assert set(migrated) == set(Base.metadata.tables)


def test_file_names_tell_the_revisions_that_alembic_knows() -> None:
    with create_engine("sqlite://").connect() as connection:
        script = ScriptDirectory.from_config(upgrade.alembic_config(connection))
    assert [revision.revision for revision in script.walk_revisions()][::-1] == list(upgrade.revisions())


def _add_revision(monkeypatch: pytest.MonkeyPatch, folder: Path, body: str) -> None:
    """Copy the migrations to a folder and add one, as a later version of the product would have."""
    copy = folder / "migrations"
    if not copy.exists():
        subprocess.run(["cp", "-r", str(upgrade.MIGRATIONS), str(copy)], check=True)
    number = f"{int(upgrade.revisions()[-1]) + 1:04}"
    lines = [
        "from alembic import op",
        "import sqlalchemy as sa",
        f"revision, down_revision = '{number}', '{upgrade.revisions()[-1]}'",
        "def upgrade():",
        *(f"    {line}" for line in body.splitlines()),
    ]
    (copy / "versions" / f"v{number}_later.py").write_text("\n".join(lines))
    monkeypatch.setattr(upgrade, "MIGRATIONS", copy)


def _with_children(home: Path) -> None:
    opened = open_database(home)
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO datasets VALUES ('v1', 1, '2026-01-01 00:00:00')")
        connection.exec_driver_sql("INSERT INTO examples VALUES ('v1', 0, 'row-1', '{}')")
    opened.close()


def test_rebuilding_a_table_keeps_the_rows_that_point_at_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_children(tmp_path)
    before = upgrade.revisions()[-1]
    body = (
        "with op.batch_alter_table('datasets', recreate='always') as batch:\n"
        "    batch.add_column(sa.Column('title', sa.Text(), nullable=False, server_default=''))"
    )
    _add_revision(monkeypatch, tmp_path, body)
    opened = open_database(tmp_path)
    with opened.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT example_id FROM examples").scalars().all() == ["row-1"]
        assert connection.exec_driver_sql("SELECT title FROM datasets").scalar() == ""
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    opened.close()
    [backup] = tmp_path.glob(f"{FILE_NAME}.backup-{before}-*")
    with sqlite3.connect(backup) as old:
        assert old.execute("SELECT count(*) FROM examples").fetchone() == (1,)
        assert old.execute("SELECT version_num FROM alembic_version").fetchone() == (before,)
    old.close()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("op.drop_table('events')\nop.execute('DELETE FROM datasets')", "would point nowhere"),
        ("op.drop_table('events')\nraise ValueError('broken')", "broken"),
    ],
)
def test_a_failed_upgrade_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, message: str
) -> None:
    _with_children(tmp_path)
    file = sqlite3.connect(tmp_path / FILE_NAME)
    before = sorted(file.execute("SELECT name, sql FROM sqlite_master").fetchall(), key=str)
    with monkeypatch.context() as later:
        _add_revision(later, tmp_path, body)
        with pytest.raises((StorageError, ValueError), match=message):
            open_database(tmp_path)
    after = sorted(file.execute("SELECT name, sql FROM sqlite_master").fetchall(), key=str)
    file.close()
    assert after == before
    open_database(tmp_path).close()


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="newer version of Falconer"):
        upgrade.bring_up_to_date(database.engine, database.where)


def test_tables_of_another_program_are_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as file:
        file.execute("CREATE TABLE runs (id)")
    file.close()
    with pytest.raises(StorageError, match="another program"):
        open_database(tmp_path)


def test_processes_that_start_at_once_upgrade_once(tmp_path: Path) -> None:
    code = "import sys; from copilot.storage.database import open_database; open_database(sys.argv[1])"
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], errors
    opened = open_database(tmp_path)
    assert upgrade.current_revision(opened.engine, opened.where) == upgrade.revisions()[-1]
    opened.close()


@pytest.mark.postgres
def test_postgres_is_upgraded_by_command_only_and_once(postgres_url: str) -> None:
    with pytest.raises(StorageError, match=r"has no tables yet.*falconer db upgrade"):
        open_database(postgres_url)
    failures: list[BaseException] = []

    def start() -> None:
        try:
            open_database(postgres_url, upgrade=True).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    open_database(postgres_url).close()
