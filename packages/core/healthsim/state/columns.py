"""Rows as columns of Arrow, which the engine reads where they lie; made without pyarrow.

Importing pyarrow, and with it numpy, takes longer than a small save.
"""

from __future__ import annotations

import datetime as dt
from array import array as numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from itertools import accumulate
from operator import itemgetter
from typing import Any

import nanoarrow as na

_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()
_EPOCH = dt.datetime(1970, 1, 1)
_DAY_SECONDS = 86_400
_SECOND = 1_000_000
_DECIMAL_BYTES = 16

#: the buffers of a column without those of its nulls
Buffers = list[Any]


def _texts(values: Sequence[str]) -> Buffers:
    joined = "".join(values)
    if joined.isascii():
        return [numbers("i", accumulate(map(len, values), initial=0)), joined.encode("ascii")]
    encoded = [text.encode() for text in values]
    return [numbers("i", accumulate(map(len, encoded), initial=0)), b"".join(encoded)]


def _numbers(code: str) -> Callable[[Sequence[Any]], Buffers]:
    return lambda values: [numbers(code, values)]


def _flags(values: Sequence[bool]) -> Buffers:
    return [_bits(values)]


def _days(values: Sequence[dt.date]) -> Buffers:
    return [numbers("i", [value.toordinal() - _EPOCH_DAY for value in values])]


def _instants(values: Sequence[dt.datetime]) -> Buffers:
    return [numbers("q", [_microseconds(value - _EPOCH) for value in values])]


def _microseconds(passed: dt.timedelta) -> int:
    return (passed.days * _DAY_SECONDS + passed.seconds) * _SECOND + passed.microseconds


def _amounts(values: Sequence[Decimal]) -> Buffers:
    hundredths = (int(value * 100) for value in values)
    return [b"".join(number.to_bytes(_DECIMAL_BYTES, "little", signed=True) for number in hundredths)]


#: SQL type -> the type in Arrow, how values become its buffers, and what stands in them for a value that is missing
_TYPES: dict[str, tuple[Any, Callable[[Sequence[Any]], Buffers], Any]] = {
    "VARCHAR": (na.string(), _texts, ""),
    "JSON": (na.string(), _texts, ""),
    "DATE": (na.date32(), _days, _EPOCH),
    "TIMESTAMP": (na.timestamp("us"), _instants, _EPOCH),
    "INTEGER": (na.int32(), _numbers("i"), 0),
    "BIGINT": (na.int64(), _numbers("q"), 0),
    "DOUBLE": (na.float64(), _numbers("d"), 0),
    "BOOLEAN": (na.bool_(), _flags, False),
    "DECIMAL(14,2)": (na.decimal128(14, 2), _amounts, Decimal(0)),
}


def batch(types: Mapping[str, str], values: Iterable[Sequence[Any] | None]) -> Any:
    """One batch of columns.

    Args:
        types: column -> SQL type.
        values: the values of each column, in the same order and equally many; None for a column without any.
    """
    listed = list(values)
    count = next(len(column) for column in listed if column is not None)
    columns = [
        _nulls(sql_type, count) if column is None else _column(sql_type, column)
        for sql_type, column in zip(types.values(), listed, strict=True)
    ]
    schema = _schema(tuple(types.items()))
    return na.c_array_from_buffers(schema, count, [None], null_count=0, children=columns, validation_level="none")


def turned(names: Iterable[str], rows: Sequence[Mapping[str, Any]]) -> list[Sequence[Any] | None]:
    """The values of rows, column by column; None for a column of which no row speaks."""
    present: set[str] = set().union(*rows)
    if len(present) > 1 and all(len(row) == len(present) for row in rows):
        # what one row has, all have
        spoken_of = sorted(present)
        values = dict(zip(spoken_of, zip(*map(itemgetter(*spoken_of), rows), strict=True), strict=True))
        return [values.get(name) for name in names]
    return [tuple([row.get(name) for row in rows]) if name in present else None for name in names]


def array(batches: Iterable[Any]) -> Any:
    """Batches of the same columns, at least one, as pyarrow can read them."""
    return na.Array.from_chunks(batches)


def stream(batches: Iterable[Any]) -> Any:
    """Batches as the engine can read them, once; for what can be read again, it would import pyarrow where that is there."""
    return array(batches).__arrow_c_stream__()


def _column(sql_type: str, values: Sequence[Any]) -> Any:
    kind, buffers_of, nothing = _TYPES[sql_type]
    missing = values.count(None)
    if missing == len(values):
        return _nulls(sql_type, missing)
    if not missing:
        buffers = [None, *buffers_of(values)]
    else:
        present = _bits([value is not None for value in values])
        buffers = [present, *buffers_of([nothing if value is None else value for value in values])]
    return na.c_array_from_buffers(kind, len(values), buffers, null_count=missing, validation_level="none")


@lru_cache(128)
def _nulls(sql_type: str, count: int) -> Any:
    """A column without any value; the engine only reads it, so that many batches share it."""
    kind, buffers_of, nothing = _TYPES[sql_type]
    buffers = [bytes((count + 7) // 8), *buffers_of([nothing] * count)]
    return na.c_array_from_buffers(kind, count, buffers, null_count=count, validation_level="none")


def _bits(values: Sequence[bool]) -> bytes:
    """One bit for each value, eight in a byte, the first one lowest."""
    if not any(values):
        return bytes((len(values) + 7) // 8)
    digits = "".join(["1" if value else "0" for value in reversed(values)])
    return int(digits, 2).to_bytes((len(values) + 7) // 8, "little")


@cache
def _schema(types: tuple[tuple[str, str], ...]) -> Any:
    return na.c_schema(na.struct({name: _TYPES[sql_type][0] for name, sql_type in types}))
