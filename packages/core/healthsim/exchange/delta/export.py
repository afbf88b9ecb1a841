"""``healthsim export delta``: a scenario's tables into Delta tables, beside those of other scenarios."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.errors import NotFound
from healthsim.exchange.delta.arrow import BATCH, schema_of
from healthsim.exchange.delta.declared import SCENARIO, LakeTable, lake_table
from healthsim.exchange.delta.lake import Lake
from healthsim.exchange.tables import LAYERS, Selected, canonical_tables, stale_notes, star_tables
from healthsim.exchange.warehouses.place import Place
from healthsim.exchange.warehouses.recipe import recipe_files
from healthsim.remedies import remedy
from healthsim.results import Grid, Written
from healthsim.state.tables import ScenarioTables, scenario_tables

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from healthsim.db.connection import Database

#: the table that says which versions of the others belong together
MANIFEST = "_healthsim_manifest"


@dataclass(frozen=True, repr=False, eq=False)
class DeltaExport(Written):
    """What an export wrote: rows and version by table; files of SQL; notes on it."""

    path: Path | str
    scenario_id: str
    tables: dict[str, int]
    versions: dict[str, int]
    sql: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        return (
            f"Wrote {self.path}: {len(self.tables)} Delta tables, {sum(self.tables.values()):,} rows of this scenario."
        )

    def grids(self) -> list[Grid]:
        return [
            Grid(
                ("table", "rows", "version"), [(name, rows, self.versions[name]) for name, rows in self.tables.items()]
            )
        ]

    def remarks(self) -> list[str]:
        installs = [file for file in self.sql if file.endswith("install.sql")]
        return [*(f"SQL, with what has to be run first: {file}" for file in installs), *self.notes]


def export_delta(
    database: Database,
    name: str,
    target: str | Path,
    *,
    layer: str = "all",
    ntz: bool = False,
    sql: tuple[str, ...] = (),
    catalog: str = "main",
    schema: str = "healthsim",
    location: str | None = None,
    force: bool = False,
) -> DeltaExport:
    """Write the tables of a scenario as Delta tables; rows of other scenarios there stay.

    Args:
        target: a folder or an address in an object store.
        layer: ``canonical``, ``star`` or ``all``: the canonical tables, and the star where it has been built.
        ntz: instants without a zone, which only newer readers know.
        sql: warehouses that SQL is to be written for.
        catalog, schema: what the tables are called there.
        location: where a warehouse sees the tables; default: the target.
        force: replace Delta tables there that no export made.

    Raises:
        UsageError: a warehouse cannot see the tables there.
        NotFound: there is no such scenario, or its star was asked for and has not been built.
        AlreadyExists: there are Delta tables of others.
        HealthSimError: deltalake is not installed, or the place cannot be written.
    """
    with scenario_tables(database, name) as rows:
        scenario = rows.scenario
        lake = Lake(target, scenario.scenario_id, force=force)
        selected, notes = selected_tables(rows, layer)
        # before anything is written: a place that a warehouse cannot see is a mistake
        place = Place(location or lake.place, catalog, schema)
        recipes = {
            dialect: recipe_files(dialect, place, [lake_table(one.place) for one in selected]) for dialect in sql
        }
        for table in selected:
            lake.refuse_foreign(table.place)
        lake.refuse_foreign(MANIFEST)
        before = written_before(lake, scenario.scenario_id)
        counts: dict[str, int] = {}
        versions: dict[str, int] = {}
        for table in selected:
            declared = lake_table(table.place)
            stream = Stream(
                rows.connection, declared.select(table.query, scenario.scenario_id), schema_of(declared, zoneless=ntz)
            )
            said = {"healthsim.name": scenario.name, "healthsim.updated_at": scenario.updated_at.isoformat()}
            versions[table.place] = lake.replace(
                table.place, stream.schema, stream.open, meaning=declared.meaning, zoneless=ntz, commits=said
            )
            counts[table.place] = stream.rows
        exported = tuple(LAYERS) if layer == "all" else (layer,)
        for gone in sorted(before.keys() - counts.keys()):
            if gone.split("/")[0] in exported:
                lake.remove(gone)
                notes.append(f"{gone} has no rows of this scenario any more; those of an earlier export were removed.")
        kept = {table: row for table, row in before.items() if table.split("/")[0] not in exported}
        _write_manifest(lake, rows, counts, versions, kept, ntz=ntz)
        written = [
            lake.put_text(f"sql/{dialect}/{file}", content)
            for dialect, files in recipes.items()
            for file, content in files.items()
        ]
    return DeltaExport(lake.place, scenario.scenario_id, counts, versions, written, notes)


def selected_tables(rows: ScenarioTables, layer: str) -> tuple[list[Selected], list[str]]:
    """The tables of a layer with rows of the scenario, and what there is to say of the star."""
    tables = canonical_tables(rows) if layer in ("canonical", "all") else []
    notes: list[str] = []
    if layer in ("star", "all"):
        star = star_tables(rows)
        if star:
            notes = stale_notes(rows.scenario, rows.connection)
        else:
            build = remedy("build the star", name=rows.scenario.name)
            if layer == "star":
                raise NotFound(
                    f"The star of {rows.scenario.name!r} has not been built. Build it: {build}.",
                    name=rows.scenario.name,
                )
            notes = [f"The star has not been built, so that only canonical tables were written. Build it: {build}."]
        tables += star
    return tables, notes


class Stream:
    """The rows of a SELECT, opened anew for each try, and counted as they pass."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, select: str, schema: pa.Schema) -> None:
        self._connection = connection
        self._select = select
        self.schema = schema
        self.rows = 0

    def open(self) -> pa.RecordBatchReader:
        import pyarrow as pa

        self.rows = 0
        reader = self._connection.sql(self._select).to_arrow_reader(BATCH)

        def batches() -> Iterator[pa.RecordBatch]:
            for batch in reader:
                self.rows += batch.num_rows
                yield batch.cast(self.schema)

        return pa.RecordBatchReader.from_batches(self.schema, batches())


