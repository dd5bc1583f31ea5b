"""`falconer app`: the web application, in a process of its own."""

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from copilot.errors import UserError


def web(
    host: Annotated[str, typer.Option("--host", help="Where to listen; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Without it, 8501 or the next free one.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")] = True,
) -> None:
    """Open the web application, with a sample task at its first start, until Ctrl-C."""
    if find_spec("app.server") is None:
        raise UserError("The web application is not installed here; install the whole of Falconer.")
    # -P: the folder that this is called in may have a module `app` of its own.
    command = [sys.executable, "-P", "-m", "app.server", "--host", host]
    command += [] if port is None else ["--port", str(port)]
    command += [] if browser else ["--no-browser"]
    sys.stdout.flush()
    if os.name == "posix":
        # Many threads that each do little would keep a heap of their own each, which glibc seldom gives back.
        os.environ.setdefault("MALLOC_ARENA_MAX", "2")
        # This process becomes the server: no second one waits in memory, and every signal reaches it.
        os.execv(command[0], command)
    raise typer.Exit(subprocess.call(command))
