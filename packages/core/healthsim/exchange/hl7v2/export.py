"""``healthsim export hl7v2``: the messages of a scenario in one file, by patient and time; sent on, where that is asked for."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from healthsim.errors import UsageError
from healthsim.exchange.by_patient import PatientRows, patient_rows
from healthsim.exchange.hl7_times import write_instant
from healthsim.exchange.hl7v2 import mllp
from healthsim.exchange.hl7v2.compose import CARRIED, NAMED, PatientMessages, header
from healthsim.exchange.hl7v2.delimiters import STANDARD, escaped
from healthsim.exchange.hl7v2.kinds import KINDS, chosen_kinds
from healthsim.exchange.hl7v2.parsed import APPLICATION
from healthsim.exchange.hl7v2.patient_segments import Event, Lookup
from healthsim.exchange.selection import chosen_tables, selected
from healthsim.outputs import open_file
from healthsim.results import Exported

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.state.tables import ScenarioTables

#: a number of messages that fits the field of a control id (20 characters)
_CONTROL = "HS{:012d}"


def export_hl7v2(
    database: Database,
    name: str,
    target: Path,
    *,
    force: bool = False,
    messages: Sequence[str] = (),
    patient: Sequence[str] = (),
    since: dt.datetime | None = None,
    types: Sequence[str] = (),
    batch: bool = False,
    framed: bool = False,
    mllp: str | None = None,
    gz: bool = False,
) -> Exported:
    """Write the messages of a scenario into a file.

    Args:
        database: where the scenario is.
        name: its name or id.
        target: the file.
        force: replace a file that is there.
        messages: the kinds, such as ``ADT^A01``, ``A01`` or ``ADT``; default: all.
        patient: only these, by id or MRN.
        since: only what was saved then or later.
        types: only messages of these entity types, and who the patients are.
        batch: a file header and a batch header go before the messages, with their count after them.
        framed: each message has the frame of MLLP, as it travels.
        mllp: ``HOST:PORT``, where the messages are sent to when the file is written; each waits for its acknowledgement.
        gz: compress the file.

    Raises:
        NotFound: there is no such scenario, or no such patient.
        AlreadyExists: something is at the target.
        UsageError: there is no such kind or type; a batch is not framed; the address is none.
        HealthSimError: the connection was refused, or lost; the message tells how far it came.
    """
    kinds = chosen_kinds(messages)
    receiver = _receiver(mllp)
    shown = chosen_tables(types, CARRIED)
    if batch and framed:
        raise UsageError("batch and framed are both set; a batch is a file and has no frames. Choose one of them.")
    with selected(database, name, patient, since) as tables:
        with patient_rows(tables, shown) as patients, open_file(target, force=force) as file:
            writer = _Writer(tables, patients, kinds, batch=batch, framed=framed)
            with _compressed(file, gz) as stream:
                writer.write(stream)
        left_out = [*_left_out(tables, patients, kinds), *writer.remarks()]
    notes = [] if receiver is None else receiver.send_file(target, gz=gz)
    counts = {kind: writer.counts[kind] for kind in KINDS if kind in writer.counts}
    return Exported(target, tables.scenario.name, counts, left_out, notes)


def _receiver(address: str | None) -> mllp.Receiver | None:
    return None if address is None else mllp.Receiver.at(address)


@contextmanager
def _compressed(file: IO[bytes], gz: bool) -> Iterator[IO[bytes]]:
    if not gz:
        yield file
        return
    # without a name and a time inside, the same messages are the same bytes
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=6) as stream:
        yield stream  # type: ignore[misc]  # a stream of bytes, though not declared as one


@dataclass
class _Writer:
    """Writes messages one after the other, and counts them."""

    tables: ScenarioTables
    patients: PatientRows
    kinds: frozenset[str]
    batch: bool
    framed: bool
    counts: dict[str, int] = field(default_factory=dict)
    total: int = 0

    def write(self, stream: IO[bytes]) -> None:
        """Write all messages of the scenario."""
        scenario = self.tables.scenario
        saved = scenario.updated_at
        lookup = Lookup(self.patients.shared)
        start, end = mllp.FRAME if self.framed else (b"", b"")
        if self.batch:
            head = f"{STANDARD.encoding}|{APPLICATION}|{escaped(scenario.name)}|||{write_instant(saved)}"
            stream.write(f"FHS|{head}\rBHS|{head}\r".encode())
        for record in self.patients:
            for event in PatientMessages(record, lookup, self.kinds, saved).events():
                stream.write(start + self._message(event, scenario.name, saved).encode() + end)
        if self.batch:
            stream.write(f"BTS|{self.total}\rFTS|1\r".encode())

    def _message(self, event: Event, sender: str, saved: dt.datetime) -> str:
        self.total += 1
        self.counts[event.kind] = self.counts.get(event.kind, 0) + 1
        head = header(event, sender, _CONTROL.format(self.total), saved)
        return "\r".join([head, *event.segments, ""])

    def remarks(self) -> list[str]:
        """What rows could not be written for want of a patient."""
        return [
            f"{count:,} {table} lead to no patient, and are in no message."
            for table, count in self.patients.unowned.items()
            if table in CARRIED
        ]


def _left_out(tables: ScenarioTables, patients: PatientRows, kinds: frozenset[str]) -> list[str]:
    """What of the scenario has no message, in sentences."""
    carried = {*CARRIED, *NAMED, "persons"}
    others = {table: count for table, count in tables.counts().items() if table not in carried}
    sentences = []
    if others:
        shown = ", ".join(f"{count:,} {table}" for table, count in sorted(others.items()))
        sentences.append(f"Not in HL7 v2 messages: {shown}.")
    if skipped := [kind for kind in KINDS if kind not in kinds]:
        sentences.append(f"Not written, since other kinds were asked for: {', '.join(skipped)}.")
    unpaid = tables.one("SELECT count(*) FROM pharmacy_claims WHERE status IN ('rejected', 'reversed')")
    if unpaid and "RDS^O13" in kinds:
        sentences.append(
            f"{unpaid:,} pharmacy_claims were rejected or reversed: nothing was dispensed, there is no RDS."
        )
    return sentences
