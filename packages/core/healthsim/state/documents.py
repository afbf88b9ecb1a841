"""The entities of a scenario as documents, in batches: verbatim where they came as one, rendered from rows if not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from healthsim.db.memory_limit import memory_bound
from healthsim.db.schema import PROVENANCE
from healthsim.db.sql import quoted
from healthsim.model import ENTITY_TYPES, EntityType
from healthsim.model.types import jsonable
from healthsim.state.statements import filled
from healthsim.state.tables import Tables

BATCH = 2_048
#: text of one query, in characters; the smallest document counts as that many
BATCH_CHARACTERS = 4_000_000
LEAST_CHARACTERS = 250
#: what the engine may hold while it reads documents, beside copies of the largest one
READ_MEGABYTES = 32
COPIES_OF_A_DOCUMENT = 16
COPIES_OF_A_BUNDLE = 6

#: entity id, document, provenance, envelope: the last three as JSON text
Item = tuple[str, str, str | None, str | None]


@dataclass(frozen=True, order=True)
class Stored:
    """The entities of one type in a scenario.

    Attributes:
        documents, first, last: how many came as documents, and between which positions those lie.
        rows: how many have a row only.
        largest: characters of the largest document.
        bundle: characters of the documents that the engine reads in one go, where they are most.
    """

    entity_type: str
    documents: int
    first: int
    last: int
    rows: int
    largest: int = 0
    bundle: int = 0

    @property
    def plural(self) -> str:
        """The key of these entities in JSON: the plural of a known type, and what an unknown one was called."""
        known = ENTITY_TYPES.get(self.entity_type)
        return known.plural if known else self.entity_type

    @property
    def count(self) -> int:
        return self.documents + self.rows


def stored_collections(tables: Tables) -> list[Stored]:
    """What a scenario holds, by entity type."""
    documents = {name: span for name, *span in tables.execute(filled("document_spans")).fetchall()}
    rows = tables.counts(parts=False)
    collections: list[Stored] = []
    for entity_type in ENTITY_TYPES.values():
        count, first, last, *sizes = documents.pop(entity_type.name, (0, 0, -1))
        bare = rows.get(entity_type.plural, 0) - count
        if count or bare > 0:
            collections.append(Stored(entity_type.name, count, first, last, max(bare, 0), *sizes))
    collections += [
        Stored(name, count, first, last, 0, *sizes) for name, (count, first, last, *sizes) in documents.items()
    ]
    return collections


def documents_of(tables: Tables, stored: Stored, *, start: int = 0, limit: int | None = None) -> Iterator[list[Item]]:
    """The entities of one type, in order of arrival, in batches.

    Args:
        tables: of the scenario; inside a transaction, so that all batches are of one instant.
        stored: the type, from ``stored_collections``.
        start: entities to leave out at the beginning.
        limit: how many at most.
    """
    wanted = stored.count - start if limit is None else min(limit, stored.count - start)
    if wanted <= 0:
        return
    taken = 0
    skip = start
    if start < stored.documents:
        for batch in _verbatim(tables, stored):
            batch, skip = batch[skip:], max(0, skip - len(batch))
            batch = batch[: wanted - taken]
            taken += len(batch)
            if batch:
                yield batch
            if taken == wanted:
                return
    else:
        skip = start - stored.documents
    for batch in _rendered(tables, ENTITY_TYPES[stored.entity_type], skip):
        batch = batch[: wanted - taken]
        taken += len(batch)
        if batch:
            yield batch
        if taken == wanted:
            return


def _verbatim(tables: Tables, stored: Stored) -> Iterator[list[Item]]:
    """By ranges of positions: each query sorts no more than one batch, and zone maps find its rows.

    A range holds about ``BATCH_CHARACTERS`` of text, whether documents are small or large.
    """
    parameters: dict[str, Any] = {"type": stored.entity_type}
    statement = filled("documents_between")
    bound = READ_MEGABYTES + (COPIES_OF_A_DOCUMENT * stored.largest + COPIES_OF_A_BUNDLE * stored.bundle) // 1_000_000
    # the engine reads whole bundles: one that is larger than a batch is not read over and over for parts of it
    sizes = {"least": LEAST_CHARACTERS, "characters": max(BATCH_CHARACTERS, stored.bundle // 4)}
    for first, last in tables.execute(filled("document_ranges"), {**parameters, **sizes}).fetchall():
        with memory_bound(tables.connection, bound):
            rows = tables.execute(statement, {**parameters, "first": first, "last": last}).fetchall()
        yield rows


def _rendered(tables: Tables, entity_type: EntityType, skip: int) -> Iterator[list[Item]]:
    """Rows without a document: their typed columns are the document."""
    names = [column.name for column in entity_type.columns]
    provenance = [name for name in PROVENANCE if name not in ("part_of", "saved_at")]
    result = tables.execute(
        filled(
            "bare_rows",
            table=quoted(entity_type.plural),
            columns=", ".join(quoted(name) for name in (*names, *provenance)),
            id=quoted(entity_type.key),
        ),
        {"type": entity_type.name, "skip": skip},
    )
    embedded = {column.name for column in entity_type.columns if column.sql_type == "JSON"}
    while rows := result.fetchmany(BATCH):
        yield [_render(entity_type, names, provenance, embedded, row) for row in rows]


def _render(
    entity_type: EntityType, names: list[str], provenance: list[str], embedded: set[str], row: tuple[Any, ...]
) -> Item:
    fields = {name: value for name, value in zip(names, row, strict=False) if value is not None}
    for name in embedded & fields.keys():
        fields[name] = json.loads(fields[name])
    origin = dict(zip(provenance, row[len(names) :], strict=True))
    seed = origin.pop("generation_seed")
    facts = {
        "source_type": origin["source_type"],
        "source_system": origin["source_system"],
        "skill_used": origin["skill_used"],
        "derived_from": [],
        "created_at": origin["created_at"],
        "generation_params": {} if seed is None else {"seed": seed},
    }
    return (
        str(fields[entity_type.key]),
        json.dumps(fields, ensure_ascii=False, default=jsonable),
        json.dumps(facts, ensure_ascii=False, default=jsonable),
        None,
    )
