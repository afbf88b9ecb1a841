"""What catalogues of other kinds do not take of our statements, and what they take long for.

What they do not take is left out when a statement is run, and nowhere else: the text of a migration stays what it is, and
so does its checksum.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

#: how a column is stored, which only the engine's own files can be told
_COMPRESSION = re.compile(r"\s+USING COMPRESSION \w+", re.I)


def fitted(connection: duckdb.DuckDBPyConnection, statement: str) -> str:
    """A statement as the current database takes it."""
    if not _COMPRESSION.search(statement):
        return statement
    return statement if _kind(connection) == "duckdb" else _COMPRESSION.sub("", statement)


def tables_with_rows(connection: duckdb.DuckDBPyConnection) -> frozenset[str] | None:
    """The tables that had rows when the transaction began, where asking each of them would take long; None elsewhere.

    The catalogue of a lake is asked for the files of every table that a statement reads, and knows at once which have any.
    """
    if _kind(connection) != "ducklake":
        return None
    rows = connection.execute(
        "SELECT table_name FROM ducklake_table_info(current_database()) WHERE file_count > 0"
    ).fetchall()
    return frozenset(name for (name,) in rows)


def _kind(connection: duckdb.DuckDBPyConnection) -> str:
    rows = connection.execute("SELECT type FROM duckdb_databases() WHERE database_name = current_database()").fetchall()
    return str(rows[0][0]) if rows else ""
