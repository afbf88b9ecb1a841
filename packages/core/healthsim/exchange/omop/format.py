"""OMOP CDM 5.4: a scenario as the common data model of OHDSI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format, Option
from healthsim.outputs import MANIFEST, written_by_export

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.exchange.reading import Reading
    from healthsim.results import Written
    from healthsim.state.json.header import Header


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.omop.export import export_omop

    return export_omop(database, name, target, force=force, **options)


def _sniff(path: Path) -> bool:
    from healthsim.exchange.omop.sources import holds_cdm

    return holds_cdm(path)


def _sniff_folder(folder: Path) -> list[Path]:
    from healthsim.exchange.omop.sources import files_of

    files = list(files_of(folder).values())
    manifest = folder / MANIFEST
    # that of an export of ours says nothing that the tables do not
    return [*files, manifest] if files and written_by_export(folder) is not None else files


def _read(path: Path, reading: Reading) -> Header:
    from healthsim.exchange.omop.read import read

    return read(path, reading)


FORMAT = Format(
    name="omop",
    title="OMOP CDM 5.4, for the tools of OHDSI.",
    also=("ohdsi", "cdm"),
    meaning="Write a scenario as an OMOP CDM 5.4 database: all 39 tables, with the vocabulary that it uses.\n\n"
    "Source codes are always kept; a code without a known standard concept gets concept 0. The coverage says how many rows"
    " have one.",
    write=_write,
    sniff=_sniff,
    sniff_folder=_sniff_folder,
    read=_read,
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
