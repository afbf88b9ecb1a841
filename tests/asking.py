"""Questions of tests, asked in this process: a question of a user's runs in a process of its own."""

from __future__ import annotations

from typing import Any

import healthsim
from healthsim.db.query import child
from healthsim.db.query.check import check
from healthsim.db.query.source import Source
from healthsim.state.tables import scenario_tables


def ask(bench: healthsim.Workbench, query: str, scenario: str) -> list[tuple[Any, ...]]:
    """The rows of an answer; bare names are the tables of the scenario."""
    with scenario_tables(bench.database, scenario) as tables:
        return tables.execute(query).fetchall()


def answered(source: Source, sql: str) -> dict[str, Any]:
    """What the process of a question sends back, which has checked it."""
    checked = check(source.connection, sql, source.known, filtered=source.scenario is not None)
    return child._run(source, {"sql": sql, "rows": 1_000, "characters": 1_000_000, "as_text": False}, checked)
