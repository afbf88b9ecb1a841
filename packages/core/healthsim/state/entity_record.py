"""One entity of a scenario: its columns with what they mean, the document that it came as, and what it is bound to."""

from __future__ import annotations

from healthsim.db.connection import Database
from healthsim.db.sql import quoted
from healthsim.errors import NotFound
from healthsim.model import ENTITY_TYPES, PERSON_ROLES, EntityType
from healthsim.model.reference import find_type
from healthsim.results import EntityRecord, EntityValue, Referring
from healthsim.state.statements import filled
from healthsim.state.tables import ScenarioTables, scenario_tables

#: of what refers to an entity, so many are named
SHOWN = 10


def entity_record(database: Database, name: str, entity_type: str, entity_id: str) -> EntityRecord:
    """Everything about one entity.

    Raises:
        NotFound: there is no such scenario, type or entity; the message has the ids that are spelled most like it.
    """
    known = find_type(entity_type)
    with scenario_tables(database, name) as tables:
        columns = ", ".join(quoted(column.name) for column in known.columns)
        row = tables.execute(
            filled("row_of_entity", table=quoted(known.plural), columns=columns, key=quoted(known.key)),
            {"id": entity_id},
        ).fetchone()
        document = tables.one(filled("document_of_entity"), {"type": known.name, "id": entity_id})
        if row is None and document is None:
            near = filled("nearest_people", table=quoted(known.plural), key=quoted(known.key))
            names = [near_id for (near_id,) in tables.execute(near, {"text": entity_id}).fetchall()]
            raise NotFound(
                f"{tables.scenario.name!r} has no {known.name} {entity_id[:80]!r}."
                f"{' Nearest: ' + ', '.join(names) + '.' if names else ''}",
                entity_id=entity_id[:200],
            )
        values = [
            EntityValue(
                column.name, column.meaning, column.sql_type, value if value is None else str(value), column.references
            )
            for column, value in zip(known.columns, row or [None] * len(known.columns), strict=True)
        ]
        referring = _referring(tables, known, entity_id)
        scenario = tables.scenario
    return EntityRecord(
        scenario.name,
        scenario.scenario_id,
        known.name,
        known.plural,
        known.key,
        entity_id,
        values,
        document,
        referring,
        known.name in PERSON_ROLES,
    )


def _referring(tables: ScenarioTables, known: EntityType, entity_id: str) -> list[Referring]:
    """What points to it, by type and column."""
    held = tables.counts()
    listed = []
    for other in ENTITY_TYPES.values():
        for column in other.references:
            if column.references != known.name or other.plural not in held:
                continue
            statement = filled(
                "rows_that_refer",
                table=quoted(other.plural),
                key=quoted(other.key),
                column=quoted(column.name),
                most=str(SHOWN),
            )
            count, ids = tables.execute(statement, {"id": entity_id}).fetchall()[0]
            if count:
                listed.append(Referring(other.name, other.plural, column.name, count, ids))
    return listed
