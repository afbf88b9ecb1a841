"""Answers about scenarios: what they hold, whether they are coherent and true, what was generated."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from healthsim.results.answer import Answer, Records

#: what lists of scenarios are sorted by
SORTS = ("updated", "created", "name", "size")


@dataclass(slots=True)
class Scenario:
    """A scenario as the database knows it, without its entities. Times are UTC without a zone."""

    scenario_id: str
    name: str
    description: str | None
    tags: list[str]
    product: str | None
    format: str | None
    created_at: dt.datetime
    updated_at: dt.datetime
    entity_count: int
    entities_by_type: dict[str, int]
    attributes: str | None
    envelope: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """What ``list --json`` shows of it."""
        return {
            "scenario_id": self.scenario_id,
            "name": self.name,
            "description": self.description,
            "tags": self.tags,
            "product": self.product,
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
            "entity_count": self.entity_count,
            "entities_by_type": self.entities_by_type,
        }


@dataclass(frozen=True, repr=False, eq=False)
class Saved(Answer):
    """What a write did: the scenario as it is now, and what was noticed on the way.

    Attributes:
        untyped_types: what it holds that the model does not know.
        dropped_by_type: {plural: n} of entities that were given and are not in it, since later ones have their ids.
    """

    OPTIONAL = ("dropped_by_type",)

    scenario_id: str
    name: str
    format: str
    entity_count: int
    entities_by_type: dict[str, int]
    untyped_types: list[str] = field(default_factory=list)
    dropped_by_type: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        noticed = f", {len(self.warnings):,} warnings" if self.warnings else ""
        return f"<Saved {self.name!r}: {self.entity_count:,} entities{noticed}>"


@dataclass(frozen=True, repr=False, eq=False)
class LoadedScenario(Answer):
    """A scenario with all of its documents: ``entities`` is {plural: [documents]}, each as it was saved."""

    scenario_id: str
    name: str
    description: str | None
    tags: list[str]
    created_at: str
    updated_at: str
    entity_count: int
    entities: dict[str, list[Any]]

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {len(documents):,}" for name, documents in self.entities.items())
        return f"<LoadedScenario {self.name!r}: {self.entity_count:,} entities ({counts:.160})>"


@dataclass(frozen=True, repr=False, eq=False)
class ScenarioSummary(Answer):
    """A scenario in a few hundred words.

    Attributes:
        parts_by_type: entities inside others, such as the lines of claims.
        date_range: ``{"first", "last"}`` of the care in it.
        age: ``{"min", "median", "max"}`` in completed years at the last date.
        gender: persons by code.
        top_diagnoses: ``{"code", "description", "patients"}`` each.
        money: sums in dollars, as decimal text.
        samples: documents by type, where they were asked for.
    """

    OPTIONAL = ("parts_by_type", "samples")

    scenario_id: str
    name: str
    description: str | None
    tags: list[str]
    product: str | None
    created_at: str
    updated_at: str
    entity_count: int
    entities_by_type: dict[str, int]
    date_range: dict[str, str | None]
    age: dict[str, Any] | None
    gender: dict[str, int]
    top_diagnoses: list[dict[str, Any]]
    money: dict[str, str]
    parts_by_type: dict[str, int] | None = None
    samples: dict[str, list[Any]] | None = None

    def __repr__(self) -> str:
        return f"<ScenarioSummary {self.name!r}: {self.entity_count:,} entities>"


@dataclass(frozen=True, repr=False, eq=False)
class ScenarioList(Records):
    """Scenarios, without their entities: iterating gives one after the other."""

    LISTED = "scenarios"
    SHOWN = ("name", "entity_count", "tags", "updated_at", "description")

    scenarios: list[Any]
    total_count: int

    def __repr__(self) -> str:
        names = ", ".join(repr(scenario.name) for scenario in self.scenarios[:6])
        return f"<ScenarioList {self.total_count:,}: {names}{' ...' if self.total_count > 6 else ''}>"


@dataclass(frozen=True, repr=False, eq=False)
class ConditionList(Records):
    """Conditions of the clinical knowledge, by name."""

    LISTED = "conditions"

    conditions: list[dict[str, Any]]


@dataclass(frozen=True, repr=False, eq=False)
class RuleResult(Answer):
    """What a rule of coherent care found: its ``status`` is ``pass``, ``fail``, ``warn`` or ``nothing to check``."""

    rule: str
    status: str
    severity: str
    says: str
    violations: int
    samples: list[dict[str, Any]]
    columns: list[str]


@dataclass(frozen=True, repr=False, eq=False)
class CheckResult(Records):
    """A scenario held against the rules of coherent care; ``ok`` is False when a rule has the status ``fail``."""

    LISTED = "rules"
    SHOWN = ("rule", "status", "severity", "violations", "says")

    scenario: str
    scenario_id: str
    generated: bool
    ok: bool
    checked: int
    violated: int
    rules: list[RuleResult]

    def __repr__(self) -> str:
        return f"<CheckResult {self.scenario!r}: {'ok' if self.ok else 'not ok'}, {self.violated:,} of {self.checked:,} rules violated>"


@dataclass(frozen=True, repr=False, eq=False)
class TargetResult(Answer):
    """A published figure beside what was generated; ``met`` is None where nothing could be compared: ``note`` says why."""

    target: str
    place: str
    says: str
    expected: float | None
    low: float | None
    high: float | None
    generated: float | None
    n: int
    met: bool | None
    source: str
    note: str | None


@dataclass(frozen=True, repr=False, eq=False)
class FidelityResult(Records):
    """A scenario held against published figures."""

    LISTED = "targets"
    SHOWN = ("target", "place", "expected", "low", "high", "generated", "n", "met")

    scenario: str
    scenario_id: str
    as_of: str | None
    years: float | None
    patients: int
    person_years: float | None
    met: int
    missed: int
    not_compared: int
    notes: list[str]
    targets: list[TargetResult]

    def __repr__(self) -> str:
        return f"<FidelityResult {self.scenario!r}: {self.met} met, {self.missed} missed, {self.not_compared} not compared>"


@dataclass(frozen=True, repr=False, eq=False)
class GeneratedFiles(Answer):
    """A population that was written as Parquet files, a folder per table; the path, or the address in an object store."""

    OPTIONAL = ("warnings",)

    path: Path | str
    rows: int
    tables: dict[str, int]
    spec: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
