"""Answers about the people of a scenario: a part of their list, and what they are like together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from healthsim.results.answer import Answer, Records


@dataclass(frozen=True, repr=False, eq=False)
class PersonLine(Answer):
    """One patient, in a line: ``conditions`` are different codes, ``paid`` is what claims of care were paid, in dollars."""

    patient_id: str
    name: str
    gender: str | None
    birth_date: dt.date | None
    death_date: dt.date | None
    home: str
    conditions: int
    contacts: int
    last_contact: dt.date | None
    paid: float | None

    def as_dict(self) -> dict[str, Any]:
        """With days as text."""
        facts = {name: getattr(self, name) for name in self.keys()}
        days = ("birth_date", "death_date", "last_contact")
        return facts | {name: facts[name] and facts[name].isoformat() for name in days}


@dataclass(frozen=True, repr=False, eq=False)
class PeoplePage(Records):
    """A part of the patients that match; ``total`` is how many match in all."""

    LISTED = "people"

    scenario: str
    scenario_id: str
    total: int
    offset: int
    people: list[PersonLine]


@dataclass(frozen=True, repr=False, eq=False)
class AgeGroup(Answer):
    """How many patients are from ``youngest`` to four years older; the oldest group has no end."""

    youngest: int
    women: int
    men: int
    others: int

    @property
    def label(self) -> str:
        """Such as ``40-44``, or ``85+``."""
        return f"{self.youngest}+" if self.youngest >= 85 else f"{self.youngest}-{self.youngest + 4}"


@dataclass(frozen=True, repr=False, eq=False)
class ScenarioProfile(Answer):
    """What the people of a scenario are like together.

    Attributes:
        at: the day on which ages are counted.
        ages: groups of ages by sex.
        lines_of_business: members by line of business.
        spec: of a generated scenario, what it was made from.
    """

    scenario: str
    scenario_id: str
    at: str
    ages: list[AgeGroup]
    lines_of_business: dict[str, int]
    spec: dict[str, Any]
