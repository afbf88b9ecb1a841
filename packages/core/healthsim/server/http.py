"""The server over Streamable HTTP: who may call, from where, and how much."""

from __future__ import annotations

import hmac
import ipaddress
from typing import TYPE_CHECKING

from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import JSONResponse

from healthsim.errors import UsageError
from healthsim.server.connections import MOST_REQUESTS, MOST_SESSIONS, Places, Socket

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

    from healthsim.config import Settings
    from healthsim.server.core import HealthSimServer

LARGEST_BODY = 16 << 20
IDLE_SECONDS = 20


def http_app(server: HealthSimServer, settings: Settings, host: str) -> Starlette:
    """The server as a web application.

    Raises:
        UsageError: the host is reachable from elsewhere and there is no token.
    """
    if not is_loopback(host) and not settings.mcp_token:
        raise UsageError(
            f"{host} can be reached from other machines, and no token is set. Set HEALTHSIM_MCP_TOKEN to a long secret"
            " that clients send as 'Authorization: Bearer ...', or leave --host out for this machine only."
        )
    names = ["127.0.0.1", "localhost", "[::1]"]
    if not is_loopback(host):
        names.append(f"[{host}]" if ":" in host else host)
    hosts = [spelling for name in names for spelling in (name, f"{name}:*")]
    app = server.streamable_http_app(
        host=host,
        max_request_body_size=LARGEST_BODY,
        # the places below make room before this is reached
        max_sessions=MOST_SESSIONS + MOST_REQUESTS,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=hosts,
            allowed_origins=[f"{scheme}://{item}" for item in hosts for scheme in ("http", "https")],
        ),
    )
    # what is added last is asked first: only what the token lets in takes a place
    app.add_middleware(Places)
    if settings.mcp_token:
        app.add_middleware(_Token, token=settings.mcp_token)
    return app


class _Token:
    """Lets requests in that carry the token; before anything of their body is read."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            tokens = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
            # compared in constant time, so that the answer's delay tells nothing
            if len(tokens) != 1 or not hmac.compare_digest(tokens[0], self.expected):
                message = "Send the header 'Authorization: Bearer TOKEN' with the token of HEALTHSIM_MCP_TOKEN."
                refused = JSONResponse(
                    {"error": "invalid_token", "error_description": message},
                    status_code=401,
                    headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
                )
                await refused(scope, receive, send)
                return
        await self.app(scope, receive, send)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def serve(server: HealthSimServer, settings: Settings, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until interrupted.

    Args:
        host, port: where; port 0 takes one that is free.
        announce: called with the address as soon as clients can reach it.

    Raises:
        UsageError: the host is reachable from elsewhere and there is no token.
    """
    import uvicorn

    config = uvicorn.Config(
        http_app(server, settings, host),
        host=host,
        port=port,
        log_level="warning",
        http=Socket,
        timeout_keep_alive=IDLE_SECONDS,
        h11_max_incomplete_event_size=64 << 10,
        server_header=False,
    )
    listening = config.bind_socket()
    # from here on clients wait for their turn instead of being turned away
    listening.listen()
    name = f"[{host}]" if ":" in host else host
    announce(f"http://{name}:{listening.getsockname()[1]}/mcp")
    uvicorn.Server(config).run(sockets=[listening])
