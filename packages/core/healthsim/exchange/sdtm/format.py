"""The entry of SDTM in the list of formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format, Option
from healthsim.exchange.selection import PATIENT, SINCE, TYPES

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.exchange.reading import Reading
    from healthsim.results import Written
    from healthsim.state.json.header import Header

FILES = Option(
    "files", "Which files hold the datasets.", choices=("xpt", "dataset-json", "both"), default="xpt", flag="--as"
)


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.sdtm.export import export_sdtm

    return export_sdtm(database, name, target, force=force, **options)


def _sniff(path: Path) -> bool:
    from healthsim.exchange.sdtm.sources import sniff

    return sniff(path)


def _sniff_folder(folder: Path) -> list[Path]:
    from healthsim.exchange.sdtm.sources import files_in

    return files_in(folder)


def _read(path: Path, reading: Reading) -> Header:
    from healthsim.exchange.sdtm.reading import read

    return read(path, reading)


FORMAT = Format(
    name="sdtm",
    title="SDTM: trials as CDISC tabulates them, XPT or Dataset-JSON, with Define-XML.",
    also=("cdisc", "xpt", "sas", "define-xml"),
    meaning="Write the trials of a scenario as datasets of SDTM (implementation guide 3.4) with Define-XML 2.1.\n\n"
    "Subjects with their events, treatment, visits, findings, medication and history, and the design of the trial; what has no"
    " variable goes into supplemental qualifiers. XPT version 5 holds ASCII and 200 bytes a value.",
    write=_write,
    sniff=_sniff,
    sniff_folder=_sniff_folder,
    read=_read,
    options=(FILES, PATIENT, SINCE, TYPES),
    target_name=lambda stem, options: f"{stem}-sdtm",
)
