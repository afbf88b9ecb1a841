"""The rows of ``scenarios`` and ``scenario_tags``, as they are written, and the removal of a scenario with all that it has."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from healthsim.db.dialect import tables_with_rows
from healthsim.db.sql import literal, quoted
from healthsim.state.scenarios import Scenario
from healthsim.state.statements import filled
from healthsim.state.tables import here

if TYPE_CHECKING:
    import duckdb


def insert(connection: duckdb.DuckDBPyConnection, scenario: Scenario) -> None:
    """Write the row of a new scenario, and its tags."""
    connection.execute(
        filled("insert_scenario"),
        {
            "id": scenario.scenario_id,
            "name": scenario.name,
            "description": scenario.description,
            "product": scenario.product,
            "format": scenario.format,
            "created_at": scenario.created_at,
            "updated_at": scenario.updated_at,
            "attributes": scenario.attributes,
            "envelope": json.dumps(scenario.envelope, ensure_ascii=False) if scenario.envelope else None,
        },
    )
    set_tags(connection, scenario.scenario_id, scenario.tags)


def set_tags(connection: duckdb.DuckDBPyConnection, scenario_id: str, tags: Sequence[str]) -> None:
    """Make these the tags of a scenario, in this order."""
    connection.execute(f"DELETE FROM main.scenario_tags WHERE {here(scenario_id)}")
    connection.execute(filled("insert_tags"), {"scenario": scenario_id, "tags": list(tags)})


def change(connection: duckdb.DuckDBPyConnection, scenario: Scenario, now: dt.datetime) -> None:
    """Write what is said of a scenario that is there anew: its name and its tags. Its entities stay."""
    set_tags(connection, scenario.scenario_id, scenario.tags)
    values = {"name": scenario.name, "now": now, "scenario": scenario.scenario_id}
    connection.execute(filled("change_scenario"), values)


def forget(connection: duckdb.DuckDBPyConnection, scenario_id: str) -> None:
    """Remove the row of a scenario, which is about to be inserted as it is now; all else of it stays."""
    connection.execute(f"DELETE FROM main.scenarios WHERE {here(scenario_id)}")


def erase(connection: duckdb.DuckDBPyConnection, scenario_id: str, *, keep_star: bool = False) -> None:
    """Remove every row of a scenario from every table, and what is derived from it with it; nothing was written before.

    Args:
        keep_star: the scenario is about to be written anew: its star stays, and is stale.
    """
    named_by = {
        (schema, table): columns for schema, table, columns in connection.execute(filled("scenario_tables")).fetchall()
    }
    if keep_star:
        # what is derived from scenarios lies in schemas of its own
        named_by = {place: columns for place, columns in named_by.items() if place[0] == "main"}
    if (holding := tables_with_rows(connection)) is not None:
        named_by = {place: columns for place, columns in named_by.items() if place[1] in holding}
    keys: dict[str, set[int]] = {}
    for (schema, table), columns in named_by.items():
        if len(columns) == 2:
            known = f"SELECT scenario_key FROM {quoted(schema)}.{quoted(table)} WHERE {here(scenario_id)}"
            keys.setdefault(schema, set()).update(key for (key,) in connection.execute(known).fetchall())
    conditions: dict[str, str] = {}
    for (schema, table), columns in named_by.items():
        if "scenario_id" in columns:
            conditions[f"{quoted(schema)}.{quoted(table)}"] = here(scenario_id)
        elif keys.get(schema):
            of_it = ", ".join(map(str, sorted(keys[schema])))
            conditions[f"{quoted(schema)}.{quoted(table)}"] = f"scenario_key IN ({of_it})"
    for table in _with_rows(connection, conditions):
        connection.execute(f"DELETE FROM {table} WHERE {conditions[table]}")


def _with_rows(connection: duckdb.DuckDBPyConnection, conditions: Mapping[str, str]) -> list[str]:
    """The tables that have rows of a condition each: one question costs less than a removal of nothing from every table."""
    counts = " UNION ALL ".join(
        f"SELECT {literal(table)} AS name, count(*) AS n FROM {table} WHERE {condition}"
        for table, condition in conditions.items()
    )
    rows = connection.execute(f"SELECT name FROM ({counts}) WHERE n > 0").fetchall() if counts else []
    return [name for (name,) in rows]
