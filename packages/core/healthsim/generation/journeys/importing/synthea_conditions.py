"""Conditions of Synthea modules as the keys of ``when``: sex, age, and chronic conditions of the house."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from healthsim.generation.journeys.importing import timing
from healthsim.generation.journeys.importing.draft import listed
from healthsim.generation.journeys.importing.matching import House


def when_of(house: House, condition: Any) -> dict[str, Any] | None:
    """The keys of ``when`` that ask a condition; None where they cannot."""
    if not isinstance(condition, Mapping):
        return None
    kind = condition.get("condition_type")
    if kind == "And":
        together: dict[str, Any] = {}
        for inside in listed(condition.get("conditions")):
            asked = when_of(house, inside)
            if asked is None or set(asked) & set(together):
                return None
            together |= asked
        return together
    if kind == "Gender" and condition.get("gender") in ("F", "M"):
        return {"sex": condition["gender"]}
    if kind == "Age":
        return _age(condition)
    if kind == "Active Condition":
        return _active(house, condition)
    if kind == "Not":
        return _not(when_of(house, condition.get("condition")))
    return {} if kind == "True" else None


def _age(condition: Mapping[str, Any]) -> dict[str, Any] | None:
    quantity, unit, operator = (
        condition.get("quantity"),
        str(condition.get("unit") or "years"),
        condition.get("operator"),
    )
    if not isinstance(quantity, (int, float)) or unit.lower().removesuffix("s") not in timing.UNITS:
        return None
    years = quantity * timing.UNITS[unit.lower().removesuffix("s")] / timing.UNITS["year"]
    if not 0 <= years <= 119:
        return None
    if operator == ">=":
        return {"min_age": math.ceil(years)}
    if operator == ">":
        return {"min_age": math.floor(years) + 1}
    if operator == "<":
        return {"max_age": math.ceil(years) - 1} if years >= 1 else None
    if operator == "<=":
        return {"max_age": math.floor(years)}
    return {"min_age": round(years), "max_age": round(years)} if operator == "==" else None


def _active(house: House, condition: Mapping[str, Any]) -> dict[str, Any] | None:
    for code in listed(condition.get("codes")):
        if not isinstance(code, Mapping):
            continue
        name = house.codes.get(str(code.get("system")), str(code.get("code")), "condition")
        name = name or house.condition_named(str(code.get("display") or ""))
        of = house.condition(name)
        if of is not None and of.kind == "chronic":
            return {"condition": name}
    return None


def _not(asked: dict[str, Any] | None) -> dict[str, Any] | None:
    if asked is None or len(asked) != 1:
        return None
    [(key, value)] = asked.items()
    return opposite(key, value)


def opposite(key: str, value: Any) -> dict[str, Any] | None:
    """What asks whether one key of ``when`` is not so; None where nothing does."""
    if key == "sex":
        return {"sex": "M" if value == "F" else "F"}
    if key == "min_age":
        return {"max_age": value - 1} if value else None
    if key == "max_age":
        return {"min_age": value + 1}
    return {"condition": {"without": value}, "without": {"condition": value}}.get(key)
