"""Arrow columns in bulk: identifiers of fixed width, texts by code, dates, instants and money in cents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
#: four digits as one word
_FOUR = np.frombuffer("".join(f"{number:04d}" for number in range(10_000)).encode(), dtype=np.uint32)
#: characters that are copied as one word, by their number
_WORDS = {1: "u1", 2: "u2", 4: "u4", 8: "u8"}


def digits(values: npt.NDArray[Any], width: int) -> Bytes:
    """Whole numbers as decimal digits with leading zeros: (n, width) characters."""
    groups = -(-width // 4)
    out = np.empty((len(values), groups), dtype=np.uint32)
    # division of half the width takes half the time
    rest = values.astype(np.uint32 if width < 10 else np.uint64)
    for group in range(groups - 1, 0, -1):
        rest, last = np.divmod(rest, 10_000)
        out[:, group] = _FOUR[last]
    out[:, 0] = _FOUR[rest]
    characters: Bytes = out.view(np.uint8)
    return characters[:, groups * 4 - width :]


def texts(*parts: str | Bytes, rows: int) -> Bytes:
    """Parts side by side: a text is the same in every row, characters are one row each."""
    columns = [np.frombuffer(part.encode(), dtype=np.uint8) if isinstance(part, str) else part for part in parts]
    # each part is written as one item of its width, which numpy does faster than as so many characters
    out = np.empty(rows, dtype=[("", _WORDS.get(part.shape[-1], f"V{part.shape[-1]}")) for part in columns])
    for name, column in zip(out.dtype.names or (), columns, strict=True):
        out[name] = np.ascontiguousarray(column).view(out.dtype[name])[..., 0]
    return out.view(np.uint8).reshape(rows, out.dtype.itemsize)


def numbered(owners: Bytes, owner: npt.NDArray[Any], place: npt.NDArray[Any]) -> Bytes:
    """Characters of the rows of owners: those of the owner, a hyphen, and the place of the row in four digits."""
    # the owner's part comes with room for the place: characters of another width would be copied once more
    characters = gathered(texts(owners, "-0000", rows=len(owners)), owner)
    characters.view([("owner", f"V{owners.shape[1] + 1}"), ("place", np.uint32)])["place"][:, 0] = _FOUR.take(place)
    return characters


def strings(characters: Bytes, missing: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of text from rows of characters of one width."""
    rows, width = characters.shape
    small = rows * width < 2**31
    offsets = np.arange(rows + 1, dtype=np.int32 if small else np.int64)
    offsets *= width
    data = pa.py_buffer(np.ascontiguousarray(characters))
    there = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(
        pa.string() if small else pa.large_string(), rows, [there, pa.py_buffer(offsets), data]
    )


def gathered(characters: Bytes, rows: npt.NDArray[Any]) -> Bytes:
    """Rows of characters by number."""
    width = characters.shape[1]
    # each row moves as one value, in a third of the time
    out: Bytes = characters.view(f"V{width}")[:, 0].take(rows).view(np.uint8).reshape(-1, width)
    return out


def picked(ids: pa.Array, rows: npt.NDArray[Any], *, gaps: bool = False) -> pa.Array:
    """Identifiers of one width by number; as plain text, for where few of them come twice. With gaps, a negative number is NULL."""
    if not len(rows):
        return pa.array([], pa.string())
    characters = gathered(np.frombuffer(ids.buffers()[2], dtype=np.uint8).reshape(len(ids), -1), rows)
    return strings(characters, rows < 0 if gaps else None)


