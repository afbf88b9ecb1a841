"""What an export of FHIR lays out before it writes: rows by patient, what is derived of them, and what is known of ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from healthsim.db.sql import filled, literal, quoted, sql_text
from healthsim.exchange.by_patient import PatientRows, owned_types, patient_rows, shared_types
from healthsim.exchange.fhir.nodes import Context
from healthsim.exchange.fhir.resource import Resource
from healthsim.exchange.fhir.resources import RESOURCES
from healthsim.model import ENTITY_TYPES, EntityType
from healthsim.state.tables import Tables

PACKAGE = "healthsim.exchange.fhir"
#: rows that a batch holds: enough for statements to cost little, and for memory to stay small
BATCH_ROWS = 100_000
#: ids up to this length can be those of resources with a word before or a code behind them
_LONGEST_ID = 44
#: what is derived of the rows of patients, batch by batch, and of all rows
_OF_PATIENTS = (
    "problems",
    "same_drug",
    "report_results",
    "report_orders",
    "reports",
    "specimens",
    "numbered_claim_lines",
)
_OF_ALL = ("payers", "workplaces")
#: columns that no resource reads
_UNREAD = ("created_at", "source_type", "source_system", "skill_used", "generation_seed")
_PLACE = re.compile(r"\{(\w+)\}")
_LINE_ORDINAL = "row_number() OVER (PARTITION BY l.claim_id ORDER BY l.line_number, l.claim_line_id)"
AUTHOR_ID = "healthsim"
#: documents of a type of ours, or of none, that are FHIR
STORED = "stored_resources"


@dataclass(frozen=True)
class Stage:
    """A scenario that lies ready to be written.

    Attributes:
        rows: by patient.
        context: what statements have to know.
        stored: some documents are resources as they came, and leave so.
        unnumbered_lines: some lines of claims have no number.
    """

    rows: PatientRows
    context: Context
    stored: bool
    unnumbered_lines: bool

    @property
    def tables(self) -> Tables:
        """The tables of the scenario."""
        return self.rows.tables

    def statement(self, resource: Resource, end: str = "") -> str:
        """The SQL of (ordinal, reference, text) of a kind of resource; of those of patients for a range of them."""
        text = resource.statement(self.context, self._places(resource), end)
        return text + (self._not_stored(resource) if self.stored else "")

    def prepared(self, resource: Resource, name: str) -> None:
        """Plan the statement of the lines of a kind of resource: it is run for every batch."""
        self.tables.show(*re.findall(r"\w+", text := self.statement(resource, end="\n")))
        self.tables.connection.execute(f"PREPARE {name} AS SELECT text FROM ({text}) AS made")

    def _places(self, resource: Resource) -> Mapping[str, str]:
        names = set(_PLACE.findall(f"{{{resource.table}}}{resource.joins}")) | {rows.table for rows in resource.rows}
        return {name: self._place(name) for name in names}

    def _place(self, name: str) -> str:
        """What a name in braces reads: the batch's rows of a table of patients, or what is derived of them; all rows of others."""
        if name in _OF_PATIENTS:
            text = sql_text(PACKAGE, name)
            places = {inner: self._fresh(inner) for inner in _PLACE.findall(text) if inner != "ordinal"}
            places["ordinal"] = _LINE_ORDINAL if self.unnumbered_lines else "l.line_number"
            return f"({filled(text, places)})"
        if name in _OF_ALL or name == "author" or name in {known.plural for known in shared_types()}:
            return quoted(name)
        return f"(SELECT * FROM ordered_{name} WHERE patient_ordinal BETWEEN $first AND $last)"

    def _fresh(self, name: str) -> str:
        """The same but for rows whose document is a resource: what is derived of those came as resources as well."""
        place = self._place(name)
        known = next((item for item in ENTITY_TYPES.values() if item.plural == name), None)
        return fresh(place, known) if self.stored and known is not None else place

    def _not_stored(self, resource: Resource) -> str:
        """The condition that leaves out rows whose document is a resource, or that are part of one."""
        alias_types = {"demographics": "patient", "vital_signs": "vital_sign"}
        known = next((item for item in ENTITY_TYPES.values() if item.plural == resource.table), None)
        name = known.name if known else alias_types.get(resource.table)
        if name is None:
            return ""
        return f" AND {_not_stored(ENTITY_TYPES[name])}"


def fresh(place: str, known: EntityType) -> str:
    """The rows of a table whose document is no resource, and that are part of none."""
    return f"(SELECT t.* FROM {place} AS t WHERE {_not_stored(known)})"


def _not_stored(known: EntityType) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM {STORED} AS s WHERE s.entity_type = {literal(known.name)} AND s.entity_id = t.{known.key})"
        f" AND NOT EXISTS (SELECT 1 FROM {STORED} AS s WHERE s.carrier = t.part_of)"
    )


