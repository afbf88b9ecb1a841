"""A stand-in for a Databricks workspace: it answers the calls that databricks-sdk 0.162 was seen to make, and nothing else.

It is no Databricks. What it proves is that our side makes the calls, waits, and tells failures; that the SQL is right, other
tests show as far as something outside of a workspace can.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "dapi0123456789abcdef0123456789abcdef"
FILES, FOLDERS, SQL = "/api/2.0/fs/files", "/api/2.0/fs/directories", "/api/2.0/sql/statements"


@dataclass
class Workspace:
    """What the stand-in has been given, in order.

    Attributes:
        calls: method and path of each request.
        slow: so many questions it takes until a statement is done.
        fails: statements for which it says an error; the message.
        refuses: requests that it answers with a status; by method and path.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    slow: int = 0
    fails: Callable[[str], str | None] = lambda statement: None
    refuses: Callable[[str, str], int | None] = lambda method, path: None
    pending: dict[str, int] = field(default_factory=dict)
    host: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    workspace: Workspace

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        body = self._body()
        here = self.workspace
        here.calls.append(f"{self.command} {path}")
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._send(
                401,
                {"error_code": "UNAUTHENTICATED", "message": "Credential was not sent or was of an unsupported type"},
            )
        elif (status := here.refuses(self.command, path)) is not None:
            self._send(status, {"error_code": "PERMISSION_DENIED", "message": f"no WRITE VOLUME, token {TOKEN}"})
        elif path.startswith(FILES):
            self._files(path.removeprefix(FILES), body)
        elif path.startswith(FOLDERS) and self.command == "PUT":
            here.folders.append(path.removeprefix(FOLDERS))
            self._send(204)
        elif path.rstrip("/") == SQL and self.command == "POST":
            self._send(200, self._run(json.loads(body)))
        elif path.startswith(f"{SQL}/") and self.command == "GET":
            self._send(200, self._state(path.rsplit("/", 1)[1]))
        else:
            self._send(
                404,
                {"error_code": "ENDPOINT_NOT_FOUND", "message": f"the stand-in does not know {self.command} {path}"},
            )

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _files(self, path: str, body: bytes) -> None:
        files = self.workspace.files
        if self.command == "PUT":
            files[path] = body
            self._send(204)
        elif path in files:
            self._send(200, raw=files[path])
        else:
            self._send(404, {"error_code": "NOT_FOUND", "message": "The file being accessed is not found."})

    def _run(self, asked: dict[str, Any]) -> dict[str, Any]:
        here = self.workspace
        here.statements.append(asked["statement"])
        name = f"s{len(here.statements)}"
        here.pending[name] = here.slow
        return self._state(name)

    def _state(self, name: str) -> dict[str, Any]:
        here = self.workspace
        if here.pending[name]:
            here.pending[name] -= 1
            return {"statement_id": name, "status": {"state": "RUNNING"}}
        said = here.fails(here.statements[int(name[1:]) - 1])
        if said is not None:
            return {
                "statement_id": name,
                "status": {"state": "FAILED", "error": {"error_code": "BAD_REQUEST", "message": said}},
            }
        return {"statement_id": name, "status": {"state": "SUCCEEDED"}}

    def _send(self, status: int, answer: dict[str, Any] | None = None, raw: bytes | None = None) -> None:
        data = raw if raw is not None else json.dumps(answer).encode() if answer is not None else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream" if raw is not None else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def fake_workspace() -> Iterator[Workspace]:
    """The stand-in on this machine."""
    workspace = Workspace()
    handler = type("Handler", (_Handler,), {"workspace": workspace})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        workspace.host = f"http://127.0.0.1:{server.server_port}"
        yield workspace
        server.shutdown()
