"""The entry of MEDS in the list of formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format
from healthsim.exchange.selection import PATIENT, SINCE, TYPES

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.exchange.reading import Reading
    from healthsim.results import Written
    from healthsim.state.json.header import Header


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.meds.export import export_meds

    return export_meds(database, name, target, force=force, **options)


def _sniff(path: Path) -> bool:
    from healthsim.exchange.meds.reading import sniff

    return sniff(path)


def _sniff_folder(folder: Path) -> list[Path]:
    from healthsim.exchange.meds.reading import parts_of

    return parts_of(folder)


def _read(path: Path, reading: Reading) -> Header:
    from healthsim.exchange.meds.reading import read

    return read(path, reading)


FORMAT = Format(
    name="meds",
    title="MEDS: the events of patients for machine learning, Parquet.",
    meaning="Write the patients of a scenario as a dataset of MEDS 0.4.\n\n"
    "Events in the order of time, in shards, with codes that name their vocabulary; subjects fall to train, tuning and held out by"
    " their number.",
    write=_write,
    sniff=_sniff,
    sniff_folder=_sniff_folder,
    read=_read,
    options=(PATIENT, SINCE, TYPES),
    target_name=lambda stem, options: f"{stem}-meds",
)
