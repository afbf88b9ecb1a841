"""Receivers of HL7 v2 messages for tests: python-hl7's, which acknowledges what it can parse, and one that hangs up."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import hl7
from hl7.mllp import start_hl7_server

from waiting import PATIENCE


@contextmanager
def receiver(code: Callable[[Any], str] = lambda message: "AA") -> Iterator[tuple[str, list[Any]]]:
    """An address that takes messages, and what came; ``code`` says how each is answered, or hangs up with nothing."""
    received: list[Any] = []
    started, loop = threading.Event(), asyncio.new_event_loop()
    address: list[str] = []
    ended = asyncio.Event()

    async def serve(reader: Any, writer: Any) -> None:
        try:
            while True:
                message = await reader.readmessage()
                received.append(message)
                answer = code(message)
                if not answer:
                    break
                writer.writemessage(message.create_ack(answer))
                await writer.drain()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async def run() -> None:
        server = await start_hl7_server(serve, "127.0.0.1", 0, encoding="utf-8", limit=1 << 22)
        address.append(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        started.set()
        async with server:
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    assert started.wait(PATIENCE)
    try:
        yield address[0], received
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(PATIENCE)
        loop.close()


def closed_port() -> int:
    """A port that nobody listens to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def parsed(text: str) -> Any:
    """A message as python-hl7 reads it."""
    return hl7.parse(text)
