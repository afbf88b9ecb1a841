"""Days out of what documents say of times: numbers with units, and the few texts that are no more than that."""

from __future__ import annotations

import re
from typing import Any

#: a wait as a journey says it: {fixed | uniform | normal | exponential: ...}
Waited = dict[str, Any]
#: days of a unit
UNITS = {
    "second": 1 / 86_400,
    "minute": 1 / 1_440,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 30.4375,
    "quarter": 91.3125,
    "year": 365.25,
}
#: words for how often
EVERY = {
    "daily": 1,
    "weekly": 7,
    "biweekly": 14,
    "every_2_weeks": 14,
    "monthly": 30,
    "quarterly": 91,
    "every_3_months": 91,
    "semiannually": 182,
    "every_6_months": 182,
    "annually": 365,
    "yearly": 365,
    "annual": 365,
}
_UNIT = r"(second|minute|hour|day|week|month|quarter|year)s?"
_SPAN = re.compile(rf"(?:within\s+)?(\d+(?:\.\d+)?)(?:\s*(?:-|to)\s*(\d+(?:\.\d+)?))?\s*{_UNIT}\b", re.I)
_AT = re.compile(rf"^\s*{_UNIT}\s*(-?\d+)(?:\s*(?:-|to)\s*(\d+))?\s*$", re.I)


def days_of(number: float, unit: str) -> int:
    """Whole days of a number of units; other units than ours are refused.

    Raises:
        KeyError: there is no such unit.
    """
    return round(number * UNITS[unit.lower().removesuffix("s")])


def span(text: Any) -> tuple[int, int] | None:
    """(least, most) days of a text such as ``45 days``, ``3-5 days``, ``280 days + 42 days postpartum``; None for others."""
    match = _SPAN.findall(text) if isinstance(text, str) else []
    if not match:
        return None
    low = sum(days_of(float(first), unit) for first, _, unit in match)
    return low, sum(days_of(float(last or first), unit) for first, last, unit in match)


def at(text: Any) -> tuple[int, int] | None:
    """(first, last) day of a text such as ``day 0``, ``week 2``, ``month -6``, ``day 2-4``; None for others."""
    match = _AT.match(text) if isinstance(text, str) else None
    if match is None:
        return None
    unit, first, last = match.groups()
    return days_of(int(first), unit), days_of(int(last or first), unit)


def within(low: int, high: int) -> Waited:
    """A wait between two numbers of days."""
    if low == high:
        return {"fixed": low} if low else {}
    return {"uniform": [low, high]}


def together(first: Waited, second: Waited) -> tuple[Waited, bool]:
    """(one wait for two of them one after the other, whether it is not quite that)."""
    for wait, other in ((first, second), (second, first)):
        if not wait or not other:
            return dict(wait or other), False
        if "fixed" in wait:
            return _later(other, wait["fixed"])
    low = _bounds(first)[0] + _bounds(second)[0]
    return within(low, _bounds(first)[1] + _bounds(second)[1]), True


def _later(wait: Waited, days: int) -> tuple[Waited, bool]:
    if "fixed" in wait:
        return {"fixed": wait["fixed"] + days}, False
    if "uniform" in wait:
        return within(wait["uniform"][0] + days, wait["uniform"][1] + days), False
    if "normal" in wait:
        return {"normal": [wait["normal"][0] + days, wait["normal"][1]]}, False
    # an exponential wait has no place for days that pass in any case
    return {"exponential": wait["exponential"] + days}, True


def _bounds(wait: Waited) -> tuple[int, int]:
    if "uniform" in wait:
        return wait["uniform"][0], wait["uniform"][1]
    if "normal" in wait:
        mean, sd = wait["normal"]
        return max(round(mean - 2 * sd), 0), round(mean + 2 * sd)
    return (wait["fixed"], wait["fixed"]) if "fixed" in wait else (0, round(3 * wait["exponential"]))


def earliest(wait: Waited) -> int:
    """The day before which a wait is over hardly ever."""
    return _bounds(wait)[0] if wait else 0


def latest(wait: Waited) -> int:
    """The day by which a wait is over nearly always."""
    return _bounds(wait)[1] if wait else 0
