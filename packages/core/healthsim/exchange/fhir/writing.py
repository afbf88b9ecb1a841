"""``healthsim export fhir``: the resources of a scenario as bulk files or as a bundle for each patient.

Resources are written by the engine, by the declarations in ``resources``: a statement for each kind and batch of patients
gives their JSON text, and its bytes go into the file as they lie in memory. What came as a resource leaves as it came.
"""

from __future__ import annotations

import datetime as dt
import gzip
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from healthsim.errors import UsageError
from healthsim.exchange.fhir.bundles import Bundles
from healthsim.exchange.fhir.resource import Resource
from healthsim.exchange.fhir.resources import RESOURCES
from healthsim.exchange.fhir.stage import Stage, staged
from healthsim.exchange.fhir.stored import stored_resources
from healthsim.exchange.selection import selected
from healthsim.model import entity_type_named
from healthsim.outputs import new_folder, write_manifest
from healthsim.results import Exported

if TYPE_CHECKING:
    import pyarrow as pa

    from healthsim.db.connection import Database

#: what the manifest of an export is of
FORMAT = "HealthSim FHIR R4"
#: the end of a line of NDJSON
LINE = "\n"


def export_fhir(
    database: Database,
    name: str,
    target: Path,
    *,
    bundle: str | None = None,
    patient: Sequence[str] = (),
    since: dt.datetime | None = None,
    types: Sequence[str] = (),
    gz: bool = False,
    render: bool = False,
    force: bool = False,
) -> Exported:
    """Write a scenario as FHIR R4 with the profiles of US Core 6.1.0.

    Args:
        database: where the scenario is.
        name: its name or id.
        target: a folder that is made.
        bundle: ``collection`` or ``transaction``: a bundle for each patient; default: bulk files, one a type.
        patient, since: as in ``selected``.
        types: only these, of FHIR (``Observation``) or of the model (``lab_results``).
        gz: compress each file.
        render: write what came as resources anew from its rows.
        force: replace the folder of an earlier export.

    Raises:
        NotFound: there is no such scenario or patient.
        AlreadyExists: something is at the target, and ``force`` is not set.
        UsageError: there is no such type.
    """
    resources = chosen(types)
    with selected(database, name, patient=patient, since=since) as tables:
        scenario = tables.scenario
        with staged(tables, render=render, resources=resources) as stage, new_folder(target, force=force) as folder:
            writer: Bulk | Bundles
            writer = Bulk(stage, folder, gz) if bundle is None else Bundles(stage, folder, gz, bundle)
            with writer:
                writer.write(resources, _wanted_types(types))
            left_out = not_carried(stage)
            facts = {
                "scenario": scenario.name,
                "scenario_id": scenario.scenario_id,
                "updated_at": scenario.updated_at.isoformat(),
                "resources": writer.counts,
                "notes": left_out,
            }
            if isinstance(writer, Bulk):
                facts = _bulk_manifest(writer, scenario.updated_at) | facts
            write_manifest(folder, FORMAT, facts)
    return Exported(target, scenario.name, dict(sorted(writer.counts.items())), left_out)


def chosen(types: Sequence[str]) -> list[Resource]:
    """The kinds of resources that some types mean; all of them without any.

    Raises:
        UsageError: there is no such type.
    """
    wanted: list[Resource] = []
    known = {resource.type.lower(): resource.type for resource in RESOURCES}
    for name in types:
        entity_type = entity_type_named(name)
        fits = [
            resource
            for resource in RESOURCES
            if resource.type == known.get(name.lower())
            or (entity_type is not None and entity_type.plural == _table_of(resource))
        ]
        if not fits:
            raise UsageError(
                f"types has {name[:80]!r}, which is no type of resource that is written; expected some of"
                f" {', '.join(sorted(set(known.values())))}."
            )
        wanted += fits
    return wanted or list(RESOURCES)


def _table_of(resource: Resource) -> str:
    """The canonical table that a kind of resource is of."""
    return "patients" if resource.type == "Patient" else resource.table


def _wanted_types(types: Sequence[str]) -> frozenset[str] | None:
    """The types of FHIR that stored resources have to be of; None for all."""
    return frozenset(resource.type for resource in chosen(types)) if types else None


