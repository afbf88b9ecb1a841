"""The kind: what costs a stranger nothing (a silent socket, a session that is only opened) shuts nobody out."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import httpx2
import pytest
import uvicorn
from server_calls import HANDSHAKE, TOKEN, over_http
from starlette.responses import PlainTextResponse

from healthsim.server import connections
from healthsim.server.connections import Places, Socket

HEADERS = {
    "Authorization": f"Bearer {TOKEN}",
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
}
OPENING = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


def _port(address: str) -> int:
    return int(address.split(":")[2].split("/")[0])


@contextmanager
def _silent(port: int, many: int, said: bytes = b"") -> Iterator[list[socket.socket]]:
    opened = [socket.create_connection(("127.0.0.1", port)) for _ in range(many)]
    try:
        for connection in opened:
            connection.sendall(said)
        yield opened
    finally:
        for connection in opened:
            connection.close()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
        b"POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
    ],
)
@pytest.mark.long
def test_256_silent_sockets_without_a_token_hold_up_nobody(web: tuple[str, int], said: bytes) -> None:
    with _silent(_port(web[0]), 256, said):

        async def main() -> None:
            async with over_http(web[0]) as client:
                assert not (await client.call_tool("list_scenarios", {})).is_error

        anyio.run(main)


def _open(address: str, client: httpx2.Client) -> str:
    answer = client.post(address, json=OPENING, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["mcp-session-id"])


def _use(address: str, client: httpx2.Client, session: str) -> int:
    ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
    return client.post(address, json=ping, headers={**HEADERS, "mcp-session-id": session}).status_code


@pytest.mark.long
def test_the_longest_idle_session_makes_room(web: tuple[str, int]) -> None:
    address = web[0]
    with httpx2.Client(timeout=60) as client:
        first, second = _open(address, client), _open(address, client)
        assert _use(address, client, first) == 200
        half_open = [_open(address, client) for _ in range(connections.MOST_SESSIONS - 2)]
        assert _use(address, client, first) == 200
        one_more = _open(address, client)
        assert _use(address, client, one_more) == 200
        assert _use(address, client, second) == 404
        assert _use(address, client, first) == 200
        assert _use(address, client, half_open[-1]) == 200

    async def main() -> None:
        async with over_http(address, HANDSHAKE) as client:
            assert not (await client.call_tool("list_scenarios", {})).is_error

    anyio.run(main)


@contextmanager
def _server(app: Callable[..., Awaitable[None]]) -> Iterator[int]:
    """A small application behind the same sockets."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=Socket, log_level="error", lifespan="off", timeout_keep_alive=20)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


def _is_closed(connection: socket.socket) -> bool:
    connection.settimeout(30)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_headers_have_a_time(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.3)
    with _server(PlainTextResponse("ok")) as port, _silent(port, 3, said) as silent:
        assert all(map(_is_closed, silent))
        assert httpx2.get(f"http://127.0.0.1:{port}/").text == "ok"


def test_the_second_request_of_a_connection_has_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.3)
    with _server(PlainTextResponse("ok")) as port, _silent(port, 1) as (connection,):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while not answer.endswith(b"ok"):
            answer += connection.recv(1_000)
        connection.sendall(b"GET / HTTP/1.1\r\nHos")
        assert _is_closed(connection)


def test_a_request_that_runs_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.2)
    asked = threading.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        asked.set()
        await anyio.sleep(5 * connections.HEADER_SECONDS)
        await PlainTextResponse("done")(scope, receive, send)

    with _server(slow) as port:
        assert httpx2.get(f"http://127.0.0.1:{port}/", timeout=30).text == "done"
    assert asked.is_set()


def test_the_longest_silent_socket_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_SOCKETS", 4)
    with _server(PlainTextResponse("ok")) as port, _silent(port, 4) as silent:
        # all four are there once the server has taken a fifth
        assert httpx2.get(f"http://127.0.0.1:{port}/", timeout=30).text == "ok"
        assert _is_closed(silent[0])


def test_requests_beyond_the_limit_are_asked_to_come_back() -> None:
    answers: list[int] = []

    async def main() -> None:
        release = anyio.Event()

        async def waits(scope: Any, receive: Any, send: Any) -> None:
            await release.wait()
            await PlainTextResponse("ok")(scope, receive, send)

        places = Places(waits, requests=2)

        async def ask(method: str) -> None:
            async def send(message: Any) -> None:
                if message["type"] == "http.response.start":
                    answers.append(message["status"])

            await places({"type": "http", "method": method, "headers": []}, _empty, send)

        async with anyio.create_task_group() as tasks:
            for method in ("POST", "POST", "GET", "GET"):
                tasks.start_soon(ask, method)
            await anyio.wait_all_tasks_blocked()
            await ask("POST")
            assert answers == [503]
            release.set()
        await ask("POST")

    anyio.run(main)
    assert answers == [503, 200, 200, 200, 200, 200]


def test_a_body_that_stops_is_a_client_that_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.05)
    seen: list[str] = []

    async def reads(scope: Any, receive: Any, send: Any) -> None:
        seen.append((await receive())["type"])

    async def never() -> Any:
        await anyio.sleep_forever()

    async def main() -> None:
        await Places(reads)({"type": "http", "method": "POST", "headers": []}, never, never)

    started = time.monotonic()
    anyio.run(main)
    assert seen == ["http.disconnect"]
    assert time.monotonic() - started < 20


async def _empty() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}
