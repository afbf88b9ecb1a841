"""The rows of one scenario: the one read, on any location, and the only place that knows how they are found.

A statement reads bare names (``claims``, ``scenario_documents``). Whoever runs it with ``Tables.execute`` gives these
names the rows of one scenario: a temporary view for each that the statement mentions, made when it is first mentioned.
Rows of a scenario are written together, so that the engine skips those of others.

A temporary view hides the table of its name, ``main.claims`` as well: while there are views, what means the table itself
has to name it by ``table``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from healthsim.db.dialect import tables_with_rows
from healthsim.db.sql import literal, quoted
from healthsim.state import scenarios
from healthsim.state.scenarios import Scenario

if TYPE_CHECKING:
    import duckdb

    from healthsim.db.connection import Database

#: the condition on rows of one scenario, in whatever table; ``$scenario`` is its id
HERE = "scenario_id = $scenario::UUID"
#: tables of scenarios that hold no entities in columns
_STATE = ("scenarios", "scenario_tags", "scenario_documents", "scenario_entities")
_WORD = re.compile(r"\w+")
_PARAMETER = re.compile(r"\$(\w+)")


def in_scenario(parameter: str) -> str:
    """The same with another parameter, for statements that speak of two scenarios: ``in_scenario("target")``."""
    return HERE.replace("$scenario", f"${parameter}")


def here(scenario_id: str) -> str:
    """The same with the id as text, where a statement takes no parameters."""
    return HERE.replace("$scenario", literal(scenario_id))


@cache
def names() -> frozenset[str]:
    """Every table that holds rows of scenarios: the bare names that a statement may read."""
    from healthsim.model import ENTITY_TYPES

    return frozenset((*_STATE, *(entity_type.plural for entity_type in ENTITY_TYPES.values())))


@lru_cache(maxsize=1_024)
def _words(statement: str) -> frozenset[str]:
    return frozenset(_WORD.findall(statement))


@lru_cache(maxsize=1_024)
def _parameters(statement: str) -> frozenset[str]:
    return frozenset(_PARAMETER.findall(statement))


class Tables:
    """The tables of one scenario on a connection.

    Args:
        connection: inside a transaction.
        scenario_id: whose rows are seen.
        queries: name -> SELECT over bare names: names that are read like tables, such as statements of the star.
        filled: the canonical tables that hold rows of the scenario, where that is known: of others nothing is planned.

    Attributes:
        conditions: name -> condition on its rows: those who read a part of a scenario see no more of it.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        scenario_id: str,
        queries: Mapping[str, str] | None = None,
        filled: frozenset[str] | None = None,
    ) -> None:
        self.connection = connection
        self.scenario_id = scenario_id
        self._queries = queries or {}
        self._filled = filled
        self.conditions: dict[str, str] = {}
        self._catalog = quoted(connection.execute("SELECT current_database()").fetchall()[0][0])
        self._shown: list[str] = []

    def execute(self, statement: str, values: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Run a statement over bare names; of the values, it gets those that it names."""
        self.show(*_words(statement))
        named = _parameters(statement)
        parameters = {"scenario": self.scenario_id, **(values or {})}
        return self.connection.execute(statement, {name: value for name, value in parameters.items() if name in named})

    def one(self, statement: str, values: Mapping[str, Any] | None = None) -> Any:
        """The first value of the first row; None where there is no row."""
        row = self.execute(statement, values).fetchone()
        return row[0] if row else None

    def show(self, *mentioned: str) -> None:
        """Make the views of bare names; what is none of them is passed over."""
        for name in mentioned:
            if name in self._shown:
                continue
            if name in self._queries:
                self.show(*_words(self._queries[name]) - {name})
                self._show(name, self._queries[name])
            elif name in names():
                self._show(name, f"SELECT * {self.rows(name)}")

    def _show(self, name: str, select: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {select}")
        self._shown.append(name)

    def rows(self, name: str, *, at: int | None = None) -> str:
        """The FROM and the WHERE of a table's rows: for statements over all tables, which would need a view of each.

        Args:
            at: the version of the place in which they are read, where it keeps earlier ones.
        """
        nothing = self._filled is not None and name not in self._filled and name not in _STATE
        part = f" AND ({self.conditions[name]})" if name in self.conditions else ""
        as_it_was = "" if at is None else f" AT (VERSION => {at})"
        return f"FROM {self.table(name)}{as_it_was} WHERE {'FALSE' if nothing else here(self.scenario_id)}{part}"

    def table(self, name: str) -> str:
        """The table itself, with the rows of all scenarios, whatever views there are."""
        return f"{self._catalog}.main.{quoted(name)}"

    def counts(self, *, parts: bool = True) -> dict[str, int]:
        """{plural: n} of the canonical rows; without ``parts``, only of those that are entities of their own."""
        from healthsim.model import ENTITY_TYPES

        union = " UNION ALL ".join(
            f"SELECT {literal(entity_type.plural)} AS plural, count(*) AS n {self.rows(entity_type.plural)}"
            f"{'' if parts else ' AND part_of IS NULL'}"
            for entity_type in ENTITY_TYPES.values()
        )
        return dict(self.connection.execute(f"SELECT plural, n FROM ({union}) WHERE n > 0").fetchall())

    def hide(self) -> None:
        """Take the views away: bare names are the tables again."""
        for name in reversed(self._shown):
            self.connection.execute(f"DROP VIEW IF EXISTS temp.main.{quoted(name)}")
        self._shown.clear()


class ScenarioTables(Tables):
    """The tables of a scenario that is known by name."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        scenario: Scenario,
        queries: Mapping[str, str] | None = None,
        filled: frozenset[str] | None = None,
    ) -> None:
        super().__init__(connection, scenario.scenario_id, queries, filled)
        self.scenario = scenario


@contextmanager
def scenario_tables(
    database: Database, name: str, queries: Mapping[str, str] | None = None
) -> Iterator[ScenarioTables]:
    """Read a scenario: a transaction in which bare names are its tables.

    Args:
        database: where it is.
        name: its name or id.
        queries: as in ``Tables``.

    Raises:
        NotFound: there is no such scenario.
    """
    with database.read() as connection:
        yield ScenarioTables(connection, scenarios.get(connection, name), queries, tables_with_rows(connection))


@contextmanager
def tables_of(
    connection: duckdb.DuckDBPyConnection, scenario_id: str, queries: Mapping[str, str] | None = None
) -> Iterator[Tables]:
    """The same for a part of a transaction: afterwards, names are the tables again. One scenario at a time."""
    tables = Tables(connection, scenario_id, queries)
    try:
        yield tables
    finally:
        tables.hide()
