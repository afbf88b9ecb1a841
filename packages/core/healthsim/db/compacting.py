"""Giving back the space of deleted data: the file is written anew, checked, and put in the place of the old one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb

from healthsim.db.connection import Database
from healthsim.db.engine_pool import STORAGE_VERSION
from healthsim.db.opening import rebuild_views
from healthsim.db.sql import literal, quoted
from healthsim.errors import HealthSimError, UsageError

_TABLES = (
    "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
    " AND database_name = {database} ORDER BY ALL"
)


def compact(database: Database) -> dict[str, Any]:
    """Write the database file anew without the space of deleted rows.

    Returns:
        ``{"path", "bytes_before", "bytes_after"}``.

    Raises:
        UsageError: the database is no file.
        HealthSimError: the copy does not hold what the original does; the original is untouched.
    """
    path = database.location.path
    if path is None:
        raise UsageError(f"{database.location.text} is no file; only a database file can be compacted.")
    with database.read():
        before = path.stat().st_size
    copy = path.with_name(f".{path.name}.compacting-{os.getpid()}")
    try:
        with database.raw(read_only=False) as connection:
            connection.execute("CHECKPOINT")
            _copy(connection, copy)
            state = _state(path)
            if os.name == "posix":
                # the lock of the original is held until the new file is in its place: no write can fall between
                copy.replace(path)
        if os.name != "posix":
            _replace_if_unchanged(copy, path, state)
    except OSError as error:
        raise HealthSimError(
            f"{path} cannot be compacted: {error.strerror or error}. It was not changed.", path=str(path)
        ) from None
    finally:
        copy.unlink(missing_ok=True)
    return {"path": str(path), "bytes_before": before, "bytes_after": path.stat().st_size}


def _state(path: Path) -> tuple[int, int]:
    facts = path.stat()
    return facts.st_size, facts.st_mtime_ns


def _replace_if_unchanged(copy: Path, path: Path, state: tuple[int, int]) -> None:
    """Where an open file cannot be replaced, another program may have written since it was closed."""
    if _state(path) != state:
        raise HealthSimError(f"{path} was written by another program meanwhile; it was not changed. Try again.")
    copy.replace(path)


def _copy(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    source = connection.execute("SELECT current_database()").fetchall()[0][0]
    connection.execute(f"ATTACH {literal(str(target))} AS compacted (STORAGE_VERSION {literal(STORAGE_VERSION)})")
    try:
        tables = connection.execute(_TABLES.format(database=literal(source))).fetchall()
        for schema in sorted({schema for schema, _ in tables} - {"main"}):
            connection.execute(f"CREATE SCHEMA compacted.{quoted(schema)}")
        for schema, table in tables:
            name = f"{quoted(schema)}.{quoted(table)}"
            connection.execute(f"CREATE TABLE compacted.{name} AS FROM {quoted(source)}.{name}")
            counts = connection.execute(
                f"SELECT (SELECT count(*) FROM {quoted(source)}.{name}), (SELECT count(*) FROM compacted.{name})"
            ).fetchall()[0]
            if counts[0] != counts[1]:
                raise HealthSimError(
                    f"The copy of {schema}.{table} has {counts[1]:,} rows, the original {counts[0]:,}."
                )
        connection.execute("USE compacted")
        rebuild_views(connection)
        connection.execute(f"USE {quoted(source)}")
        connection.execute("CHECKPOINT compacted")
    finally:
        connection.execute(f"USE {quoted(source)}")
        connection.execute("DETACH compacted")