def coded(codes: npt.NDArray[Any], values: Sequence[str | None] | pa.Array, *, gaps: bool = False) -> pa.Array:
    """A column of text by code: row i is ``values[codes[i]]``; with gaps, a negative code is NULL."""
    place = None
    if not isinstance(values, pa.Array):
        gaps = gaps or None in values
        values, place = _dictionary(tuple(values))
    indices = (codes if place is None else place.take(codes)).astype(np.int32, copy=False)
    low, high = (int(indices.min()), int(indices.max())) if len(indices) else (0, -1)
    if high >= len(values) or (low < 0 and not gaps):
        raise IndexError(f"There is no text of code {low if low < 0 else high} among {len(values)}.")
    array = _array(indices, pa.int32(), indices < 0 if gaps else None)
    return pa.DictionaryArray.from_arrays(array, values, safe=False)


def declared(table: pa.Table) -> pa.Table:
    """The table with fields that say which columns may be NULL: those that were made so, whether or not a row of them is.

    Parts of a run have one schema then, and no column has to be told row by row that it is there.
    """
    fields = [
        field.with_nullable(_may_be_null(column)) for field, column in zip(table.schema, table.columns, strict=True)
    ]
    return pa.table(table.columns, schema=pa.schema(fields))


def _may_be_null(column: pa.ChunkedArray) -> bool:
    if pa.types.is_null(column.type):
        return True
    chunks = (chunk.indices if isinstance(chunk, pa.DictionaryArray) else chunk for chunk in column.chunks)
    return any(chunk.buffers()[0] is not None for chunk in chunks)


@lru_cache(maxsize=512)
def _dictionary(values: tuple[str | None, ...]) -> tuple[pa.Array, npt.NDArray[np.int32] | None]:
    """Texts for a column by code, and where each of them stands if they cannot be taken as they are.

    Kept, since those of the knowledge are the same in every batch; others are made into an array by the caller.
    """
    kinds = dict.fromkeys(value for value in values if value is not None)
    place: dict[str | None, int] = {value: at for at, value in enumerate(kinds)}
    dictionary = pa.array(place, pa.string())
    if len(place) == len(values):
        return dictionary, None
    # a text that stands twice, or for NULL, would have to be written out row by row
    return dictionary, np.array([*(place.get(value, -1) for value in values), -1], dtype=np.int32)


def _array(values: npt.NDArray[Any], kind: pa.DataType, missing: npt.NDArray[np.bool_] | None) -> pa.Array:
    """Words of a type as a column of it, without going over them again."""
    there = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [there, pa.py_buffer(np.ascontiguousarray(values))])


def constant(value: str, rows: int) -> pa.Array:
    """A column that is one text throughout."""
    return coded(np.zeros(rows, dtype=np.int32), [value])


def days(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of dates from days since 1970-01-01."""
    return _array(values.astype(np.int32, copy=False), pa.date32(), missing)


def instants(minutes: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of instants (UTC) from minutes since 1970-01-01."""
    return _array(minutes.astype(np.int64, copy=False) * 60_000_000, pa.timestamp("us"), missing)


def money(cents: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of DECIMAL(14,2) from cents."""
    return _array(cents.astype(np.int64, copy=False), pa.decimal64(14, 2), missing)


def whole(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of INTEGER."""
    return _array(values.astype(np.int32, copy=False), pa.int32(), missing)


def numbers(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of DOUBLE."""
    return _array(values.astype(np.float64, copy=False), pa.float64(), missing)


def flags(values: npt.NDArray[np.bool_]) -> pa.Array:
    """A column of BOOLEAN."""
    return pa.array(values, pa.bool_())


def runs(sorted_keys: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of keys in order: the place of each row within its run of equal keys, and the place where that run starts."""
    n = len(sorted_keys)
    if not n:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    is_first = np.empty(n, dtype=bool)
    is_first[0] = True
    np.not_equal(sorted_keys[1:], sorted_keys[:-1], out=is_first[1:])
    starts = np.append(0, np.flatnonzero(is_first)).take(np.cumsum(is_first))
    place = np.arange(n)
    place -= starts
    return place, starts


def repeated(counts: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For groups of so many rows each: the group of every row, and its place within the group."""
    group = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return group, np.arange(len(group)) - starts.take(group)
