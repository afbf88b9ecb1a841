"""Documents of other formats: their rows do not follow from their text, and go with them wherever they go.

A reader of a format says what a document means; nobody else can say it again. So a file that is written of such a document
has its row and its parts beside it, and a copy of it takes them along.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from healthsim.db.sql import quoted
from healthsim.errors import InvalidInput
from healthsim.model import ENTITY_TYPES, EntityType, entity_type_named
from healthsim.model.projection import Projected, projection_of
from healthsim.model.types import NumberText
from healthsim.state.documents import Item
from healthsim.state.statements import filled
from healthsim.state.tables import Tables

#: the member of a provenance that says which format's reader took a document
READ_AS = "read_as"
#: members of the wrapping of such a document in a file
ROW, PARTS = "row", "parts"


def was_read(provenance: str | None) -> bool:
    """Whether a reader of another format took the document, by its provenance."""
    return provenance is not None and f'"{READ_AS}"' in provenance


@dataclass
class Carried:
    """What goes with a document: its row as JSON, where it has a type, and the rows that are part of it, by type."""

    row: dict[str, Any] | None = None
    parts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def text(self) -> str:
        """The same as members of the wrapping in a file, each behind a comma."""
        parts = [{"entity_type": name, ROW: row} for name, row in self.parts]
        members = {PARTS: parts} if self.row is None else {ROW: self.row, PARTS: parts}
        return "".join(f', "{name}": {spelled(value)}' for name, value in members.items())

    def renewed(self, renew: Any) -> Carried:
        """The same with other texts of its rows."""
        row = None if self.row is None else json.loads(renew(json.dumps(self.row, ensure_ascii=False)))
        parts = [(name, json.loads(renew(json.dumps(part, ensure_ascii=False)))) for name, part in self.parts]
        return Carried(row, parts)

    def projected(self, type_name: str, entity_id: str) -> list[Projected]:
        """The rows as an intake takes them.

        Raises:
            InvalidInput: a row has values that cannot be read.
        """
        rows = []
        known = ENTITY_TYPES.get(type_name)
        if known is not None:
            rows.append(Projected(known, entity_id, _read(known, self.row or {}, entity_id)))
        for name, row in self.parts:
            part = ENTITY_TYPES.get(name)
            if part is None:
                raise InvalidInput(f"{type_name} {entity_id}: a part of the type {name[:80]!r}, which there is not.")
            own_id = str(row.get(part.key))
            read = _read(part, row, own_id)
            rows.append(Projected(part, own_id, read, f"{type_name}/{entity_id}", together=True))
        return rows


def carried_of(value: Mapping[str, Any]) -> Carried:
    """What goes with a document, from the members of its wrapping in a file.

    Raises:
        InvalidInput: they are not as an export writes them.
    """
    row, parts = value.get(ROW), value.get(PARTS) or []
    is_whole = (row is None or isinstance(row, dict)) and isinstance(parts, list)
    if not is_whole or not all(isinstance(part, dict) and isinstance(part.get(ROW), dict) for part in parts):
        raise InvalidInput(
            f"{ROW} and {PARTS} of an entity that came from another format are not as an export writes them; expected the"
            " columns of a row, and a list of {entity_type, row}."
        )
    return Carried(row, [(str(part.get("entity_type")), part[ROW]) for part in parts])


def _read(known: EntityType, row: Mapping[str, Any], entity_id: str) -> dict[str, Any]:
    try:
        read = projection_of(known.name).columns_of(row)
    except ValidationError as error:
        column = str(error.errors(include_url=False)[0]["loc"][0])
        expected = known.column[column].expected
        raise InvalidInput(
            f"{known.plural} {entity_id}: {column} is {str(row.get(column))[:80]!r}; expected {expected}."
        ) from None
    read[known.key] = entity_id
    return read


def carried_by(tables: Tables, entity_type: str, items: Sequence[Item]) -> dict[str, Carried]:
    """What goes with those documents of a batch that a reader of another format took, by their ids."""
    ids = [item[0] for item in items if was_read(item[2])]
    if not ids:
        return {}
    carried = {entity_id: Carried() for entity_id in ids}
    known = ENTITY_TYPES.get(entity_type)
    if known is not None:
        for entity_id, row in _rows(tables, "own_rows_as_json", known, ids):
            carried[entity_id].row = row
    owners = {f"{entity_type}/{entity_id}": entity_id for entity_id in ids}
    for plural in tables.counts():
        part = entity_type_named(plural)
        if part is not None:
            for owner, row in _rows(tables, "parts_as_json", part, list(owners)):
                carried[owners[owner]].parts.append((part.name, row))
    return carried


def _rows(
    tables: Tables, statement: str, known: EntityType, ids: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    text = filled(
        statement,
        table=quoted(known.plural),
        id=quoted(known.key),
        columns=", ".join(f"{name} := {name}" for name in (quoted(column.name) for column in known.columns)),
    )
    for owner, row in tables.execute(text, {"ids": ids}).fetchall():
        columns = json.loads(row, parse_float=NumberText)
        yield owner, {name: value for name, value in columns.items() if value is not None}


def spelled(value: Any) -> str:
    """A row as JSON: numbers as they were read."""
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {spelled(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(spelled, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
