"""The 39 tables of the OMOP Common Data Model 5.4: names, types, keys and references as OHDSI declares them.

``cdm_columns.csv`` is the declaration, one line per column. Tables are created from it, and checked against it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from healthsim.db.sql import quoted

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class CdmColumn:
    """One column: its official type, whether it may be empty, and what it refers to (table, column)."""

    name: str
    sql_type: str
    required: bool
    is_key: bool
    references: tuple[str, str] | None


@dataclass(frozen=True)
class CdmTable:
    """One table of the common data model."""

    name: str
    columns: tuple[CdmColumn, ...]

    def create(self, database: str) -> str:
        """The statement that makes the table in an attached database."""
        lines = ",\n".join(
            f"    {quoted(column.name)} {column.sql_type}{' NOT NULL' if column.required else ''}"
            for column in self.columns
        )
        return f"CREATE TABLE {quoted(database)}.{self.name} (\n{lines}\n)"


@cache
def cdm_tables() -> dict[str, CdmTable]:
    """Every table by name, in the order of the specification."""
    text = files("healthsim.exchange.omop").joinpath("cdm_columns.csv").read_text(encoding="utf-8")
    columns: dict[str, list[CdmColumn]] = {}
    for row in csv.DictReader(text.splitlines()):
        target, _, key = row["references"].partition(".")
        columns.setdefault(row["table"], []).append(
            CdmColumn(
                row["column"],
                row["type"],
                row["required"] == "yes",
                row["primary_key"] == "yes",
                (target, key) if target else None,
            )
        )
    return {name: CdmTable(name, tuple(fields)) for name, fields in columns.items()}


@dataclass(frozen=True)
class Violation:
    """Rows that break a constraint of the official definition."""

    table: str
    column: str
    constraint: str
    rows: int


def violations(connection: duckdb.DuckDBPyConnection, database: str) -> list[Violation]:
    """What breaks the NOT NULL, PRIMARY KEY and FOREIGN KEY constraints of the official definition: normally nothing."""
    violated: list[Violation] = []

    def count(table: str, column: str, constraint: str, condition: str) -> None:
        row = connection.execute(f"SELECT count(*) FROM {quoted(database)}.{table} AS t WHERE {condition}").fetchone()
        if row and row[0]:
            violated.append(Violation(table, column, constraint, row[0]))

    for table in cdm_tables().values():
        for column in table.columns:
            name = quoted(column.name)
            if column.required:
                count(table.name, column.name, "NOT NULL", f"t.{name} IS NULL")
            if column.is_key:
                repeated = f"SELECT {name} FROM {quoted(database)}.{table.name} GROUP BY {name} HAVING count(*) > 1"
                count(table.name, column.name, "PRIMARY KEY", f"t.{name} IN ({repeated})")
            if column.references:
                target, key = column.references
                known = f"SELECT {quoted(key)} FROM {quoted(database)}.{target}"
                count(table.name, column.name, "FOREIGN KEY", f"t.{name} IS NOT NULL AND t.{name} NOT IN ({known})")
    return violated
