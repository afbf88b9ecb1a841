"""The database as a question sees it: read-only, cut off from everything else, and of one scenario if asked.

The file is attached to an empty database in memory. With a scenario, it is attached under a name that nobody
can guess, and what a question can name are views in memory that hold that scenario's rows only.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from healthsim.db.connection import Database
from healthsim.db.engine import CONFIG
from healthsim.db.locations import FileLocation
from healthsim.db.query.walk import Name
from healthsim.db.sql import literal, quoted

_ALIAS = "healthsim"
#: tables without a ``scenario_id`` are only shown with a filter when they say nothing about scenarios
_SAME_FOR_ALL = frozenset(
    [
        "schema_migrations",
        # views over public statistics
        "ref_adi_blockgroup", "ref_places_county", "ref_places_tract", "ref_svi_county", "ref_svi_tract",
        # dimensions that are the same in every database: no word of a document is in them
        "code_rules", "dim_age_band", "dim_condition_group", "dim_date", "dim_measure", "dim_service_category",
    ]
)  # fmt: skip
#: schemas of public statistics, which belong to no scenario
_PUBLIC = frozenset(["reference", "reference_data"])

_RELATIONS = """
SELECT schema_name, table_name, 'table' FROM duckdb_tables() WHERE database_name = $alias AND NOT internal
UNION ALL
SELECT schema_name, view_name, 'view' FROM duckdb_views() WHERE database_name = $alias AND NOT internal
"""
_WITH_SCENARIO = """
SELECT schema_name, table_name FROM duckdb_columns() WHERE database_name = $alias AND column_name = 'scenario_id'
"""
#: tables of the star name their scenario by a key
_WITH_KEY = """
SELECT schema_name, table_name FROM duckdb_columns()
WHERE database_name = $alias AND schema_name = 'analytics' AND column_name = 'scenario_key'
"""
_ONLY_KEYED = (
    " WHERE scenario_key IN"
    " (SELECT s.scenario_key FROM {alias}.analytics.builds AS s WHERE s.scenario_id = {scenario}::UUID)"
)


class _Attached(FileLocation):
    """The file as a read-only guest of a database in memory."""

    def __init__(self, text: str, alias: str) -> None:
        super().__init__(text)
        self.alias = alias

    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        # no variable of this program may be taken for a table
        connection = duckdb.connect(":memory:", config={**CONFIG, "python_enable_replacements": "false"})
        try:
            connection.execute(f"ATTACH {literal(str(self.path))} AS {quoted(self.alias)} (READ_ONLY)")
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.close()


@dataclass
class Source:
    """An open database, ready for one question.

    Attributes:
        connection: to the memory that the file is attached to; locked.
        known: what a question may name, as (schema, name) in lower case.
        scenario: the only visible one, where there is one.
    """

    connection: duckdb.DuckDBPyConnection
    alias: str
    known: frozenset[Name]
    scenario: str | None

    def copy(self, tables: frozenset[Name]) -> None:
        """Put tables in the place of the views that a question reads, and let go of the file.

        The engine evaluates some expressions before it sets the rows of other scenarios aside. After an error, only
        a question to a copy can tell whose rows it came from.
        """
        for schema, name in sorted(tables):
            place = f"memory.{quoted(schema)}.{quoted(name)}"
            self.connection.execute(f"CREATE TABLE memory.main.copied AS FROM {place}")
            self.connection.execute(f"DROP VIEW {place}")
            self.connection.execute(f"CREATE TABLE {place} AS FROM memory.main.copied")
            self.connection.execute("DROP TABLE memory.main.copied")
        self.connection.execute(f"DETACH {quoted(self.alias)}")


@contextmanager
def opened(path: str, lock_timeout: float, scenario: str | None, memory: int) -> Iterator[Source]:
    """The database, as a question may see it.

    Raises:
        DatabaseLocked: another program held the file for too long.
        DatabaseUnusable: the file is damaged or no database.
    """
    alias = _ALIAS if scenario is None else f"s{secrets.token_hex(16)}"
    database = Database(path, lock_timeout)
    database.location = _Attached(path, alias)
    with database.raw(read_only=True) as connection:
        relations = connection.execute(_RELATIONS, {"alias": alias}).fetchall()
        if scenario is None:
            connection.execute(f"USE {quoted(alias)}")
            known = frozenset((schema.lower(), name.lower()) for schema, name, _ in relations)
        else:
            known = _show_scenario(connection, alias, scenario, relations)
        _lock(connection, memory)
        yield Source(connection, alias, known, scenario)


def _show_scenario(
    connection: duckdb.DuckDBPyConnection, alias: str, scenario: str, relations: list[tuple[str, str, str]]
) -> frozenset[Name]:
    """Make the views of one scenario; the newest version of an entity within it is the one that it has."""
    having = {(schema, name) for schema, name in connection.execute(_WITH_SCENARIO, {"alias": alias}).fetchall()}
    keyed = {(schema, name) for schema, name in connection.execute(_WITH_KEY, {"alias": alias}).fetchall()}
    known: set[Name] = set()
    for schema in sorted({schema for schema, _, _ in relations}):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS memory.{quoted(schema)}")
    for schema, name, _ in relations:
        source = "main" if schema == "latest" and ("main", name) in having else schema
        if (source, name) in having:
            only = f" WHERE scenario_id = {literal(scenario)}::UUID"
        elif (schema, name) in keyed:
            only = _ONLY_KEYED.format(alias=quoted(alias), scenario=literal(scenario))
        elif name in _SAME_FOR_ALL or schema in _PUBLIC:
            only = ""
        else:
            continue
        connection.execute(
            f"CREATE VIEW memory.{quoted(schema)}.{quoted(name)} AS"
            f" SELECT * FROM {quoted(alias)}.{quoted(source)}.{quoted(name)}{only}"
        )
        known.add((schema.lower(), name.lower()))
    return frozenset(known)


def _lock(connection: duckdb.DuckDBPyConnection, memory: int) -> None:
    """From here on nothing but the attached file can be reached, and nothing can change that."""
    for setting in (
        "SET TimeZone = 'UTC'",
        # both spellings of a function of one's own: x -> x + 1 is what most examples have
        "SET lambda_syntax = 'ENABLE_SINGLE_ARROW'",
        f"SET memory_limit = '{memory}B'",
        f"SET threads = {min(4, os.cpu_count() or 1)}",
        "SET temp_directory = ''",
        "SET max_temp_directory_size = '0B'",
        "SET allow_community_extensions = false",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        connection.execute(setting)
