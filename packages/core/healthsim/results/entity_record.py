"""One entity, with its columns and what it is bound to."""

from __future__ import annotations

from dataclasses import dataclass

from healthsim.results.answer import Answer, Records


@dataclass(frozen=True, repr=False, eq=False)
class EntityValue(Answer):
    """A column of an entity: what it means, and its value as text; ``references`` is the type whose id it is."""

    column: str
    meaning: str
    type: str
    value: str | None
    references: str | None


@dataclass(frozen=True, repr=False, eq=False)
class Referring(Answer):
    """Entities of a type that refer to it by a column: how many, and the ids of the first."""

    entity_type: str
    plural: str
    column: str
    count: int
    ids: list[str]


@dataclass(frozen=True, repr=False, eq=False)
class EntityRecord(Records):
    """An entity.

    Attributes:
        document: what it came as, verbatim; None for what was made here.
        referring: what refers to it.
        is_person: it is one of the roles of a person, and has a timeline.
    """

    LISTED = "values"

    scenario: str
    scenario_id: str
    entity_type: str
    plural: str
    key: str
    entity_id: str
    values: list[EntityValue]
    document: str | None
    referring: list[Referring]
    is_person: bool = False
