"""What all commands share: options, where text and JSON go, and the installation they work on."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copilot.errors import CopilotError, StorageError, UserError

if TYPE_CHECKING:
    from rich.console import Console

    from copilot.service.sdk import Copilot

Model = Annotated[str | None, typer.Option("--model", metavar="NAME|URL", help="Does the task.")]
CopilotModel = Annotated[str | None, typer.Option("--copilot-model", metavar="NAME|URL", help="Proposes prompts.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
JsonFile = Annotated[str | None, typer.Option("--json", metavar="FILE|-", help="Write the result; - prints it.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="NAME=COLUMN", help="Which column holds what, where the names do not tell."),
]

_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but for tab and line break, and those that reverse the direction of writing."""


class Interrupted(CopilotError):
    """Ctrl-C; the sentence says how to go on."""

    exit_code = 130


class Told(Exception):
    """The command has told why it refuses; only the exit code is left."""


def wants_json() -> bool:
    """Whether the command line asks for JSON; told from it directly, since it may not have been understood."""
    return any(argument == "--json" or argument.startswith("--json=") for argument in sys.argv[1:])


@contextmanager
def installation(*, model: str | None = None, copilot_model: str | None = None) -> "Iterator[Copilot]":
    """Open the installation for one command."""
    from copilot.service.sdk import Copilot

    with Copilot(model=model, copilot_model=copilot_model) as copilot:
        yield copilot


def console(*, errors: bool = False) -> "Console":
    """Return where people read: results on standard output, everything about the way there on standard error."""
    from rich.console import Console

    return Console(stderr=errors, highlight=False, soft_wrap=not (sys.stderr if errors else sys.stdout).isatty())


def column_mapping(options: list[str] | None) -> dict[str, str]:
    """Return what `--column NAME=COLUMN` options say.

    Raises:
        UserError: one has no equals sign.
    """
    found = {}
    for option in options or ():
        name, equals, column = option.partition("=")
        if not equals or not name.strip() or not column.strip():
            raise UserError(f"'--column {option}' is not understood; write it as in --column text=Message.")
        found[name.strip()] = column.strip()
    return found


def clean(text: str) -> str:
    """Return untrusted text without what a terminal would obey."""
    return _OBEYED.sub("\ufffd", text)


def write_text(text: str) -> None:
    """Write text that must arrive unchanged, such as a file's contents."""
    sys.stdout.write(text)


def say(text: str, *, errors: bool = False) -> None:
    """Write a line of plain text; nothing in it is taken for markup."""
    (sys.stderr if errors else sys.stdout).write(clean(text) + "\n")


def write_json(content: Any, target: str | None = "-") -> None:
    """Write JSON to standard output (`-`) or, whole or not at all, to a file.

    Raises:
        StorageError: the file cannot be written.
    """
    text = json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n"
    if target in (None, "-"):
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    path = Path(str(target)).expanduser()
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", errors="backslashreplace")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageError(f"The result cannot be written to {path}: {error.strerror or error}.") from error


def require_writable(path: str | None, *, what: str) -> None:
    """Refuse a file that cannot be written before anything is spent for it.

    Raises:
        UserError: its folder is missing, or it is a folder.
    """
    if path in (None, "-"):
        return
    file = Path(str(path)).expanduser()
    if file.is_dir():
        raise UserError(f"{file} is a folder; name a file for {what}.")
    if not file.absolute().parent.is_dir():
        raise UserError(f"There is no folder {file.absolute().parent} for {what}. Create it, or name another file.")
