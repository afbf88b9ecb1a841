"""Files as they are published: CSV, gzip, zip with several members.

A member is opened as a plain file of UTF-8 text, or refused with what was seen. Nothing is unpacked that is larger
than a published file can be.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, ClassVar, cast

from healthsim.errors import HealthSimError, InvalidInput, NotFound

CHUNK = 1 << 20
#: what the Census Bureau writes its older files in; it holds all letters of Latin-1
FOREIGN = "cp1252"
#: no published table is larger: the NPPES file has 10 GB and is never unpacked to disk, the others have 1 GB
LARGEST_STREAM = 40 << 30
LARGEST_TABLE = 4 << 30
#: statistics do not shrink to less than a hundredth of their size; small ones may be anything
LARGEST_RATIO = 200
RATIO_MATTERS_FROM = 64 << 20

_TABLE = re.compile(r"\.(csv|txt|tsv)(\.gz)?$", re.I)
#: header-only companions and documents that lie in the zips beside the tables
_COMPANION = re.compile(r"fileheader|readme|__macosx|(^|/)\._", re.I)
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|head|body|error)", re.I)


@dataclass(frozen=True)
class Member:
    """One table of a file: the file itself, or a member of a zip."""

    path: Path
    name: str
    size: int
    packed: str | None = None

    @property
    def label(self) -> str:
        """How messages and the list of loads call it."""
        return f"{self.path.name}/{self.name}" if self.packed == "zip" else self.path.name

    @property
    def limit(self) -> int:
        """The most bytes that a table of statistics may unpack to."""
        packed = self.path.stat().st_size
        return min(LARGEST_TABLE, max(packed * LARGEST_RATIO, RATIO_MATTERS_FROM))

    @property
    def is_bomb(self) -> bool:
        """Whether it says of itself that it unpacks to more than a table of statistics can."""
        return self.packed == "zip" and self.size > self.limit

    @contextmanager
    def open(self, limit: int | None = None) -> Iterator[IO[bytes]]:
        """Its bytes, unpacked while they are read.

        Args:
            limit: the most bytes that it may unpack to; by default what a table of statistics may.

        Raises:
            InvalidInput: the file is damaged, or unpacks to more than a table can be.
        """
        with ExitStack() as stack:
            try:
                if self.packed == "zip":
                    archive = stack.enter_context(zipfile.ZipFile(self.path))
                    stream: IO[bytes] = stack.enter_context(archive.open(self.name))
                elif self.packed == "gzip":
                    stream = cast(IO[bytes], stack.enter_context(gzip.open(self.path)))
                else:
                    stream = stack.enter_context(self.path.open("rb"))
                yield stream if self.packed is None else cast(IO[bytes], Unpacked(stream, self, limit or self.limit))
            except (zipfile.BadZipFile, EOFError, zlib.error, gzip.BadGzipFile, NotImplementedError) as error:
                raise damaged(self, str(error)) from None
            except RuntimeError as error:
                if "password" not in str(error):
                    raise
                raise damaged(self, "it is encrypted") from None


class Unpacked(io.RawIOBase):
    """An unpacking stream that stops at what cannot be a table any more, and speaks of the member when it fails."""

    FAULTS: ClassVar[tuple[type[Exception], ...]] = (zipfile.BadZipFile, EOFError, zlib.error, gzip.BadGzipFile)

    def __init__(self, stream: IO[bytes], member: Member, limit: int) -> None:
        self._stream = stream
        self._member = member
        self._limit = limit
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            part = self._stream.read(CHUNK if size < 0 else size)
        except self.FAULTS as error:
            raise damaged(self._member, str(error)) from None
        self.count += len(part)
        if self.count > self._limit:
            raise bomb(self._member, self.count)
        return part

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any writable buffer
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def bomb(member: Member, size: int) -> InvalidInput:
    """The error for a packed file that unpacks to more than a table can be."""
    return InvalidInput(
        f"{member.label} unpacks to {size >> 20:,} MiB or more from {member.path.stat().st_size >> 10:,} KiB, which no"
        f" published table does (at most {LARGEST_RATIO} to 1, and {LARGEST_TABLE >> 30} GiB): it is refused as a"
        " zip bomb."
        " Nothing was loaded. Fetch the file again from its publisher.",
        file=member.label,
    )


def damaged(member: Member, why: str) -> InvalidInput:
    """The error for a packed file that cannot be unpacked."""
    return InvalidInput(
        f"{member.label} is damaged or incomplete ({why or 'it ends too early'}); nothing was loaded. Fetch it again.",
        file=member.label,
    )


def members_of(path: Path) -> list[Member]:
    """The tables of a file.

    Raises:
        NotFound: there is no such file.
        InvalidInput: it is no table and no archive of tables.
    """
    if not path.exists():
        raise NotFound(f"There is no file {path}. Check the path.", path=str(path))
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder; expected a file (CSV, gzip or zip).", path=str(path))
    if not path.is_file():
        # to open a pipe would wait for a writer, and it can be read once only: a load reads it twice
        raise InvalidInput(
            f"{path} is a pipe or a device, and a table is read more than once; expected a file. Write it into one first.",
            path=str(path),
        )
    try:
        with path.open("rb") as stream:
            start = stream.read(512)
    except OSError as error:
        raise HealthSimError(f"{path} cannot be read ({error.strerror}).", path=str(path)) from None
    if not start:
        raise InvalidInput(f"{path.name} is empty; expected a table with a header. Fetch it again.", path=str(path))
    if start[:2] == b"\x1f\x8b":
        return [Member(path, re.sub(r"\.gz$", "", path.name, flags=re.I), path.stat().st_size, "gzip")]
    refuse_packed(path.name, start)
    if start[:2] != b"PK":
        return [Member(path, path.name, path.stat().st_size)]
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except zipfile.BadZipFile as error:
        raise damaged(Member(path, path.name, path.stat().st_size), str(error)) from None
    if any(entry.filename == "[Content_Types].xml" for entry in entries):
        raise InvalidInput(
            f"{path.name} is an Excel workbook; expected CSV. Save its sheet as CSV (UTF-8) and import that.",
            path=str(path),
        )
    tables = [e for e in entries if _TABLE.search(e.filename) and not _COMPANION.search(e.filename)]
    if not tables:
        seen = ", ".join(entry.filename for entry in entries[:5]) or "nothing"
        raise InvalidInput(f"{path.name} has no table in it: seen {seen}; expected a .csv or .txt.", path=str(path))
    for entry in tables:
        if entry.compress_type not in _UNPACKED:
            raise InvalidInput(
                f"{path.name}/{entry.filename} is packed by {_METHODS.get(entry.compress_type, 'a method')} (method"
                f" {entry.compress_type}), which Python cannot unpack; it is not damaged. Unpack it with another program"
                " (7-Zip, unzip) and import the table itself.",
                file=path.name,
            )
    return [Member(path, entry.filename, entry.file_size, "zip") for entry in tables]


_UNPACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_METHODS = {9: "Deflate64", 93: "Zstandard", 98: "PPMd", 99: "AES encryption"}
#: what other packed files begin with
_PACKED = {
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"Rar!": "RAR",
    b"\x1f\x9d": "compress",
    b"%PDF": "PDF",
    b"PAR1": "Parquet",
    b"\xd0\xcf\x11\xe0": "old Excel",
}


def refuse_packed(name: str, start: bytes) -> None:
    """Refuse a file that is packed in a way that is not read here, and say in which.

    Raises:
        InvalidInput: it is a tar archive, or of another format that its first bytes tell.
    """
    form = (
        "tar"
        if start[257:262] == b"ustar"
        else next((f for magic, f in _PACKED.items() if start.startswith(magic)), None)
    )
    if form is not None:
        raise InvalidInput(
            f"{name} is a file of {form}; expected a table (CSV), or one packed by gzip or zip. Unpack or export it first,"
            " and import the table itself.",
            file=name,
            format=form,
        )


@dataclass(frozen=True)
class Table:
    """A member whose start has been read: its header, and how its fields are told apart."""

    member: Member
    delimiter: str
    #: lines before the header (titles)
    skip: int
    header: tuple[str, ...]
    #: the first record, to see what a header alone does not tell
    first: tuple[str, ...]
    #: a second header line below the first, as some files carry
    second: tuple[str, ...] | None = None
    after_second: tuple[str, ...] = ()
    #: where the text is no UTF-8: the place that says so
    foreign: InvalidInput | None = None


def read_start(member: Member) -> Table:
    """Read the header of a member.

    Raises:
        InvalidInput: it is not text in UTF-8, or has no header and rows.
    """
    with member.open() as stream:
        start = stream.read(4 * CHUNK if member.packed is None else CHUNK)
    if _MARKUP.match(start.removeprefix(b"\xef\xbb\xbf")):
        line = start.removeprefix(b"\xef\xbb\xbf").strip().splitlines()[0][:60].decode("utf-8", "replace")
        raise InvalidInput(
            f"{member.label} is a web page, not a table: it starts with {line!r}. The publisher answered with an error"
            " page; fetch the file again.",
            file=member.label,
        )
    refuse_packed(member.label, start[:512])
    if b"\x00" in start[:4096]:
        raise InvalidInput(
            f"{member.label} is not text in UTF-8 (it has zero bytes: UTF-16, or a binary file). Save it as CSV"
            " (UTF-8).",
            file=member.label,
        )
    foreign: InvalidInput | None = None
    try:
        text = _decoded(member, start)
    except InvalidInput as error:
        foreign, text = error, start.decode(FOREIGN, "replace")
    lines = text.split("\n", 12)[:12]
    filled = [_filled_cells(line) for line in lines]
    # titles above a table fill one cell, or two where they have a comma
    skip = next((number for least in (3, 2) for number, cells in enumerate(filled) if cells >= least), None)
    if skip is None:
        raise InvalidInput(
            f"{member.label} has no header of a table: its first line is {lines[0][:60]!r}. Expected column names"
            " separated by commas.",
            file=member.label,
        )
    delimiter = _delimiter(lines[skip])
    records = csv.reader(io.StringIO("\n".join(text.split("\n")[skip:]), newline=""), delimiter=delimiter)
    top: list[tuple[str, ...]] = []
    try:
        for record in records:
            if record:
                top.append(tuple(field.strip() for field in record))
            if len(top) == 3:
                break
    except csv.Error as error:
        raise InvalidInput(f"{member.label}, line {records.line_num}: {error}.", file=member.label) from None
    if len(top) < 2:
        raise InvalidInput(
            f"{member.label} has a header and no rows; nothing was loaded. The download was cut off, or it is a"
            " description of the columns: fetch the table itself.",
            file=member.label,
        )
    two_headers = len(top[1]) == len(top[0]) and not any(re.search(r"^-?\d", field) for field in top[1])
    return Table(
        member,
        delimiter,
        skip,
        top[0],
        top[1],
        second=top[1] if two_headers and len(top) > 2 else None,
        after_second=top[2] if len(top) > 2 else (),
        foreign=foreign,
    )


def _delimiter(line: str) -> str:
    return max(",|\t", key=line.count)


def _filled_cells(line: str) -> int:
    start = line.split("\r", 1)[0][: 1 << 16]
    return sum(bool(cell.strip()) for cell in next(csv.reader([start], delimiter=_delimiter(start)), []))


def _decoded(member: Member, start: bytes) -> str:
    try:
        return start.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # a character may be cut in two where the part that was read ends
        if error.end >= len(start) - 4 and error.reason == "unexpected end of data":
            return start[: error.start].decode("utf-8-sig")
        raise not_utf8(member, start.count(b"\n", 0, error.start) + 1, start[error.start]) from None


def not_utf8(member: Member, line: int, byte: int | None = None) -> InvalidInput:
    """The error for text in another encoding."""
    seen = f"the byte 0x{byte:02X}" if byte is not None else "bytes"
    return InvalidInput(
        f"{member.label}, line {line:,}: {seen} that UTF-8 does not have (Latin-1 or Windows-1252, probably). Nothing"
        " was loaded. Convert the file to UTF-8 and import that.",
        file=member.label,
        line=line,
    )


@contextmanager
def unpacked(member: Member, encoding: str | None = None) -> Iterator[Path]:
    """The member as a plain file of UTF-8; others live in a temporary folder as long as the block.

    Args:
        encoding: what its text is in, if not in UTF-8.
    """
    if member.packed is None and encoding is None:
        yield member.path
        return
    with TemporaryDirectory(prefix="healthsim-") as folder:
        target = Path(folder) / "table.csv"
        with member.open() as stream, target.open("wb") as copy:
            if encoding is None:
                shutil.copyfileobj(stream, copy, CHUNK)
            else:
                # a byte is a letter in it: no letter is cut in two
                while part := stream.read(CHUNK):
                    copy.write(part.decode(encoding, "replace").encode())
        yield target
