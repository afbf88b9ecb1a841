"""How two versions of a publication differ, entity by entity: where both are read, by the share itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from healthsim.db.locations import Ability
from healthsim.db.sql import filled, quoted, sql_text
from healthsim.errors import NotFound
from healthsim.model import ENTITY_TYPES
from healthsim.publish import proof, publications
from healthsim.publish.proof import DOCUMENTS
from healthsim.publish.publications import PACKAGE, Record
from healthsim.publish.share import Share, require
from healthsim.remedies import remedy
from healthsim.results import ShareDifference, TableDifference
from healthsim.state.json.reader import members_of
from healthsim.state.tables import Tables

if TYPE_CHECKING:
    import duckdb

#: ids of each kind that are named
EXAMPLES = 5


def difference(share: Share, first: str, second: str) -> ShareDifference:
    """How a second version differs from a first one.

    Args:
        first, second: ``NAME@VERSION``, or ``NAME`` for the newest.

    Raises:
        NotFound: there is no such version, or it was cleaned away.
        UsageError: the place keeps no earlier versions.
    """
    with share.database.read() as connection:
        require(connection, share)
        sides = [publications.find(connection, text, share.name) for text in (first, second)]
        versions = [_version(connection, share, record) for record in sides]
        layout = proof.layout_of(connection)
        tables = []
        for name in sorted(set().union(*(record.tables for record in sides))):
            columns = [set(record.tables[name].columns) for record in sides if name in record.tables]
            both = sorted(set.intersection(*columns))
            selects = [
                _rows(connection, record, version, name, both, layout[name]) if name in record.tables else _NONE
                for record, version in zip(sides, versions, strict=True)
            ]
            tables.append(_compared(connection, name, *selects))
        before, after = (_said(connection, record, version) for record, version in zip(sides, versions, strict=True))
    about = {
        member: [before.get(member), after.get(member)]
        for member in dict.fromkeys([*before, *after])
        if before.get(member) != after.get(member)
    }
    changed = [table for table in tables if table.added or table.removed or table.changed]
    shown = [f"{record.name}@{record.version}" for record in sides]
    return ShareDifference(share.name, shown[0], shown[1], not (changed or about), changed, about)


_NONE = "SELECT NULL::VARCHAR AS id, NULL::UBIGINT AS hash WHERE FALSE"


def _version(connection: duckdb.DuckDBPyConnection, share: Share, record: Record) -> int:
    location = share.database.location
    location.require(Ability.TRAVEL)
    version = location.signed_version(connection, record.publication_id)
    if version is None:
        raise NotFound(
            f"{share.name} no longer keeps {record.name!r} version {record.version}, or keeps no earlier states."
            f" See: {remedy('list a share', share=share.name)}.",
            name=record.name,
            version=record.version,
        )
    return version


def _said(connection: duckdb.DuckDBPyConnection, record: Record, version: int) -> dict[str, Any]:
    """What a version says of its scenario: description, tags, product, and its attributes by their names."""
    tables = Tables(connection, record.published_id)
    rows = connection.execute(
        f"SELECT description, product, attributes::VARCHAR {tables.rows('scenarios', at=version)}"
    ).fetchall()
    tags = connection.execute(f"SELECT tag {tables.rows('scenario_tags', at=version)} ORDER BY position").fetchall()
    description, product, attributes = rows[0] if rows else (None, None, None)
    said = {"description": description, "tags": [tag for (tag,) in tags], "product": product}
    return said | {name: json.loads(text) for name, text in members_of(attributes or "{}").items()}


def _rows(
    connection: duckdb.DuckDBPyConnection,
    record: Record,
    version: int,
    name: str,
    columns: list[str],
    types: dict[str, str],
) -> str:
    """The SELECT of the ids of a table in a version, each with a hash of its row."""
    values = ", ".join(
        f"{quoted(column)}::VARCHAR" if types[column] == "JSON" else quoted(column) for column in columns
    )
    if name == DOCUMENTS:
        key = "entity_type || '/' || entity_id"
    else:
        key = quoted(next(known.key for known in ENTITY_TYPES.values() if known.plural == name))
    rows = Tables(connection, record.published_id).rows(name, at=version)
    return f"SELECT {key} AS id, hash({values}) AS hash {rows}"


def _compared(connection: duckdb.DuckDBPyConnection, name: str, before: str, after: str) -> TableDifference:
    text = filled(sql_text(PACKAGE, "differences"), {"before": before, "after": after})
    row = connection.execute(text, {"examples": EXAMPLES}).fetchone()
    assert row is not None
    ids = dict(zip(("added", "removed", "changed"), row[5:], strict=True))
    return TableDifference(
        name, row[0], row[1], row[2], row[3], row[4], {kind: some for kind, some in ids.items() if some}
    )
