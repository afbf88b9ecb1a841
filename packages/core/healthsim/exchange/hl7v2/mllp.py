"""MLLP: messages on a wire, each in a frame, each answered by an acknowledgement before the next is sent."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from healthsim.errors import HealthSimError, UsageError
from healthsim.exchange.hl7v2.frames import messages_of
from healthsim.exchange.hl7v2.parsed import Message

#: what goes before a message, and after it
FRAME = (b"\x0b", b"\x1c\r")
#: how long a receiver may take for one acknowledgement, and for accepting the connection
PATIENCE_SECONDS = 60
_LARGEST_ANSWER = 1_000_000
#: refusals that are shown one by one
_SHOWN = 5
#: acknowledgement codes: taken; in error; refused
_TAKEN = ("AA", "CA")


@dataclass
class _Tally:
    """How the receiver answered."""

    sent: int = 0
    taken: int = 0
    refused: int = 0
    shown: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Receiver:
    """Where messages are sent to."""

    host: str
    port: int

    @classmethod
    def at(cls, address: str) -> Receiver:
        """The receiver at ``HOST:PORT``; an address of IPv6 stands in brackets.

        Raises:
            UsageError: it is no such address.
        """
        host, _, port = address.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
            raise UsageError(f"mllp is {address[:100]!r}; expected HOST:PORT, such as localhost:2575.")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def send_file(self, path: Path, *, gz: bool) -> list[str]:
        """Send every message of a file, and wait for each acknowledgement; what there is to say of the answers.

        Raises:
            HealthSimError: there is no connection, or it was lost, or an answer is none; what came before was taken.
        """
        tally = _Tally()
        with self._connected(path) as connection, _opened(path, gz) as stream:
            answers = _answers(connection)
            for message in messages_of(stream):
                try:
                    connection.sendall(FRAME[0] + message.data + FRAME[1])
                    answer = next(answers)
                except (OSError, StopIteration) as error:
                    raise self._lost(path, tally, error) from None
                tally.sent += 1
                self._count(Message(message.data.decode()), answer, tally, path)
        return self._told(tally)

    def _connected(self, path: Path) -> socket.socket:
        try:
            connection = socket.create_connection((self.host, self.port), timeout=PATIENCE_SECONDS)
        except (OSError, UnicodeError) as error:
            raise HealthSimError(
                f"There is no connection to {self} ({_reason(error)}). Nothing was sent; the messages are in {path}."
                " Check the address, and whether the receiver runs.",
                receiver=str(self),
                path=str(path),
            ) from None
        connection.settimeout(PATIENCE_SECONDS)
        return connection

    def _lost(self, path: Path, tally: _Tally, error: Exception) -> HealthSimError:
        reason = "the receiver closed it" if isinstance(error, StopIteration) else _reason(error)
        return HealthSimError(
            f"The connection to {self} was lost after {tally.sent:,} messages ({reason}): {tally.taken:,} were accepted,"
            f" {tally.refused:,} refused; message {tally.sent + 1:,} has no acknowledgement. All messages are in {path}.",
            receiver=str(self),
            path=str(path),
            sent=tally.sent,
            accepted=tally.taken,
            refused=tally.refused,
        )

    def _count(self, message: Message, data: bytes, tally: _Tally, path: Path) -> None:
        answer = Message(data.decode("utf-8", "replace"))
        segment = answer.first("MSA")
        if segment is None:
            raise HealthSimError(
                f"{self} answered message {tally.sent:,} with no acknowledgement: there is no MSA segment in"
                f" {answer.text[:80]!r}. {tally.taken:,} messages were accepted before. All messages are in {path}.",
                receiver=str(self),
            )
        code, control_id = segment.text(1).upper(), message.header.text(10)
        right = segment.text(2) in (control_id, "")
        if code in _TAKEN and right:
            tally.taken += 1
            return
        tally.refused += 1
        if len(tally.shown) < _SHOWN:
            error = answer.first("ERR")
            reasons = [segment.text(3), error.text(8) or error.text(3, 2) if error else ""]
            if not right:
                reasons = [f"it acknowledges {segment.text(2)!r}"]
            reason = "; ".join(text for text in reasons if text) or "without a reason"
            tally.shown.append(f"{message.kind} {control_id} was answered {code}: {reason}.")

    def _told(self, tally: _Tally) -> list[str]:
        notes = [f"Sent to {self}: {tally.sent:,} messages, {tally.taken:,} accepted, {tally.refused:,} refused."]
        if tally.refused > len(tally.shown):
            tally.shown.append(f"{tally.refused - len(tally.shown):,} more were refused.")
        return notes + tally.shown


def _opened(path: Path, gz: bool) -> IO[bytes]:
    return gzip.open(path, "rb") if gz else path.open("rb")  # type: ignore[return-value]  # both give bytes


def _answers(connection: socket.socket) -> Iterator[bytes]:
    """What the receiver says, frame by frame, until it closes the connection."""
    pending = b""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        begin, end = pending.find(FRAME[0]), pending.find(FRAME[1][:1])
        if 0 <= begin < end:
            yield pending[begin + 1 : end]
            pending = pending[end + 1 :]
            deadline = time.monotonic() + PATIENCE_SECONDS
            continue
        if len(pending) > _LARGEST_ANSWER:
            raise OSError(f"an answer of more than {_LARGEST_ANSWER:,} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError(f"no acknowledgement within {PATIENCE_SECONDS} seconds")
        data = connection.recv(65_536)
        if not data:
            return
        pending += data


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no acknowledgement within {PATIENCE_SECONDS} seconds"
    return (getattr(error, "strerror", None) or str(error)).rstrip(".")
