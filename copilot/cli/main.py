"""Starts a command, and turns whatever goes wrong into one sentence and an exit code."""

import errno
import json
import os
import sys
from typing import NoReturn

from copilot.cli.app import app
from copilot.cli.output import Interrupted, Told, wants_json
from copilot.errors import CopilotError, UserError

INTERRUPTED = 130
DEBUG_VARIABLE = "FALCONER_DEBUG"


def main() -> None:
    """Run the command of this process's arguments.

    The exit code is 0, or 2 where the user can mend it, 130 after Ctrl-C, 1 for everything else.
    """
    for stream in (sys.stdout, sys.stderr):
        # A lone surrogate in somebody's data must not end a command that has done its work.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
        sys.stdout.flush()
    except Interrupted as error:
        _fail(str(error), INTERRUPTED, error)
    except Told:
        sys.exit(UserError.exit_code)
    except CopilotError as error:
        _fail(str(error), error.exit_code, error)
    except KeyboardInterrupt as error:
        _fail("Interrupted.", INTERRUPTED, error)
    except BrokenPipeError:
        _quiet()
        sys.exit(1)
    except OSError as error:
        _fail(_os_sentence(error), 1, error)
    except SystemExit as error:
        if error.code == UserError.exit_code and wants_json():
            _write_json("The command line was not understood; `falconer --help` shows how it is written.")
        raise
    except Exception as error:
        _fail(
            f"This is a fault of the program, not yours: {type(error).__name__}: {error}. What was saved is safe; "
            f"set {DEBUG_VARIABLE}=1 to see where it happened.",
            1,
            error,
        )


def _fail(sentence: str, code: int, error: BaseException) -> NoReturn:
    if os.environ.get(DEBUG_VARIABLE) == "1":
        raise error
    sys.stderr.write(" ".join(sentence.split()) + "\n")
    if wants_json() and code != INTERRUPTED:
        _write_json(sentence)
    sys.exit(code)


def _write_json(sentence: str) -> None:
    try:
        sys.stdout.write(json.dumps({"error": sentence}, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    except OSError:
        _quiet()


def _os_sentence(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"The disk is full{where}. Free some space and start the same command again; what was saved is safe."
    if error.errno == errno.EFBIG:
        return f"A file has reached the largest size that is allowed here{where}. What was saved so far is safe."
    return f"A file or connection of the system failed{where}: {error.strerror or error}."


def _quiet() -> None:
    """Whoever read our output has left: the interpreter's last flush must not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
