"""A cohort as a scenario of its own: its persons with everything that is theirs, and what belongs to no person."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from healthsim.analytics.cohorts.search import PACKAGE, Cohort
from healthsim.analytics.star.scenario_views import SHARED
from healthsim.db.connection import Database
from healthsim.db.schema import table_columns
from healthsim.db.sql import quoted, sql_text
from healthsim.errors import AlreadyExists, NotFound
from healthsim.model import PERSON_ROLES, EntityType
from healthsim.state import load_staged, scenarios
from healthsim.state.save import Saved
from healthsim.state.tables import tables_of

if TYPE_CHECKING:
    import duckdb


def save_cohort(
    database: Database, cohort: Cohort, name: str, *, description: str | None = None, overwrite: bool = False
) -> Saved:
    """Save the persons of a cohort as a new scenario, with the ids that they have.

    Their other roles (member, subject ...) come along, and all that refers to them: encounters, claims, fills. Entities
    that belong to no person (providers, facilities, plans) are all copied.

    Args:
        database: where the scenario of the cohort is.
        cohort: whom.
        name: the name of the new scenario.
        description: what is said about it; default: the criteria.
        overwrite: replace a scenario of that name.

    Raises:
        NotFound: nobody is in the cohort, or its scenario is gone.
        AlreadyExists: the name is taken, and ``overwrite`` is not set; or it is that of the cohort's own scenario.
    """
    if not cohort.persons:
        raise NotFound(f"Nobody in {cohort.scenario!r} fulfils the criteria, so that there is nothing to save.")
    scenarios.check_name(name)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    said = description or f"Cohort of {cohort.scenario}: " + "; ".join(step.step for step in cohort.attrition[1:])
    with database.write() as connection:
        source = scenarios.get(connection, cohort.scenario_id)
        existing = scenarios.find(connection, name)
        if existing is not None and existing.scenario_id == source.scenario_id:
            raise AlreadyExists(
                f"A cohort cannot replace the scenario that it is taken from, and {source.name!r} is that scenario. Choose"
                " another name.",
                name=name,
            )
        if existing is not None and overwrite:
            scenarios.erase(connection, existing.scenario_id)
        else:
            scenarios.refuse_taken(connection, name)
        target = replace(
            source,
            scenario_id=str(uuid.uuid4()),
            name=name,
            description=said,
            created_at=now,
            updated_at=now,
            envelope={},
        )
        scenarios.insert(connection, target)
        copying = _Copying(connection, source.scenario_id, target.scenario_id, now)
        copying.choose([patient for patient, _ in cohort.persons])
        copying.copy()
        counts = load_staged.touch(connection, target.scenario_id, now)
    return Saved(target.scenario_id, name, "cohort", sum(counts.values()), counts)


class _Copying:
    """The rows and documents of some persons, chosen and copied."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, source_id: str, target_id: str, now: dt.datetime) -> None:
        self.connection = connection
        self.ids: dict[str, Any] = {"scenario": source_id, "target": target_id, "now": now}
        self.types = load_staged.load_order()
        connection.execute("CREATE OR REPLACE TEMP TABLE cohort_kept (entity_type VARCHAR, entity_id VARCHAR)")

    def choose(self, patients: list[str]) -> None:
        """Note what is kept: the persons, what refers to them at any distance, and what belongs to no person."""
        identity = sql_text("healthsim.exchange.omop", "stage_identity")
        with tables_of(self.connection, self.ids["scenario"], SHARED) as tables:
            tables.execute(f"CREATE OR REPLACE TEMP TABLE cohort_identity AS {identity}")
        self.connection.execute(sql_text(PACKAGE, "role_kept"), {"patients": patients})
        bound = set(PERSON_ROLES)
        for entity_type in self.types:
            if entity_type.name in PERSON_ROLES:
                continue
            references = [column for column in entity_type.references if column.references in bound]
            if references:
                bound.add(entity_type.name)
            else:
                self._run("all_kept", entity_type)
            for column in references:
                self._run("referring_kept", entity_type, reference=quoted(column.name), target=column.references)
        for entity_type in self.types:
            self._run("parts_kept", entity_type)

    def copy(self) -> None:
        """Copy what was chosen."""
        for entity_type in self.types:
            values = ", ".join(self._value(name) for name in table_columns(entity_type))
            self._run("copy_rows", entity_type, values=values)
        self.connection.execute(
            sql_text(PACKAGE, "copy_documents"), {"scenario": self.ids["scenario"], "target": self.ids["target"]}
        )

    def _value(self, column: str) -> str:
        special = {
            "scenario_id": "$target::UUID",
            "saved_at": "$now",
            "part_of": "CASE WHEN c.entity_id IS NOT NULL THEN t.part_of END",
        }
        return special.get(column, f"t.{quoted(column)}")

    def _run(self, statement: str, entity_type: EntityType, *, target: str | None = None, **names: str) -> None:
        text = sql_text(PACKAGE, statement)
        for placeholder, value in {"table": quoted(entity_type.plural), "id": quoted(entity_type.key), **names}.items():
            text = text.replace("{" + placeholder + "}", value)
        values: dict[str, Any] = {"scenario": self.ids["scenario"], "type": entity_type.name}
        if target is not None:
            values["target"] = target
        if statement == "copy_rows":
            values |= {"target": self.ids["target"], "now": self.ids["now"]}
        self.connection.execute(text, values)
