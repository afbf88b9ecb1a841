"""The end of a run: the parts become a scenario in one transaction, or a folder of Parquet files in one rename."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from healthsim.db.memory_limit import memory_bound
from healthsim.db.sql import literal, quoted
from healthsim.generation.spec import PopulationSpec
from healthsim.generation.table_schemas import schema_of
from healthsim.model import ENTITY_TYPES
from healthsim.outputs import write_manifest
from healthsim.state import load_staged, scenarios
from healthsim.state.save import Saved
from healthsim.state.scenarios import Scenario
from healthsim.state.staging import new_folder

if TYPE_CHECKING:
    import duckdb

    from healthsim.db.connection import Database

#: megabytes that the engine may hold while it loads; what it caches does not grow with the population
LOAD_MEGABYTES = 1_024


@contextmanager
def parts_beside(database: Database) -> Iterator[Path]:
    """A folder for the parts beside the database; it is gone when the block ends, however it ends."""
    path = database.location.path
    if path is not None:
        database.location.prepare()
    folder = new_folder(path.parent if path is not None else None)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def load(
    database: Database,
    folder: Path,
    spec: PopulationSpec,
    name: str,
    *,
    description: str,
    attributes: dict[str, Any],
    tags: tuple[str, ...] = (),
    overwrite: bool = False,
) -> Saved:
    """Make the parts of a folder a scenario: all of it in one transaction.

    Raises:
        AlreadyExists: the name is taken.
    """
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with database.write() as connection:
        existing = scenarios.find(connection, name)
        if existing is not None and not overwrite:
            scenarios.refuse_taken(connection, name)
        if existing is not None:
            scenarios.erase(connection, existing.scenario_id)
        scenario = Scenario(
            scenario_id=existing.scenario_id if existing is not None else str(uuid.uuid4()), name=name,
            description=description, tags=list(tags), product=None, format="generated", created_at=now, updated_at=now,
            entity_count=0, entities_by_type={}, attributes=json.dumps({"generation": attributes}), envelope={},
        )  # fmt: skip
        scenarios.insert(connection, scenario)
        with memory_bound(connection, LOAD_MEGABYTES):
            # parts are in the order of persons, and each is read as a whole: that is order enough, and needs no buffers
            connection.execute("SET preserve_insertion_order = false")
            for table in sorted(place.name for place in folder.iterdir() if place.is_dir()):
                _insert(connection, table, folder / table, scenario.scenario_id, now)
        counts = load_staged.touch(connection, scenario.scenario_id, now)
    return Saved(scenario.scenario_id, name, "generated", sum(counts.values()), counts)


def _insert(connection: duckdb.DuckDBPyConnection, name: str, parts: Path, scenario_id: str, now: dt.datetime) -> None:
    entity_type = ENTITY_TYPES[name]
    columns = ", ".join(map(quoted, schema_of(name).names))
    connection.execute(
        f"INSERT INTO main.{quoted(entity_type.plural)}"
        f" (scenario_id, created_at, source_type, skill_used, saved_at, {columns})"
        f" SELECT $scenario::UUID, $now, 'generated', 'generation', $now, {columns}"
        f" FROM read_parquet({literal(str(parts / '*.parquet'))})",
        {"scenario": scenario_id, "now": now},
    )


def describe(folder: Path, attributes: dict[str, Any]) -> dict[str, Any]:
    """Name the tables after their plurals and write the manifest: rows, files and checksums of each table."""
    tables = {}
    for place in sorted(place for place in folder.iterdir() if place.is_dir()):
        plural = place.with_name(ENTITY_TYPES[place.name].plural)
        place.replace(plural)
        parts = sorted(plural.glob("*.parquet"))
        tables[plural.name] = sum(pq.ParquetFile(part).metadata.num_rows for part in parts)
    return write_manifest(folder, "healthsim-parquet", {"generation": attributes, "tables": tables})
