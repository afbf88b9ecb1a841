"""FHIR: a scenario as resources of R4, and resources as a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format, Option
from healthsim.exchange.selection import GZ, PATIENT, SINCE, TYPES

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.exchange.reading import Reading
    from healthsim.results import Written
    from healthsim.state.json.header import Header


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.fhir.writing import export_fhir

    return export_fhir(database, name, target, force=force, **options)


def _sniff(path: Path) -> bool:
    from healthsim.exchange.fhir.reading.sources import holds_fhir

    return holds_fhir(path)


def _read(path: Path, reading: Reading) -> Header:
    from healthsim.exchange.fhir.reading.reader import read_fhir

    return read_fhir(path, reading)


FORMAT = Format(
    name="fhir",
    title="FHIR R4 with US Core 6.1.0: bulk NDJSON, or a bundle for each patient.",
    also=("bundle", "ndjson", "us-core", "r4"),
    meaning="Write a scenario as FHIR R4 resources with the profiles of US Core 6.1.0.\n\n"
    "Without --bundle: one NDJSON file a type with the manifest of a bulk export. With it: one self-contained bundle a patient."
    " What was imported as FHIR leaves as it came.",
    write=_write,
    sniff=_sniff,
    read=_read,
    options=(
        Option(
            "bundle",
            "One bundle a patient; a transaction puts each resource by its id.",
            choices=("collection", "transaction"),
        ),
        Option("render", "Write what was imported as FHIR anew, from its rows.", kind="flag"),
        PATIENT,
        SINCE,
        TYPES,
        GZ,
    ),
    target_name=lambda stem, options: f"{stem}-fhir",
)
