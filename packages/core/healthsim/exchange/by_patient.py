"""The rows of a scenario by patient: what formats read that are written one patient after the other.

Every table that leads to a patient (a claim line by its claim, a fill by its prescription) is laid out once in the order
of patients, as a temporary table ``ordered_<table>`` with the column ``patient_ordinal``; batches of patients are then
ranges of it; ``owner_id`` is the patient's id. Memory holds one batch, whatever the size of the scenario. Which tables
these are, and by which way they lead there, follows from the references that the model declares.

Whoever has no row in ``patients`` is a patient all the same where only their coverage or their part in a trial is known:
the row of that role says who they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from healthsim.db.sql import literal, quoted
from healthsim.model import ENTITY_TYPES, PERSON_ROLES, EntityType
from healthsim.model.core import DemographicColumns, SsnColumn
from healthsim.state.load_staged import load_order
from healthsim.state.tables import Tables

Row = dict[str, Any]

#: rows of all tables together that a batch holds, unless a single patient has more
BATCH_ROWS = 20_000
ORDINAL = "patient_ordinal"
OWNER = "owner_id"
_PREFIX = "ordered_"
_OWNERS = "role_owners"
_ORDER = "patient_order"
_BATCHES = "patient_batches"
#: who is asked first what is known of a person
_ROLES = ("patient", *(role for role in PERSON_ROLES if role != "patient"))


@cache
def owned_types() -> tuple[EntityType, ...]:
    """The entity types that lead to a patient, such that one comes after those that it refers to."""
    owned = set(PERSON_ROLES)
    while more := {
        name
        for name, known in ENTITY_TYPES.items()
        if name not in owned and any(column.references in owned for column in known.references)
    }:
        owned |= more
    return tuple(known for known in load_order() if known.name in owned)


@cache
def shared_types() -> tuple[EntityType, ...]:
    """The others: providers, facilities, pharmacies, plans, studies ..."""
    owned = owned_types()
    return tuple(known for known in ENTITY_TYPES.values() if known not in owned)


@dataclass(frozen=True, slots=True)
class Record:
    """One patient.

    Attributes:
        patient_id: the id, also where there is no row of a patient.
        patient: the columns of a patient, by name.
        role: whose row these are from: ``patient``, ``person``, ``member`` ...; empty where only others mention the id.
        rows: table -> the patient's rows, in order of time; tables without any are not there.
    """

    patient_id: str
    patient: Row
    role: str
    rows: Mapping[str, list[Row]]

    def of(self, table: str) -> list[Row]:
        """The patient's rows of a table, none where there are none."""
        return self.rows.get(table, [])


