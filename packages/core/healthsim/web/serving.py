"""The server of the pages: a free port of this machine only, until it is stopped or nobody looks any more."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from healthsim.web.app import UPLOADS, create_app
from healthsim.web.guard import Guard, Keys

if TYPE_CHECKING:
    from healthsim.workbench import Workbench

_LOOK_EVERY = 5.0


def serve(
    bench: Workbench,
    *,
    announce: Callable[[str], None],
    port: int = 0,
    read_only: bool = False,
    idle: float | None = None,
) -> None:
    """Serve the pages until interrupted.

    Args:
        bench: whose database is shown.
        announce: called with the address that lets a browser in, and again whenever somebody presses Enter.
        port: a free one by default.
        read_only: nothing can be changed.
        idle: minutes without a request after which it ends.
    """
    sockets = listening(port)
    port = sockets[0].getsockname()[1]
    app = create_app(bench, read_only=read_only)
    keys = Keys()
    guard = Guard(app, port, keys, read_only=read_only, uploads=UPLOADS)
    # no WebSocket is ever opened, and whatever is done inside of a request has its own limits
    config = uvicorn.Config(
        guard,
        log_level="warning",
        ws="none",
        lifespan="off",
        server_header=False,
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config, guard, None if idle is None else idle * 60, app.state.runs.busy)

    def tell() -> None:
        announce(f"http://127.0.0.1:{port}/?token={keys.new_token()}")

    tell()
    if sys.stdin is not None and sys.stdin.isatty():
        threading.Thread(target=_on_enter, args=(tell,), daemon=True).start()
    try:
        server.run(sockets=sockets)
    finally:
        app.state.runs.stop()


def listening(port: int = 0) -> list[socket.socket]:
    """Sockets of 127.0.0.1 and, where the machine has it, ::1, on the same port."""
    first = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    first.bind(("127.0.0.1", port))
    first.listen(128)
    sockets = [first]
    if socket.has_ipv6:
        second = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        try:
            second.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            second.bind(("::1", first.getsockname()[1]))
            second.listen(128)
            sockets.append(second)
        except OSError:
            # a machine without the address, or somebody else has the port there
            second.close()
    return sockets


class _Server(uvicorn.Server):
    """A server that ends when nobody has looked for a time and nothing runs."""

    def __init__(self, config: uvicorn.Config, guard: Guard, idle: float | None, busy: Callable[[], bool]) -> None:
        super().__init__(config)
        self.guard = guard
        self.idle = idle
        self.busy = busy

    async def main_loop(self) -> None:
        if self.idle is None:
            await super().main_loop()
            return
        watch = asyncio.create_task(self._watch(self.idle))
        try:
            await super().main_loop()
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch

    async def _watch(self, idle: float) -> None:
        while True:
            await asyncio.sleep(min(_LOOK_EVERY, idle / 4))
            if self.guard.keys.clock() - self.guard.last_request > idle and not self.busy():
                self.should_exit = True
                return


def _on_enter(tell: Callable[[], None]) -> None:
    for _ in sys.stdin:
        tell()
