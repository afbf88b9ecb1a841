"""What came as a resource, and leaves as it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from healthsim.exchange.fhir.stage import STORED, Stage

#: characters of stored documents that are read at a time
_STORED_AT_ONCE = 8_000_000


def stored_resources(stage: Stage, types: frozenset[str] | None) -> Iterator[tuple[str, str]]:
    """(type, text) of what came as resources, in the order in which it came, in bounded parts."""
    for _, type, _, text in stored_documents(stage, types, "TRUE", {}):
        yield type, text


def stored_documents(
    stage: Stage, types: frozenset[str] | None, condition: str, values: Mapping[str, Any]
) -> Iterator[tuple[int | None, str, str, str]]:
    """(patient's number, type, id, text) of stored resources under a condition on ``s``."""
    parts = stage.tables.execute(
        f"SELECT min(position), max(position) FROM (SELECT s.position, (sum(strlen(d.document)) OVER (ORDER BY s.position))"
        f" // {_STORED_AT_ONCE} AS part FROM {STORED} AS s JOIN scenario_documents AS d USING (entity_type, entity_id)"
        f" WHERE {condition}) GROUP BY part ORDER BY 1",
        values,
    ).fetchall()
    statement = (
        f"SELECT s.patient_ordinal, s.resource_type, s.resource_id, d.document FROM {STORED} AS s"
        " JOIN scenario_documents AS d USING (entity_type, entity_id)"
        f" WHERE s.position BETWEEN $from AND $to AND ({condition}) ORDER BY s.position"
    )
    for first, last in parts:
        for row in stage.tables.execute(statement, {**values, "from": first, "to": last}).fetchall():
            if types is None or row[1] in types:
                yield row