class PatientRows:
    """The patients of a scenario with their rows; made by ``patient_rows``.

    Attributes:
        count: how many patients there are.
        unowned: table -> how many rows lead to no patient.
    """

    def __init__(
        self, tables: Tables, names: frozenset[str] | None, batch_rows: int, without: Sequence[str] = ()
    ) -> None:
        self.tables = tables
        self._excluded = ", ".join(("scenario_id", *without))
        self._batch_rows = batch_rows
        self._made: list[str] = []
        filled = tables.counts()
        self.types = [known for known in owned_types() if known.plural in filled]
        self._find_owners()
        self._order_patients()
        for known in self.types:
            self._order_rows(known)
        self.count = int(tables.one(f"SELECT count(*) FROM {_ORDER}"))
        self.unowned = self._count_unowned()
        self._shown = [known for known in self.types if names is None or known.plural in names]
        self._cut()

    # -- laying out ------------------------------------------------------------------------------------------

    def make(self, name: str, select: str) -> None:
        """Keep what a statement gives as a temporary table until the end."""
        self.tables.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {select}")
        self._made.append(name)

    def _find_owners(self) -> None:
        """Which patient each row of a person is: by reference, by the same person, by the same ssn, else of its own."""
        self.make(_OWNERS, "SELECT '' AS role, '' AS id, '' AS owner_id, '' AS person_id, '' AS ssn WHERE FALSE")
        present = {known.name: known for known in self.types}
        for role in _ROLES:
            if role in present:
                self.tables.execute(f"INSERT INTO {_OWNERS} {self._owners_of(present[role])}")

    def _owners_of(self, known: EntityType) -> str:
        key = f"t.{quoted(known.key)}"
        if known.name == "patient":
            return f"SELECT 'patient', {key}, {key}, t.person_id, t.ssn FROM patients AS t"
        ways, joins = [], []
        for column in known.references:
            if column.references == "patient":
                ways.append(f"t.{quoted(column.name)}")
            elif column.references in _ROLES:
                alias = quoted(f"by {column.name}")
                joins.append(
                    f"LEFT JOIN {_OWNERS} AS {alias} ON {alias}.role = {literal(column.references)}"
                    f" AND {alias}.id = t.{quoted(column.name)}"
                )
                ways.append(f"{alias}.owner_id")
        for name in ("person_id", "ssn"):
            alias = quoted(f"same {name}")
            joins.append(
                f"LEFT JOIN (SELECT {name}, arg_min(owner_id, (role <> 'patient', owner_id)) AS owner_id FROM {_OWNERS}"
                f" WHERE {name} IS NOT NULL GROUP BY {name}) AS {alias} ON {alias}.{name} = t.{name}"
            )
            ways.append(f"{alias}.owner_id")
        own = [f"t.{quoted(name)}" for name in known.model.natural_keys if name != "ssn"]
        person = [] if known.name == "person" else ["t.person_id"]
        alone = f"coalesce({', '.join([*person, *own, key])})"
        ways.append(f"CASE WHEN t.ssn IS NULL THEN {alone} ELSE min({alone}) OVER (PARTITION BY t.ssn) END")
        return (
            f"SELECT {literal(known.name)}, {key}, coalesce({', '.join(ways)}), t.person_id, t.ssn"
            f" FROM {quoted(known.plural)} AS t {' '.join(joins)}"
        )

    def _order_patients(self) -> None:
        """Number the patients; ids count that other rows only mention."""
        ids = [f"SELECT owner_id FROM {_OWNERS}"]
        ids += [
            f"SELECT patient_id FROM {quoted(known.plural)} WHERE patient_id IS NOT NULL"
            for known in self.types
            if "patient_id" in known.column and known.name != "patient"
        ]
        self.make(
            _ORDER,
            f"SELECT owner_id, row_number() OVER (ORDER BY owner_id) AS {ORDINAL} FROM ({' UNION '.join(ids)}) AS ids",
        )
        self.make(f"{_PREFIX}demographics", self._demographics())

    def _demographics(self) -> str:
        """One row per patient: what the first of their roles says of them."""
        names = [*DemographicColumns.model_fields, *SsnColumn.model_fields]
        extra = [name for name in ENTITY_TYPES["patient"].column if name not in (*names, "patient_id", "person_id")]
        parts = []
        for rank, role in enumerate(_ROLES):
            known = ENTITY_TYPES[role]
            if known not in self.types and role != "patient":
                # patients are always asked: their columns are those of everybody
                continue
            columns = [f"t.{quoted(name)}" for name in names]
            columns += [f"t.{name}" if name in known.column else f"NULL AS {name}" for name in extra]
            parts.append(
                f"SELECT o.owner_id, {literal(role)} AS role, {rank} AS rank, t.{quoted(known.key)} AS role_id, o.person_id,"
                f" {', '.join(columns)}, t.part_of, t.saved_at, t.source_system"
                f" FROM {quoted(known.plural)} AS t JOIN {_OWNERS} AS o"
                f" ON o.role = {literal(role)} AND o.id = t.{quoted(known.key)}"
            )
        return (
            f"SELECT p.{ORDINAL}, p.{OWNER}, p.{OWNER} AS patient_id, coalesce(r.role, '') AS role, r.* EXCLUDE (owner_id, rank, role)"
            f" FROM {_ORDER} AS p LEFT JOIN ({' UNION ALL '.join(parts)}) AS r USING (owner_id)"
            f" QUALIFY row_number() OVER (PARTITION BY p.{ORDINAL} ORDER BY r.rank, r.role_id) = 1 ORDER BY p.{ORDINAL}"
        )

    def _order_rows(self, known: EntityType) -> None:
        ways, joins = [], []
        if known.name in _ROLES:
            joins.append(
                f"JOIN {_OWNERS} AS own ON own.role = {literal(known.name)} AND own.id = t.{quoted(known.key)}"
                f" JOIN {_ORDER} AS number ON number.owner_id = own.owner_id"
            )
            ways.append("number")
        else:
            done = {item.name: item for item in self.types[: self.types.index(known)]}
            for column in sorted(known.references, key=lambda column: column.references != "patient"):
                alias, value = quoted(f"by {column.name}"), f"t.{quoted(column.name)}"
                if column.references == "patient":
                    joins.append(f"LEFT JOIN {_ORDER} AS {alias} ON {alias}.owner_id = {value}")
                elif column.references in done:
                    through = done[column.references]
                    joins.append(
                        f"LEFT JOIN {_PREFIX}{through.plural} AS {alias} ON {alias}.{quoted(through.key)} = {value}"
                    )
                else:
                    continue
                ways.append(alias)
        ordinal, owner = (
            f"coalesce({', '.join(f'{way}.{column}' for way in ways)})" if ways else "NULL"
            for column in (ORDINAL, OWNER)
        )
        # numbers are sorted faster than times and ids; those come in order when they are read
        self.make(
            f"{_PREFIX}{known.plural}",
            f"SELECT * EXCLUDE (arrival) FROM (SELECT {ordinal}::BIGINT AS {ORDINAL}, {owner}::VARCHAR AS {OWNER},"
            f" t.* EXCLUDE ({self._excluded}), row_number() OVER () AS arrival FROM {quoted(known.plural)} AS t"
            f" {' '.join(joins)}) AS led ORDER BY {ORDINAL} NULLS FIRST, arrival",
        )

    def _count_unowned(self) -> dict[str, int]:
        counts = {
            known.plural: int(
                self.tables.one(f"SELECT count(*) FROM {_PREFIX}{known.plural} WHERE {ORDINAL} IS NULL") or 0
            )
            for known in self.types
        }
        return {table: count for table, count in counts.items() if count}

    def _cut(self) -> None:
        """Divide the patients into batches of about as many rows."""
        each = [f"SELECT {ORDINAL} FROM {_ORDER}"]
        each += [f"SELECT {ORDINAL} FROM {_PREFIX}{known.plural}" for known in self._shown]
        self.make(
            _BATCHES,
            f"SELECT min({ORDINAL}) AS first, max({ORDINAL}) AS last FROM ("
            f"SELECT {ORDINAL}, (sum(count(*)) OVER (ORDER BY {ORDINAL}) - 1) // {self._batch_rows} AS batch"
            f" FROM ({' UNION ALL '.join(each)}) AS rows WHERE {ORDINAL} IS NOT NULL GROUP BY {ORDINAL}"
            ") AS counted GROUP BY batch ORDER BY 1",
        )

    def drop(self) -> None:
        """Forget what was laid out."""
        for name in reversed(self._made):
            self.tables.connection.execute(f"DROP TABLE IF EXISTS temp.main.{quoted(name)}")
        self._made.clear()

    # -- reading ---------------------------------------------------------------------------------------------

    @cached_property
    def ranges(self) -> Sequence[tuple[int, int]]:
        """The first and the last number of the patients of each batch, for statements over ``ordered_<table>``."""
        return self.tables.execute(f"SELECT first, last FROM {_BATCHES} ORDER BY first").fetchall()

    @cached_property
    def shared(self) -> Mapping[str, Mapping[str, Row]]:
        """What belongs to no patient: table -> id -> row."""
        return {
            known.plural: {
                row[known.key]: row for row in self._fetch(f"SELECT * FROM {quoted(known.plural)} ORDER BY {known.key}")
            }
            for known in shared_types()
        }

    @cached_property
    def payers(self) -> list[str]:
        """The names of payers, of plans and of members, in order."""
        named = [known.plural for known in ENTITY_TYPES.values() if "payer_name" in known.column]
        union = " UNION ".join(f"SELECT payer_name FROM {quoted(table)}" for table in named)
        names = self.tables.execute(f"SELECT payer_name FROM ({union}) WHERE payer_name IS NOT NULL ORDER BY 1")
        return [str(name) for (name,) in names.fetchall()]

    def batches(self) -> Iterator[list[Record]]:
        """The patients in the order of their ids, in bounded batches."""
        for first, last in self.ranges:
            yield self._batch(first, last)

    def __iter__(self) -> Iterator[Record]:
        for batch in self.batches():
            yield from batch

    def _batch(self, first: int, last: int) -> list[Record]:
        rows: dict[int, dict[str, list[Row]]] = {}
        for known in self._shown:
            order = [quoted(name) for name in (ORDINAL, known.dated_by, known.key) if name]
            for row in self._between(known.plural, first, last, order):
                del row[OWNER]
                rows.setdefault(row.pop(ORDINAL), {}).setdefault(known.plural, []).append(row)
        records = []
        for row in self._between("demographics", first, last, [ORDINAL]):
            del row[OWNER]
            ordinal, role = row.pop(ORDINAL), row.pop("role")
            records.append(Record(row["patient_id"], row, role, rows.get(ordinal, {})))
        return records

    def _between(self, table: str, first: int, last: int, order: Sequence[str]) -> Iterator[Row]:
        return self._fetch(
            f"SELECT * FROM {_PREFIX}{table} WHERE {ORDINAL} BETWEEN $first AND $last ORDER BY {', '.join(order)}",
            {"first": first, "last": last},
        )

    def _fetch(self, statement: str, values: Mapping[str, Any] | None = None) -> Iterator[Row]:
        result = self.tables.execute(statement, values)
        names = [column[0] for column in result.description or ()]
        for values_of_row in result.fetchall():
            yield dict(zip(names, values_of_row, strict=True))


@contextmanager
def patient_rows(
    tables: Tables,
    names: frozenset[str] | None = None,
    *,
    batch_rows: int | None = None,
    without: Sequence[str] = (),
) -> Iterator[PatientRows]:
    """Read a scenario by patient.

    Args:
        tables: of the scenario, inside a transaction.
        names: the tables whose rows records have; by default all that lead to a patient.
        batch_rows: how many rows a batch holds; by default as many as are quickly read into Python.
        without: columns that nobody reads.
    """
    rows = PatientRows(tables, names, batch_rows or BATCH_ROWS, without)
    try:
        yield rows
    finally:
        rows.drop()
