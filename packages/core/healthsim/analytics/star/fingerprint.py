"""What a star is built from: the saved rows of a scenario, by the instant of their save.

Every save stamps its rows with one instant, so that the number of rows per table and instant changes with any save,
replacement or removal: that is the fingerprint of a scenario.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import duckdb

from healthsim.analytics.star.declared import SOURCES
from healthsim.db.sql import literal, quoted
from healthsim.state.tables import here

#: source table -> instant of the save -> rows
Fingerprint = dict[str, dict[str, int]]
#: more instants than that are grouped: each costs a subquery to count
_COUNTED = 100


def fingerprints(connection: duckdb.DuckDBPyConnection, scenario_ids: Sequence[str]) -> dict[str, Fingerprint]:
    """The fingerprints of scenarios, by id, in one question."""
    prints: dict[str, Fingerprint] = {scenario_id: {} for scenario_id in scenario_ids}
    if not scenario_ids:
        return prints
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
        prints[scenario_id].setdefault(source, {})[saved_at or ""] = count
    return prints


def unchanged(connection: duckdb.DuckDBPyConnection, known: Mapping[str, Fingerprint]) -> set[str]:
    """Of scenarios with a known fingerprint, the ids of those that still have it.

    Rows are only counted, in all and by each instant that is known: the engine answers that from its statistics, however
    many there are. A fingerprint with many instants is taken anew.
    """
    counted = {
        scenario_id: fingerprint
        for scenario_id, fingerprint in known.items()
        if sum(len(instants) for instants in fingerprint.values()) <= _COUNTED
    }
    parts: list[str] = []
    wanted: list[tuple[str, int]] = []
    for scenario_id, fingerprint in counted.items():
        for table in SOURCES:
            rows = f"FROM main.{quoted(table)} WHERE {here(scenario_id)}"
            instants = fingerprint.get(table, {})
            for condition, count in [
                ("TRUE", sum(instants.values())),
                *((_saved_at(instant), count) for instant, count in instants.items()),
            ]:
                parts.append(f"SELECT {len(parts)}, count(*) {rows} AND {condition}")
                wanted.append((scenario_id, count))
    changes = connection.execute(" UNION ALL ".join(parts)).fetchall() if parts else []
    differing = {wanted[place][0] for place, count in changes if count != wanted[place][1]}
    grouped = {scenario_id: known[scenario_id] for scenario_id in known if scenario_id not in counted}
    now = fingerprints(connection, list(grouped))
    return {scenario_id for scenario_id in counted if scenario_id not in differing} | {
        scenario_id for scenario_id, fingerprint in grouped.items() if fingerprint == now[scenario_id]
    }


def _saved_at(instant: str) -> str:
    return f"saved_at = {literal(instant)}::TIMESTAMP" if instant else "saved_at IS NULL"


def as_text(fingerprint: Fingerprint) -> str:
    """A fingerprint in one form only, so that equal ones are equal texts."""
    return json.dumps(fingerprint, sort_keys=True)


def filled(fingerprint: Fingerprint) -> frozenset[str]:
    """The source tables that have rows."""
    return frozenset(fingerprint)


def changed(before: Fingerprint, now: Fingerprint) -> dict[str, list[str]]:
    """Source tables that are not as they were, with the instants of saves that have more rows than before."""
    tables = [table for table in SOURCES if before.get(table, {}) != now.get(table, {})]
    return {
        table: sorted(
            instant for instant, count in now.get(table, {}).items() if count > before.get(table, {}).get(instant, 0)
        )
        for table in tables
    }
