"""Databricks as a format: what ``healthsim export databricks`` takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.delta.format import LAYER
from healthsim.exchange.format import Format, Option

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.results import Written

WAREHOUSE = Option(
    "warehouse", "The id of the SQL warehouse that loads the tables. Default: DATABRICKS_WAREHOUSE_ID.", kind="text"
)
CATALOG = Option("catalog", "The catalog of the tables. Default: that of the volume.", kind="text")
SCHEMA = Option("schema", "Their schema. Default: that of the volume.", kind="text")
METRICS = Option(
    "metrics",
    "Also make the metrics: as views, or as views and metric views.",
    choices=("none", "views", "all"),
    default="views",
)


def _write(database: Database, name: str, target: Path | str, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.databricks.upload import export_databricks

    return export_databricks(database, name, str(target), **options)


FORMAT = Format(
    name="databricks",
    title="Databricks: tables of Unity Catalog, by way of a volume and a SQL warehouse.",
    also=("unity-catalog",),
    meaning="Load the tables of a scenario into a Databricks workspace: files go to a volume, a SQL warehouse makes tables of"
    " them.\n\nRows of other scenarios stay; a second export of the scenario replaces its rows. The workspace is named by"
    " DATABRICKS_HOST, and who we are by DATABRICKS_TOKEN or another way of Databricks' own.",
    write=_write,
    reaches=True,
    target=("--volume", "The volume: /Volumes/CATALOG/SCHEMA/VOLUME, or a folder in it."),
    options=(LAYER, WAREHOUSE, CATALOG, SCHEMA, METRICS),
)
