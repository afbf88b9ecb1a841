"""``healthsim export databricks``: files to a volume, then tables of them by SQL, one scenario's rows in the place of its old ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.errors import UsageError
from healthsim.exchange.databricks.workspace import Workspace
from healthsim.exchange.delta.declared import SCENARIO, LakeTable, lake_table
from healthsim.exchange.delta.export import Stream, selected_tables
from healthsim.exchange.format import manifest_facts
from healthsim.exchange.warehouses import databricks
from healthsim.exchange.warehouses.metric_views import statements
from healthsim.exchange.warehouses.metrics import metric_views, models
from healthsim.exchange.warehouses.place import Place, text
from healthsim.exchange.warehouses.recipe import refuse_missing
from healthsim.object_stores.sending import local_folder
from healthsim.outputs import MANIFEST, write_manifest
from healthsim.results import Grid, Written
from healthsim.state.tables import ScenarioTables, scenario_tables

if TYPE_CHECKING:
    from healthsim.db.connection import Database

#: files that are under way at the same time
_FILES = 4
_VOLUMES = "/Volumes/"


@dataclass(frozen=True, repr=False, eq=False)
class DatabricksExport(Written):
    """What an export loaded: rows by table, the schema that has them, statements that were run."""

    path: Path | str
    schema: str
    scenario_id: str
    tables: dict[str, int]
    statements: int
    notes: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        rows = sum(self.tables.values())
        return f"Loaded {len(self.tables)} tables into {self.schema}: {rows:,} rows, by {self.statements} statements; files in {self.path}."

    def grids(self) -> list[Grid]:
        return [Grid(("table", "rows"), list(self.tables.items()))]

    def remarks(self) -> list[str]:
        return self.notes


def export_databricks(
    database: Database,
    name: str,
    volume: str,
    *,
    layer: str = "all",
    warehouse: str | None = None,
    catalog: str | None = None,
    schema: str | None = None,
    metrics: str = "views",
) -> DatabricksExport:
    """Load the tables of a scenario into a workspace.

    Args:
        volume: ``/Volumes/CATALOG/SCHEMA/VOLUME``, or a folder in it.
        layer: as in ``export_delta``.
        warehouse: the id of a SQL warehouse; default: DATABRICKS_WAREHOUSE_ID.
        catalog, schema: of the tables; default: those of the volume.
        metrics: ``none``, ``views`` or ``all``: also metric views.

    Raises:
        UsageError: the volume is none, or no workspace or warehouse is named.
        NotFound: there is no such scenario, or its star was asked for and has not been built.
        HealthSimError: the workspace cannot be reached, or refused something; the manifest is then not written.
    """
    parts = volume.rstrip("/").split("/")
    if not volume.startswith(_VOLUMES) or len(parts) < 5 or ".." in parts:
        raise UsageError(f"The volume is {volume!r}; expected /Volumes/CATALOG/SCHEMA/VOLUME, or a folder in it.")
    refuse_missing()
    workspace = Workspace(warehouse)
    place = Place(volume, catalog or parts[2], schema or parts[3])
    with scenario_tables(database, name) as rows, local_folder() as folder:
        selected, notes = selected_tables(rows, layer)
        target = f"{'/'.join(parts)}/{rows.scenario_id}"
        counts = {table.place: _write(rows, lake_table(table.place), table.query, folder) for table in selected}
        write_manifest(folder, "HealthSim tables, parquet", manifest_facts(rows.scenario, counts, notes))
        before = _tables_before(workspace, target)
        _upload(workspace, folder, target, list(counts))
        tables = [lake_table(table) for table in counts]
        ran = _statements(place, tables, sorted(before - counts.keys()), target, rows.scenario_id, metrics)
        for statement in ran:
            workspace.run(statement)
        workspace.upload(f"{target}/{MANIFEST}", folder / MANIFEST)
    return DatabricksExport(target, f"{place.catalog}.{place.schema}", rows.scenario_id, counts, len(ran), notes)


def _write(rows: ScenarioTables, table: LakeTable, query: str, folder: Path) -> int:
    """A table as one Parquet file, with instants that say that they are UTC."""
    import pyarrow.parquet as pq

    from healthsim.exchange.delta.arrow import schema_of

    stream = Stream(rows.connection, table.select(query, rows.scenario_id), schema_of(table, zoneless=False))
    file = folder / f"{table.place}.parquet"
    file.parent.mkdir(exist_ok=True)
    with pq.ParquetWriter(file, stream.schema, compression="zstd") as writer:
        for batch in stream.open():
            writer.write_batch(batch)
    return stream.rows


def _tables_before(workspace: Workspace, target: str) -> set[str]:
    """The tables that the last whole export of the scenario loaded."""
    content = workspace.read(f"{target}/{MANIFEST}")
    return set(json.loads(content)["tables"]) if content is not None else set()


def _upload(workspace: Workspace, folder: Path, target: str, tables: Sequence[str]) -> None:
    for layer in sorted({table.split("/")[0] for table in tables}):
        workspace.make_folder(f"{target}/{layer}")
    with ThreadPoolExecutor(_FILES) as pool:
        try:
            jobs = [
                pool.submit(workspace.upload, f"{target}/{table}.parquet", folder / f"{table}.parquet")
                for table in tables
            ]
            for job in jobs:
                job.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _statements(
    place: Place, tables: Sequence[LakeTable], gone: Sequence[str], target: str, scenario_id: str, metrics: str
) -> list[str]:
    ran = [databricks.schema(place), *(databricks.create(place, table) for table in tables)]
    ran += [databricks.load(place, table, scenario_id, f"{target}/{table.place}.parquet") for table in tables]
    for table in gone:
        name = databricks.name(place, lake_table(table).name)
        ran.append(f"DELETE FROM {name} WHERE {SCENARIO} = {text(scenario_id)}")
    ran += databricks.keys(place, tables)
    names = {table.name for table in tables}
    if metrics != "none":
        ran += metric_views(place, names, "databricks")
    if metrics == "all":
        ran += statements(models(names), place)
    return ran
