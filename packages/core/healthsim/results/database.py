"""Answers about the database itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from healthsim.results.answer import Answer, Records


@dataclass(frozen=True, repr=False, eq=False)
class TableRows(Answer):
    """How many rows a table of the database has."""

    layer: str
    schema: str
    table: str
    rows: int


@dataclass(frozen=True, repr=False, eq=False)
class DatabaseStatus(Answer):
    """The database at a glance.

    Attributes:
        size_bytes: of the file; None where there is none.
        migrations: ``{"number", "name"}`` of each that was applied.
        tables: those that hold rows.
    """

    database: str
    size_bytes: int | None
    schema_version: int
    migrations: list[dict[str, Any]]
    duckdb_version: str
    scenarios: int
    entities: int
    tables: list[TableRows]


@dataclass(frozen=True, repr=False, eq=False)
class Compacted(Answer):
    """A database file that was written anew."""

    path: str
    bytes_before: int
    bytes_after: int


@dataclass(frozen=True, repr=False, eq=False)
class Finding(Answer):
    """One thing that is not as it should be; ``severity`` is ``fail``, ``warn`` or ``note``."""

    check: str
    severity: str
    message: str
    count: int = 1


@dataclass(frozen=True, repr=False, eq=False)
class Examination(Records):
    """What the doctor found; ``ok`` is False when a finding is a ``fail``."""

    LISTED = "findings"
    SHOWN = ("check", "severity", "message", "count")

    ok: bool
    database: str
    checks: list[str]
    findings: list[Finding]

    def __repr__(self) -> str:
        return f"<Examination {self.database}: {'sound' if self.ok else 'faulty'}, {len(self.findings):,} findings>"
