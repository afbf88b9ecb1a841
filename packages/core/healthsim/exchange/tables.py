"""``healthsim export parquet`` and ``csv``: a scenario's canonical tables and its star, as files for other engines.

Parquet tables with a date are partitioned by year. ``manifest.json`` has rows by table, and the checksum of every file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.analytics.star.status import standings
from healthsim.db.connection import Database
from healthsim.db.plain_engine import EngineError
from healthsim.db.sql import literal, quoted
from healthsim.errors import NotFound, UsageError
from healthsim.exchange.format import manifest_facts
from healthsim.model import ENTITY_TYPES
from healthsim.outputs import MANIFEST, PARTITION, new_folder, write_manifest
from healthsim.remedies import remedy
from healthsim.results import Grid, Written
from healthsim.state.tables import ScenarioTables, here, scenario_tables

if TYPE_CHECKING:
    import duckdb

    from healthsim.state.scenarios import Scenario

FORMATS = ("parquet", "csv")
LAYERS = ("canonical", "star")
#: scenarios as they are called now: a star that was built before a scenario was renamed is current
_SCENARIOS = """SELECT d.* REPLACE (
    coalesce(s.name, d.name) AS name, CASE WHEN s.name IS NULL THEN d.description ELSE s.description END AS description
) FROM analytics.dim_scenario AS d LEFT JOIN main.scenarios AS s USING (scenario_id)"""


@dataclass(frozen=True, repr=False, eq=False)
class TableFiles(Written):
    """What an export wrote: rows by table (``canonical/claims``, ``star/fact_claim``), files, bytes; notes on it."""

    path: Path | str
    format: str
    tables: dict[str, int]
    files: int
    bytes: int
    notes: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        return f"Wrote {self.path}: {len(self.tables)} tables, {self.files:,} files, {self.bytes:,} bytes."

    def grids(self) -> list[Grid]:
        return [Grid(("table", "rows"), list(self.tables.items()))]

    def remarks(self) -> list[str]:
        return self.notes


@dataclass(frozen=True)
class Selected:
    """One table to write: where it goes, the query of its rows, the column that it is partitioned by."""

    place: str
    query: str
    date: str | None


def export_tables(
    database: Database,
    name: str,
    target: Path,
    *,
    format: str = "parquet",
    layers: tuple[str, ...] = (),
    partition: str = "year",
    force: bool = False,
) -> TableFiles:
    """Write the tables of a scenario as files of a new folder.

    Args:
        database: where the scenario is.
        name: its name or id.
        target: the folder.
        format: ``parquet`` or ``csv``.
        layers: ``canonical``, ``star`` or both; default: the canonical tables, and the star if it has been built.
        partition: ``year``: a folder for each year of a Parquet table with dates; or ``none``.
        force: replace the folder of an earlier export.

    Raises:
        NotFound: there is no such scenario, or its star was asked for and has not been built.
        AlreadyExists: something is at the target, and ``force`` is not set.
    """
    if format not in FORMATS or not set(layers) <= set(LAYERS):
        raise UsageError(
            f"Unknown format or layer {format!r} {', '.join(layers)}; expected {' or '.join(FORMATS)} of"
            f" {' and '.join(LAYERS)}."
        )
    with scenario_tables(database, name) as rows:
        connection, scenario = rows.connection, rows.scenario
        tables = canonical_tables(rows) if not layers or "canonical" in layers else []
        notes = []
        if not layers or "star" in layers:
            star = star_tables(rows)
            if not star and layers:
                raise NotFound(
                    f"The star of {scenario.name!r} has not been built. Build it: {remedy('build the star', name=scenario.name)}.",
                    name=scenario.name,
                )
            tables += star
            notes = stale_notes(scenario, connection) if star else []
        with new_folder(target, force=force, engine=EngineError) as folder:
            written = {table.place: _write(connection, table, folder, format, partition) for table in tables}
            write_manifest(folder, f"HealthSim tables, {format}", manifest_facts(scenario, written, notes))
            sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST]
    return TableFiles(target, format, written, len(sizes), sum(sizes), notes)


def canonical_tables(rows: ScenarioTables) -> list[Selected]:
    """The scenario's rows of the canonical tables that have any."""
    held = rows.counts()
    return [
        Selected(f"canonical/{known.plural}", rows.rows(known.plural), known.dated_by)
        for known in ENTITY_TYPES.values()
        if known.plural in held
    ]


