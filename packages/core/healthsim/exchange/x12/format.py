"""X12 5010, the transactions between providers and payers: ``healthsim export x12``, and what ``healthsim import`` reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format, Option
from healthsim.exchange.selection import GZ, PATIENT, SINCE

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.exchange.reading import Reading
    from healthsim.results import Written
    from healthsim.state.json.header import Header

#: what can be written, in the order in which it is
KINDS = ("837P", "837I", "835", "834", "270", "271", "276", "277")


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.x12.export import export_x12

    return export_x12(database, name, target, force=force, **options)


def _sniff(path: Path) -> bool:
    from healthsim.exchange.x12.splitting import is_x12

    return is_x12(path)


def _read(path: Path, reading: Reading) -> Header:
    from healthsim.exchange.x12.reader import read_x12

    return read_x12(path, reading)


FORMAT = Format(
    name="x12",
    title="X12 5010: claims (837), payments (835), enrolment (834), eligibility and claim status.",
    also=("edi", "837", "837p", "837i", "835", "834", "270", "276"),
    meaning="Write a scenario as X12 5010: a folder with a file for each kind of transaction that it has something for.\n\n"
    "The interchanges are marked as test data. Names are written in upper case without accents, as X12 has no other letters;"
    " what it cannot carry is counted.",
    write=_write,
    sniff=_sniff,
    read=_read,
    options=(
        Option("transactions", "Only this kind; repeatable.", choices=KINDS, several=True),
        PATIENT,
        SINCE,
        GZ,
    ),
    target_name=lambda stem, options: f"{stem}-x12",
)
