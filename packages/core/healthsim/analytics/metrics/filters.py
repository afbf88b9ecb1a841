"""Conditions: ``age_band=65+``, ``plan_type=HMO,PPO``, ``month>=2024-01``, read and checked against their dimension."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from healthsim.analytics.metrics.registry import Dimension, registry
from healthsim.errors import InvalidInput

Where = Sequence[str] | Mapping[str, Any]
_CONDITION = re.compile(r"\s*([A-Za-z_]\w*)\s*(!=|>=|<=|=|>|<)\s*(.*?)\s*", re.DOTALL)
_VALUE = re.compile(r'"((?:[^"]|"")*)"|([^,]*)')
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"\d{4}-Q[1-4]")
_KINDS = {
    "integer": "whole numbers",
    "date": "dates (YYYY-MM-DD)",
    "month": "months (YYYY-MM)",
    "quarter": "quarters (YYYY-Qn)",
    "text": "text",
}


@dataclass(frozen=True)
class Filter:
    """A condition on one dimension."""

    dimension: str
    operator: str
    values: tuple[Any, ...]

    def as_text(self) -> str:
        """The condition as it would be typed."""
        return f"{self.dimension}{self.operator}{','.join(str(value) for value in self.values)}"


def read_filters(where: Where) -> tuple[Filter, ...]:
    """The conditions of a question.

    Raises:
        NotFound: a dimension does not exist.
        InvalidInput: a condition has no operator, or a value is not of the dimension's type.
    """
    if isinstance(where, Mapping):
        filters = []
        for name, value in where.items():
            values = value if isinstance(value, (list, tuple, set)) else [value]
            dimension = registry().dimension(name)
            filters.append(Filter(name, "=", tuple(_typed(dimension, str(item)) for item in values)))
        return tuple(filters)
    return tuple(_read(text) for text in ([where] if isinstance(where, str) else where))


def _read(text: str) -> Filter:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise InvalidInput(
            f"{text[:100]!r} is no condition; expected DIMENSION=VALUE, with =, !=, <, <=, > or >=, and several values"
            " separated by commas, as in plan_type=HMO,PPO.",
            condition=text[:200],
        )
    name, operator, rest = match.groups()
    dimension = registry().dimension(name)
    values = [rest] if operator not in ("=", "!=") else _split(rest)
    if operator not in ("=", "!=") and dimension.type == "text" and not dimension.numbered:
        raise InvalidInput(
            f"{text[:100]!r}: {name} holds text, which is neither larger nor smaller; use {name}=VALUE or"
            f" {name}!=VALUE, for example {name}={dimension.example}.",
            condition=text[:200],
        )
    if dimension.numbered and operator not in ("=", "!="):
        raise InvalidInput(
            f"{text[:100]!r}: {name} holds bands; use {name}={dimension.example}, or a condition on age: age>=65.",
            condition=text[:200],
        )
    return Filter(name, operator, tuple(_typed(dimension, value) for value in values))


def _split(text: str) -> list[str]:
    """Values separated by commas; one in double quotes may contain commas."""
    if '"' not in text:
        return [part.strip() for part in text.split(",")]
    values, place = [], 0
    while place <= len(text):
        match = _VALUE.match(text, place)
        assert match is not None
        values.append(match[1].replace('""', '"') if match[1] is not None else match[2].strip())
        place = match.end() + 1
    return values


def _typed(dimension: Dimension, text: str) -> Any:
    try:
        if dimension.type == "integer":
            value = int(text)
            if abs(value) < 1 << 31:
                return value
        elif dimension.type == "date":
            return dt.date.fromisoformat(text)
        elif (
            (dimension.type == "month" and _MONTH.fullmatch(text))
            or (dimension.type == "quarter" and _QUARTER.fullmatch(text))
            or (dimension.type == "text" and text and "\0" not in text)
        ):
            return text
    except ValueError:
        pass
    raise InvalidInput(
        f"{dimension.name} holds {_KINDS[dimension.type]}, for example {dimension.example}; {text[:80]!r} is none.",
        dimension=dimension.name,
        value=text[:200],
    )