def star_tables(rows: ScenarioTables) -> list[Selected]:
    """The scenario's rows of facts, bridges and its own dimensions, and all rows of those that scenarios share."""
    columns: dict[str, dict[str, str]] = {}
    for table, column, sql_type in rows.connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'analytics'"
        " AND database_name = current_database() ORDER BY table_name, column_index"
    ).fetchall():
        if table.startswith(("dim_", "fact_", "bridge_")):
            columns.setdefault(table, {})[column] = sql_type
    key = f"SELECT scenario_key FROM analytics.dim_scenario WHERE {here(rows.scenario_id)}"
    (standing,) = standings(rows.connection, [rows.scenario])
    if standing.state == "not built":
        return []
    tables = []
    for table, types in columns.items():
        own = "scenario_key" in types
        query = _SCENARIOS if table == "dim_scenario" else f"SELECT * FROM analytics.{quoted(table)}"
        if own:
            # rows -1 and -2 of a dimension belong to every scenario
            shared = " OR scenario_key < 0" if table.startswith("dim_") else ""
            query += f" WHERE scenario_key IN ({key}){shared}"
        dates = [name for name, sql_type in types.items() if sql_type == "DATE"]
        partitioned = table.startswith("fact_") and dates
        if _count(rows.connection, query):
            tables.append(Selected(f"star/{table}", query, dates[0] if partitioned else None))
    return tables


def stale_notes(scenario: Scenario, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What to say of a star that is not current: it does not go with the canonical tables beside it."""
    (standing,) = standings(connection, [scenario])
    if standing.state != "stale" or standing.built_at is None:
        return []
    built_at = standing.built_at.isoformat(sep=" ", timespec="seconds")
    return [
        f"The star of {scenario.name} is stale ({standing.reason}); its tables are as of {built_at} UTC. Bring it up to date"
        f" with {remedy('build the star', name=scenario.name)}, and export again."
    ]


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM ({query})").fetchone()
    return int(row[0]) if row else 0


def _readable(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """A query for a Parquet file that every engine reads: Spark refuses a file with a column of the type UUID."""
    ids = [name for name, kind, *_ in connection.execute(f"DESCRIBE {query}").fetchall() if kind == "UUID"]
    texts = ", ".join(f"{quoted(name)}::VARCHAR AS {quoted(name)}" for name in ids)
    return f"SELECT * REPLACE ({texts}) FROM ({query})" if ids else query


def _write(connection: duckdb.DuckDBPyConnection, table: Selected, folder: Path, format: str, partition: str) -> int:
    place, query = folder / table.place, table.query
    if format == "csv":
        place.parent.mkdir(exist_ok=True)
        done = connection.execute(f"COPY ({query}) TO {literal(f'{place}.csv')} (FORMAT csv, HEADER true)")
    else:
        place.mkdir(parents=True)
        query = _readable(connection, query)
        if table.date is None or partition == "none":
            done = connection.execute(
                f"COPY ({query}) TO {literal(str(place / 'data.parquet'))} (FORMAT parquet, COMPRESSION zstd)"
            )
        else:
            query = f"SELECT *, year({quoted(table.date)}) AS {PARTITION} FROM ({query})"
            done = connection.execute(
                f"COPY ({query}) TO {literal(str(place))} (FORMAT parquet, COMPRESSION zstd,"
                f" PARTITION_BY ({PARTITION}), OVERWRITE_OR_IGNORE true)"
            )
    row = done.fetchone()
    return int(row[0]) if row else 0
