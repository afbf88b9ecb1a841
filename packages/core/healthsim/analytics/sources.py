"""What a star is built from: the saved rows of a scenario, by the instant of their save.

Every save stamps its rows with one instant, so that the number of rows per table and instant changes with any save,
replacement or removal: that is the fingerprint of a scenario.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import duckdb

from healthsim.analytics.star import SOURCES
from healthsim.db.sql import literal, quoted

#: source table -> instant of the save -> rows
Fingerprint = dict[str, dict[str, int]]


def fingerprints(connection: duckdb.DuckDBPyConnection, scenario_ids: Sequence[str]) -> dict[str, Fingerprint]:
    """The fingerprints of scenarios, by id, in one question."""
    found: dict[str, Fingerprint] = {scenario_id: {} for scenario_id in scenario_ids}
    if not scenario_ids:
        return found
    among = ", ".join(f"{literal(scenario_id)}::UUID" for scenario_id in scenario_ids)
    parts = [
        f"SELECT {literal(table)} AS source, scenario_id, saved_at, count(*) AS n FROM main.{quoted(table)}"
        f" WHERE scenario_id IN ({among}) GROUP BY scenario_id, saved_at"
        for table in SOURCES
    ]
    rows = connection.execute(
        f"SELECT source, scenario_id::VARCHAR, saved_at::VARCHAR, n FROM ({' UNION ALL '.join(parts)})"
    ).fetchall()
    for source, scenario_id, saved_at, count in rows:
        found[scenario_id].setdefault(source, {})[saved_at or ""] = count
    return found


def as_text(fingerprint: Fingerprint) -> str:
    """A fingerprint in one form only, so that equal ones are equal texts."""
    return json.dumps(fingerprint, sort_keys=True)


def filled(fingerprint: Fingerprint) -> frozenset[str]:
    """The source tables that have rows."""
    return frozenset(fingerprint)


def changed(before: Fingerprint, now: Fingerprint) -> dict[str, list[str]]:
    """Source tables that are not as they were, with the instants of saves that were not there before."""
    tables = [table for table in SOURCES if before.get(table, {}) != now.get(table, {})]
    return {table: sorted(set(now.get(table, {})) - set(before.get(table, {}))) for table in tables}
