"""A bundle for each patient: all that is theirs and whom it refers to, such that it can be loaded alone.

Every entry has a ``urn:uuid:`` that follows from type and id, references use it, and a transaction puts each resource by its
id: loading it twice changes nothing. What came as a resource is in it as it came.
"""

from __future__ import annotations

import gzip
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from healthsim.exchange.fhir.resource import Resource
from healthsim.exchange.fhir.stage import STORED, Stage
from healthsim.exchange.fhir.stored import stored_documents

#: the namespace of the addresses of entries
ENTRIES = uuid.UUID("0e3a3a5c-5f0b-5d0e-8a5a-6b7b0c4f6d21")
_REFERENCE = re.compile(r'"reference":"([A-Za-z]+/[A-Za-z0-9\-.]{1,64})"')
#: the same in what came as a resource, which may be laid out in any way
_ANY_REFERENCE = re.compile(r'"reference"\s*:\s*"([^"]+)"')
_SHARED = "shared_resources"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: how far a bundle follows references of shared resources: a role, its organisation, that one's owner
_STEPS = 4


@lru_cache(maxsize=100_000)
def full_url(reference: str) -> str:
    """The address of an entry: of ``Patient/1`` a UUID of its own; an id that is a UUID is that one."""
    own_id = reference.partition("/")[2]
    return f"urn:uuid:{own_id if _UUID.fullmatch(own_id) else uuid.uuid5(ENTRIES, reference)}"


