"""Parquet: the tables of a scenario as files for engines and lakes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format, Option

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.results import Written

LAYERS = Option("layers", "Only this; repeatable.", choices=("canonical", "star"), several=True, flag="--layer")


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.tables import export_tables

    return export_tables(database, name, target, format="parquet", force=force, **options)


FORMAT = Format(
    name="parquet",
    title="Parquet: a folder per table, partitioned by year.",
    meaning="Write the tables of a scenario as Parquet, partitioned by year, with a manifest of rows and checksums.\n\n"
    "The canonical tables, and the star where it has been built (healthsim analytics build).",
    write=_write,
    options=(LAYERS,),
    target_name=lambda stem, options: f"{stem}-parquet",
)
