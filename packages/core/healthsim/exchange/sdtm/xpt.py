"""SAS transport files, versions 5 and 8: datasets as 80-byte records, written and read as streams.

The layout is that of SAS technical support note TS-140. Numbers are IBM's: a sign, seven bits of exponent to the base 16, 56 bits
of fraction; a letter or a point in the first byte, and zeros, is a missing value.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from healthsim.errors import InvalidInput

RECORD = 80
#: what the header names as the operating system in files that were written here
OURS = "HSIM"
_MAGIC = b"HEADER RECORD*******LIB"
_NUMBER_BYTES, _NAMESTR = 8, 140
_MEMBER = b"HEADER RECORD*******MEMB"
#: what ends the rows of a dataset: another one, or another file behind this one
_BEGINS = (_MEMBER, _MAGIC)
_MISSING = b"._ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: numbers of 16 to a higher power cannot be written: they are missing
_GREATEST = 63
#: rows that are read or laid out at a time
ROWS = 4_096


@dataclass(frozen=True)
class XptColumn:
    """One variable: its name, its label, and the bytes of its texts; 0 for numbers."""

    name: str
    label: str
    bytes: int

    @property
    def width(self) -> int:
        """The bytes that a value takes."""
        return self.bytes or _NUMBER_BYTES


@dataclass(frozen=True)
class XptDataset:
    """A dataset of a transport file: what it says of itself, and its rows."""

    name: str
    label: str
    columns: tuple[XptColumn, ...]
    rows: Iterator[list[Any]]
    is_ours: bool


def is_xpt(path: Path) -> bool:
    """Whether a file begins as a transport file does."""
    with path.open("rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC


# -- writing --------------------------------------------------------------------------------------------------


def write_header(stream: IO[bytes], name: str, label: str, columns: Sequence[XptColumn], made: dt.datetime) -> None:
    """The records before the rows."""
    moment = made.strftime("%d%b%y:%H:%M:%S").upper()
    stream.write(_head("LIBRARY", "0" * 30))
    stream.write(_record(f"{'SAS':8}{'SAS':8}{'SASLIB':8}{'9.4':8}{OURS:8}{'':24}{moment}"))
    stream.write(_record(moment))
    stream.write(_head("MEMBER", "000000000000000001600000000140"))
    stream.write(_head("DSCRPTR", "0" * 30))
    stream.write(_record(f"{'SAS':8}{name:8}{'SASDATA':8}{'9.4':8}{OURS:8}{'':24}{moment}"))
    stream.write(_record(f"{moment}{'':16}{label:40}{'':8}"))
    stream.write(_head("NAMESTR", f"000000{len(columns):04}00000000000000000000"))
    described, place = b"", 0
    for number, column in enumerate(columns, start=1):
        described += _namestr(column, number, place)
        place += column.width
    stream.write(_filled(described))
    stream.write(_head("OBS", "0" * 30))


def rows_as_bytes(columns: Sequence[XptColumn], values: Sequence[Sequence[Any]], rows: int) -> bytes:
    """Rows as the file has them, from values by column: texts of ASCII, or numbers; None is missing."""
    row = np.empty((rows, sum(column.width for column in columns)), dtype=np.uint8)
    place = 0
    for column, of_column in zip(columns, values, strict=True):
        if column.bytes:
            text = b"".join((value or "").encode("ascii").ljust(column.bytes) for value in of_column)
            part = np.frombuffer(text, dtype=np.uint8).reshape(rows, column.bytes)
        else:
            part = _ibm(np.array([np.nan if value is None else value for value in of_column], dtype=np.float64))
        row[:, place : place + column.width] = part
        place += column.width
    return row.tobytes()


def padding(written: int) -> bytes:
    """The blanks that fill the last record after so many bytes."""
    return b" " * (-written % RECORD)


def _head(kind: str, numbers: str) -> bytes:
    return _record(f"HEADER RECORD*******{kind:8}HEADER RECORD!!!!!!!{numbers}")


def _record(text: str) -> bytes:
    return text.encode("ascii").ljust(RECORD)


def _filled(content: bytes) -> bytes:
    return content + padding(len(content))


def _namestr(column: XptColumn, number: int, place: int) -> bytes:
    kind = 2 if column.bytes else 1
    return struct.pack(
        ">hhhh8s40s8shhh2s8shhl52s",
        kind,
        0,
        column.width,
        number,
        column.name.encode("ascii").ljust(8),
        column.label.encode("ascii").ljust(40),
        b" " * 8,
        0,
        0,
        0,
        b"",
        b" " * 8,
        0,
        0,
        place,
        b"",
    )


def _ibm(numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Numbers in eight bytes each: fraction and exponent to the base 16, exactly where they are whole or have 53 bits."""
    fraction, two = np.frexp(np.abs(numbers))
    # the exponent to the base 16 that leaves a fraction below 1
    sixteen = -(-two // 4)
    shifted = np.ldexp(np.where(np.isfinite(fraction), fraction, 0), two - 4 * sixteen + 56).astype(np.uint64)
    word = shifted | (np.clip(sixteen + 64, 0, 127).astype(np.uint64) << np.uint64(56))
    word |= np.signbit(numbers).astype(np.uint64) << np.uint64(63)
    word[numbers == 0] = 0
    word[sixteen < -64] = 0
    word[~np.isfinite(numbers) | (sixteen > _GREATEST)] = ord(".") << 56
    characters: np.ndarray[Any, Any] = word.astype(">u8").view(np.uint8).reshape(-1, _NUMBER_BYTES)
    return characters


# -- reading --------------------------------------------------------------------------------------------------


def read_datasets(stream: IO[bytes], name: str) -> Iterator[XptDataset]:
    """The datasets of a transport file, one after the other; the rows of each are to be read before the next one.

    Raises:
        InvalidInput: it is cut off, or no such file.
    """
    head = _expect(stream, _MAGIC, name)
    while head.startswith(_BEGINS):
        if head.startswith(_MAGIC):
            is_ours = _take(stream, RECORD, name)[32:40].strip() == OURS.encode()
            _take(stream, RECORD, name)
            head = stream.read(RECORD)
            continue
        rows = _Rows(stream)
        yield _member(stream, name, rows, is_ours)
        rows.finish()
        head = rows.after


def _member(stream: IO[bytes], name: str, rows: _Rows, is_ours: bool) -> XptDataset:
    _expect(stream, b"HEADER RECORD*******DSCRPTR", name, b"HEADER RECORD*******DSCPTV8")
    first, second = _take(stream, RECORD, name), _take(stream, RECORD, name)
    names = _expect(stream, b"HEADER RECORD*******NAMESTR", name, b"HEADER RECORD*******NAMSTV8")
    is_eight = names[20:27] == b"NAMSTV8"
    try:
        count = int(names[53:58])
    except ValueError:
        raise InvalidInput(f"{name} does not say how many variables it has; expected a SAS transport file.") from None
    described = _take(stream, -(-count * _NAMESTR // RECORD) * RECORD, name)
    columns = [_column(described[at * _NAMESTR : (at + 1) * _NAMESTR], is_eight) for at in range(count)]
    head = _take(stream, RECORD, name)
    if head.startswith(b"HEADER RECORD*******LABELV8"):
        columns, head = _with_labels(stream, columns, head, name)
    if not head.startswith(b"HEADER RECORD*******OBS"):
        raise InvalidInput(f"{name} has no rows where they should begin; expected a SAS transport file that is whole.")
    rows.columns = tuple(columns)
    start, end = (8, 40) if is_eight else (8, 16)
    return XptDataset(_text(first[start:end]), _text(second[32:72]), tuple(columns), iter(rows), is_ours)


def _with_labels(stream: IO[bytes], columns: list[XptColumn], head: bytes, name: str) -> tuple[list[XptColumn], bytes]:
    """The columns with their long labels, and the record that follows."""
    content = b""
    while not (record := _take(stream, RECORD, name)).startswith(b"HEADER RECORD*******OBS"):
        content += record
    at = 0
    while at + 6 <= len(content):
        number, name_bytes, label_bytes = struct.unpack(">hhh", content[at : at + 6])
        if not 0 < number <= len(columns):
            break
        label = _text(content[at + 6 + name_bytes : at + 6 + name_bytes + label_bytes])
        old = columns[number - 1]
        columns[number - 1] = XptColumn(old.name, label, old.bytes)
        at += 6 + name_bytes + label_bytes
    return columns, record


def _column(namestr: bytes, is_eight: bool) -> XptColumn:
    kind, _, width = struct.unpack(">hhh", namestr[:6])
    name = namestr[88:120] if is_eight and namestr[88:120].strip(b" \0") else namestr[8:16]
    return XptColumn(_text(name), _text(namestr[16:56]), width if kind == 2 else -width)


class _Rows:
    """The rows of a dataset: as many as there are records until the next dataset, or the end of the file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.columns: tuple[XptColumn, ...] = ()
        self.after = b""
        self._stream = stream
        self._ended = False

    def __iter__(self) -> Iterator[list[Any]]:
        widths = [abs(column.bytes) for column in self.columns]
        size, buffer, is_last = sum(widths), b"", False
        while size and not is_last:
            buffer += self._more()
            is_last = self._ended
            # what may be blanks that only fill the last record waits until it is known to be no row
            whole = (len(buffer) if is_last else max(len(buffer) - RECORD, 0)) // size
            filling = len(buffer) - whole * size
            while (
                is_last and whole and filling + size < RECORD and not buffer[(whole - 1) * size : whole * size].strip()
            ):
                whole, filling = whole - 1, filling + size
            for row in range(whole):
                yield _values(buffer[row * size : (row + 1) * size], self.columns, widths)
            buffer = buffer[whole * size :]
        if buffer.strip(b" \0"):
            # the file breaks off in a row: what of it is there
            yield _values(buffer, self.columns, widths)

    def _more(self) -> bytes:
        """The next records that belong to the rows."""
        records = []
        for _ in range(ROWS):
            record = self._stream.read(RECORD)
            if len(record) < RECORD or record.startswith(_BEGINS):
                self._ended = True
                self.after = record
                if len(record) < RECORD:
                    records.append(record)
                break
            records.append(record)
        return b"".join(records)

    def finish(self) -> None:
        """Pass over rows that nobody read."""
        while not self._ended:
            self._more()


def _values(content: bytes, columns: Sequence[XptColumn], widths: Sequence[int]) -> list[Any]:
    values: list[Any] = []
    place = 0
    for column, width in zip(columns, widths, strict=True):
        if place + width > len(content):
            break
        part = content[place : place + width]
        values.append(_text(part) if column.bytes > 0 else _number(part))
        place += width
    return values


def _number(part: bytes) -> float | int | str | None:
    """A number; None for a missing one, and ``.A`` for one that is missing for a reason."""
    if part[0] in _MISSING and not part[1:].strip(b"\0"):
        return None if part[0] == ord(".") else "." + chr(part[0])
    word = int.from_bytes(part.ljust(_NUMBER_BYTES, b"\0"), "big")
    fraction = word & ((1 << 56) - 1)
    number = fraction * 16.0 ** ((word >> 56 & 0x7F) - 64 - 14)
    number = -number if word >> 63 else number
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _text(part: bytes) -> str:
    """Text of UTF-8 or, where it is none, of Windows; blanks at the end only fill."""
    plain = part.rstrip(b" \0")
    try:
        return plain.decode("utf-8")
    except UnicodeDecodeError:
        return plain.decode("cp1252", "replace")


def _expect(stream: IO[bytes], begins: bytes, name: str, *others: bytes) -> bytes:
    record = _take(stream, RECORD, name)
    if not record.startswith((begins, *others)):
        raise InvalidInput(
            f"{name} is no SAS transport file that can be read: {begins.decode()!r} should begin a record that is"
            f" {record[:48].decode('ascii', 'replace')!r}. Write it anew with the program that made it."
        )
    return record


def _take(stream: IO[bytes], size: int, name: str) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise InvalidInput(f"{name} ends too early: it is a part of a SAS transport file. Copy it again.")
    return content
