"""The messages in a stream: one after the other, in frames of MLLP, in batches; by whatever lines end with.

A message begins with ``MSH`` at the begin of a line, and ends before the next one, or where a batch begins or ends.
Memory holds one message.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Literal

from healthsim.errors import InvalidInput

#: more than this no message has; what is longer is something else
LARGEST_MESSAGE = 64_000_000
_CHUNK = 1 << 20
_LINE = re.compile(rb"[^\r\n\x1c]*(?:\r\n|[\r\n\x1c]|\Z)")
#: what may stand before the first line, or between messages: frames, white space, a byte order mark
_AROUND = b"\x0b\x1c \t\r\n\x00\x1a"
#: what follows the last line of a message: its end stays
_AFTER = re.compile(rb"(\r\n|\r|\n)?[\x0b\x1c \t\r\n\x00\x1a]*\Z")
_BATCH = (b"FHS", b"BHS", b"BTS", b"FTS")

Part = Literal["message", "batch", "stray"]


@dataclass(frozen=True)
class Framed:
    """Something of a stream.

    Attributes:
        part: a message, a line of a batch, or lines before the first message.
        data: its bytes, without frame; the ends of lines as they came.
        line: the line that it begins on, from 1.
    """

    part: Part
    data: bytes
    line: int


def parts_of(stream: IO[bytes]) -> Iterator[Framed]:
    """Everything that is in a stream, in order.

    Raises:
        InvalidInput: a message is longer than any is.
    """
    pending: list[bytes] = []
    size, began, number = 0, 1, 0
    part: Part = "stray"
    for line in _lines(stream):
        content = line.strip(_AROUND)
        kind = _kind(content)
        if kind is not None and pending:
            yield from _closed(part, pending, began)
            pending, size = [], 0
        if kind is not None or not pending:
            part, began = kind or part, number + 1
            line = line.lstrip(_AROUND) if kind is not None else line
        if content or pending:
            pending.append(line)
            size += len(line)
        if size > LARGEST_MESSAGE:
            raise InvalidInput(
                f"line {began:,} begins a message of more than {LARGEST_MESSAGE:,} bytes, which none is. Nothing was saved.",
                line=began,
            )
        if kind == "batch":
            yield from _closed(part, pending, began)
            pending, size, part = [], 0, "stray"
        number += line.endswith((b"\r", b"\n"))
    if pending:
        yield from _closed(part, pending, began)


def messages_of(stream: IO[bytes]) -> Iterator[Framed]:
    """The messages alone."""
    return (framed for framed in parts_of(stream) if framed.part == "message")


def _closed(part: Part, pending: list[bytes], began: int) -> Iterator[Framed]:
    data = b"".join(pending)
    data = _AFTER.sub(rb"\1", data) if part == "message" else data.strip(_AROUND)
    if data.strip(_AROUND):
        yield Framed(part, data, began)


def _kind(content: bytes) -> Part | None:
    """What begins with this line; None for what goes on."""
    if content[:3] == b"MSH" and len(content) > 3 and not content[3:4].isalnum():
        return "message"
    return "batch" if content[:3] in _BATCH and not content[3:4].isalnum() else None


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream with what ends them; a text in UTF-16 becomes one in UTF-8."""
    first = stream.read(_CHUNK)
    decoder: codecs.IncrementalDecoder | None = None
    if first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
    elif first.startswith(codecs.BOM_UTF8):
        first = first[3:]
    rest, chunk = b"", first
    while chunk:
        following = stream.read(_CHUNK)
        data = decoder.decode(chunk, not following).encode("utf-8", "replace") if decoder else chunk
        rest += data
        chunk = following
        if len(rest) > LARGEST_MESSAGE + _CHUNK:
            raise InvalidInput(f"A line has more than {LARGEST_MESSAGE:,} bytes. Nothing was saved.")
        # what ends the data may go on in the next part: a line, or CR before LF
        *whole, last = _LINE.findall(rest)[:-1] or [b""]
        if not chunk:
            whole, last = [*whole, last], b""
        yield from whole
        rest = last
