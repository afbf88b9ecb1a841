"""One event in the life of a person, and who the person is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from healthsim.results.answer import Answer

#: the parts of a timeline, in their order
FAMILIES = {
    "coverage": "Coverage",
    "care": "Care",
    "conditions": "Conditions",
    "results": "Results and vital signs",
    "drugs": "Drugs",
    "claims": "Claims",
    "trial": "Trial",
}


@dataclass(frozen=True, repr=False, eq=False)
class TimelineEvent(Answer):
    """One event.

    Attributes:
        family, lane: the part of the timeline, and the line in it: a setting of care, a condition, a test, a drug.
        entity_type, entity_id: where it is written down; of an era of a condition its first record.
        start, end: days; no end and ``open`` is what goes on.
        value, unit, low, high: what was measured or paid, with what is usual.
        records: how many records say it.
    """

    family: str
    lane: str
    entity_type: str
    entity_id: str
    code: str | None
    label: str
    start: dt.date | None
    end: dt.date | None
    open: bool
    status: str | None
    value: float | None
    unit: str | None
    low: float | None
    high: float | None
    records: int
    detail: str | None

    def as_dict(self) -> dict[str, Any]:
        """With days as text."""
        facts = {name: getattr(self, name) for name in self.keys()}
        return facts | {name: facts[name] and facts[name].isoformat() for name in ("start", "end")}

    @property
    def is_unusual(self) -> bool:
        """It was denied, or lies outside of what is usual."""
        if self.family == "results":
            low, high = self.low, self.high
            outside = (low is not None and self.value is not None and self.value < low) or (
                high is not None and self.value is not None and self.value > high
            )
            return outside or bool(self.status)
        return self.status in ("denied", "rejected", "serious", "cancelled")


@dataclass(frozen=True, repr=False, eq=False)
class Person(Answer):
    """Who somebody is, and under which ids the products know them: ``{"patient": [...], "member": [...]}``."""

    name: str
    gender: str | None
    birth_date: str | None
    death_date: str | None
    city: str | None
    county: str | None
    state: str | None
    ssn: str | None
    ids: dict[str, list[str]]
