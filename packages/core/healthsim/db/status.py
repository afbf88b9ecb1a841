"""What is in the database: version, layers, sizes. One question each, answered in SQL."""

from __future__ import annotations

from healthsim.db.connection import Database
from healthsim.db.migrations import applied
from healthsim.db.sql import literal, quoted
from healthsim.results import DatabaseStatus, TableRows

#: the schemas that are ours, and the layer that they hold
LAYERS = {"main": "canonical and state", "reference": "reference", "analytics": "analytics"}


def status(database: Database) -> DatabaseStatus:
    """The database at a glance."""
    with database.read() as connection:
        migrations = applied(connection)
        names = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
            " AND database_name = current_database()"
        ).fetchall()
        counts = " UNION ALL ".join(
            f"SELECT {literal(schema)} AS s, {literal(table)} AS t, count(*) AS n FROM {quoted(schema)}.{quoted(table)}"
            for schema, table in names
        )
        rows = connection.execute(f"SELECT s, t, n FROM ({counts}) WHERE n > 0 ORDER BY ALL").fetchall()
        scenarios, entities = connection.execute(
            "SELECT count(*), coalesce(sum(entity_count), 0)::BIGINT FROM main.scenarios"
        ).fetchall()[0]
        version = connection.execute("SELECT version()").fetchall()[0][0]
    return DatabaseStatus(
        database=database.location.name,
        size_bytes=database.location.size(),
        schema_version=migrations[-1][0],
        migrations=[{"number": number, "name": name} for number, name, _ in migrations],
        duckdb_version=version,
        scenarios=scenarios,
        entities=entities,
        tables=[TableRows(LAYERS.get(schema, schema), schema, table, count) for schema, table, count in rows],
    )
