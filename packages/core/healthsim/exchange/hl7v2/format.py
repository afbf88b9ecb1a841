"""HL7 v2: messages of version 2.5.1 out, messages of any version in."""

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

#: what a file begins with: a message, or a batch of them; white space, a byte order mark or a frame may go before
_BEFORE = b"\xef\xbb\xbf\x0b \t\r\n"
_HEADS = (b"MSH", b"FHS", b"BHS")


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    from healthsim.exchange.hl7v2.export import export_hl7v2

    return export_hl7v2(database, name, target, force=force, **options)


def _holds_messages(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        start = stream.read(4_096)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = start.decode("utf-16", "replace").encode()
    start = start.lstrip(_BEFORE)
    # the character behind is the one that divides fields; in words it would be a letter
    return start[:3] in _HEADS and len(start) > 8 and not (start[3:4].isalnum() or start[3:4].isspace())


def _read(path: Path, reading: Reading) -> Header:
    from healthsim.exchange.hl7v2.importing import read_hl7v2

    return read_hl7v2(path, reading)


FORMAT = Format(
    name="hl7v2",
    title="HL7 v2.5.1 messages: ADT, ORU, OML, VXU, RDE, RDS, SIU, DFT ...",
    also=("hl7", "hl7-v2", "adt", "oru", "mllp"),
    meaning="Write the messages of a scenario into one file, patient by patient, ordered by time.\n\n"
    "With --mllp they are sent to a receiver as well, each after the acknowledgement of the one before; refusals are told.",
    write=_write,
    sniff=_holds_messages,
    read=_read,
    options=(
        Option(
            "messages",
            "Only these: ADT, A01, ORU^R01 ...; repeatable, or divided by commas.",
            kind="text",
            several=True,
        ),
        PATIENT,
        SINCE,
        TYPES,
        Option("batch", "Put file and batch headers around the messages (FHS, BHS).", kind="flag"),
        Option("framed", "Put each message into the frame of MLLP.", kind="flag"),
        Option("mllp", "HOST:PORT of a receiver that the messages are sent to as well.", kind="text", reaches=True),
        GZ,
    ),
    target_name=lambda stem, options: f"{stem}.hl7" + (".gz" if options.get("gz") else ""),
)