@contextmanager
def staged(tables: Tables, *, render: bool = False, resources: Sequence[Resource] = RESOURCES) -> Iterator[Stage]:
    """Lay out a scenario for writing.

    Args:
        tables: of the scenario, inside a transaction.
        render: write everything from rows, also what came as resources.
        resources: what will be written.
    """
    with patient_rows(tables, batch_rows=BATCH_ROWS, without=_UNREAD) as rows:
        _fill_up(rows)
        stored = not render and _find_stored(rows)
        _lay_out(rows, stored)
        unnumbered = bool(tables.one("SELECT count(*) FROM ordered_claim_lines WHERE line_number IS NULL"))
        yield Stage(rows, _context(rows, resources), stored, unnumbered)


def _fill_up(rows: PatientRows) -> None:
    """Make tables without rows for the types of which the scenario holds none."""
    held = {known.plural for known in rows.types}
    for known in owned_types():
        if known.plural not in held:
            rows.make(
                f"ordered_{known.plural}",
                f"SELECT NULL::BIGINT AS patient_ordinal, NULL::VARCHAR AS owner_id,"
                f" t.* EXCLUDE (scenario_id, {', '.join(_UNREAD)}) FROM {quoted(known.plural)} AS t WHERE FALSE",
            )


def _lay_out(rows: PatientRows, stored: bool) -> None:
    """Make what is derived of all rows."""
    places = {"encounters": "ordered_encounters", "members": "ordered_members", "plans": "plans"}
    if stored:
        for name in ("member", "plan"):
            places[ENTITY_TYPES[name].plural] = fresh(places[ENTITY_TYPES[name].plural], ENTITY_TYPES[name])
    for name in _OF_ALL:
        rows.make(name, filled(sql_text(PACKAGE, name), places))
    patients = fresh("ordered_demographics", ENTITY_TYPES["patient"]) if stored else "ordered_demographics"
    rows.make("author", f"SELECT {literal(AUTHOR_ID)} AS author_id WHERE EXISTS (SELECT 1 FROM {patients})")
    rows.make("organization_providers", "SELECT provider_id FROM providers WHERE entity_type_code = '2'")


def _context(rows: PatientRows, resources: Sequence[Resource]) -> Context:
    tables = rows.tables
    _name_pharmacies(tables)
    dangling = {
        reference.column
        for resource in resources
        for reference in resource.references()
        if reference.column and _dangles(rows, reference.column)
    }
    organizations = bool(tables.one("SELECT count(*) FROM organization_providers"))
    return Context(_ids_are_plain(tables), frozenset(dangling), organizations)


def _name_pharmacies(tables: Tables) -> None:
    """Pharmacies are organisations as facilities are: where an id stands for both, pharmacies get another one."""
    clash = tables.one(
        "SELECT count(*) FROM pharmacies WHERE pharmacy_id IN"
        " (SELECT facility_id FROM facilities UNION ALL SELECT provider_id FROM organization_providers)"
    )
    made = "'pharmacy-' || id" if clash else "id"
    tables.connection.execute(f"CREATE OR REPLACE TEMP MACRO pharmacy_resource_id(id) AS {made}")


def _dangles(rows: PatientRows, column: str) -> bool:
    """Whether a reference leads to nothing in some row; then what it may lead to is kept at hand."""
    table, _, name = column.partition(".")
    known = next(item for item in ENTITY_TYPES.values() if item.plural == table)
    target = ENTITY_TYPES[known.column[name].references or ""]
    source = f"ordered_{target.plural}" if target in owned_types() else quoted(target.plural)
    ids = f"SELECT {target.key} FROM {source}"
    found = rows.tables.one(f"SELECT count(*) FROM ordered_{table} WHERE {name} IS NOT NULL AND {name} NOT IN ({ids})")
    if found:
        rows.make(f"known_{table}_{name}", f"SELECT {target.key} AS id FROM {source}")
    return bool(found)


def _ids_are_plain(tables: Tables) -> bool:
    ids = ["SELECT owner_id AS id FROM patient_order"]
    ids += [f"SELECT {known.key} FROM ordered_{known.plural}" for known in owned_types()]
    ids += [f"SELECT {known.key} FROM {quoted(known.plural)}" for known in shared_types()]
    odd = tables.one(
        f"SELECT count(*) FROM ({' UNION ALL '.join(ids)}) WHERE NOT regexp_full_match(id, $plain)",
        {"plain": rf"[A-Za-z0-9\-.]{{1,{_LONGEST_ID}}}"},
    )
    return not odd


def _find_stored(rows: PatientRows) -> bool:
    """Note which documents are resources, and whose they are; whether there are any."""
    tables = rows.tables
    if not tables.one("SELECT count(*) FROM scenario_documents"):
        return False
    owners = " UNION ALL ".join(
        f"SELECT {literal(known.name)} AS entity_type, {known.key} AS entity_id, patient_ordinal FROM ordered_{known.plural}"
        for known in rows.types
    )
    owners = owners or "SELECT '' AS entity_type, '' AS entity_id, NULL::BIGINT AS patient_ordinal WHERE FALSE"
    rows.make(STORED, sql_text(PACKAGE, "stored_resources").replace("{owners}", owners))
    return bool(tables.one(f"SELECT count(*) FROM {STORED}"))
