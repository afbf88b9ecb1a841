"""The rows that a unit of a format means (a transaction set, a transmission), put together while it is read."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from healthsim.model import ENTITY_TYPES

_IDS = uuid.UUID("5d3a8f0e-6f0b-5b0e-9a51-2f6b8f2b7d10")

Row = dict[str, Any]


class Rows:
    """Rows by type and id; what is told of one again adds to it."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Row] = {}

    def put(self, type_name: str, entity_id: str, columns: Mapping[str, Any] | None = None) -> Row:
        """The row of a type and an id, with these columns where they have values."""
        row = self._rows.get((type_name, entity_id))
        if row is None:
            row = self._rows[type_name, entity_id] = {ENTITY_TYPES[type_name].key: entity_id}
        for name, value in (columns or {}).items():
            if value is not None and value != "":
                row[name] = value
        return row

    def __iter__(self) -> Iterator[tuple[str, Row]]:
        for (type_name, _), row in self._rows.items():
            yield type_name, row


def made_id(*parts: str) -> str:
    """A stable id of what has no number: the same words give the same."""
    return str(uuid.uuid5(_IDS, "\n".join(part.strip().upper() for part in parts)))
