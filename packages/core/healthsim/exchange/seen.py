"""What a file looks like, in words: for those that no format recognises."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

_HEAD = 8_192
_SHOWN = 60
#: what files begin with -> what they are
_MAGIC = (
    (b"\x1f\x8b", "a gzip file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "a document of old Microsoft Office"),
    (b"BZh", "a bzip2 file; unpack it first"),
    (b"\xfd7zXZ", "an xz file; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd file; unpack it first"),
    (b"Rar!", "a rar archive; unpack it first"),
)
_ELEMENT = re.compile(r"<(?!\?|!)([\w:.-]+)")


def head_of(path: Path, size: int = _HEAD) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as stream:
        return stream.read(size)


def text_head(path: Path, size: int = _HEAD) -> str:
    """The first characters of a file of text, without a byte order mark and leading white space."""
    return head_of(path, size).decode(encoding_of(path), "replace").lstrip("\ufeff \t\r\n")


def encoding_of(path: Path) -> str:
    """The encoding of a file of text, told by its byte order mark or its zero bytes; UTF-8 where neither says another."""
    head = head_of(path, 12)
    if head[8:] == b"DUCK":
        # whose files begin with a checksum, which is any bytes
        return "utf-8-sig"
    head = head[:4]
    if head in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
        return "utf-32"
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    # two characters that every alphabet of tags, names and brackets has
    if len(head) == 4 and head[::2] == b"\0\0" and all(32 <= byte < 127 for byte in head[1::2]):
        return "utf-16-be"
    if len(head) == 4 and head[1::2] == b"\0\0" and all(32 <= byte < 127 for byte in head[::2]):
        return "utf-16-le"
    return "utf-8-sig"


def is_blank(path: Path) -> bool:
    """Whether a file holds nothing but white space, as far as its head shows."""
    return path.stat().st_size <= _HEAD and not text_head(path)


def what_it_is(path: Path) -> str:
    """A file in a few words: ``a CSV file with the header Id,DATE``."""
    head = head_of(path)
    if not head:
        return "an empty file"
    for sign, words in _MAGIC:
        if head.startswith(sign):
            return words
    if head[8:12] == b"DUCK":
        return "a DuckDB database"
    if head[257:262] == b"ustar":
        return "a tar archive; unpack it first"
    text = text_head(path)
    if not text:
        return "a file of white space"
    if _is_binary(head):
        return f"a binary file that begins with {head[:8].hex(' ')}"
    if text.startswith("<"):
        element = _ELEMENT.search(text)
        return f"XML with the root element {element.group(1)}" if element else "XML"
    line = text.splitlines()[0]
    if text[0] in "{[":
        return f"JSON that begins with {_short(line)}"
    for separator in ",;\t|":
        if line.count(separator) >= 1 and all(part.strip() for part in line.split(separator)[:2]):
            return f"a table with the header {_short(line)}"
    return f"text that begins with {_short(line)}"


def _is_binary(head: bytes) -> bool:
    return b"\0" in head or sum(byte < 9 or 13 < byte < 27 for byte in head) * 10 > len(head)


def _short(line: str) -> str:
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)
    return repr(shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…")
