"""The tables of the star: made by a build where they are missing, or have the columns of another version of the program.

The star is derived data: nothing of it has to survive but the keys that were given. Those and the log of the builds are
migrated; everything else is made from the heads of the statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from healthsim.analytics.star.declared import DIMENSIONS, HEADS, KEPT, columns_of, key_of, layout
from healthsim.db.dialect import fitted
from healthsim.db.sql import literal, quoted

if TYPE_CHECKING:
    import duckdb

#: the name under which the record of keys has the checksum of the columns
STAR = "star"
#: how tables of the star begin, in any version
_PREFIXES = ("dim_", "fact_", "bridge_")
#: why there is nothing of a scenario that was built
NEEDS_BUILDING = "it was built by another version of the program, and needs building again"


def is_made(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the star has its tables, with the columns of this version."""
    row = connection.execute("SELECT content FROM analytics.dimension_keys WHERE table_name = ?", [STAR]).fetchone()
    return row is not None and row[0] == layout()


def create_table(table: str) -> str:
    """The statement that makes a table of the star."""
    columns = ", ".join(
        f"{quoted(column.name)} {column.type}{f' USING COMPRESSION {column.compression}' if column.compression else ''}"
        for column in columns_of(table)
    )
    return f"CREATE TABLE analytics.{quoted(table)} ({columns})"


def make(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables, in the place of those of another version; keys are kept, what was built is noted as gone."""
    take_away(connection)
    for table in KEPT:
        connection.execute(fitted(connection, create_table(table)))
    connection.execute("INSERT INTO analytics.dimension_keys VALUES (?, 0, ?)", [STAR, layout()])


def take_away(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop every table of the star, of whatever version, and keep the keys that were given."""
    there: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'analytics' AND NOT internal"
        " AND database_name = current_database()"
    ).fetchall():
        there.setdefault(table, set()).add(column)
    for table in sorted(there):
        if table.startswith(_PREFIXES) or table in KEPT:
            _carry(connection, table, there[table])
            connection.execute(f"DROP TABLE analytics.{quoted(table)}")
    connection.execute("UPDATE analytics.builds SET star_version = NULL")
    connection.execute("DELETE FROM analytics.dimension_keys WHERE table_name = ?", [STAR])
    connection.execute("UPDATE analytics.dimension_keys SET content = NULL")


def _carry(connection: duckdb.DuckDBPyConnection, table: str, columns: set[str]) -> None:
    """Keep the keys of a dimension, if it is identified by the same columns as now."""
    natural = HEADS[table].natural if table in HEADS else ()
    key = key_of(table)
    if table not in DIMENSIONS or not natural or not columns.issuperset((*natural, key)):
        return
    scenario = "scenario_key" if "scenario_key" in columns else "NULL"
    connection.execute(
        f"INSERT INTO analytics.carried_keys SELECT {literal(table)}, {scenario}, [{', '.join(map(quoted, natural))}], {key}"
        f" FROM analytics.{quoted(table)} WHERE {key} > 0"
    )
