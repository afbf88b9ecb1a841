"""A share: a place with a name where scenarios are published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from healthsim.errors import NotFound
from healthsim.publish import publications
from healthsim.publish.publications import Record
from healthsim.remedies import remedy
from healthsim.results import Publication, PublicationList

if TYPE_CHECKING:
    import duckdb

    from healthsim.db.connection import Database


@dataclass(frozen=True)
class Share:
    """A place with publications.

    Attributes:
        name: as the user called it: its name, or its location.
    """

    name: str
    database: Database


def require(connection: duckdb.DuckDBPyConnection, share: Share) -> None:
    """Make sure that a place was made for publications.

    Raises:
        NotFound: it was not.
    """
    if not publications.has_table(connection):
        raise NotFound(
            f"{share.name} holds scenarios, and no publications yet. Its owner makes it a share: {remedy('make a share')}.",
            share=share.name,
        )


def offered(share: Share) -> PublicationList:
    """The newest version of everything that is offered."""
    with share.database.read() as connection:
        require(connection, share)
        every = publications.records(connection)
    newest = {record.name: record for record in reversed(every) if record.withdrawn_at is None}
    return PublicationList(share.name, [_told(newest[name]) for name in sorted(newest)])


def history(share: Share, name: str) -> PublicationList:
    """Every version of a name, the newest first.

    Raises:
        NotFound: nothing of that name was published.
    """
    publications.refuse_version(name, "its history has all versions")
    with share.database.read() as connection:
        require(connection, share)
        every = publications.records(connection, name)
        if not every:
            publications.find(connection, name, share.name)
    return PublicationList(share.name, [_told(record) for record in every])


def _told(record: Record) -> Publication:
    return Publication(
        record.name,
        record.version,
        record.published_by,
        record.published_at.isoformat(sep=" ", timespec="seconds"),
        record.persons,
        record.entity_count,
        record.row_count,
        record.has_star,
        record.note,
        record.program,
        json.loads(record.reference_data),
        record.withdrawn_at.isoformat(sep=" ", timespec="seconds") if record.withdrawn_at else None,
        record.withdrawn_by,
    )