# -- the manifest ---------------------------------------------------------------------------------------------


def manifest_table() -> LakeTable:
    """The columns of the manifest."""
    from healthsim.exchange.delta.declared import LakeColumn

    columns = (
        LakeColumn(SCENARIO, "VARCHAR", "The scenario.", True),
        LakeColumn("scenario", "VARCHAR", "Its name when it was exported.", True),
        LakeColumn("table_path", "VARCHAR", "The table, as layer/name below the target.", True),
        LakeColumn("table_version", "BIGINT", "The version of the Delta table that belongs to this export.", True),
        LakeColumn("row_count", "BIGINT", "Rows of the scenario in it.", True),
        LakeColumn("zoneless", "BOOLEAN", "Whether its instants have no zone (they are UTC either way).", True),
        LakeColumn("updated_at", "TIMESTAMP", "When the scenario was last written, in the database that it came from."),
        LakeColumn("exported_at", "TIMESTAMP", "When the export ended."),
        LakeColumn("exported_by", "VARCHAR", "The version of HealthSim."),
    )
    meaning = "One row per scenario and table: the version of each Delta table that belongs to its last whole export."
    return LakeTable("", MANIFEST, meaning, columns, None, ())


def written_before(lake: Lake, scenario_id: str) -> dict[str, dict[str, Any]]:
    """What the last whole export of a scenario wrote: the row of the manifest by table."""
    table = lake.table(MANIFEST)
    if table is None:
        return {}
    held = table.to_pyarrow_table(filters=[(SCENARIO, "=", scenario_id)])
    return {row["table_path"]: row for row in held.to_pylist()}


def _write_manifest(
    lake: Lake,
    rows: ScenarioTables,
    counts: dict[str, int],
    versions: dict[str, int],
    kept: dict[str, dict[str, Any]],
    *,
    ntz: bool,
) -> None:
    from importlib.metadata import version

    import pyarrow as pa

    scenario, now = rows.scenario, dt.datetime.now(dt.UTC)
    schema = schema_of(manifest_table(), zoneless=False)
    told = [
        {
            SCENARIO: scenario.scenario_id,
            "scenario": scenario.name,
            "table_path": place,
            "table_version": versions[place],
            "row_count": count,
            "zoneless": ntz,
            "updated_at": scenario.updated_at.replace(tzinfo=dt.UTC),
            "exported_at": now,
            "exported_by": version("healthsim"),
        }
        for place, count in counts.items()
    ]
    table = pa.Table.from_pylist([*told, *kept.values()], schema=schema)
    open_rows: Callable[[], pa.RecordBatchReader] = table.to_reader
    lake.replace(MANIFEST, schema, open_rows, meaning=manifest_table().meaning)
