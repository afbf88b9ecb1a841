"""The schema that follows from the model: the canonical tables and the views of ``latest``."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import healthsim.model
from healthsim.db.sql import quoted
from healthsim.model import ENTITY_TYPES, EntityType

if TYPE_CHECKING:
    import duckdb

_MIGRATIONS = Path(healthsim.model.__file__).parent / "migrations"
_ADDED = re.compile(r"^ALTER TABLE (\w+) ADD COLUMN (\w+) ", re.MULTILINE)
#: what every canonical row says about itself, after the typed columns: name -> (SQL type, meaning)
PROVENANCE: dict[str, tuple[str, str]] = {
    "created_at": ("TIMESTAMP", "When the entity was made (UTC); from its provenance, else the time of the save."),
    "source_type": ("VARCHAR", "generated, loaded, or derived (read out of another entity's document)."),
    "source_system": ("VARCHAR", "The product that made it: patientsim, membersim ..."),
    "skill_used": ("VARCHAR", "The skill of the assistant that made it."),
    "generation_seed": ("BIGINT", "The seed that it was generated with."),
    "part_of": ("VARCHAR", "For an entity inside another one's document: that document, as type/id."),
    "saved_at": ("TIMESTAMP", "When this row was written (UTC)."),
}


def table_columns(entity_type: EntityType) -> dict[str, str]:
    """The columns of a canonical table in order: name -> SQL type."""
    columns = {"scenario_id": "UUID"}
    columns.update((column.name, column.sql_type) for column in entity_type.columns)
    columns.update((name, sql_type) for name, (sql_type, _) in PROVENANCE.items())
    return columns


@cache
def added_columns() -> frozenset[tuple[str, str]]:
    """(table, column) of the columns that came after their table: rows that were written before are empty there."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(_MIGRATIONS.rglob("*.sql")))
    return frozenset(match for text in texts for match in _ADDED.findall(text))


def create_table(entity_type: EntityType) -> str:
    """The statement that creates a canonical table."""
    columns = ",\n".join(f"    {quoted(name)} {sql_type}" for name, sql_type in table_columns(entity_type).items())
    return f"CREATE TABLE {quoted(entity_type.plural)} (\n{columns}\n);\n"


def latest_view(entity_type: EntityType) -> str:
    """The statement that creates the view of the newest version of each id, whatever the scenario."""
    table, key = quoted(entity_type.plural), quoted(entity_type.key)
    return (
        f"CREATE OR REPLACE VIEW latest.{table} AS\n"
        f"SELECT * FROM main.{table}\n"
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY saved_at DESC, scenario_id) = 1;\n"
    )


def make_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the views of ``latest`` anew."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS latest")
    for entity_type in ENTITY_TYPES.values():
        connection.execute(latest_view(entity_type))
