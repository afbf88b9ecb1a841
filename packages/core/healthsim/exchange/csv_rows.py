"""CSV files of others, row by row: what is odd in them is reported, and nothing of a row is lost."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.errors import InvalidInput
from healthsim.exchange.seen import encoding_of, text_head

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

#: characters of one field; the module's own limit is a tenth of that
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
_SEPARATORS = ",;\t|"
#: bytes that are not UTF-8, as ``surrogateescape`` gives them
_BYTES = re.compile("[\udc80-\udcff]")


def header_of(path: Path) -> list[str]:
    """The names of the columns, as they are written; empty where the file is no table."""
    text = text_head(path, 65_536)
    line = text.splitlines()[0] if text else ""
    if "\0" in line or line[:1] in ("{", "[", "<"):
        return []
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=separator_of(line)), [])]
    except csv.Error:
        return []


def separator_of(line: str) -> str:
    """What stands between the columns of a header: the usual sign that it has most of."""
    return max(_SEPARATORS, key=line.count)


def rows_of(path: Path, reading: Reading) -> Iterator[dict[str, str]]:
    """The rows of a file, by the names of their columns; fields beyond the header are ``column 12`` and so on.

    Raises:
        InvalidInput: it is not text, or no CSV.
    """
    header = header_of(path)
    line = text_head(path, 65_536).splitlines()[0]
    if len(set(header)) < len(header):
        reading.oddity("a header that names a column twice; the further ones are called name~2", line=1)
    names = list(_different(header))
    try:
        with path.open(encoding=encoding_of(path), newline="", errors="surrogateescape") as stream:
            records = csv.reader(_readable(stream, reading), delimiter=separator_of(line))
            next(records, None)
            for fields in records:
                if not fields:
                    continue
                reading.line = records.line_num
                if len(fields) != len(names):
                    reading.oddity(f"a row of {'more' if len(fields) > len(names) else 'fewer'} fields than the header")
                row = dict(zip(names, fields, strict=False))
                row.update((f"column {place}", text) for place, text in enumerate(fields[len(names) :], len(names) + 1))
                yield row
    except csv.Error as error:
        raise InvalidInput(
            f"{reading.part or reading.source} cannot be read as CSV after line {reading.line or 1}: {error}.",
            path=reading.source,
        ) from None
    finally:
        reading.line = None


def _readable(lines: Iterable[str], reading: Reading) -> Iterator[str]:
    """The lines of a file; bytes that are no UTF-8 are of Windows, which tables of spreadsheets are saved in."""
    for line in lines:
        if not line.isascii() and _BYTES.search(line):
            reading.oddity("text that is not UTF-8; read as Windows-1252")
            raw = line.encode("utf-8", "surrogateescape")
            # the few bytes that this set leaves open are controls, as in ISO 8859-1
            line = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in raw)
        yield line


def _different(names: list[str]) -> Iterator[str]:
    taken: set[str] = set()
    for name in names:
        fresh, number = name, 1
        while fresh in taken:
            number += 1
            fresh = f"{name}~{number}"
        taken.add(fresh)
        yield fresh
