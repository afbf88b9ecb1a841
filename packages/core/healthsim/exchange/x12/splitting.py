"""X12 as bytes, split into segments: whatever delimiters an interchange declares, and with line breaks where they do no harm.

A file is read in blocks. What the delimiters are, each ISA says for the interchange that it opens; where a file begins
without one, they are told by what is usual.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from healthsim.errors import InvalidInput

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

_BLOCK = 1 << 20
_BLANK = b" \t\r\n\x00\x1a"
_SPACE = _BLANK.decode("ascii")
_BEFORE = b"\xef\xbb\xbf" + _BLANK
#: elements of ISA
_ISA_ELEMENTS = 16
_ISA_LENGTH = 106
#: how files begin that are a part of an interchange
_BARE = re.compile(rb"(GS|ST)([^A-Za-z0-9\s])")
_HEAD = 1_024


@dataclass(frozen=True)
class Delimiters:
    """What separates elements and components, what repeats, and what ends a segment; all single bytes."""

    element: str
    component: str
    repetition: str
    terminator: bytes


@dataclass(slots=True)
class Piece:
    """One segment.

    Attributes:
        elements: its name, and its elements.
        text: as it stands in the file, with the line breaks before it and without its terminator.
        number: which segment of the file it is, from 1; that is the line, where there is one on each.
    """

    elements: list[str]
    text: str
    number: int
    delimiters: Delimiters

    @property
    def name(self) -> str:
        """What segment it is."""
        return self.elements[0]

    def __getitem__(self, position: int) -> str:
        """An element by its position, from 1; empty where there is none."""
        return self.elements[position].strip() if position < len(self.elements) else ""

    def parts(self, position: int) -> list[str]:
        """The components of an element."""
        return self[position].split(self.delimiters.component)

    def composites(self, first: int = 1) -> Iterator[list[str]]:
        """The components of every element from a position on, and of their repetitions."""
        for element in self.elements[first:]:
            for repeated in element.split(self.delimiters.repetition) if self.delimiters.repetition else [element]:
                if repeated.strip():
                    yield [part.strip() for part in repeated.split(self.delimiters.component)]


def is_x12(path: Path) -> bool:
    """Whether a file begins as an interchange does, or as a part of one."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.read(_HEAD).lstrip(_BEFORE)
    return (head[:3] == b"ISA" and len(head) > 3 and not head[3:4].isalnum()) or _BARE.match(head) is not None


def pieces(path: Path, reading: Reading) -> Iterator[Piece]:
    """The segments of a file.

    Raises:
        InvalidInput: it cannot be split into segments.
    """
    with path.open("rb") as stream:
        yield from _Splitter(stream, path, reading).run()


class _Splitter:
    def __init__(self, stream: IO[bytes], path: Path, reading: Reading) -> None:
        self._stream = stream
        self._path = path
        self._reading = reading
        self._buffer = b""
        self._ended = False
        self._number = 0

    def run(self) -> Iterator[Piece]:
        self._fill()
        self._buffer = self._buffer.lstrip(_BEFORE)
        if not self._buffer:
            raise self._unsplittable("it is empty")
        delimiters = None
        while self._buffer or not self._ended:
            if self._buffer[:3] == b"ISA" or delimiters is None:
                delimiters = self._declared()
            yield from self._block(delimiters)

    def _fill(self) -> None:
        block = self._stream.read(_BLOCK)
        self._ended = not block
        self._buffer += block

    def _block(self, delimiters: Delimiters) -> Iterator[Piece]:
        """The segments of what has been read, until another interchange opens."""
        end = self._buffer.rfind(delimiters.terminator)
        if end < 0 and not self._ended:
            self._fill()
            return
        if end < 0 or (self._ended and self._buffer[end + 1 :].strip(_BLANK)):
            if self._ended and self._buffer.strip(_BLANK):
                self._reading.oddity("the last segment has no terminator", self._number + 1)
            parts, rest = self._buffer.split(delimiters.terminator), b""
        else:
            parts, rest = self._buffer[:end].split(delimiters.terminator), self._buffer[end + 1 :]
        for position, part in enumerate(parts):
            bare = part.strip(_BLANK)
            if bare[:3] == b"ISA" and position:
                left = delimiters.terminator.join(parts[position:]).lstrip(_BLANK)
                self._buffer = left + delimiters.terminator + rest
                return
            if bare:
                self._number += 1
                yield self._piece(part, delimiters)
        self._buffer = rest.lstrip(_BLANK) if self._ended or rest.lstrip(_BLANK)[:3] == b"ISA" else rest
        if not self._ended:
            self._fill()
            if self._buffer.lstrip(_BLANK)[:3] == b"ISA":
                self._buffer = self._buffer.lstrip(_BLANK)

    def _piece(self, part: bytes, delimiters: Delimiters) -> Piece:
        text = self._decoded(part)
        elements = text.strip(_SPACE).split(delimiters.element)
        elements[0] = elements[0].strip()
        return Piece(elements, text, self._number, delimiters)

    def _decoded(self, part: bytes) -> str:
        try:
            return part.decode("utf-8")
        except UnicodeDecodeError:
            self._reading.oddity("text that is not UTF-8; read as Latin-1", self._number)
            return part.decode("latin-1")

    def _declared(self) -> Delimiters:
        """The delimiters of the interchange that opens here."""
        while len(self._buffer) < 4 * _ISA_LENGTH and not self._ended:
            self._fill()
        buffer = self._buffer
        if buffer[:3] != b"ISA":
            return self._usual()
        separator = buffer[3:4]
        at = 3
        for _ in range(_ISA_ELEMENTS - 1):
            at = buffer.find(separator, at + 1)
            if at < 0 or at > 4 * _ISA_LENGTH:
                raise self._unsplittable("its ISA has not the sixteen elements that declare the delimiters")
        component, terminator = buffer[at + 1 : at + 2], buffer[at + 2 : at + 3]
        if not terminator or terminator.isalnum() or separator in (component, terminator):
            raise self._unsplittable("its ISA declares no terminator of segments")
        if terminator == b"\r" and buffer[at + 3 : at + 4] == b"\n":
            terminator = b"\n"
        if at + 2 != _ISA_LENGTH - 1:
            self._reading.oddity("an ISA that is not 106 characters long", self._number + 1)
        elements = buffer[:at].split(separator)
        repetition = elements[11].decode("latin-1")
        return Delimiters(
            separator.decode("latin-1"),
            component.decode("latin-1"),
            repetition if len(repetition) == 1 and not repetition.isalnum() else "",
            terminator,
        )

    def _usual(self) -> Delimiters:
        head = _BARE.match(self._buffer)
        if head is None:
            raise self._unsplittable("it begins with no ISA, GS or ST")
        self._reading.oddity("segments without an interchange around them (no ISA)", self._number + 1)
        terminator = b"~" if b"~" in self._buffer else b"\n"
        return Delimiters(head[2].decode("latin-1"), ":", "^", terminator)

    def _unsplittable(self, why: str) -> InvalidInput:
        return InvalidInput(
            f"{self._path} cannot be split into segments of X12: {why}. Expected ISA with fixed widths, from which the"
            " delimiters follow. Nothing was saved.",
            path=str(self._path),
        )
