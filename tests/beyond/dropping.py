"""A proxy between a program and a server on this machine, which cuts every connection after so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType


class Proxy:
    """Passes bytes on, both ways, until as many have passed as it lets through; then it cuts, and takes no more connections.

    Args:
        port: of the server.

    Attributes:
        bytes: how many have passed since the limit was set.
        cuts: how often it has cut.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._limit: int | None = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.bytes = 0
        self.cuts = 0

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.close()
        self._cut()

    def let_through(self, count: int | None) -> None:
        """Begin to count again; cut after so many bytes, or never."""
        with self._lock:
            self._limit, self.bytes = count, 0

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server))
            with self._lock:
                late = self._limit is not None and self.bytes > self._limit
                self._open |= {client, server}
            if late:
                self._cut()
                continue
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65_536):
                with self._lock:
                    self.bytes += len(data)
                    late = self._limit is not None and self.bytes > self._limit
                if late:
                    self.cuts += 1
                    self._cut()
                    return
                other.sendall(data)
        for end in (one, other):
            with self._lock:
                self._open.discard(end)
            end.close()

    def _cut(self) -> None:
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
