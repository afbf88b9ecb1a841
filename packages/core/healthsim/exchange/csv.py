"""CSV: the tables of a scenario, one file each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format
from healthsim.exchange.parquet import LAYERS

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.results import Written


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.tables import export_tables

    return export_tables(database, name, target, format="csv", force=force, **options)


FORMAT = Format(
    name="csv",
    title="CSV: one file a table.",
    meaning="Write the tables of a scenario as CSV, one file a table, with a manifest of rows and checksums.",
    write=_write,
    options=(LAYERS,),
    target_name=lambda stem, options: f"{stem}-csv",
)
