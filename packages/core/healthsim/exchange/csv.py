"""CSV: the tables of a scenario, one file each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format
from healthsim.exchange.parquet import LAYERS

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.exchange.reading import Reading
    from healthsim.results import Written
    from healthsim.state.json.header import Header


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.tables import export_tables

    return export_tables(database, name, target, format="csv", force=force, **options)


def _sniff(path: Path) -> bool:
    from healthsim.exchange.table_reading import csv_table

    return csv_table(path) is not None


def _sniff_folder(folder: Path) -> list[Path]:
    from healthsim.exchange.table_reading import export_of_ours

    return export_of_ours(folder, "csv")


def _read(path: Path, reading: Reading) -> Header:
    from healthsim.exchange.table_reading import read_tables

    return read_tables(path, reading, "csv")


FORMAT = Format(
    name="csv",
    title="CSV: one file a table.",
    also=("tsv", "excel"),
    meaning="Write the tables of a scenario as CSV, one file a table, with a manifest of rows and checksums.",
    write=_write,
    sniff=_sniff,
    sniff_folder=_sniff_folder,
    read=_read,
    options=(LAYERS,),
    target_name=lambda stem, options: f"{stem}-csv",
)
