"""What the guard lets through, and what stands on every answer."""

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.guard import HEADERS, LOCAL, Guard


async def page(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("page", headers={"x-frame-options": "ALLOWALL"})


async def broken(_request: Request) -> PlainTextResponse:
    raise RuntimeError("broken")


async def forbidden(_request: Request) -> PlainTextResponse:
    raise HTTPException(status_code=405)


async def stream(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("open")
    await websocket.close()


def client() -> TestClient:
    inner = Starlette(
        routes=[
            Route("/", page, methods=["GET", "POST"]),
            Route("/broken", broken),
            Route("/forbidden", forbidden),
            WebSocketRoute("/stream", stream),
        ]
    )
    return TestClient(Guard(inner, hosts=LOCAL), base_url="http://localhost:8501", raise_server_exceptions=False)


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/nowhere", 404), ("/broken", 500), ("/forbidden", 405)])
def test_every_answer_carries_the_headers(path: str, status: int) -> None:
    answer = client().get(path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_the_policy_loads_nothing_from_elsewhere_and_no_script_inside_a_page() -> None:
    directives = dict(part.split(" ", 1) for part in HEADERS["content-security-policy"].split("; "))
    assert directives["script-src"] == "'self'"
    assert directives["default-src"] == "'self'"
    assert directives["connect-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["object-src"] == "'none'"
    assert "http" not in HEADERS["content-security-policy"]


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST"])
def test_the_names_of_this_machine_are_answered(host: str) -> None:
    assert client().get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8501", "127.0.0.1.nip.io", "", "[::1"])
def test_another_name_that_points_here_is_refused(host: str) -> None:
    answer = client().get("/", headers={"host": host})
    assert answer.status_code == 403
    assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
    with pytest.raises(WebSocketDisconnect), client().websocket_connect("/stream", headers={"host": host}):
        pass


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:9999", "null", "http://[::1", ""])
def test_a_foreign_page_can_neither_post_nor_open_the_stream(origin: str) -> None:
    headers = {"host": "localhost:8501", "origin": origin}
    assert client().post("/", headers=headers).status_code == 403
    with pytest.raises(WebSocketDisconnect), client().websocket_connect("/stream", headers=headers):
        pass


@pytest.mark.parametrize("origin", ["http://localhost:8501", "https://localhost:8501"])
def test_our_own_page_can_do_both(origin: str) -> None:
    headers = {"host": "localhost:8501", "origin": origin}
    assert client().post("/", headers=headers).status_code == 200
    with client().websocket_connect("/stream", headers=headers) as websocket:
        assert websocket.receive_text() == "open"


def test_a_server_for_other_machines_answers_to_every_name_but_not_to_foreign_pages() -> None:
    open_to_all = TestClient(Guard(Starlette(routes=[Route("/", page, methods=["GET", "POST"])])))
    assert open_to_all.get("/", headers={"host": "falconer.example"}).status_code == 200
    foreign = {"host": "falconer.example", "origin": "http://evil.example"}
    assert open_to_all.post("/", headers=foreign).status_code == 403
