"""Who holds a place at the HTTP server: silent sockets for seconds, requests while they run, sessions while they are used.

Nothing that costs a stranger nothing may shut others out: a socket that says nothing is closed, and does not count as a
request; where all sessions are taken, the one that has been idle the longest makes room for a new one.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
from starlette.responses import JSONResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: how long the first line and the headers of a request may take
HEADER_SECONDS = 10.0
#: how long a body may be silent
BODY_SECONDS = 30.0
#: requests that run at once; more are asked to come back
MOST_REQUESTS = 256
#: sessions at once; for one more, the longest idle ends
MOST_SESSIONS = 256
#: open sockets at once; for one more, the longest silent is closed
MOST_SOCKETS = 512


class Socket(H11Protocol):
    """A connection that is closed when no request arrives in time."""

    _timer: asyncio.TimerHandle | None = None
    #: since when nothing has been asked; None while a request runs
    silent_since: float | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > MOST_SOCKETS:
            waiting = [
                other for other in self.connections if isinstance(other, Socket) and other.silent_since is not None
            ]
            min(waiting, key=lambda other: other.silent_since or 0.0).transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_serving():
            self._stop_waiting()
        elif self._timer is None:
            self._wait()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._is_serving():
            # between requests the server's own time for idle connections runs
            self.silent_since = time.monotonic()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _is_serving(self) -> bool:
        # None until the first request, whatever its declared type says
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def _wait(self) -> None:
        self.silent_since = time.monotonic()
        self._timer = self.loop.call_later(HEADER_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        self.silent_since = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


@dataclass
class _Session:
    """What is known of a session: when it was last used, and how many requests of it are open."""

    used: float = field(default_factory=time.monotonic)
    open: int = 0


class Places:
    """Counts requests that were let in, and makes room for new sessions.

    Streams that a client only listens to (GET) are no requests that run: they belong to a session, and end with it.
    """

    def __init__(self, app: ASGIApp, requests: int = MOST_REQUESTS, sessions: int = MOST_SESSIONS) -> None:
        self.app = app
        self.requests = requests
        self.most_sessions = sessions
        self.running = 0
        self.sessions: dict[str, _Session] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "GET":
            await self._serve(scope, receive, send)
            return
        if self.running >= self.requests:
            message = f"{self.requests} requests run already. Try again in a moment."
            busy = JSONResponse({"error": "busy", "error_description": message}, 503, headers={"Retry-After": "1"})
            await busy(scope, receive, send)
            return
        self.running += 1
        try:
            await self._serve(scope, _in_time(receive), send)
        finally:
            self.running -= 1

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = _header(scope["headers"], b"mcp-session-id")
        if scope["method"] == "POST" and name is None:
            await self._make_room(scope)
        session = self.sessions.get(name or "") or _Session()

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                opened = _header(message.get("headers", ()), b"mcp-session-id")
                if opened is not None and message["status"] < 400:
                    self.sessions.setdefault(opened, session)
                elif name is not None and message["status"] == 404:
                    self.sessions.pop(name, None)
            await send(message)

        session.open += 1
        try:
            await self.app(scope, receive, watch)
        finally:
            session.open -= 1
            session.used = time.monotonic()
            if scope["method"] == "DELETE" and name is not None:
                self.sessions.pop(name, None)

    async def _make_room(self, scope: Scope) -> None:
        """End the sessions that are idle the longest; those without an open stream first."""
        while len(self.sessions) >= self.most_sessions:
            name = min(self.sessions, key=lambda item: (self.sessions[item].open > 0, self.sessions[item].used))
            del self.sessions[name]
            kept = [(key, value) for key, value in scope["headers"] if key in (b"host", b"origin", b"authorization")]
            ending = {**scope, "method": "DELETE", "headers": [*kept, (b"mcp-session-id", name.encode())]}
            await self.app(ending, _nothing, _nowhere)


def _header(headers: Any, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), None)


def _in_time(receive: Receive) -> Receive:
    """The parts of a body, of which none may take too long; a client that stops is one that has gone."""
    whole = False

    async def part() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        with anyio.move_on_after(BODY_SECONDS):
            message = await receive()
            whole = not message.get("more_body", False)
            return message
        return {"type": "http.disconnect"}

    return part


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _nowhere(message: Message) -> None:
    """What is answered to a session that is ended goes to nobody."""
