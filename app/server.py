"""The web server: `python -m app.server`, which `falconer app` starts.

Pages, their files and the guard are one process; improvements and sheets are worked on by another one, which goes on
when this one ends.
"""

import argparse
import contextlib
import errno
import logging
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Timer

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from streamlit.starlette import App

from app import state
from app.guard import LOCAL, Guard
from app.lost import Lost
from app.navigation import PLACES
from app.server_page import LOOK, lost, shell
from copilot import CopilotError, UserError

SCRIPT = Path(__file__).parent / "main.py"
PORT = 8501
TRIED = 20
"""Ports after the usual one that are tried where that is taken."""
PATHS = ("/", *(f"/{place.name}" for place in PLACES))
"""Where there is a page."""
ANYWHERE = frozenset({"0.0.0.0", "::", ""})
logger = logging.getLogger("falconer.app")


def build(*, host: str = "127.0.0.1") -> Guard:
    """Return the ASGI application.

    Args:
        host: where it listens; on this machine alone, it answers to the machine's own names only.
    """
    app = App(SCRIPT, routes=_routes(), lifespan=_lifespan)
    known = Lost(app, pages=PATHS, page=_lost)
    return Guard(known, hosts={*LOCAL, host} if host in LOCAL else None)


def _routes() -> list[BaseRoute]:
    return [
        *(Route(path, _page, methods=["GET"]) for path in PATHS),
        Mount("/look", StaticFiles(directory=LOOK)),
    ]


async def _page(_request: Request) -> HTMLResponse:
    language, appearance = await run_in_threadpool(_chosen)
    return HTMLResponse(shell(language=language, appearance=appearance), headers={"cache-control": "no-store"})


async def _lost() -> str:
    language, appearance = await run_in_threadpool(_chosen)
    return lost(language=language, appearance=appearance)


def _chosen() -> tuple[str, str]:
    try:
        preferences = state.copilot().preferences.get()
    except CopilotError:
        # The page itself says what is wrong.
        return "en", "system"
    return preferences.language, preferences.appearance


@asynccontextmanager
async def _lifespan(_app: App) -> AsyncIterator[None]:
    await run_in_threadpool(_prepare)
    yield
    await run_in_threadpool(state.copilot().close)


def _prepare() -> None:
    """Put a sample task where nothing is yet, once; what cannot be opened is told by the page."""
    try:
        state.first_start()
    except CopilotError as error:
        logger.warning("%s", error)


def bind(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens, at the port or else at the first free one from 8501 on.

    Raises:
        UserError: the port is taken, or the host is not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in (port,) if port is not None else range(PORT, PORT + TRIED + 1):
        try:
            return socket.create_server((host, number), family=family, backlog=128)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise UserError(
                    f"Nothing can listen at {host}: {error.strerror or error}. Choose another --host."
                ) from None
    if port is not None:
        raise UserError(f"Port {port} is taken or not allowed; choose another --port, or leave it out.")
    raise UserError(f"All ports from {PORT} to {PORT + TRIED} are taken; choose another --port.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C and return the exit code."""
    parser = argparse.ArgumentParser(prog="falconer app", description="Serve the web application until Ctrl-C.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-browser", action="store_true")
    given = parser.parse_args(arguments)
    try:
        listening = bind(given.host, given.port)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    port = int(listening.getsockname()[1])
    shown = "localhost" if given.host in LOCAL | ANYWHERE else given.host
    url = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    if given.port is None and port != PORT:
        sys.stderr.write(f"Port {PORT} is taken, so another one is used.\n")
    if given.host not in LOCAL:
        sys.stderr.write("Other machines can reach it, and it asks nobody for a password.\n")
    sys.stderr.write(f"Falconer is at {url} until you press Ctrl-C.\n")
    sys.stderr.flush()
    if not given.no_browser:
        opening = Timer(1.0, webbrowser.open, (url,))
        opening.daemon = True
        opening.start()
    serve(listening, host=given.host)
    sys.stderr.write("Stopped. What runs in the background goes on.\n")
    return 0


def serve(listening: socket.socket, *, host: str) -> None:
    """Serve on a socket until the process is asked to end."""
    config = uvicorn.Config(
        build(host=host),
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=3,
        use_colors=False,
        ws="websockets-sansio",
        ws_max_size=200 * 1024 * 1024,
        ws_ping_interval=30,
        ws_ping_timeout=30,
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    sys.exit(main())
