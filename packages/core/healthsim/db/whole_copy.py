"""A database written anew into another file: all tables and views, without the space of deleted rows."""

from __future__ import annotations

from pathlib import Path

import duckdb

from healthsim.db.engine import STORAGE_VERSION
from healthsim.db.opening import rebuild_views
from healthsim.db.sql import literal, quoted
from healthsim.errors import HealthSimError

_TABLES = (
    "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
    " AND database_name = {database} ORDER BY ALL"
)


def copy_into(connection: duckdb.DuckDBPyConnection, target: Path, wanted: frozenset[str] | None = None) -> None:
    """Copy the current database into a new file.

    Args:
        wanted: names in lower case: tables of other names are made without rows.

    Raises:
        HealthSimError: the copy does not hold what the original does.
    """
    source = connection.execute("SELECT current_database()").fetchall()[0][0]
    connection.execute(f"ATTACH {literal(str(target))} AS written_anew (STORAGE_VERSION {literal(STORAGE_VERSION)})")
    try:
        tables = connection.execute(_TABLES.format(database=literal(source))).fetchall()
        columns = {} if wanted is None else _columns(connection, source)
        for schema in sorted({schema for schema, _ in tables} - {"main"}):
            connection.execute(f"CREATE SCHEMA written_anew.{quoted(schema)}")
        for schema, table in tables:
            name = f"{quoted(schema)}.{quoted(table)}"
            # the bookkeeping tells whoever opens the copy that it is one of ours
            if wanted is not None and table.lower() not in wanted and table != "schema_migrations":
                connection.execute(f"CREATE TABLE written_anew.{name} ({', '.join(columns[schema, table])})")
                continue
            connection.execute(f"CREATE TABLE written_anew.{name} AS FROM {quoted(source)}.{name}")
            counts = connection.execute(
                f"SELECT (SELECT count(*) FROM {quoted(source)}.{name}), (SELECT count(*) FROM written_anew.{name})"
            ).fetchall()[0]
            if counts[0] != counts[1]:
                raise HealthSimError(
                    f"The copy of {schema}.{table} has {counts[1]:,} rows, the original {counts[0]:,}."
                )
        connection.execute("USE written_anew")
        rebuild_views(connection)
        connection.execute(f"USE {quoted(source)}")
        connection.execute("CHECKPOINT written_anew")
    finally:
        connection.execute(f"USE {quoted(source)}")
        connection.execute("DETACH written_anew")


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[tuple[str, str], list[str]]:
    """(schema, table) -> its columns, as a statement declares them."""
    columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, column, kind in connection.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = $database"
        " AND NOT internal ORDER BY schema_name, table_name, column_index",
        {"database": database},
    ).fetchall():
        columns.setdefault((schema, table), []).append(f"{quoted(column)} {kind}")
    return columns
