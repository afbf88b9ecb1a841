"""Parquet: the tables of a scenario as files for engines and lakes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format, Option

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.exchange.reading import Reading
    from healthsim.results import Written
    from healthsim.state.json.header import Header

LAYERS = Option("layers", "Only this; repeatable.", choices=("canonical", "star"), several=True, flag="--layer")
PARTITION = Option(
    "partition",
    "A folder for each year of tables with dates, or one file a table.",
    choices=("year", "none"),
    default="year",
)


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.tables import export_tables

    return export_tables(database, name, target, format="parquet", force=force, **options)


def _sniff(path: Path) -> bool:
    from healthsim.exchange.table_reading import parquet_table

    return parquet_table(path) is not None


def _sniff_folder(folder: Path) -> list[Path]:
    from healthsim.exchange.table_reading import export_of_ours

    return export_of_ours(folder, "parquet")


def _read(path: Path, reading: Reading) -> Header:
    from healthsim.exchange.table_reading import read_tables

    return read_tables(path, reading, "parquet")


FORMAT = Format(
    name="parquet",
    title="Parquet: a folder per table, partitioned by year.",
    meaning="Write the tables of a scenario as Parquet, partitioned by year, with a manifest of rows and checksums.\n\n"
    "The canonical tables, and the star where it has been built (healthsim analytics build).",
    write=_write,
    sniff=_sniff,
    sniff_folder=_sniff_folder,
    read=_read,
    options=(LAYERS, PARTITION),
    target_name=lambda stem, options: f"{stem}-parquet",
)