class Bulk:
    """Writes ``<Type>.ndjson``, one a type, as the bulk export of FHIR has them.

    Attributes:
        counts: {type: n}.
    """

    def __init__(self, stage: Stage, folder: Path, gz: bool) -> None:
        self.stage = stage
        self.folder = folder
        self.gz = gz
        self.counts: dict[str, int] = {}
        self._files: dict[str, IO[bytes]] = {}
        self._open = ExitStack()

    def __enter__(self) -> Bulk:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def name_of(self, type: str) -> str:
        """The name of the file of a type."""
        return f"{type}.ndjson" + (".gz" if self.gz else "")

    def write(self, resources: Sequence[Resource], types: frozenset[str] | None) -> None:
        """Write what is shared, then the patients in batches, then what came as resources."""
        for resource in resources:
            if resource.shared:
                self._take(resource.type, f"SELECT text FROM ({self.stage.statement(resource, end=LINE)}) AS made")
        of_patients = [resource for resource in resources if not resource.shared]
        for number, resource in enumerate(of_patients):
            self.stage.prepared(resource, f"write_{number}")
        for first, last in self.stage.rows.ranges:
            for number, resource in enumerate(of_patients):
                self._take(resource.type, f"EXECUTE write_{number}(first := {first:d}, last := {last:d})")
        if self.stage.stored:
            for type, text in stored_resources(self.stage, types):
                self._file(type).write(one_line(text).encode() + b"\n")
                self.counts[type] = self.counts.get(type, 0) + 1

    def _take(self, type: str, statement: str) -> None:
        with warnings.catch_warnings():
            # duckdb 2 says that it copies the rows of such a result; of a prepared statement, a relation would copy them, too
            warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
            lines = self.stage.tables.execute(statement).to_arrow_table().column(0)
        if len(lines):
            file = self._file(type)
            for chunk in lines.chunks:
                file.write(bytes_of(chunk))
            self.counts[type] = self.counts.get(type, 0) + len(lines)

    def _file(self, type: str) -> IO[bytes]:
        if type not in self._files:
            stream = self._open.enter_context((self.folder / self.name_of(type)).open("xb", buffering=1 << 20))
            if self.gz:
                # without a time in its head, equal contents are equal files
                stream = self._open.enter_context(gzip.GzipFile("", "wb", 6, stream, mtime=0))  # type: ignore[assignment]  # a stream of bytes as well
            self._files[type] = stream
        return self._files[type]


def bytes_of(texts: pa.StringArray) -> memoryview:
    """The bytes of texts that lie one after the other in memory."""
    _, offsets, data = texts.buffers()
    if data is None or offsets is None:
        return memoryview(b"")
    ends = memoryview(offsets).cast("q" if str(texts.type) == "large_string" else "i")
    return memoryview(data)[ends[texts.offset] : ends[texts.offset + len(texts)]]


def one_line(text: str) -> str:
    """A document on one line: line breaks of JSON are white space, those of its texts are escaped."""
    return text if "\n" not in text and "\r" not in text else text.replace("\r", "").replace("\n", "")


def _bulk_manifest(writer: Bulk, moment: dt.datetime) -> dict[str, Any]:
    """The manifest of a bulk export: what there is of each type, and where."""
    return {
        "transactionTime": moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z",
        "request": "$export",
        "requiresAccessToken": False,
        "output": [
            {"type": type, "url": writer.name_of(type), "count": count} for type, count in sorted(writer.counts.items())
        ],
        "error": [],
    }


def not_carried(stage: Stage) -> list[str]:
    """What of the scenario FHIR leaves out, in sentences."""
    counts = stage.tables.counts()
    written = {resource.table for resource in RESOURCES} | {"patients", "persons", "plans", "claim_lines"}
    notes = []
    lost = [f"{counts[plural]:,} {plural}" for plural in counts if plural not in written]
    if lost:
        notes.append(f"FHIR has no place for these rows, which are left out: {', '.join(lost)}.")
    if counts.get("plans"):
        notes.append(
            "Of plans only code, name, kind and payer are carried, by coverage: their limits and copays are left out."
        )
    fills = stage.tables.one("SELECT count(*) FROM ordered_pharmacy_claims WHERE status IS DISTINCT FROM 'paid'")
    if fills:
        notes.append(f"Only paid fills are dispenses: {fills:,} rejected and reversed pharmacy claims are left out.")
    if stage.rows.unowned:
        lost = [f"{count:,} {plural}" for plural, count in stage.rows.unowned.items()]
        notes.append(f"These rows lead to no patient and are left out: {', '.join(lost)}.")
    if dangling := sorted(stage.context.dangling):
        notes.append(f"References that lead to nothing are left out: {', '.join(dangling)}.")
    return notes
