"""Every command and every line of Python shown in the documents is one that the product understands."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

import copilot
from copilot.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [page for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")) if page.parent.name != "reference"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[tuple[str, str]]:
    found = []
    for page in sorted(PAGES):
        for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
            if block[1] == language:
                found.append((str(page.relative_to(ROOT)), block[2]))
    return found


def commands() -> Iterator[tuple[str, str]]:
    for page, code in blocks("sh"):
        for line in code.replace("\\\n", " ").splitlines():
            if line.startswith("falconer "):
                yield page, line


def parse(line: str) -> None:
    """Parse one line as the command line would, without doing anything."""
    words = shlex.split(line.split("|")[0], comments=True)[1:]
    command = typer.main.get_command(app)
    while isinstance(command, TyperGroup):
        found = command.get_command(typer.Context(command), words[0])
        assert found is not None, f"there is no command '{words[0]}'"
        command, words = found, words[1:]
    command.make_context(command.name, words)


def test_there_are_examples() -> None:
    assert len(list(commands())) > 15
    assert len(blocks("python")) > 5


@pytest.mark.parametrize(("page", "line"), [pytest.param(*found, id=" ".join(found)) for found in commands()])
def test_commands_are_understood(page: str, line: str) -> None:
    parse(line)


def test_a_wrong_command_would_be_noticed() -> None:
    with pytest.raises(Exception, match="No such option"):
        parse("falconer improve task.yaml --no-such-option")
    with pytest.raises(AssertionError, match="no command 'improv'"):
        parse("falconer improv task.yaml")


@pytest.mark.parametrize(("page", "code"), [pytest.param(*found, id=found[0]) for found in blocks("python")])
def test_python_names_what_there_is(page: str, code: str) -> None:
    for node in ast.walk(ast.parse(code, filename=page)):
        if isinstance(node, ast.ImportFrom) and node.module == "copilot":
            missing = [alias.name for alias in node.names if alias.name not in copilot.__all__]
            assert not missing, f"{page}: copilot has no {', '.join(missing)}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "copilot":
            assert hasattr(copilot.Copilot, node.attr), f"{page}: Copilot has no {node.attr}"
