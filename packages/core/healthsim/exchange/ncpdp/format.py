"""NCPDP D.0, what pharmacies and processors tell each other: ``healthsim export ncpdp``, and what ``healthsim import`` reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format
from healthsim.exchange.selection import GZ, PATIENT, SINCE

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.exchange.reading import Reading
    from healthsim.results import Written
    from healthsim.state.json.header import Header


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.ncpdp.export import export_ncpdp

    return export_ncpdp(database, name, target, force=force, **options)


def _sniff(path: Path) -> bool:
    from healthsim.exchange.ncpdp.old_json import is_old_json
    from healthsim.exchange.ncpdp.transmission import is_transmission

    return is_transmission(path) or is_old_json(path)


def _read(path: Path, reading: Reading) -> Header:
    from healthsim.exchange.ncpdp.old_json import is_old_json, read_old_json
    from healthsim.exchange.ncpdp.reader import read_ncpdp

    return read_old_json(path, reading) if is_old_json(path) else read_ncpdp(path, reading)


FORMAT = Format(
    name="ncpdp",
    title="NCPDP D.0: pharmacy claims as requests (B1), reversals (B2) and responses.",
    also=("d0", "d.0"),
    meaning="Write the pharmacy claims of a scenario as transmissions of NCPDP D.0: a folder with a file of requests and one of"
    " responses, a transmission on each line, in the same order.",
    write=_write,
    sniff=_sniff,
    read=_read,
    options=(PATIENT, SINCE, GZ),
    target_name=lambda stem, options: f"{stem}-ncpdp",
)
