"""Values of an answer as the engine itself writes them, and as JSON where JSON can hold them exactly.

The engine writes every value as text, within lists and structs too; no type of Python lies between that could round a
number, lose a month or an infinity, or cut nanoseconds. Numbers of JSON are made from that text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from healthsim.db.sql import quoted

#: the largest whole number that every reader of JSON keeps
_LARGEST_WHOLE = 2**53
_WHOLE = frozenset(
    [
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "hugeint",
        "uhugeint",
        "utinyint",
        "usmallint",
        "uinteger",
        "ubigint",
        "bignum",
    ]
)
_REAL = frozenset(["float", "double"])

#: a value as it is fetched: the engine's text, or lists and objects of such texts
Shape = str | list[Any] | tuple[Any, ...] | dict[str, Any] | None


def shape(kind: Any) -> str | None:
    """The type with the same lists, structs and maps as another, and text in the place of everything else.

    Args:
        kind: a type as the engine describes the column of a result.

    Returns:
        None for a type that holds no others, or whose parts have no names: its text says all.
    """
    name = kind.id
    if name in ("list", "array"):
        parts = dict(kind.children)
        inner = shape(parts["child"]) or "VARCHAR"
        return f"{inner}[]" if name == "list" else f"{inner}[{parts['size']}]"
    if name == "map":
        return f"MAP(VARCHAR, {shape(dict(kind.children)['value']) or 'VARCHAR'})"
    if name == "struct" and kind.children and all(field for field, _ in kind.children):
        fields = ", ".join(f"{quoted(field)} {shape(inner) or 'VARCHAR'}" for field, inner in kind.children)
        return f"STRUCT({fields})"
    return None


def cut(value: Shape, longest: int) -> tuple[Shape, int, bool]:
    """A value that is no longer than a limit.

    Returns:
        The value, the characters it takes, and whether it was cut.
    """
    if value is None:
        return None, 4, False
    if isinstance(value, str):
        return (value, len(value), False) if len(value) <= longest else (value[:longest] + "…", longest, True)
    size = 2
    if isinstance(value, dict):
        fields: dict[str, Any] = {}
        for key, item in value.items():
            if size > longest:
                return fields, size, True
            fields[key], length, shortened = cut(item, max(longest - size, 0))
            size += length + len(key) + 6
            if shortened:
                return fields, size, True
        return fields, size, False
    items: list[Any] = []
    for item in value:
        if size > longest:
            return items, size, True
        shown, length, shortened = cut(item, max(longest - size, 0))
        items.append(shown)
        size += length + 2
        if shortened:
            return items, size, True
    return items, size, False


def as_json(values: Sequence[Shape], kind: Any) -> list[Any]:
    """The values of one column as JSON: numbers where all of the column are exact, otherwise texts.

    Args:
        values: of one column; texts of the engine.
        kind: the type of the column.
    """
    exact = all(_holds(value, kind, _is_exact) for value in values)
    return [_build(value, kind, exact) for value in values]


def _holds(value: Shape, kind: Any, test: Callable[[str, str], bool]) -> bool:
    """Whether a test holds for every text within a value; the test is told the kind of it."""
    if value is None:
        return True
    if isinstance(value, str):
        return test(value, kind.id)
    parts = dict(kind.children)
    if isinstance(value, dict):
        return all(_holds(item, parts["value" if kind.id == "map" else key], test) for key, item in value.items())
    return all(_holds(item, parts["child"], test) for item in value)


def _is_exact(text: str, kind: str) -> bool:
    if kind in _WHOLE:
        return len(text) <= 17 and text.lstrip("-").isdigit() and abs(int(text)) <= _LARGEST_WHOLE
    if kind == "decimal":
        return not text.endswith("…") and Decimal(repr(float(text))) == Decimal(text)
    return True


def _build(value: Shape, kind: Any, exact: bool) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        return _leaf(value, kind.id, exact)
    parts = dict(kind.children)
    if isinstance(value, dict):
        return {key: _build(item, parts["value" if kind.id == "map" else key], exact) for key, item in value.items()}
    return [_build(item, parts["child"], exact) for item in value]


def _leaf(text: str, kind: str, exact: bool) -> Any:
    if kind == "boolean":
        return text == "true" if text in ("true", "false") else text
    if kind in _WHOLE:
        return int(text) if exact else text
    if kind == "decimal":
        return float(text) if exact else text
    if kind in _REAL and not text.endswith("…"):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
