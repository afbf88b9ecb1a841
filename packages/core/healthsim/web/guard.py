"""Who is let in: one gate outside of everything, which refuses what it does not know.

The pages are served to this machine only, and still every other page that a browser shows can send requests to them. So a
request must name this server as its host, come from its own pages where it changes something, and carry the cookie that was
given for a token. The token is printed once, works once, and ages quickly.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from healthsim.remedies import door

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: seconds that a token can be used
TOKEN_SECONDS = 60
#: bytes of what a form sends, and of one that sends files
LARGEST_BODY, LARGEST_UPLOAD = 1 << 20, 2 << 30
#: nothing but what this server sends, no frames, no plugins, no other pages' scripts
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_READING = ("GET", "HEAD")


@dataclass
class Keys:
    """The token that lets a browser in once, and the cookies of those that are in. All of it dies with the process."""

    clock: Callable[[], float] = time.monotonic
    cookies: list[str] = field(default_factory=list)
    _tokens: dict[str, float] = field(default_factory=dict)

    def new_token(self) -> str:
        """A token; those before it are void."""
        token = secrets.token_urlsafe(32)
        self._tokens = {token: self.clock() + TOKEN_SECONDS}
        return token

    def exchange(self, token: str) -> str | None:
        """The value of a cookie for a token that has not been used and is not too old; None for all others."""
        for known, until in list(self._tokens.items()):
            if hmac.compare_digest(known.encode(), token.encode("utf-8", "replace")):
                del self._tokens[known]
                if self.clock() <= until:
                    self.cookies.append(secrets.token_urlsafe(32))
                    return self.cookies[-1]
        return None

    def knows(self, cookie: str) -> bool:
        """Whether a value is the cookie of a browser that is in."""
        value = cookie.encode("utf-8", "replace")
        # every one is compared, so that the answer's delay tells nothing
        return any([hmac.compare_digest(known.encode(), value) for known in self.cookies])  # noqa: C419


class Guard:
    """The outermost part of the application.

    Args:
        app: what is inside.
        port: where it listens.
        keys: who is in.
        read_only: nothing can be changed.
        uploads: the addresses of forms that send files.

    Attributes:
        last_request: when somebody was here, by the clock of the keys.
    """

    def __init__(
        self, app: ASGIApp, port: int, keys: Keys, *, read_only: bool = False, uploads: Collection[str] = ()
    ) -> None:
        self.app = app
        self.keys = keys
        self.read_only = read_only
        self.uploads = uploads
        self.last_request = keys.clock()
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self.cookie = f"healthsim-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, _with_headers(send))
        else:
            # there is nothing to talk to over a WebSocket, with a cookie or without
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _Headers(scope["headers"])
        refusal = self._foreign(scope, headers)
        if refusal is None and (token := self._token(scope)) is not None:
            await self._enter(scope, send, token)
            return
        refusal = refusal or self._stranger(headers) or self._unwanted(scope, headers)
        if refusal is not None:
            await _refuse(send, *refusal)
            return
        self.last_request = self.keys.clock()
        with door("command"):
            await self.app(scope, receive, send)

    def _foreign(self, scope: Scope, headers: _Headers) -> tuple[HTTPStatus, str] | None:
        """A host that is not this server, or a request that another page made."""
        if headers.only("host") not in self.hosts:
            return HTTPStatus.MISDIRECTED_REQUEST, "This server is 127.0.0.1 and nothing else."
        site, origin = headers.only("sec-fetch-site"), headers.only("origin")
        ours = origin is not None and origin.removeprefix("http://") in self.hosts and origin.startswith("http://")
        # forms of pages without a referrer have the origin null; then the browser must say that they are ours
        from_here = ours or (origin == "null" and site == "same-origin")
        if headers.several("origin", "sec-fetch-site") or (origin is not None and not from_here):
            return HTTPStatus.FORBIDDEN, "Another page sent this request. Open the pages by their own links."
        if site not in (None, "same-origin", "none"):
            return (
                HTTPStatus.FORBIDDEN,
                "Another page sent this request. Type the address, or open it from the terminal.",
            )
        if scope["method"] not in _READING and not (from_here and site in (None, "same-origin")):
            return HTTPStatus.FORBIDDEN, "A change must come from a form of these pages."
        return None

    def _token(self, scope: Scope) -> str | None:
        if scope["method"] != "GET" or scope["path"] != "/" or not scope["query_string"].startswith(b"token="):
            return None
        return str(parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)["token"][0])

    async def _enter(self, scope: Scope, send: Send, token: str) -> None:
        value = self.keys.exchange(token)
        if value is None:
            await _refuse(
                send,
                HTTPStatus.UNAUTHORIZED,
                f"The address has been used, or is older than {TOKEN_SECONDS} seconds. Press Enter where healthsim ui"
                " runs for a new one.",
            )
            return
        cookie = f"{self.cookie}={value}; HttpOnly; SameSite=Strict; Path=/"
        headers = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": HTTPStatus.SEE_OTHER, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _stranger(self, headers: _Headers) -> tuple[HTTPStatus, str] | None:
        for text in headers.all("cookie"):
            cookie: SimpleCookie = SimpleCookie()
            try:
                cookie.load(text)
            except CookieError:
                continue
            if self.cookie in cookie and self.keys.knows(cookie[self.cookie].value):
                return None
        return (
            HTTPStatus.UNAUTHORIZED,
            "This browser is not let in yet. Open the address that healthsim ui has printed; press Enter there for a new one.",
        )

    def _unwanted(self, scope: Scope, headers: _Headers) -> tuple[HTTPStatus, str] | None:
        if scope["method"] in _READING:
            return None
        if scope["method"] != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED, "Pages are read, and forms are sent; nothing else is done here."
        if self.read_only:
            return HTTPStatus.FORBIDDEN, "These pages were started with --read-only: nothing can be changed."
        length = headers.only("content-length")
        most = LARGEST_UPLOAD if scope["path"] in self.uploads else LARGEST_BODY
        if length is None or not length.isdigit() or int(length) > most:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A form has at most {most:,} bytes."
        return None


class _Headers:
    """The headers of a request, by lower-case name."""

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self.values: dict[str, list[str]] = {}
        for name, value in raw:
            self.values.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def only(self, name: str) -> str | None:
        """The value of a header that is there once; None where it is missing or several."""
        values = self.all(name)
        return values[0] if len(values) == 1 else None

    def several(self, *names: str) -> bool:
        return any(len(self.all(name)) > 1 for name in names)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message.get("headers", ())}
            more = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in there]
            message["headers"] = [*message.get("headers", ()), *more]
        await send(message)

    return sending


async def _refuse(send: Send, status: HTTPStatus, text: str) -> None:
    body = f"{status.value} {status.phrase}\n{text}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})
