"""What the statements of a build see under bare names: the rows of one scenario, or less where that is enough."""

from __future__ import annotations

import duckdb

from healthsim.analytics.star import declared
from healthsim.analytics.star.declared import SCOPED, SOURCES, columns_of
from healthsim.analytics.star.row_owners import OWNED
from healthsim.db.sql import quoted
from healthsim.state.tables import Tables

#: statements of the star that others read like tables of a scenario: who is who, and what a status means, is said once
SHARED = {name: declared.statement(name) for name in ("person_records", "claim_statuses", "dim_scenario")}
#: who is done again
CHANGED = "SELECT person_key FROM changed_persons"
#: the encounters that their facts are made from
_NEAR = "SELECT encounter_id FROM near_encounters"


class Views:
    """The views of the transaction of a build."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._catalog = quoted(connection.execute("SELECT current_database()").fetchall()[0][0])
        #: the columns of each table of a scenario
        self.columns = {table: [column.name for column in columns_of(table)] for table in SCOPED}
        # what scenarios share is read by bare names as well
        connection.execute("SET search_path = 'analytics,main'")

    def of_scenario(self, scenario_id: str, scenario_key: int, filled: frozenset[str]) -> None:
        """Show the rows of one scenario; ``filled`` names the canonical tables that hold any."""
        self._key = scenario_key
        self._filled = filled
        Tables(self._connection, scenario_id, filled=filled).show("scenarios", *SOURCES)
        for name in ("dim_scenario", *SCOPED):
            self._show_star(name)

    def of_changed(self) -> None:
        """Show no more than what the facts of ``changed_persons`` are made from, as far as that is simple to tell.

        These are rows of their own, rows that those name, and the diagnoses that share an encounter with them. The facts of
        others that come out of it are not whole.
        """
        for name, select in self._narrowed().items():
            self._show(name, select)
        for name in SCOPED:
            if "person_key" in self.columns[name]:
                near = f" OR encounter_id IN ({_NEAR})" if "encounter_id" in self.columns[name] else ""
                self._show_star(name, f"(person_key IN ({CHANGED}){near})")

    def _narrowed(self) -> dict[str, str]:
        """Canonical table -> SELECT of the rows that are needed of it."""
        tables = [table for table in OWNED if table in self._filled]
        own = {table: f"own_{table}" for table in tables}
        for table in tables:
            self._keep(own[table], OWNED[table].rows_of(table, CHANGED))
        named: dict[str, list[str]] = {table: [] for table in tables}
        for table in tables:
            named[table].append(f"SELECT {OWNED[table].key} FROM {own[table]}")
            for column, other in OWNED[table].names.items():
                named.setdefault(other, []).append(f"SELECT {column} FROM {own[table]}")
        near = " UNION ALL ".join(named.get("encounters", ["SELECT NULL::VARCHAR AS encounter_id"]))
        self._keep("near_encounters", f"SELECT DISTINCT encounter_id FROM ({near})")
        narrowed = {}
        for table in tables:
            narrowed[table] = f"SELECT * FROM {own[table]}"
            beside = f" OR encounter_id IN ({_NEAR})" if table == "diagnoses" else ""
            if beside or len(named[table]) > 1:
                wanted = " UNION ALL ".join(named[table])
                part = f"part_{table}"
                self._keep(part, f"SELECT * FROM {quoted(table)} WHERE {OWNED[table].key} IN ({wanted}){beside}")
                narrowed[table] = f"SELECT * FROM {part}"
        return narrowed

    def _keep(self, name: str, select: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {select}")

    def _show_star(self, name: str, condition: str = "TRUE") -> None:
        rows = f"scenario_key = {self._key} AND {condition}"
        self._show(name, f"SELECT * FROM {self._catalog}.analytics.{quoted(name)} WHERE {rows}")

    def _show(self, name: str, select: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {select}")
