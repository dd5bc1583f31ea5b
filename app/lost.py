"""Addresses where nothing is: Streamlit answers each with its own page and "200 OK", we with a sentence and "404"."""

from collections.abc import Awaitable, Callable, Iterable

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SERVED = ("/_stcore/", "/media/", "/component/", "/app/static/", "/look/")
"""Below these are files and answers to programs, none of them a page."""


class Lost:
    """An ASGI application around another one.

    Args:
        app: what has pages, and answers any other address with one of them.
        pages: the paths of its pages.
        page: returns the HTML for all other addresses.
    """

    def __init__(self, app: ASGIApp, *, pages: Iterable[str], page: Callable[[], Awaitable[str]]) -> None:
        self._app = app
        self._pages = frozenset(pages)
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] in self._pages or scope["path"].startswith(SERVED):
            await self._app(scope, receive, send)
            return
        replaced = False

        async def sent(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and _is_page(message):
                replaced = True
                answer = HTMLResponse(await self._page(), status_code=404, headers={"cache-control": "no-store"})
                await answer(scope, receive, send)
            if not replaced:
                await send(message)

        await self._app(scope, receive, sent)


def _is_page(message: Message) -> bool:
    return message["status"] == 200 and Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")
