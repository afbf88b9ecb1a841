"""Delta as a format: what ``healthsim export delta`` takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format, Option

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.results import Written

_SQL = "SQL for a warehouse"
LAYER = Option(
    "layer", "Which tables; all: the star where it has been built.", choices=("canonical", "star", "all"), default="all"
)
NTZ = Option("ntz", "Instants without a zone, as TIMESTAMP_NTZ; only newer readers know them.", kind="flag")
SQL = Option(
    "sql",
    "Also write SQL that makes the tables known there, with keys and metrics; below the tables, in sql/.",
    choices=("databricks", "snowflake", "bigquery"),
    several=True,
    group=_SQL,
)
CATALOG = Option("catalog", "Its catalog, database or project.", kind="text", default="main", group=_SQL)
SCHEMA = Option("schema", "Its schema or dataset.", kind="text", default="healthsim", group=_SQL)
LOCATION = Option(
    "location", "Where the warehouse sees the tables, if that is not the output.", kind="text", group=_SQL
)


def _write(database: Database, name: str, target: Path | str, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.delta.export import export_delta

    return export_delta(database, name, target, force=force, **options)


FORMAT = Format(
    name="delta",
    title="Delta Lake: a Delta table per table, for Databricks, Spark and other engines.",
    also=("delta-lake", "lakehouse", "spark"),
    meaning="Write the tables of a scenario as Delta tables, in a folder or an object store, partitioned by scenario.\n\n"
    "Rows of other scenarios there stay; a second export of the scenario replaces its rows. The table"
    " _healthsim_manifest is written last, and names the versions that belong together.",
    write=_write,
    reaches=True,
    options=(LAYER, NTZ, SQL, CATALOG, SCHEMA, LOCATION),
    target_name=lambda stem, options: f"{stem}-delta",
)