class Bundles:
    """Writes ``<patient>.json``, one a patient.

    Attributes:
        counts: {type: n} of the resources in all bundles together.
    """

    def __init__(self, stage: Stage, folder: Path, gz: bool, kind: str) -> None:
        self.stage = stage
        self.folder = folder
        self.gz = gz
        self.kind = kind
        self.counts: dict[str, int] = {}
        self._names: set[str] = set()

    def __enter__(self) -> Bundles:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def write(self, resources: Sequence[Resource], types: frozenset[str] | None) -> None:
        """Write the bundles of all patients, batch by batch; of what is shared, those take what they refer to."""
        self._keep_shared([resource for resource in resources if resource.shared], types)
        statements = [self.stage.statement(resource) for resource in resources if not resource.shared]
        for first, last in self.stage.rows.ranges:
            # a bundle is put together in Python: patients of a batch one after the other
            for start in range(first, last + 1, 100):
                self._range(statements, start, min(start + 99, last), types)

    def _keep_shared(self, resources: Sequence[Resource], types: frozenset[str] | None) -> None:
        """Lay out what belongs to no patient, by its reference."""
        parts = [
            f"SELECT reference, text, FALSE AS stored FROM ({self.stage.statement(resource)})" for resource in resources
        ]
        if self.stage.stored:
            parts.append(
                f"SELECT s.resource_type || '/' || s.resource_id, d.document::VARCHAR, TRUE FROM {STORED} AS s"
                " JOIN scenario_documents AS d USING (entity_type, entity_id) WHERE s.patient_ordinal IS NULL"
            )
        nothing = "SELECT '' AS reference, '' AS text, FALSE AS stored WHERE FALSE"
        self.stage.rows.make(_SHARED, " UNION ALL ".join([nothing, *parts]))

    def _range(self, statements: Sequence[str], first: int, last: int, types: frozenset[str] | None) -> None:
        of_patient: dict[int, list[tuple[str, str, bool]]] = {number: [] for number in range(first, last + 1)}
        values = {"first": first, "last": last}
        for statement in statements:
            for ordinal, reference, text in self.stage.tables.execute(statement, values).fetchall():
                of_patient[ordinal].append((reference, text, False))
        if self.stage.stored:
            condition = "s.patient_ordinal BETWEEN $first AND $last"
            for number, kind, own_id, text in stored_documents(self.stage, types, condition, values):
                if number is not None:
                    of_patient[number].append((f"{kind}/{own_id}", text, True))
        shared = self._shared(of_patient)
        ids = dict(
            self.stage.tables.execute(
                "SELECT patient_ordinal, patient_id FROM ordered_demographics"
                " WHERE patient_ordinal BETWEEN $first AND $last",
                values,
            ).fetchall()
        )
        for number, own in of_patient.items():
            if own:
                self._bundle(ids[number], [*_needed(own, shared), *own])

    def _shared(self, of_patient: dict[int, list[tuple[str, str, bool]]]) -> dict[str, tuple[str, bool]]:
        """Whatever the resources of a batch refer to, directly or not, of what is shared."""
        held: dict[str, tuple[str, bool]] = {}
        wanted = {ref for own in of_patient.values() for _, text, stored in own for ref in _references(text, stored)}
        for _ in range(_STEPS):
            missing = sorted(wanted - held.keys())
            if not missing:
                break
            found = self.stage.tables.execute(
                f"SELECT reference, text, stored FROM {_SHARED} WHERE reference IN (SELECT unnest($wanted::VARCHAR[]))",
                {"wanted": missing},
            ).fetchall()
            held.update({reference: (text, stored) for reference, text, stored in found})
            wanted = {ref for _, text, stored in found for ref in _references(text, stored)}
        return held

    def _bundle(self, patient_id: str, entries: Iterable[tuple[str, str, bool]]) -> None:
        entries = list(entries)
        present = {reference for reference, _, _ in entries}
        texts = []
        for reference, text, stored in entries:
            self.counts[reference.partition("/")[0]] = self.counts.get(reference.partition("/")[0], 0) + 1
            inner = text if stored else _REFERENCE.sub(lambda match: _linked(match, present), text)
            request = f',"request":{{"method":"PUT","url":"{reference}"}}' if self.kind == "transaction" else ""
            texts.append(f'{{"fullUrl":"{full_url(reference)}","resource":{inner}{request}}}')
        identity = json.dumps(str(uuid.uuid5(ENTRIES, f"Bundle/{patient_id}")))
        data = (
            f'{{"resourceType":"Bundle","id":{identity},"type":"{self.kind}","entry":[\n' + ",\n".join(texts) + "\n]}\n"
        )
        path = self.folder / self._name(patient_id)
        raw = data.encode()
        path.write_bytes(gzip.compress(raw, 6, mtime=0) if self.gz else raw)

    def _name(self, patient_id: str) -> str:
        """The file of a patient: their id, where that is a name of a file."""
        name = (
            patient_id if re.fullmatch(r"[A-Za-z0-9\-_.]{1,100}", patient_id) and not patient_id.startswith(".") else ""
        )
        if not name or name.lower() in self._names or name.lower() == "manifest":
            name = str(uuid.uuid5(ENTRIES, f"file/{patient_id}"))
        self._names.add(name.lower())
        return f"{name}.json" + (".gz" if self.gz else "")


def _needed(
    own: Sequence[tuple[str, str, bool]], shared: dict[str, tuple[str, bool]]
) -> Iterator[tuple[str, str, bool]]:
    """Of what is shared, what one patient's resources refer to: organisations and places go before people."""
    chosen: dict[str, tuple[str, bool]] = {}
    wanted = {reference for _, text, stored in own for reference in _references(text, stored)}
    for _ in range(_STEPS):
        found = {reference: shared[reference] for reference in wanted - chosen.keys() if reference in shared}
        if not found:
            break
        chosen |= found
        wanted = {reference for text, stored in found.values() for reference in _references(text, stored)}
    order = {"Organization": 0, "Location": 1, "Practitioner": 2}
    for reference in sorted(chosen, key=lambda item: (order.get(item.partition("/")[0], 3), item)):
        yield reference, *chosen[reference]


def _references(text: str, stored: bool) -> set[str]:
    if not stored:
        return set(_REFERENCE.findall(text))
    found = set()
    for reference in _ANY_REFERENCE.findall(text):
        parts = reference.rstrip("/").split("/")
        if len(parts) > 1:
            found.add("/".join(parts[-2:]))
    return found


def _linked(match: re.Match[str], present: set[str]) -> str:
    reference: Any = match[1]
    return f'"reference":"{full_url(reference) if reference in present else reference}"'
