"""``healthsim export ccda``: a CCD for each patient, in files of a new folder."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.exchange.by_patient import PatientRows, patient_rows
from healthsim.exchange.ccda.document import document
from healthsim.exchange.ccda.sections import CARRIED, NAMED, SECTIONS
from healthsim.exchange.ccda.writing import Writing
from healthsim.exchange.format import manifest_facts
from healthsim.exchange.selection import chosen_tables, selected
from healthsim.outputs import new_folder, write_manifest
from healthsim.results import Exported

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.state.tables import ScenarioTables

FORMAT_NAME = "C-CDA R2.1, CCD"
#: what the name of a file is made of
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


def export_ccda(
    database: Database,
    name: str,
    target: Path,
    *,
    force: bool = False,
    patient: Sequence[str] = (),
    since: dt.datetime | None = None,
    types: Sequence[str] = (),
    gz: bool = False,
) -> Exported:
    """Write a continuity of care document (CCD, C-CDA R2.1) for each patient of a scenario.

    Args:
        database: where the scenario is.
        name: its name or id.
        target: a new folder; it gets a file a patient, and a manifest.
        force: replace the folder of an earlier export.
        patient: only these, by id or MRN.
        since: only what was saved then or later.
        types: only sections of these entity types, and who the patients are.
        gz: compress each file.

    Raises:
        NotFound: there is no such scenario, or no such patient.
        UsageError: there is no such entity type.
        AlreadyExists: something is at the target that is not replaced.
    """
    shown = chosen_tables(types, (*CARRIED, "orders"))
    with (
        selected(database, name, patient, since) as tables,
        patient_rows(tables, shown) as patients,
        new_folder(target, force=force) as folder,
    ):
        counts, replaced = _write(patients, folder, tables.scenario.updated_at, gz=gz)
        left_out = _left_out(tables, patients, replaced)
        write_manifest(folder, FORMAT_NAME, manifest_facts(tables.scenario, counts, left_out))
    return Exported(target, tables.scenario.name, counts, left_out)


def _write(patients: PatientRows, folder: Path, made_at: dt.datetime, *, gz: bool) -> tuple[dict[str, int], int]:
    counts = {"CCD": 0}
    replaced = 0
    names: set[str] = set()
    for record in patients:
        writing = Writing(record, patients.shared)
        data = document(writing, made_at, f"{record.patient_id}-ccd")
        name = _file_name(record.patient_id, names)
        path = folder / (f"{name}.xml.gz" if gz else f"{name}.xml")
        path.write_bytes(gzip.compress(data, 6, mtime=0) if gz else data)
        counts["CCD"] += 1
        replaced += writing.replaced
        for section in SECTIONS:
            if rows := len(section.of(record, writing)):
                counts[section.title] = counts.get(section.title, 0) + rows
    return counts, replaced


def _file_name(patient_id: str, names: set[str]) -> str:
    """A name for the file of a patient that no other has, on whatever disk."""
    stem = _NOT_IN_NAMES.sub("-", patient_id).strip("-.")[:100] or "patient"
    name, number = stem, 1
    while name.lower() in names:
        number += 1
        name = f"{stem}~{number}"
    names.add(name.lower())
    return name


def _left_out(tables: ScenarioTables, patients: PatientRows, replaced: int) -> list[str]:
    carried = {*CARRIED, *NAMED, "persons"}
    others = {table: count for table, count in tables.counts().items() if table not in carried}
    sentences = []
    if others:
        shown = ", ".join(f"{count:,} {table}" for table, count in sorted(others.items()))
        sentences.append(f"Not in a CCD: {shown}.")
    for table, count in patients.unowned.items():
        if table in carried:
            sentences.append(f"{count:,} {table} lead to no patient, and are in no document.")
    if replaced:
        sentences.append(f"{replaced:,} characters that XML cannot hold (control characters) were replaced by U+FFFD.")
    return sentences
