"""C-CDA: CCDs of R2.1 out, documents of any type in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format
from healthsim.exchange.selection import GZ, PATIENT, SINCE, TYPES

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.exchange.reading import Reading
    from healthsim.results import Written
    from healthsim.state.json.header import Header

#: the head of a document may hold comments and style sheets of this length before its first element
_HEAD = 65_536
_SIGNS = (b"ClinicalDocument", "ClinicalDocument".encode("utf-16-le"), "ClinicalDocument".encode("utf-16-be"))


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.ccda.export import export_ccda

    return export_ccda(database, name, target, force=force, **options)


def _is_document(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        start = stream.read(_HEAD)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return any(sign in start for sign in _SIGNS[1:])
    return start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" and _SIGNS[0] in start


def _read(path: Path, reading: Reading) -> Header:
    from healthsim.exchange.ccda.importing import read_ccda

    return read_ccda(path, reading)


FORMAT = Format(
    name="ccda",
    title="C-CDA R2.1: a continuity of care document (CCD) a patient.",
    also=("ccd", "cda", "c-cda"),
    meaning="Write a continuity of care document (CCD, C-CDA R2.1) for each patient, as files of a new folder.\n\n"
    "What has no section in a CCD is said, and counted.",
    write=_write,
    sniff=_is_document,
    read=_read,
    options=(PATIENT, SINCE, TYPES, GZ),
    target_name=lambda stem, options: f"{stem}-ccda",
)
