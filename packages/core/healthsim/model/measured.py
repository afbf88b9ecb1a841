"""Measured values as documents write them: numbers, ranges, temperatures and amounts, in words or with their unit."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from healthsim.model.types import Number

_NUMBER = re.compile(r"\s*[<>]?=?\s*(-?\d+(?:\.\d+)?)\s*")
_RANGE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(?:-|\u2013|to)\s*(-?\d+(?:\.\d+)?)\s*")


def number_in(value: Any) -> Any:
    """The number that a laboratory value holds (``7.2``, ``"<0.5"``), or None for words (``Positive``)."""
    if isinstance(value, str):
        match = _NUMBER.fullmatch(value)
        return match and match.group(1)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def low_end(value: Any) -> Any:
    """The lower limit of a range in words, ``"8.5-10.5"``."""
    match = _RANGE.fullmatch(value) if isinstance(value, str) else None
    return match and match.group(1)


def high_end(value: Any) -> Any:
    """The upper limit of a range in words, ``"8.5-10.5"``."""
    match = _RANGE.fullmatch(value) if isinstance(value, str) else None
    return match and match.group(2)


def celsius(value: Any) -> Any:
    """A body temperature in degrees Celsius, from a number or ``{value, unit}``; no human is warmer than 45 C."""
    unit = ""
    if isinstance(value, dict):
        unit = str(value.get("unit") or value.get("units") or "")
        value = value.get("value")
    if value is None or isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        degrees = float(value)
    except ValueError:
        return value
    if unit.upper().strip("°[] ").startswith("F") or "DEGF" in unit.upper() or (not unit and degrees > 45):
        return round((degrees - 32) * 5 / 9, 2)
    return degrees


_AMOUNT = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)\s*([A-Za-z%\[{][^\s,;]*(?:\s*/\s*[A-Za-z\[{]\S*)?)?(?:\s.*)?")


def _amount(value: Any) -> re.Match[str] | None:
    return _AMOUNT.fullmatch(value) if isinstance(value, str) else None


def amount_of(value: Any) -> Any:
    """The number of an amount with its unit, ``"500 mg"`` or ``{value, unit}``; None for words (``one puff``)."""
    if isinstance(value, dict):
        return number_in(value.get("value"))
    match = _amount(value)
    return number_in(value) if match is None else match.group(1).replace(",", ".")


def unit_of(value: Any) -> Any:
    """The unit of an amount, ``"500 mg"`` or ``{value, unit}``; None where it has none."""
    if isinstance(value, dict):
        unit = value.get("unit") or value.get("units") or value.get("code")
        return unit if isinstance(unit, str) else None
    match = _amount(value)
    return match and match.group(2)


def _amount_or_fault(value: Any) -> Any:
    """An amount; what holds no number stays as it is, so that it is told."""
    amount = amount_of(value)
    return amount if amount is not None or isinstance(value, (dict, list)) else value


#: a number that may come with its unit
Amount = Annotated[Number, BeforeValidator(_amount_or_fault)]
