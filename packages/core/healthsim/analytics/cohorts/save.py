"""A cohort as a scenario of its own: its persons with everything that is theirs, and what belongs to no person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from healthsim.analytics.cohorts.search import PACKAGE, Cohort
from healthsim.analytics.star.scenario_views import SHARED
from healthsim.db.connection import Database
from healthsim.db.sql import filled, quoted, sql_text
from healthsim.errors import AlreadyExists, NotFound
from healthsim.model import PERSON_ROLES, Column, EntityType
from healthsim.state import load_staged, scenarios
from healthsim.state.copying import about_scenario
from healthsim.state.save import About, Saved, Target, Written, save
from healthsim.state.tables import HERE, tables_of

if TYPE_CHECKING:
    import duckdb

    from healthsim.state.scenarios import Scenario


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
    mode = "overwrite" if overwrite else "create"
    return save(database, name, mode, CohortPersons(cohort), description=description or None)


@dataclass(frozen=True)
class CohortPersons:
    """The persons of a cohort, chosen and copied with what is theirs, and what belongs to no person."""

    cohort: Cohort
    kind = "cohort"

    def about(self, connection: duckdb.DuckDBPyConnection, existing: Scenario | None) -> About:
        source = scenarios.get(connection, self.cohort.scenario_id)
        if existing is not None and existing.scenario_id == source.scenario_id:
            raise AlreadyExists(
                f"A cohort cannot replace the scenario that it is taken from, and {source.name!r} is that scenario. Choose"
                " another name.",
                name=source.name,
            )
        criteria = "; ".join(step.step for step in self.cohort.attrition[1:])
        return replace(about_scenario(source), description=f"Cohort of {self.cohort.scenario}: {criteria}")

    def write(self, target: Target) -> Written:
        held = load_staged.row_counts(target.connection, self.cohort.scenario_id)
        types = [entity_type for entity_type in load_staged.load_order() if entity_type.plural in held]
        self._choose(target.connection, types)
        load_staged.prepare(target.connection, self._kept(target.connection))
        scenario = {"scenario": self.cohort.scenario_id}
        for entity_type in types:
            names = {"table": quoted(entity_type.plural), "id": quoted(entity_type.key)}
            target.rows(entity_type, _filled("kept_rows", **names), {**scenario, "type": entity_type.name})
        target.documents(_filled("kept_documents"), scenario)
        return Written()

    def _kept(self, connection: duckdb.DuckDBPyConnection) -> int:
        return int(connection.execute("SELECT count(*) FROM cohort_kept").fetchall()[0][0])

    def _choose(self, connection: duckdb.DuckDBPyConnection, types: Sequence[EntityType]) -> None:
        """Note what is kept: the persons, what refers to them at any distance, and what belongs to no person."""
        connection.execute("CREATE OR REPLACE TEMP TABLE cohort_kept (entity_type VARCHAR, entity_id VARCHAR)")
        identity = sql_text("healthsim.exchange.omop", "stage_identity")
        with tables_of(connection, self.cohort.scenario_id, SHARED) as tables:
            tables.execute(f"CREATE OR REPLACE TEMP TABLE cohort_identity AS {identity}")
        patients = [patient for patient, _ in self.cohort.persons]
        connection.execute(_filled("role_kept"), {"patients": patients})
        bound = set(PERSON_ROLES)
        for entity_type in types:
            if entity_type.name in PERSON_ROLES:
                continue
            references = [column for column in entity_type.references if column.references in bound]
            if references:
                bound.add(entity_type.name)
            else:
                self._keep(connection, "all_kept", entity_type)
            for column in references:
                self._keep(connection, "referring_kept", entity_type, column)
        for entity_type in types:
            self._keep(connection, "parts_kept", entity_type)

    def _keep(
        self,
        connection: duckdb.DuckDBPyConnection,
        statement: str,
        entity_type: EntityType,
        reference: Column | None = None,
    ) -> None:
        names = {"table": quoted(entity_type.plural), "id": quoted(entity_type.key)}
        values: dict[str, Any] = {"scenario": self.cohort.scenario_id, "type": entity_type.name}
        if reference is not None:
            names["reference"], values["target"] = quoted(reference.name), reference.references
        connection.execute(_filled(statement, **names), values)


def _filled(statement: str, **names: str) -> str:
    return filled(sql_text(PACKAGE, statement), {"here": HERE, **names})
