"""The tables as lakes and warehouses get them: columns with types and meanings, keys, references; from the declarations.

Every table has ``scenario_id`` first: tables are partitioned by it, and keys hold within it. So scenarios of several
databases share the tables, whatever surrogate keys their stars have.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from healthsim.analytics.star import declared as star
from healthsim.db.schema import PROVENANCE
from healthsim.db.sql import literal, quoted
from healthsim.model import ENTITY_TYPES

#: the column that says whose a row is
SCENARIO = "scenario_id"
_WHOSE = "The scenario: the snapshot that the row belongs to."
#: types of the database that lakes have not, and what stands for them
_AS = {"UUID": "VARCHAR", "JSON": "VARCHAR"}


@dataclass(frozen=True)
class LakeColumn:
    """A column: its type in the SQL of the database, of those that every lake has."""

    name: str
    type: str
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class Reference:
    """A column, with ``scenario_id`` before it, that holds the key of a table."""

    column: str
    table: str
    key: str


@dataclass(frozen=True)
class LakeTable:
    """A table.

    Attributes:
        layer: ``canonical`` or ``star``.
        key: what identifies a row within its scenario; None of facts.
    """

    layer: str
    name: str
    meaning: str
    columns: tuple[LakeColumn, ...]
    key: str | None
    references: tuple[Reference, ...]

    @property
    def place(self) -> str:
        """Where it lies below the target."""
        return f"{self.layer}/{self.name}"

    def select(self, query: str, scenario_id: str) -> str:
        """The rows of a query of the scenario's rows, with the columns of the table."""
        columns = ", ".join(
            f"CAST({quoted(column.name)} AS {column.type}) AS {quoted(column.name)}" for column in self.columns[1:]
        )
        return f"SELECT {literal(scenario_id)} AS {SCENARIO}, {columns} FROM ({query})"


@cache
def lake_table(place: str) -> LakeTable:
    """The table that is called ``canonical/claims`` or ``star/fact_claim``."""
    layer, name = place.split("/")
    return _canonical(name) if layer == "canonical" else _star(name)


@cache
def lake_tables() -> tuple[LakeTable, ...]:
    """Every table there may be."""
    canonical = [f"canonical/{entity_type.plural}" for entity_type in ENTITY_TYPES.values()]
    kept = [f"star/{name}" for name in star.TABLES]
    return tuple(lake_table(place) for place in (*canonical, *kept))


def _canonical(plural: str) -> LakeTable:
    entity_type = next(known for known in ENTITY_TYPES.values() if known.plural == plural)
    columns = [LakeColumn(SCENARIO, "VARCHAR", _WHOSE, True)]
    for column in entity_type.columns:
        beside = [part for part in (column.unit, column.code_system) if part]
        meaning = f"{column.meaning.rstrip('.')} ({', '.join(beside)})." if beside else column.meaning
        columns.append(
            LakeColumn(column.name, _AS.get(column.sql_type, column.sql_type), meaning, column.name == entity_type.key)
        )
    columns += [LakeColumn(name, _AS.get(kind, kind), meaning) for name, (kind, meaning) in PROVENANCE.items()]
    references = tuple(
        Reference(column.name, ENTITY_TYPES[column.references].plural, ENTITY_TYPES[column.references].key)
        for column in entity_type.references
        if column.references and column.name != entity_type.key
    )
    return LakeTable("canonical", plural, entity_type.meaning, tuple(columns), entity_type.key, references)


def _star(name: str) -> LakeTable:
    key = star.columns_of(name)[0].name if name in star.DIMENSIONS else None
    columns = [LakeColumn(SCENARIO, "VARCHAR", _WHOSE, True)]
    columns += [
        LakeColumn(column.name, _AS.get(column.type, column.type), column.meaning, column.name == key)
        for column in star.columns_of(name)
        if column.name != SCENARIO
    ]
    references = tuple(
        Reference(column.name, dimension, star.columns_of(dimension)[0].name)
        for column in columns
        if (dimension := star.dimension_of(column.name)) is not None and (dimension, column.name) != (name, key)
    )
    return LakeTable("star", name, star.HEADS[name].meaning, tuple(columns), key, references)
