"""Values of a result as JSON: numbers stay numbers where JSON can hold them exactly, everything else is text."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any
from uuid import UUID


def as_json(value: Any, longest: int) -> tuple[Any, int, bool]:
    """A value as JSON can carry it.

    Args:
        value: as the engine gave it.
        longest: characters that a text may have.

    Returns:
        The value, the characters it takes, and whether it was cut.
    """
    if value is None or isinstance(value, bool | int):
        return value, len(str(value)), False
    if isinstance(value, str):
        return (value, len(value), False) if len(value) <= longest else (value[:longest] + "…", longest, True)
    if isinstance(value, float):
        return (value, 20, False) if math.isfinite(value) else (_not_finite(value), 9, False)
    if isinstance(value, Decimal):
        number = float(value)
        return (number, 20, False) if Decimal(repr(number)) == value else (str(value), len(str(value)), False)
    if isinstance(value, dict):
        return _object(value, longest)
    if isinstance(value, list | tuple):
        return _array(value, longest)
    return as_json(_text(value), longest)


def _array(values: list[Any] | tuple[Any, ...], longest: int) -> tuple[list[Any], int, bool]:
    shown: list[Any] = []
    size = 2
    for item in values:
        if size > longest:
            return shown, size, True
        seen, length, cut = as_json(item, longest - size if longest > size else 0)
        shown.append(seen)
        size += length + 2
        if cut:
            return shown, size, True
    return shown, size, False


def _object(values: dict[Any, Any], longest: int) -> tuple[dict[str, Any], int, bool]:
    shown: dict[str, Any] = {}
    size = 2
    for key, item in values.items():
        if size > longest:
            return shown, size, True
        name = key if isinstance(key, str) else str(as_json(key, longest)[0])
        seen, length, cut = as_json(item, longest - size if longest > size else 0)
        shown[name] = seen
        size += length + len(name) + 6
        if cut:
            return shown, size, True
    return shown, size, False


def _not_finite(value: float) -> str:
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _text(value: Any) -> str:
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, dt.timedelta):
        days, rest = value.days, value - dt.timedelta(days=value.days)
        return f"{days} days {rest}" if days else str(rest)
    return str(value) if isinstance(value, UUID) else f"{value}"
