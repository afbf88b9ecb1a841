"""The model as a reference: JSON Schema, and the page ``docs/schema.md``."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from healthsim.errors import NotFound
from healthsim.model.entity import EntityType
from healthsim.model.registry import ENTITY_TYPES, entity_type_named
from healthsim.remedies import remedy


def find_type(name: str) -> EntityType:
    """The entity type of a name, singular or plural.

    Raises:
        NotFound: there is none; the message names the nearest.
    """
    known = entity_type_named(name)
    if known is None:
        near = difflib.get_close_matches(name, ENTITY_TYPES, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"See: {remedy('list entity types')}."
        raise NotFound(f"There is no entity type {name[:80]!r}. {hint}", name=name, similar=near)
    return known


def json_schema(entity_type: EntityType) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the documents of a type.

    Column names are the properties; ``x-aliases`` are other places that are read, ``x-references`` the type whose id
    a property holds. Other properties are allowed and kept.
    """
    schema = entity_type.model.model_json_schema(by_alias=False)
    properties = schema["properties"]
    ordered = {column.name: properties[column.name] for column in entity_type.columns}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": entity_type.name,
        "description": entity_type.meaning,
        "type": "object",
        "properties": ordered,
        "additionalProperties": True,
    }


def schema_page(provenance: dict[str, tuple[str, str]]) -> str:
    """The text of ``docs/schema.md``.

    Args:
        provenance: the columns that every table has besides its own: name -> (SQL type, meaning).
    """
    return "\n".join(_page(provenance)) + "\n"


def _page(provenance: dict[str, tuple[str, str]]) -> Iterator[str]:
    yield "# Schema of the canonical tables"
    yield ""
    yield "Made from the entity types of the model by `python scripts/write_docs.py`; a test keeps it true."
    yield ""
    yield "Every table starts with `scenario_id UUID` and ends with these columns:"
    yield ""
    yield from _table(("column", "type", "meaning"), [(f"`{n}`", t, m) for n, (t, m) in provenance.items()])
    family = ""
    for known in ENTITY_TYPES.values():
        if known.family != family:
            family = known.family
            yield ""
            yield f"## {family.capitalize()}"
        yield ""
        yield f"### `{known.plural}`"
        yield ""
        yield known.meaning
        yield ""
        rows = []
        for column in known.columns:
            notes = [column.meaning]
            if column.unit:
                notes.append(f"Unit: {column.unit}.")
            if column.code_system:
                notes.append(f"Codes: {column.code_system}.")
            if column.references:
                notes.append(f"Refers to `{ENTITY_TYPES[column.references].plural}`.")
            aliases = ", ".join(f"`{alias.path}`" for alias in column.aliases)
            rows.append((f"`{column.name}`", column.sql_type, " ".join(notes), aliases))
        yield from _table(("column", "type", "meaning", "also read from"), rows)


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|" + " --- |" * len(header)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
