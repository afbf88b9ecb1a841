"""The database as a question sees it: read-only, cut off from everything else, and of one scenario if asked.

The file is attached to an empty database in memory. With a scenario, it is attached under a name that nobody
can guess, and what a question can name are views in memory that hold that scenario's rows only.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import duckdb

from healthsim.db.connection import Database
from healthsim.db.engine import CONFIG
from healthsim.db.locations import FileLocation
from healthsim.db.opening import shared_relations
from healthsim.db.query.walk import Name
from healthsim.db.sql import literal, quoted

_ALIAS = "healthsim"
#: the log of migrations, which says nothing about scenarios
_LOG = "schema_migrations"
#: schemas of public statistics, which belong to no scenario
_PUBLIC = frozenset(["reference", "reference_data"])

_RELATIONS = """
SELECT schema_name, table_name, 'table' FROM duckdb_tables() WHERE database_name = $alias AND NOT internal
UNION ALL
SELECT schema_name, view_name, 'view' FROM duckdb_views() WHERE database_name = $alias AND NOT internal
"""
#: the columns by which relations say whose their rows are
_ID, _KEY = "scenario_id", "scenario_key"
_OWNERS = f"""
SELECT schema_name, table_name, list(column_name) FROM duckdb_columns()
WHERE database_name = $alias AND column_name IN ({literal(_ID)}, {literal(_KEY)})
GROUP BY ALL ORDER BY ALL
"""


class _Attached(FileLocation):
    """The file as a read-only guest of a database in memory."""

    def __init__(self, text: str, alias: str) -> None:
        super().__init__(text)
        self.alias = alias

    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        # no variable of this program may be taken for a table
        connection = duckdb.connect(":memory:", config={**CONFIG, "python_enable_replacements": "false"})
        with ExitStack() as unless_attached:
            unless_attached.callback(connection.close)
            connection.execute(f"ATTACH {literal(str(self.path))} AS {quoted(self.alias)} (READ_ONLY)")
            unless_attached.pop_all()
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
def opened(
    path: str, lock_timeout: float, scenario: str | None, memory: int, shared: Collection[str] | None = None
) -> Iterator[Source]:
    """The database, as a question may see it.

    Args:
        path: of the file.
        lock_timeout: seconds to wait for it.
        scenario: the id of the only one whose rows there are.
        memory: bytes that the engine may use.
        shared: relations that say nothing about scenarios; default: those that their owners name.

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
            known = _show_scenario(
                connection, alias, scenario, relations, shared_relations() if shared is None else shared
            )
        _lock(connection, memory)
        yield Source(connection, alias, known, scenario)


def _show_scenario(
    connection: duckdb.DuckDBPyConnection,
    alias: str,
    scenario: str,
    relations: list[tuple[str, str, str]],
    shared: Collection[str],
) -> frozenset[Name]:
    """Make the views of one scenario; the newest version of an entity within it is the one that it has.

    Rows belong to a scenario by ``scenario_id``, or by ``scenario_key``: which key is whose, the tables of the same schema
    tell that have both.
    """
    owners = {
        (schema, name): columns for schema, name, columns in connection.execute(_OWNERS, {"alias": alias}).fetchall()
    }
    having = {relation for relation, columns in owners.items() if _ID in columns}
    only_this = f"{_ID} = {literal(scenario)}::UUID"
    keys: dict[str, list[str]] = {}
    for schema, name in having:
        if _KEY in owners[schema, name]:
            place = f"{quoted(alias)}.{quoted(schema)}.{quoted(name)}"
            keys.setdefault(schema, []).append(f"SELECT {_KEY} FROM {place} WHERE {only_this}")
    known: set[Name] = set()
    for schema in sorted({schema for schema, _, _ in relations}):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS memory.{quoted(schema)}")
    for schema, name, _ in relations:
        source = "main" if schema == "latest" and ("main", name) in having else schema
        if (source, name) in having:
            only = f" WHERE {only_this}"
        elif (schema, name) in owners and schema in keys:
            only = f" WHERE {_KEY} IN ({' UNION ALL '.join(sorted(keys[schema]))})"
        elif (schema, name) in owners:
            continue
        elif name == _LOG or name in shared or schema in _PUBLIC:
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
