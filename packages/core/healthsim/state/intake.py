"""From documents to staged rows: the one path that every save and import takes.

An ``Intake`` gives each document its id and position, projects what the model knows, collects the faults
of all documents, and fills a ``Staging``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from healthsim.errors import InvalidEntities, InvalidInput
from healthsim.model import EntityType, entity_type_named
from healthsim.model.entity import snake_case
from healthsim.model.projection import Fault, Projected, content_id, embedded_entities, projection_of
from healthsim.state.staging import Staging
from healthsim.state.values import instant

#: faults that are kept for the message and its details; more are only counted
FAULTS_KEPT = 1_000
_PROVENANCE_TEXTS = ("source_type", "source_system", "skill_used")
#: the provenance of a row whose document says nothing of it
_LOADED: dict[str, Any] = {"source_type": "loaded"}


@dataclass(frozen=True)
class Mark:
    """A point in an intake: how much it had taken then."""

    position: int
    counts: dict[str, int]
    untyped: dict[str, None]
    faults: int
    fault_count: int


#: (text of a document, the same parsed) -> whether it was of another format, and has been taken
Foreign = Callable[[str, Mapping[str, Any]], bool]


@dataclass(slots=True)
class Intake:
    """Takes documents, one at a time, into a staging area.

    Args:
        staging: where the rows go.
        lenient: keep documents with unreadable values, leave those columns empty, and report them.
        foreign: asked of each document of a file whether it is of another format; if so, it has been taken.
    """

    staging: Staging
    lenient: bool = False
    foreign: Foreign | None = None
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
        if self.foreign is not None and isinstance(document, dict) and self.foreign(text, document):
            return
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
        origin = _LOADED if provenance is None else _origin(provenance)
        self._document(type_name, entity_id, position, known is not None, from_content, text, provenance, envelope)
        for row in rows:
            self._stage(row, position, origin)

    def take(
        self,
        collection: str,
        text: str,
        entity_id: str,
        id_from_content: bool,
        rows: Sequence[Projected],
        provenance: str | None,
    ) -> None:
        """Take a document of another format, with the rows that its reader made of it.

        Args:
            collection: the plural of the type, or what the document is called where it is of none.
            text: the document, which is JSON.
            entity_id: its id.
            id_from_content: whether the id was made of the content.
            rows: the entity's own row first, where it has one; then those that are part of it.
            provenance: the text of its provenance object.
        """
        known = entity_type_named(collection)
        self.counts[collection] = self.counts.get(collection, 0) + 1
        position = self.position
        self.position += 1
        if known is None:
            self.untyped[collection] = None
        type_name = known.name if known is not None else collection
        self._document(
            type_name, entity_id, position, known is not None, id_from_content, text, provenance, None, is_read=True
        )
        for row in rows:
            self._stage(row, position, _LOADED)

    def take_row(self, known: EntityType, row: dict[str, Any]) -> None:
        """Take a row that has no document; its columns include those of its provenance."""
        self.counts[known.plural] = self.counts.get(known.plural, 0) + 1
        row["ordinal"], row["document"] = self.ordinal, self.position
        row["id_from_content"] = row["together"] = False
        self.ordinal += 1
        self.position += 1
        self.staging.add(known.name, row)

    def _document(
        self,
        type_name: str,
        entity_id: str,
        position: int,
        is_typed: bool,
        from_content: bool,
        text: str,
        provenance: str | None,
        envelope: str | None,
        *,
        is_read: bool = False,
    ) -> None:
        # in the order of its columns
        self.staging.add_document(
            (position, type_name, entity_id, position, is_typed, from_content, text, provenance, envelope, is_read)
        )

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
        row["together"] = made.together
        self.ordinal += 1
        if made.part_of is not None:
            row["part_of"] = made.part_of
            row["source_type"] = "derived"
        self.staging.add(made.entity_type.name, row)

    def mark(self) -> Mark:
        """Where the intake is, to come back to."""
        return Mark(self.position, dict(self.counts), dict(self.untyped), len(self.faults), self.fault_count)

    def forget_since(self, mark: Mark) -> None:
        """Forget what was taken since; nothing of it is written."""
        if self.position > mark.position:
            self.staging.void.append((mark.position, self.position))
        self.counts, self.untyped, self.fault_count = mark.counts, mark.untyped, mark.fault_count
        del self.faults[mark.faults :]

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
