"""A transmission of NCPDP D.0: a header of fixed widths, segments, and up to four transactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.ncpdp.fields import (
    REQUEST_HEADER,
    REQUEST_LENGTH,
    RESPONSE_HEADER,
    RESPONSE_LENGTH,
    VERSION,
    Part,
    Segment,
)

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

FS, GS, SS = "\x1c", "\x1d", "\x1e"
#: what frames the records of a batch
STX, ETX = "\x02", "\x03"
#: a record of a batch that holds a transmission, and how long the reference behind it is
_DETAIL, _REFERENCE = "G1", 10
_HEAD = 256


@dataclass
class Transmission:
    """What one says: request or response, the parts of its header, and its segments as pairs of field id and value."""

    is_request: bool
    header: dict[str, str]
    shared: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    transactions: list[list[tuple[str, list[tuple[str, str]]]]] = field(default_factory=list)


def header_text(parts: Sequence[Part], values: Mapping[str, Any]) -> str:
    """A header: every part in its width."""
    return "".join(f"{values.get(part.name) or ''!s:<{part.width}.{part.width}}" for part in parts)


def segment_text(segment: Segment, values: Mapping[str, Any]) -> str:
    """A segment with those fields that have a value; empty where no column has one."""
    written = []
    any_value = False
    for known in segment.fields:
        text = known.fixed or known.codec.write(values.get(known.column), known.length)
        if text:
            any_value = any_value or not known.fixed
            written.append(f"{FS}{known.id}{text}")
    return f"{SS}{FS}AM{segment.number}{''.join(written)}" if any_value else ""


def is_transmission(path: Path) -> bool:
    """Whether a file begins as a transmission does, or as a batch of them."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.read(_HEAD).removeprefix(b"\xef\xbb\xbf").decode("latin-1").lstrip("\r\n \t")
    if head.startswith(STX):
        return FS in head or SS in head or head[1:3] == "00"
    at = min((place for separator in (FS, GS, SS) if (place := head.find(separator)) >= 0), default=-1)
    return at > 0 and (head[6:8] == VERSION or head[:2] == VERSION or at in (REQUEST_LENGTH, RESPONSE_LENGTH))


def records(path: Path) -> Iterator[tuple[int, str]]:
    """The records of a file with their numbers: the frames of a batch, or its lines."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
        head = stream.read(1)
        while head in ("\ufeff", "\r", "\n", " "):
            head = stream.read(1)
        framed = head == STX
        number, rest = 0, "" if framed else head
        ends = ETX if framed else "\n"
        while block := stream.read(1 << 20):
            *whole, rest = (rest + block).split(ends)
            for text in whole:
                number += 1
                yield number, _readable(text)
        if rest.strip("\r\n \t"):
            yield number + 1, _readable(rest)


def _readable(text: str) -> str:
    bare = text.strip("\r\n").removeprefix(STX)
    # bytes that are not UTF-8 are Latin-1
    return bare.encode("utf-8", "surrogateescape").decode("latin-1") if _has_surrogates(bare) else bare


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def parsed(text: str, reading: Reading) -> Transmission | None:
    """What a transmission says; None for a record that is none."""
    if text.startswith(_DETAIL):
        text = text[len(_DETAIL) + _REFERENCE :]
    text = text.lstrip(" \r\n\t") if text[:2].isspace() else text
    at = min((place for separator in (FS, GS, SS) if (place := text.find(separator)) >= 0), default=len(text))
    is_request = text[6:8] == VERSION or (text[:2] != VERSION and at >= REQUEST_LENGTH)
    parts, length = (REQUEST_HEADER, REQUEST_LENGTH) if is_request else (RESPONSE_HEADER, RESPONSE_LENGTH)
    if at == len(text) and (len(text) < RESPONSE_LENGTH or VERSION not in text[:8]):
        return None
    if at != length:
        reading.oddity(
            f"a header that is not {REQUEST_LENGTH} (request) or {RESPONSE_LENGTH} (response) characters long",
            example=at,
        )
    header, begin = {}, 0
    for part in parts:
        header[part.name] = text[begin : min(begin + part.width, at)].strip()
        begin += part.width
    if header["version"] != VERSION:
        reading.oddity("a version other than D0", example=header["version"])
    groups = text[at:].split(GS)
    found = Transmission(is_request, header, list(_segments(groups[0])))
    found.transactions = [list(_segments(group)) for group in groups[1:]]
    return found


def _segments(group: str) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    for raw in group.split(SS):
        fields = [part for part in raw.split(FS) if part]
        if not fields:
            continue
        number = fields[0][2:] if fields[0][:2] == "AM" else ""
        yield number, [(part[:2], part[2:]) for part in fields if part[:2] != "AM"]
