"""A private PostgreSQL server, and the same database tests on both kinds of database."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

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


@contextmanager
def _created(server: str, *, template: str = "template1") -> Iterator[str]:
    """Make a database of its own for a while; give its URL."""
    host = server.split()[0].removeprefix("host=")
    name = f"test_{os.urandom(6).hex()}"
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        yield f"postgresql://falconer@/{name}?host={host}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the URL of an empty database of its own."""
    with _created(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server: str) -> Iterator[str]:
    """Make the tables of this version once; give the name of the database to copy."""
    with _created(postgres_server) as url:
        open_database(url, upgrade=True).close()
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture(scope="session")
def home_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tables of this version once; give the home to copy."""
    home = tmp_path_factory.mktemp("home_with_tables")
    open_database(home, upgrade=True).close()
    return home


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give an empty database of this version, of each kind in turn."""
    with ExitStack() as stack:
        target: Path | str = tmp_path
        if request.param == "sqlite":
            shutil.copytree(request.getfixturevalue("home_with_tables"), tmp_path, dirs_exist_ok=True)
        else:
            server, template = map(request.getfixturevalue, ("postgres_server", "postgres_with_tables"))
            target = stack.enter_context(_created(server, template=template))
        opened = open_database(target)
        yield opened
        opened.close()
