"""Archives: gz and zip are unpacked into a folder of the import's own, which goes when the import ends.

What an archive says of itself is not trusted: sizes are counted while it is unpacked, names that lead out of the folder are
refused, and so are archives that grow to very much more than they are.
"""

from __future__ import annotations

import gzip
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO

from healthsim.errors import InvalidInput
from healthsim.outputs import disk_full, is_full

GZ = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
CHUNK = 1 << 20
#: an archive may hold as much whatever its own size is ...
ALWAYS_BYTES = 2_000_000_000
#: ... and beyond that as many times its own size: text compresses to a twentieth, repeated text to a hundredth
MOST_TIMES = 300
MOST_MEMBERS = 200_000
#: archives in archives in archives
DEEPEST = 4
_ENCRYPTED = 0x1


class _Meter:
    """Counts what comes out of an archive."""

    def __init__(self, archive: Path, shown: str) -> None:
        self.shown = shown
        self.limit = max(ALWAYS_BYTES, MOST_TIMES * archive.stat().st_size)
        self.bytes = 0

    def copy(self, read: Callable[[int], bytes], target: IO[bytes]) -> None:
        while data := read(CHUNK):
            self.bytes += len(data)
            if self.bytes > self.limit:
                raise InvalidInput(
                    f"{self.shown} grows to more than {self.limit / 1e9:,.0f} GB, {MOST_TIMES} times its size; it was taken for"
                    " an archive made to fill disks, and not unpacked. If it is none, unpack it yourself.",
                    path=self.shown,
                )
            target.write(data)


def unpack_gz(archive: Path, shown: str, folder: Path) -> Path:
    """The file inside a gz, in a folder.

    Raises:
        InvalidInput: it is broken, or grows beyond measure.
        HealthSimError: the disk is full.
    """
    name = archive.name
    for ending in (".gz", ".gzip"):
        name = name[: -len(ending)] if name.lower().endswith(ending) and len(name) > len(ending) else name
    target = folder / name
    meter = _Meter(archive, shown)
    try:
        with gzip.open(archive, "rb") as source, target.open("wb") as stream:
            meter.copy(source.read, stream)
    except (OSError, EOFError, zlib.error) as error:
        if is_full(error):
            raise disk_full(folder, "nothing was saved") from None
        raise InvalidInput(
            f"{shown} is a gzip file that cannot be unpacked ({_reason(error)}). Was it cut off on the way? Get it again.",
            path=shown,
        ) from None
    return target


def unpack_zip(archive: Path, shown: str, folder: Path) -> None:
    """Unpack a zip into a folder.

    Raises:
        InvalidInput: it is broken or encrypted, holds names that lead out of it, or grows beyond measure.
        HealthSimError: the disk is full.
    """
    meter = _Meter(archive, shown)
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            if len(members) > MOST_MEMBERS:
                raise InvalidInput(
                    f"{shown} holds {len(members):,} files; expected at most {MOST_MEMBERS:,}.", path=shown
                )
            for number, member in enumerate(members):
                if not member.is_dir():
                    _unpack_member(opened, member, number, shown, folder, meter)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        if is_full(error):
            raise disk_full(folder, "nothing was saved") from None
        raise InvalidInput(
            f"{shown} is a zip archive that cannot be unpacked ({_reason(error)}). Was it cut off on the way? Get it again.",
            path=shown,
        ) from None


def _unpack_member(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, number: int, shown: str, folder: Path, meter: _Meter
) -> None:
    name = member.filename
    if member.flag_bits & _ENCRYPTED:
        raise InvalidInput(f"{shown} is encrypted ({name}); unpack it with its password first.", path=shown)
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0] or "\0" in name:
        raise InvalidInput(
            f"{shown} holds a file whose name leads out of it ({name[:200]!r}); nothing of it was read.", path=shown
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise InvalidInput(f"{shown} holds a symbolic link ({name}); nothing of it was read.", path=shown)
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        # a zip may hold one name twice
        target = target.with_name(f"{target.stem}~{number}{target.suffix}")
    with opened.open(member) as source, target.open("wb") as stream:
        meter.copy(source.read, stream)


def copy_stream(source: Path, shown: str, folder: Path) -> Path:
    """What comes out of a pipe, as a file of a folder: it is looked at more than once.

    Raises:
        InvalidInput: it cannot be read.
        HealthSimError: the disk is full.
    """
    target = folder / (source.name or "input")
    try:
        with source.open("rb") as stream, target.open("wb") as copy:
            shutil.copyfileobj(stream, copy, CHUNK)
    except OSError as error:
        if is_full(error):
            raise disk_full(folder, "nothing was saved") from None
        raise InvalidInput(f"{shown} cannot be read: {error.strerror or error}.", path=shown) from None
    return target


def copy_as_utf8(source: Path, encoding: str, shown: str, folder: Path) -> Path:
    """A file of text in another encoding, as UTF-8 in a folder.

    Raises:
        InvalidInput: it cannot be read.
        HealthSimError: the disk is full.
    """
    target = folder / source.name
    try:
        with (
            source.open(encoding=encoding, errors="replace", newline="") as stream,
            target.open("w", encoding="utf-8", errors="replace", newline="") as copy,
        ):
            # a half character at the end of the last block is replaced as any that cannot be read
            shutil.copyfileobj(stream, copy, CHUNK)
    except OSError as error:
        if is_full(error):
            raise disk_full(folder, "nothing was saved") from None
        raise InvalidInput(f"{shown} cannot be read: {error.strerror or error}.", path=shown) from None
    return target


def _reason(error: BaseException) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
