"""Where tables are for a warehouse and what they are called there, and text as SQL has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from healthsim.exchange.delta.declared import LakeTable


@dataclass(frozen=True)
class Place:
    """Where tables are, and what they are to be called.

    Attributes:
        location: below which the tables lie, as the warehouse sees it.
        catalog: of Unity Catalog; the database of Snowflake; the project of BigQuery.
        schema: the dataset of BigQuery.
    """

    location: str
    catalog: str
    schema: str

    def uri(self, table: LakeTable) -> str:
        """Where a table is."""
        return f"{self.location.rstrip('/')}/{table.place}"


def script(statements: Sequence[str], before: str) -> str:
    """Statements as a file, with what is to be said first."""
    comment = "".join(f"-- {line}\n" for line in before.strip().splitlines())
    return comment + "\n" + "\n\n".join(f"{statement.rstrip(';')};" for statement in statements) + "\n"


def text(value: str) -> str:
    """A text in SQL: warehouses spell quotes and backslashes in texts differently, so that it has none."""
    return "'" + value.replace("\\", " ").replace("'", "\u2019") + "'"
