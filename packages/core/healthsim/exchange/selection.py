"""What formats have in common in their options, and the part of a scenario that these choose.

``--patient`` chooses persons with all that is theirs, ``--since`` what was saved since an instant, ``--types`` entity types:
what the bulk export of FHIR calls ``patient``, ``_since`` and ``_type``. Who is who (persons, plans, providers, places) stays
whatever was chosen, so that references lead somewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from healthsim.errors import NotFound, UsageError
from healthsim.exchange.format import Option
from healthsim.remedies import remedy

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.model import Column, EntityType
    from healthsim.state.tables import ScenarioTables

GROUP = "Which part of the scenario"
PATIENT = Option(
    "patient", "Only this patient, by id or MRN; repeatable.", several=True, kind="text", group=GROUP, flag="--patient"
)
SINCE = Option("since", "Only what was saved at or after this date or instant (UTC).", kind="instant", group=GROUP)
TYPES = Option("types", "Only this entity type; repeatable.", several=True, kind="text", group=GROUP)
GZ = Option("gz", "Compress each file with gzip.", kind="flag", group="How it is written")

PACKAGE = "healthsim.exchange"


@contextmanager
def selected(
    database: Database,
    name: str,
    patient: Sequence[str] = (),
    since: dt.datetime | None = None,
    types: Sequence[str] = (),
    queries: Mapping[str, str] | None = None,
) -> Iterator[ScenarioTables]:
    """Read a part of a scenario: one transaction in which bare names show no more than what was chosen.

    Args:
        database: where it is.
        name: its name or id.
        patient: patients by id or MRN, with their other roles and all that refers to them.
        since: only what was saved then or later.
        types: entity types, singular or plural.
        queries: as in ``scenario_tables``.

    Raises:
        NotFound: there is no such scenario, or no such patient in it.
        UsageError: there is no such entity type.
    """
    from healthsim.state.tables import scenario_tables

    wanted = [_type_named(type_name).name for type_name in types]
    with scenario_tables(database, name, queries) as tables:
        if patient or since is not None or wanted:
            _Choice(tables, patient, since, wanted).apply()
        yield tables


def chosen_tables(types: Sequence[str], carried: Iterable[str]) -> frozenset[str]:
    """Of the tables that a format carries, those of chosen types, and patients, without whom nothing is of anybody.

    Raises:
        UsageError: there is no such entity type.
    """
    wanted = {_type_named(type_name).plural for type_name in types}
    return frozenset(table for table in carried if not wanted or table in wanted or table == "patients")


def _type_named(name: str) -> EntityType:
    from healthsim.model import ENTITY_TYPES, entity_type_named

    known = entity_type_named(name)
    if known is None:
        names = ", ".join(entity_type.plural for entity_type in ENTITY_TYPES.values())
        raise UsageError(
            f"types has {name[:80]!r}, which is no entity type; expected some of {names}. See: {remedy('list entity types')}."
        )
    return known


class _Choice:
    """The conditions that leave of each table what was chosen."""

    def __init__(
        self, tables: ScenarioTables, patient: Sequence[str], since: dt.datetime | None, types: Sequence[str]
    ) -> None:
        self.tables = tables
        self.patient = list(dict.fromkeys(patient))
        self.since = since
        self.types = types

    def apply(self) -> None:
        """Set the conditions; the names of what is chosen lie in a temporary table."""
        from healthsim.db.sql import literal, quoted
        from healthsim.model import PERSON_ROLES
        from healthsim.state.load_staged import load_order

        for table in ("chosen", "chosen_entities"):
            self._run(f"CREATE OR REPLACE TEMP TABLE {table} (entity_type VARCHAR, entity_id VARCHAR)")
        order = load_order()
        bound = _bound(order)
        if self.patient:
            self._choose_people(order, bound)
        conditions: dict[str, str] = {}
        for entity_type in order:
            parts = []
            if self.patient:
                ids = f"SELECT entity_id FROM chosen WHERE entity_type = {literal(entity_type.name)}"
                parts.append(f"{quoted(entity_type.key)} IN ({ids})")
            if self.since is not None and entity_type.name in bound and entity_type.name not in PERSON_ROLES:
                parts.append(f"saved_at >= {literal(self.since.isoformat(sep=' '))}::TIMESTAMP")
            if self.types and entity_type.name not in self.types:
                parts.append("FALSE")
            if parts:
                conditions[entity_type.plural] = " AND ".join(parts)
        self.tables.conditions = conditions
        self._choose_documents(order)
        for name in ("scenario_documents", "scenario_entities"):
            conditions[name] = (
                "(entity_type, entity_id) IN (SELECT (c.entity_type, c.entity_id) FROM chosen_entities AS c)"
            )

    def _run(self, statement: str, values: Mapping[str, Any] | None = None) -> None:
        self.tables.execute(statement, values)

    def _choose_people(self, order: Sequence[EntityType], bound: Mapping[str, Sequence[Column]]) -> None:
        """The chosen patients in all of their roles, what refers to them at any distance, and what belongs to nobody."""
        from healthsim.analytics.star.scenario_views import SHARED
        from healthsim.db.sql import sql_text
        from healthsim.model import PERSON_ROLES
        from healthsim.state.tables import tables_of

        with tables_of(self.tables.connection, self.tables.scenario_id, SHARED) as everything:
            identity = sql_text("healthsim.exchange.omop", "stage_identity")
            everything.execute(f"CREATE OR REPLACE TEMP TABLE chosen_identity AS {identity}")
            named = everything.execute(sql_text(PACKAGE, "patients_named"), {"patients": self.patient}).fetchall()
            if missing := [name for name in self.patient if name not in {key for key, _ in named}]:
                raise NotFound(
                    f"{self.tables.scenario.name!r} has no patient {missing[0][:80]!r}; expected the id or the MRN of one.",
                    patient=missing[0][:200],
                )
            everything.execute(sql_text(PACKAGE, "choose_roles"), {"patients": [found for _, found in named]})
            for entity_type in order:
                if entity_type.name not in PERSON_ROLES:
                    self._choose_rows(entity_type, bound.get(entity_type.name, ()))
            for entity_type in order:
                self._fill("choose_parts", entity_type)

    def _choose_rows(self, entity_type: EntityType, references: Sequence[Column]) -> None:
        if not references:
            self._fill("choose_all", entity_type, into="chosen")
        for column in references:
            self._fill("choose_referring", entity_type, column)

    def _fill(self, statement: str, entity_type: EntityType, reference: Column | None = None, into: str = "") -> None:
        from healthsim.db.sql import filled, quoted, sql_text

        names = {
            "rows": self.tables.rows(entity_type.plural),
            "id": quoted(entity_type.key),
            "documents": self.tables.rows("scenario_documents"),
            "into": into,
        }
        values: dict[str, Any] = {"type": entity_type.name}
        if reference is not None:
            names["reference"], values["target"] = quoted(reference.name), reference.references
        text = filled(sql_text(PACKAGE, statement), names)
        self.tables.connection.execute(text, {key: value for key, value in values.items() if f"${key}" in text})

    def _choose_documents(self, order: Sequence[EntityType]) -> None:
        """What is chosen of each type by all conditions together; of other documents those that name it."""
        from healthsim.db.sql import filled, sql_text

        held = self.tables.counts()
        for entity_type in order:
            if entity_type.plural in held:
                self._fill("choose_all", entity_type, into="chosen_entities")
                if self.patient and not self.types:
                    self._fill("choose_carriers", entity_type)
        if not self.types:
            rows = self.tables.rows("scenario_documents")
            statement = "choose_documents_of_people" if self.patient else "choose_documents"
            self.tables.connection.execute(filled(sql_text(PACKAGE, statement), {"rows": rows}))


def _bound(order: Sequence[EntityType]) -> dict[str, Sequence[Column]]:
    """The types whose rows belong to persons -> the references by which they do, at whatever distance."""
    from healthsim.model import PERSON_ROLES

    bound: dict[str, Sequence[Column]] = dict.fromkeys(PERSON_ROLES, ())
    for entity_type in order:
        if entity_type.name not in bound:
            references = [column for column in entity_type.references if column.references in bound]
            if references:
                bound[entity_type.name] = references
    return bound
