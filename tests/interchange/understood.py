"""What a reader of a format understands of a file, without a database of HealthSim: for the many tests of small files.

Rows of one type and id are put together as an import does (of each column the last value holds), and answer questions in SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from healthsim.exchange.importing import oddities_of
from healthsim.exchange.reading import Reading
from healthsim.model import ENTITY_TYPES
from healthsim.results import ReadOddity


class _Taken:
    """Takes what a reading gives, in the place of an intake."""

    def __init__(self) -> None:
        self.position = 0
        self.documents: list[tuple[str, str, int, str]] = []
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}

    def take(self, kind: str, text: str, entity_id: str, from_content: bool, rows: list[Any], *_: object) -> None:
        self.documents.append((kind, entity_id, self.position, text))
        self.position += 1
        for made in rows:
            known = self.rows.setdefault((made.entity_type.name, made.entity_id), {})
            known.update({name: value for name, value in made.row.items() if value is not None})


@dataclass
class Said:
    """What a reading told: how many units there were, and what was odd."""

    units: int
    oddities: list[ReadOddity] = field(default_factory=list)

    @property
    def sources(self) -> list[Said]:
        return [self]


class Understood:
    """The rows of the file that was read last."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self.database = SimpleNamespace(read=lambda: self._connection.cursor())
        self._connection.execute(
            "CREATE TABLE scenario_documents (entity_type VARCHAR, entity_id VARCHAR, position INTEGER, document JSON)"
        )
        for known in ENTITY_TYPES.values():
            columns = ", ".join(f'"{column.name}" {column.sql_type}' for column in known.columns)
            self._connection.execute(f'CREATE TABLE "{known.plural}" ({columns})')

    def read(self, path: Path, read: Callable[[Path, Reading], object], timezone: str = "UTC") -> Said:
        """Read a file."""
        taken = _Taken()
        reading = Reading(taken, ZoneInfo(timezone), "given", "test")  # type: ignore[arg-type]  # in the place of an intake
        read(path, reading)
        for table in ("scenario_documents", *(known.plural for known in ENTITY_TYPES.values())):
            self._connection.execute(f'DELETE FROM "{table}"')
        if taken.documents:
            self._connection.executemany("INSERT INTO scenario_documents VALUES (?, ?, ?, ?)", taken.documents)
        for (name, _), row in taken.rows.items():
            names = ", ".join(f'"{column}"' for column in row)
            marks = ", ".join("?" * len(row))
            self._connection.execute(
                f'INSERT INTO "{ENTITY_TYPES[name].plural}" ({names}) VALUES ({marks})', list(row.values())
            )
        return Said(reading.tally.units, oddities_of(reading.tally))
