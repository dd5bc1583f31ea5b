"""A private PostgreSQL server, and the same database tests on both kinds of database."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from copilot.storage.database import Database, open_database


def _binaries() -> Path:
    """Return the folder of the server's programs, which Debian keeps off the PATH."""
    if shutil.which("pg_config"):
        folder = Path(subprocess.check_output(["pg_config", "--bindir"], text=True).strip())
        if (folder / "initdb").exists():
            return folder
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    if installed:
        return installed[-1].parent
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    pytest.fail("PostgreSQL's programs are not installed: apt-get install postgresql, or run the tests by dev.py test.")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start a throwaway server on a Unix socket; give the URL prefix to which a database's name is added."""
    binaries = _binaries()
    # A socket's path is limited to 107 bytes, which pytest's own temporary folders may exceed.
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as name:
        folder, data = Path(name), Path(name) / "data"
        user = None
        if os.geteuid() == 0:
            # The server refuses to run as root.
            user = "postgres"
            shutil.chown(folder, user)

        def call(program: str, *arguments: str) -> None:
            with (folder / "errors").open("ab") as errors:
                done = subprocess.run(
                    [binaries / program, *arguments],
                    user=user,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=errors,
                    stderr=errors,
                    check=False,
                )
            if done.returncode:
                pytest.fail(f"{program} failed: {(folder / 'errors').read_text()}")

        call("initdb", "-D", str(data), "-U", "falconer", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        call("pg_ctl", "start", "-w", "-D", str(data), "-l", str(folder / "log"), "-o", options)
        try:
            yield f"host={folder} user=falconer"
        finally:
            call("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(data))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the URL of an empty database of its own."""
    host = postgres_server.split()[0].removeprefix("host=")
    name = f"test_{os.urandom(6).hex()}"
    with psycopg.connect(f"{postgres_server} dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield f"postgresql://falconer@/{name}?host={host}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give an empty database of this version, of each kind in turn."""
    target = tmp_path if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = open_database(target, upgrade=True)
    yield opened
    opened.close()
