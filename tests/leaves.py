"""What a JSON text says, as a multiset of its leaf values: the measure of whether anything was lost."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

Leaf = tuple[str, str]


def leaves(text: str | bytes) -> Counter[Leaf]:
    """Every string, number, true, false and null of a JSON text; numbers in the spelling in which they stand."""
    found: Counter[Leaf] = Counter()
    numbers = {"parse_int": lambda spelled: _Number(spelled), "parse_float": lambda spelled: _Number(spelled)}
    _collect(json.loads(text, **numbers), found)
    return found


class _Number(str):
    __slots__ = ()


def _collect(value: Any, found: Counter[Leaf]) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _collect(item, found)
    elif isinstance(value, list):
        for item in value:
            _collect(item, found)
    elif isinstance(value, _Number):
        found["number", str(value)] += 1
    elif isinstance(value, str):
        found["text", value] += 1
    else:
        found["constant", str(value)] += 1
