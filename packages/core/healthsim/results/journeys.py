"""Answers about care pathways: which there are, who went through some, and what became of files from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from healthsim.results.answer import Answer, Records


@dataclass(frozen=True, repr=False, eq=False)
class JourneyList(Records):
    """Care pathways that generation can plan, by name."""

    LISTED = "journeys"

    journeys: list[dict[str, Any]]


@dataclass(frozen=True, repr=False, eq=False)
class JourneyRun(Answer):
    """The people of a scenario, generated once more with journeys that they go through.

    Attributes:
        on: the scenario whose people they are.
        persons: how many.
        changed: persons of the two scenarios that are not in both with the same birth date; 0 unless what generation
            knows has changed since.
        travellers: journey -> people for whom a step of it was planned.
        spec: what was generated.
    """

    scenario_id: str
    name: str
    on: str
    persons: int
    changed: int
    travellers: dict[str, int]
    entity_count: int
    entities_by_type: dict[str, int]
    spec: dict[str, Any]
    warnings: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        noticed = f", {len(self.warnings):,} warnings" if self.warnings else ""
        return f"<JourneyRun {self.name!r}: {self.persons:,} persons of {self.on!r}{noticed}>"
