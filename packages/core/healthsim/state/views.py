"""The view ``scenario_entities``: every entity of every scenario, with a document or with a row only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from healthsim.db.sql import literal, quoted
from healthsim.model import ENTITY_TYPES

if TYPE_CHECKING:
    import duckdb


def scenario_entities_view() -> str:
    """The statement that creates it."""
    rows = "\nUNION ALL\n".join(
        f"SELECT scenario_id, {literal(entity_type.name)}, {quoted(entity_type.key)}"
        f" FROM main.{quoted(entity_type.plural)}"
        for entity_type in ENTITY_TYPES.values()
    )
    return (
        "CREATE OR REPLACE VIEW scenario_entities(scenario_id, entity_type, entity_id) AS\n"
        "SELECT scenario_id, entity_type, entity_id FROM main.scenario_documents WHERE NOT is_typed\n"
        f"UNION ALL\n{rows};\n"
    )


def make_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the view anew."""
    connection.execute(scenario_entities_view())
