"""Over HTTP: who is let in, how large a request may be, and what many or slow clients do."""

from __future__ import annotations

import select
import socket
import time
from pathlib import Path

import anyio
import httpx2
import pytest
from mcp import Client
from server_calls import TOKEN, over_http

from healthsim.config import Settings
from healthsim.errors import UsageError
from healthsim.server import create_server
from healthsim.server.http import http_app, is_loopback
from waiting import PATIENCE

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
HEADERS = {
    "Authorization": f"Bearer {TOKEN}",
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
}


def post(address: str, **more: str | None) -> int:
    """The status of a request with other headers."""
    headers = {name: value for name, value in {**HEADERS, **more}.items() if value is not None}
    return httpx2.post(address, json=LIST, headers=headers, timeout=PATIENCE).status_code


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": None}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example:80"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
def test_refused(web: tuple[str, int], headers: dict[str, str | None], status: int) -> None:
    assert post(web[0], **headers) == status


def test_oversized_bodies_are_refused(web: tuple[str, int]) -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"' + b"x" * (17 << 20) + b'"}'
    assert httpx2.post(web[0], content=body, headers=HEADERS, timeout=PATIENCE).status_code == 413

    def chunks() -> object:
        for _ in range(20):
            yield b"x" * (1 << 20)

    assert httpx2.post(web[0], content=chunks(), headers=HEADERS, timeout=PATIENCE).status_code == 413


def test_a_slow_client_holds_up_nobody(web: tuple[str, int]) -> None:
    port = int(web[0].split(":")[2].split("/")[0])
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    try:
        began = time.monotonic()
        for connection in slow:
            connection.sendall(b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + TOKEN.encode())

        async def main() -> None:
            async with over_http(web[0]) as client:
                assert not (await client.call_tool("list_scenarios", {})).is_error

        anyio.run(main)
        # an answer came although the slow ones still are where they were: nobody has given up on them for it
        open_still = [not select.select([connection], [], [], 0)[0] for connection in slow]
        assert any(open_still) or time.monotonic() - began > 10
    finally:
        for connection in slow:
            connection.close()


@pytest.mark.long
def test_many_requests_at_once(web: tuple[str, int]) -> None:
    """200 in parallel: each is served or refused, and memory stays bounded."""
    before = _memory(web[1])
    outcomes: list[bool] = []

    async def one(client: Client, number: int) -> None:
        call = ("run_sql", {"sql": "SELECT 1"}) if number % 20 == 0 else ("list_scenarios", {})
        outcomes.append((await client.call_tool(*call)).is_error)

    async def main() -> None:
        async with over_http(web[0]) as client, anyio.create_task_group() as tasks:
            for number in range(200):
                tasks.start_soon(one, client, number)

    anyio.run(main)
    assert outcomes == [False] * 200
    assert _memory(web[1]) - before < 300 << 20


def _memory(process: int) -> int:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        pytest.skip("this system has no /proc to read the memory of a process from")
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) << 10


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "example.org", "::"])
def test_other_addresses_need_a_token(host: str, tmp_path: Path) -> None:
    settings = Settings.load({"HEALTHSIM_HOME": str(tmp_path)})
    with pytest.raises(UsageError, match="can be reached from other machines, and no token is set"):
        http_app(create_server(settings), settings, host)


def test_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "localhost.evil.example", "10.0.0.1", "")))
