"""OMOP CDM 5.4: a scenario as the common data model of OHDSI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format, Option

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.results import Written


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.omop.export import export_omop

    return export_omop(database, name, target, force=force, **options)


FORMAT = Format(
    name="omop",
    title="OMOP CDM 5.4, for the tools of OHDSI.",
    meaning="Write a scenario as an OMOP CDM 5.4 database: all 39 tables, with the vocabulary that it uses.\n\n"
    "Source codes are always kept; a code without a known standard concept gets concept 0. The coverage says how many rows"
    " have one.",
    write=_write,
    options=(
        Option(
            "format",
            "One database file, or a folder of one file a table.",
            choices=("duckdb", "parquet", "csv"),
            default="duckdb",
        ),
        Option(
            "vocabulary_folder",
            "An unpacked download of Athena; its concepts and mappings are used.",
            flag="--vocab-dir",
        ),
    ),
    variant="format",
    target_name=lambda stem, options: f"{stem}-omop" + (".duckdb" if options.get("format") == "duckdb" else ""),
)
