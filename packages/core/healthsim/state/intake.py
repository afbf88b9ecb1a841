"""From documents to staged rows: the one path that every save and import takes.

An ``Intake`` gives each document its id and position, projects what the model knows, collects the faults
of all documents, and fills a ``Staging``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from healthsim.errors import InvalidEntities, InvalidInput
from healthsim.model import EntityType, entity_type_named
from healthsim.model.entity import snake_case
from healthsim.model.projection import Fault, Projected, content_id, embedded_entities, projection_of
from healthsim.state.staging import DOCUMENTS, Staging
from healthsim.state.values import instant

#: faults that are kept for the message and its details; more are only counted
FAULTS_KEPT = 1_000
_PROVENANCE_TEXTS = ("source_type", "source_system", "skill_used")
#: the provenance of a row whose document says nothing of it
_LOADED: dict[str, Any] = {"source_type": "loaded"}


@dataclass(slots=True)
class Intake:
    """Takes documents, one at a time, into a staging area.

    Args:
        staging: where the rows go.
        lenient: keep documents with unreadable values, leave those columns empty, and report them.
    """

    staging: Staging
    lenient: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    untyped: dict[str, None] = field(default_factory=dict)
    position: int = 0
    ordinal: int = 0

    def add(
        self,
        collection: str,
        text: str,
        document: Any,
        *,
        provenance: str | None = None,
        envelope: str | None = None,
        entity_id: str = "",
    ) -> None:
        """Take one document.

        Args:
            collection: the key under which it stood (``patients``, ``labResults``, ``care_gaps``).
            text: the document as it was written.
            document: the same, parsed.
            provenance: the text of its provenance object, where it has one.
            envelope: the text of what else a workspace file wraps around it.
            entity_id: its id, where the caller assigns one.

        Raises:
            InvalidInput: it is not an object, or is nested too deeply.
        """
        known = entity_type_named(collection)
        plural = known.plural if known else collection
        number = self.counts.get(plural, 0)
        where = f"{plural}[{number}]"
        if not isinstance(document, dict):
            raise InvalidInput(
                f"{where}: found {_shown(text)}, expected an object with the entity's fields. Nothing was saved.",
                path=where,
            )
        self.counts[plural] = number + 1
        position = self.position
        self.position += 1
        try:
            rows = self._rows(known, document, where, entity_id)
            if known is not None:
                entity_id, from_content, type_name = rows[0].entity_id, rows[0].id_from_content, known.name
            else:
                own_id = entity_id or _own_id(collection, document)
                from_content = not own_id
                entity_id, type_name = own_id or content_id(collection, document), collection
        except RecursionError:
            raise InvalidInput(f"{where} is nested too deeply to be read. Nothing was saved.", path=where) from None
        if known is None:
            self.untyped[collection] = None
            for row in rows:
                row.part_of = f"{type_name}/{entity_id}"
        staged = {
            "ordinal": position,
            "entity_type": type_name,
            "entity_id": entity_id,
            "position": position,
            "is_typed": known is not None,
            "id_from_content": from_content,
            "document": text,
        }
        origin = _LOADED
        if provenance is not None:
            staged["provenance"] = provenance
            origin = _origin(provenance)
        if envelope is not None:
            staged["envelope"] = envelope
        self.staging.add(DOCUMENTS, staged)
        for row in rows:
            self._stage(row, position, origin)

    def _rows(
        self, known: EntityType | None, document: Mapping[str, Any], where: str, entity_id: str
    ) -> list[Projected]:
        faults: list[Fault] = []
        if known is not None:
            rows = projection_of(known.name).project(document, where, faults, entity_id)
        else:
            rows = []
            for type_name, inner, place in embedded_entities(document, where):
                rows += projection_of(type_name).project(inner, place, faults)
        if faults:
            self.fault_count += len(faults)
            self.faults += faults[: max(0, FAULTS_KEPT - len(self.faults))]
        return rows

    def _stage(self, made: Projected, position: int, origin: Mapping[str, Any]) -> None:
        row = made.row
        row.update(origin)
        row["ordinal"] = self.ordinal
        row["document"] = position
        row["id_from_content"] = made.id_from_content
        self.ordinal += 1
        if made.part_of is not None:
            row["part_of"] = made.part_of
            row["source_type"] = "derived"
        self.staging.add(made.entity_type.name, row)

    def check(self) -> None:
        """Refuse the whole intake if a value could not be read, unless it is lenient.

        Raises:
            InvalidEntities: naming every fault.
        """
        if self.fault_count and not self.lenient:
            raise InvalidEntities([fault.as_dict() for fault in self.faults], self.fault_count)

    def warnings(self) -> list[str]:
        """What a lenient intake left empty, one line each."""
        lines = [f"{fault.path}: {fault.problem}; the column is left empty" for fault in self.faults]
        if self.fault_count > len(lines):
            lines.append(f"{self.fault_count - len(lines):,} more values were left empty")
        return lines


def _origin(provenance: str) -> dict[str, Any]:
    """What the provenance of a document says of where it comes from; the columns that it does not speak of stay empty."""
    facts = json.loads(provenance)
    if not isinstance(facts, dict):
        return _LOADED
    origin = _LOADED | {name: facts[name] for name in _PROVENANCE_TEXTS if isinstance(facts.get(name), str)}
    parameters = facts.get("generation_params")
    seed = parameters.get("seed") if isinstance(parameters, dict) else None
    if isinstance(seed, int) and not isinstance(seed, bool) and abs(seed) < 2**63:
        origin["generation_seed"] = seed
    origin["created_at"] = instant(facts.get("created_at"))
    return origin


def _own_id(collection: str, document: Mapping[str, Any]) -> str:
    """The id of a document of a type that the model does not know: ``<type>_id`` or ``id``."""
    names = own_id_keys(collection)
    keyed = [value for key, value in document.items() if snake_case(key) in names]
    for value in (*keyed, document.get("id")):
        if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""


def own_id_keys(collection: str) -> set[str]:
    """The keys, beside ``id``, under which documents of a type that the model does not know have their id."""
    return {f"{snake_case(collection).rstrip('s')}_id", f"{snake_case(collection)}_id"}


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
