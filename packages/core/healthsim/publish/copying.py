"""A scenario of one place as the source of a write at another: its rows as they are, streamed, whatever the two places are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from healthsim.db.sql import quoted
from healthsim.model import ENTITY_TYPES
from healthsim.publish.proof import DOCUMENTS
from healthsim.state.json.reader import members_of
from healthsim.state.save import About, Target, Written
from healthsim.state.scenarios import Scenario
from healthsim.state.tables import Tables

if TYPE_CHECKING:
    import duckdb

#: rows that are on their way at once
_BATCH = 100_000
_INCOMING = "incoming_copy"


@dataclass(frozen=True)
class Copied:
    """The entities of a scenario at another place.

    Attributes:
        scenario: what it is there.
        tables: its rows, in a transaction that is open there.
        layout: table -> column -> type there, of the tables to copy.
        refuse: called inside the transaction of the write with what it would replace; raises what forbids that.
    """

    scenario: Scenario
    tables: Tables
    layout: Mapping[str, Mapping[str, str]]
    refuse: Callable[[duckdb.DuckDBPyConnection, Scenario | None], None]
    kind = "copy"

    def about(self, connection: duckdb.DuckDBPyConnection, existing: Scenario | None) -> About:
        self.refuse(connection, existing)
        scenario = self.scenario
        return About(
            format=scenario.format,
            description=scenario.description,
            tags=scenario.tags,
            product=scenario.product,
            scenario_id=scenario.scenario_id,
            created_at=scenario.created_at,
            updated_at=scenario.updated_at,
            attributes=members_of(scenario.attributes or "{}"),
            envelope=scenario.envelope,
            silent=frozenset(),
        )

    def write(self, target: Target) -> Written:
        for entity_type in ENTITY_TYPES.values():
            if entity_type.plural in self.layout:
                self._copy(target, entity_type.plural, partial(target.rows, entity_type))
        if DOCUMENTS in self.layout:
            self._copy(target, DOCUMENTS, target.documents)
        return Written(filled=frozenset(self.layout))

    def _copy(self, target: Target, table: str, insert: Callable[[str], None]) -> None:
        there = _columns(target.connection, table)
        # what is of the place, the write says; what only an older or newer place has, the other does without
        chosen = [name for name in self.layout[table] if name in there and name not in ("scenario_id", "saved_at")]
        values = ", ".join(
            f"{quoted(name)}::VARCHAR AS {quoted(name)}" if self.layout[table][name] == "JSON" else quoted(name)
            for name in chosen
        )
        rows = self.tables.connection.sql(f"SELECT {values} {self.tables.rows(table)}").to_arrow_reader(_BATCH)
        target.connection.register(_INCOMING, rows)
        try:
            insert(f"SELECT * FROM {_INCOMING}")
        finally:
            target.connection.unregister(_INCOMING)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    return {
        name
        for (name,) in connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'main' AND table_name = $table"
            " AND database_name = current_database()",
            {"table": table},
        ).fetchall()
    }
