"""The end of a run: the parts become a scenario in one transaction, or a folder of Parquet files in one rename."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from healthsim.db.memory_limit import memory_bound
from healthsim.db.sql import literal, one_file, quoted
from healthsim.generation.table_schemas import schema_of
from healthsim.leftovers import remove
from healthsim.model import ENTITY_TYPES
from healthsim.outputs import TABLES_FORMAT, write_manifest
from healthsim.signals import heed, undisturbed
from healthsim.state.save import About, Saved, Target, Written, save
from healthsim.state.staging import new_folder

if TYPE_CHECKING:
    import duckdb

    from healthsim.db.connection import Database
    from healthsim.state.scenarios import Scenario

#: the folder of the canonical tables
LAYER = "canonical"
#: megabytes that the engine may hold while it loads; what it caches does not grow with the population
LOAD_MEGABYTES = 1_024


@contextmanager
def parts_beside(database: Database) -> Iterator[Path]:
    """A folder for the parts beside the database; it is gone when the block ends, however it ends."""
    database.location.prepare()
    folder = None
    try:
        with undisturbed():
            folder = new_folder(database.location.scratch_folder())
        heed()
        yield folder
    finally:
        if folder is not None:
            remove(folder)


def load(
    database: Database,
    folder: Path,
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
    source = PartFiles(folder, description, {"generation": json.dumps(attributes)})
    return save(database, name, "overwrite" if overwrite else "create", source, tags=tags)


@dataclass(frozen=True)
class PartFiles:
    """The entities of a run: a folder of Parquet files per entity type."""

    folder: Path
    description: str
    attributes: Mapping[str, str]
    kind = "generated"

    def about(self, connection: duckdb.DuckDBPyConnection, existing: Scenario | None) -> About:
        return About(format=self.kind, description=self.description, attributes=self.attributes)

    def write(self, target: Target) -> Written:
        with memory_bound(target.connection, LOAD_MEGABYTES):
            # parts are in the order of persons, and each is read as a whole: that is order enough, and needs no buffers
            target.connection.execute("SET preserve_insertion_order = false")
            for parts in sorted(place for place in self.folder.iterdir() if place.is_dir()):
                columns = ", ".join(map(quoted, schema_of(parts.name).names))
                target.rows(
                    ENTITY_TYPES[parts.name],
                    "SELECT $now::TIMESTAMP AS created_at, 'generated' AS source_type, 'generation' AS skill_used,"
                    f" {columns} FROM read_parquet({literal(f'{one_file(parts)}/*.parquet')})",
                )
        return Written()


def describe(folder: Path, attributes: dict[str, Any]) -> dict[str, int]:
    """Lay the parts out as exports of tables are, and write the manifest; the rows of each table."""
    tables = {}
    types = sorted(place for place in folder.iterdir() if place.is_dir())
    (folder / LAYER).mkdir()
    for place in types:
        plural = folder / LAYER / ENTITY_TYPES[place.name].plural
        place.replace(plural)
        tables[plural.name] = sum(pq.ParquetFile(part).metadata.num_rows for part in plural.rglob("*.parquet"))
    write_manifest(folder, TABLES_FORMAT, manifest_facts(attributes, tables))
    return tables


def manifest_facts(attributes: dict[str, Any], tables: Mapping[str, int]) -> dict[str, Any]:
    """What the manifest of a population says before the files: how it was generated, and rows by table."""
    return {"generation": attributes, "tables": {f"{LAYER}/{table}": rows for table, rows in tables.items()}}
