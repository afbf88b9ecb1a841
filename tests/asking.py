"""Questions of tests about one scenario, asked in this process: a question of a user's runs in a process of its own."""

from __future__ import annotations

from typing import Any

import healthsim
from healthsim.state.tables import scenario_tables


def ask(bench: healthsim.Workbench, query: str, scenario: str) -> list[tuple[Any, ...]]:
    """The rows of an answer; bare names are the tables of the scenario."""
    with scenario_tables(bench.database, scenario) as tables:
        return tables.execute(query).fetchall()
