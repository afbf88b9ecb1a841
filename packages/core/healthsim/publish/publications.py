"""Publications: the rows that say what was published as which version, by whom, and what it held."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from healthsim.db.sql import sql_text
from healthsim.errors import NotFound, UsageError
from healthsim.publish import proof
from healthsim.publish.proof import TableFacts
from healthsim.remedies import remedy

if TYPE_CHECKING:
    import duckdb

PACKAGE = "healthsim.publish"
_VERSIONED = re.compile(r"(?P<name>.+)@(?P<version>\d{1,9})")


@dataclass(frozen=True)
class Record:
    """A publication as its row has it."""

    publication_id: str
    name: str
    version: int
    published_id: str
    published_at: dt.datetime
    published_by: str
    note: str | None
    program: str
    schema_version: int
    engine: str
    persons: int
    entity_count: int
    row_count: int
    has_star: bool
    contents: str
    reference_data: str
    withdrawn_at: dt.datetime | None = None
    withdrawn_by: str | None = None

    @property
    def tables(self) -> dict[str, TableFacts]:
        """What it held, table by table."""
        return proof.from_text(self.contents)


def make_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table of publications, where it is not there."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS sharing")
    connection.execute(sql_text(PACKAGE, "publications_table"))


def has_table(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a place has publications: one that was made for them."""
    row = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'sharing' AND table_name = 'publications'"
        " AND database_name = current_database()"
    ).fetchone()
    return bool(row and row[0])


def insert(connection: duckdb.DuckDBPyConnection, record: Record) -> None:
    """Write the row of a publication."""
    values: Mapping[str, Any] = vars(record)
    named = {name: value for name, value in values.items() if not name.startswith("withdrawn")}
    connection.execute(sql_text(PACKAGE, "insert_publication"), named)


def records(connection: duckdb.DuckDBPyConnection, name: str | None = None) -> list[Record]:
    """Publications, of a name or all: the newest version of each name first."""
    rows = connection.execute(sql_text(PACKAGE, "publications"), {"name": name}).fetchall()
    return [Record(*row) for row in rows]


def newest(connection: duckdb.DuckDBPyConnection, name: str) -> Record | None:
    """The newest publication of a name, withdrawn or not."""
    return next(iter(records(connection, name)), None)


def name_and_version(text: str) -> tuple[str, int | None]:
    """``san-diego@2`` -> its name and version; without one, None."""
    versioned = _VERSIONED.fullmatch(text)
    return (versioned["name"], int(versioned["version"])) if versioned else (text, None)


def find(connection: duckdb.DuckDBPyConnection, text: str, share: str) -> Record:
    """The publication that ``NAME`` or ``NAME@VERSION`` names.

    Raises:
        NotFound: there is none, or it was withdrawn and no version was named.
    """
    name, version = name_and_version(text)
    every = records(connection)
    of_name = [record for record in every if record.name == name]
    if not of_name:
        # a name may itself end like a version
        of_name, version = [record for record in every if record.name == text], None
    if not of_name:
        names = sorted({record.name for record in every if record.withdrawn_at is None})
        near = difflib.get_close_matches(name[:100], names, n=3, cutoff=0.5)
        hint = f"Did you mean {', '.join(near)}?" if near else f"See: {remedy('list a share', share=share)}."
        raise NotFound(f"{share} has no scenario {name[:80]!r}. {hint}", name=name[:200], similar=near)
    if version is None:
        record = of_name[0]
        if record.withdrawn_at is not None:
            raise NotFound(
                f"{share}: {name!r} was withdrawn by {record.withdrawn_by}. A version that was published before can be named:"
                f" {name}@{record.version}.",
                name=name,
                version=record.version,
            )
        return record
    for record in of_name:
        if record.version == version:
            return record
    raise NotFound(
        f"{share}: {name!r} has no version {version}; it has {', '.join(str(record.version) for record in reversed(of_name))}."
        f" See: {remedy('see versions', name=name, share=share)}.",
        name=name,
        version=version,
    )


def refuse_version(text: str, why: str) -> None:
    """Make sure that a name is meant, and not a version of it.

    Raises:
        UsageError: it is NAME@VERSION.
    """
    name, version = name_and_version(text)
    if version is not None:
        raise UsageError(f"{text} names a version; expected a name, such as {name}: {why}.", name=text)


def mark_withdrawn(connection: duckdb.DuckDBPyConnection, name: str, author: str) -> None:
    """Note that a name is no longer offered, and who said so."""
    values = {"name": name, "by": author, "now": dt.datetime.now(dt.UTC).replace(tzinfo=None)}
    connection.execute(sql_text(PACKAGE, "withdraw"), values)
