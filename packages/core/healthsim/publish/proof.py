"""What a scenario holds, table by table: rows and a hash over all of them, so that a copy can be held against it.

The hash is the sum of the hashes of the rows, whatever their order. It leaves out what is of the place and not of the
scenario: which id it has there, and when its rows were written there. The engine's own hash is fast, and may differ
between versions of it: who compares asks first which version it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from healthsim.db.sql import quoted
from healthsim.state.tables import Tables

if TYPE_CHECKING:
    import duckdb

#: columns that are of the place
_OF_THE_PLACE = ("scenario_id", "saved_at")
DOCUMENTS = "scenario_documents"


@dataclass(frozen=True)
class TableFacts:
    """What a table holds of a scenario."""

    rows: int
    hash: str
    columns: tuple[str, ...]


Contents = Mapping[str, TableFacts]


def contents_of(tables: Tables, layout: Mapping[str, Mapping[str, str]] | None = None) -> dict[str, TableFacts]:
    """The tables that hold rows of a scenario, each with what it holds."""
    known = layout or layout_of(tables.connection)
    held = [*tables.counts(), *([DOCUMENTS] if _count(tables, DOCUMENTS) else [])]
    return {name: facts_of(tables, name, known[name]) for name in held}


def facts_of(tables: Tables, name: str, types: Mapping[str, str], columns: tuple[str, ...] | None = None) -> TableFacts:
    """What one table holds, by these columns; default: by all that are of the scenario."""
    chosen = columns or tuple(sorted(set(types).difference(_OF_THE_PLACE)))
    values = ", ".join(f"{quoted(column)}::VARCHAR" if types[column] == "JSON" else quoted(column) for column in chosen)
    row = tables.connection.execute(
        f"SELECT count(*), coalesce(sum(hash({values})), 0)::VARCHAR {tables.rows(name)}"
    ).fetchone()
    assert row is not None
    return TableFacts(int(row[0]), str(row[1]), chosen)


def layout_of(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Table -> column -> type, of the tables of scenarios."""
    layout: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal"
        " AND database_name = current_database() ORDER BY table_name, column_index"
    ).fetchall():
        layout.setdefault(table, {})[column] = kind
    return layout


def engine_version(connection: duckdb.DuckDBPyConnection) -> str:
    """The version of the engine that made a hash."""
    return str(connection.execute("SELECT version()").fetchall()[0][0])


def as_text(contents: Contents) -> str:
    """Contents as a text that a table can hold."""
    return json.dumps(
        {name: [facts.rows, facts.hash, " ".join(facts.columns)] for name, facts in contents.items()},
        separators=(",", ":"),
    )


def from_text(text: str) -> dict[str, TableFacts]:
    """Contents from such a text."""
    return {
        name: TableFacts(rows, digest, tuple(columns.split()))
        for name, (rows, digest, columns) in json.loads(text).items()
    }


def _count(tables: Tables, name: str) -> int:
    row = tables.connection.execute(f"SELECT count(*) {tables.rows(name)}").fetchone()
    return int(row[0]) if row else 0
