"""How the star stands: which scenarios are built, which have changed since, and its removal."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from healthsim.analytics.star import declared, fingerprint, made, seed_tables
from healthsim.analytics.star.declared import SCOPED
from healthsim.db.connection import Database
from healthsim.db.sql import quoted
from healthsim.errors import UsageError
from healthsim.remedies import remedy
from healthsim.state import scenarios
from healthsim.state.scenarios import Scenario
from healthsim.state.tables import here


@dataclass(frozen=True)
class Standing:
    """The star of one scenario.

    Attributes:
        state: ``built``, ``stale`` (the scenario, the reference data or the program is not the same any more) or ``not built``.
        reason: why it is stale, or why there is nothing of what was built.
        tables: table -> ``{"rows": n, "unknown": {key column: rows}}``, as counted by the build.
    """

    scenario_id: str
    name: str
    state: str
    scenario_key: int | None = None
    built_at: dt.datetime | None = None
    mode: str | None = None
    seconds: float | None = None
    reason: str | None = None
    tables: dict[str, dict[str, Any]] | None = None

    @property
    def fact_rows(self) -> int:
        """Rows of facts and bridges."""
        return sum(entry["rows"] for name, entry in (self.tables or {}).items() if name in declared.FACTS)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "scenario_id": self.scenario_id,
            "name": self.name,
            "scenario_key": self.scenario_key,
            "state": self.state,
            "reason": self.reason,
            "built_at": self.built_at.isoformat() if self.built_at else None,
            "mode": self.mode,
            "seconds": self.seconds,
            "fact_rows": self.fact_rows,
            "tables": self.tables or {},
        }


def status(database: Database, names: Sequence[str] = ()) -> list[Standing]:
    """How the star stands, of the named scenarios or of all.

    Raises:
        NotFound: there is no such scenario.
    """
    with database.read() as connection:
        return standings(connection, selected(connection, names))


def selected(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[Scenario]:
    """The named scenarios, each once; without names all of them.

    Raises:
        NotFound: there is no such scenario.
    """
    if not names:
        listed, _ = scenarios.select(connection, tags=(), search=None, product=None, sort="name", limit=None)
        return listed
    named = (scenarios.get(connection, name) for name in names)
    return list({scenario.scenario_id: scenario for scenario in named}.values())


def standings(connection: duckdb.DuckDBPyConnection, chosen: Sequence[Scenario]) -> list[Standing]:
    """The same on an open connection, for whoever answers questions from the star."""
    builds = {
        row[0]: row[1:]
        for row in connection.execute(
            "SELECT scenario_id::VARCHAR, scenario_key, built_at, mode, seconds, star_version, fingerprint, tables"
            " FROM analytics.builds"
        ).fetchall()
    }
    gone = {scenario_id for scenario_id, row in builds.items() if row[4] is None}
    if builds and not made.is_made(connection):
        gone = set(builds)
    for scenario_id in gone:
        del builds[scenario_id]
    known = {item.scenario_id: json.loads(builds[item.scenario_id][5]) for item in chosen if item.scenario_id in builds}
    same = fingerprint.unchanged(connection, known)
    prints = fingerprint.fingerprints(connection, [scenario_id for scenario_id in known if scenario_id not in same])
    places_current = seed_tables.places_current(connection)
    listed = []
    for scenario in chosen:
        row = builds.get(scenario.scenario_id)
        if row is None:
            reason = made.NEEDS_BUILDING if scenario.scenario_id in gone else None
            listed.append(Standing(scenario.scenario_id, scenario.name, "not built", reason=reason))
            continue
        key, built_at, mode, seconds, version, _, tables = row
        reason = None
        if version != declared.version():
            reason = "built by another version of the program"
        elif scenario.scenario_id not in same:
            differing = fingerprint.changed(known[scenario.scenario_id], prints[scenario.scenario_id])
            reason = f"written since: {', '.join(differing)}"
        elif not places_current:
            reason = "reference data was loaded or removed since"
        listed.append(
            Standing(
                scenario.scenario_id,
                scenario.name,
                "stale" if reason else "built",
                key,
                built_at,
                mode,
                seconds,
                reason,
                json.loads(tables),
            )
        )
    return listed


def drop(database: Database, names: Sequence[str] = (), *, everything: bool = False) -> list[str]:
    """Remove the star of scenarios, or the whole star; the names of the scenarios that had one.

    Codes keep their keys in the shared dimensions; with ``everything`` there is no star, as in a new database.

    Raises:
        UsageError: neither names nor ``everything`` are given.
        NotFound: there is no such scenario.
    """
    if bool(names) == everything:
        raise UsageError(
            f"Name the scenarios whose star is to be removed, or ask for all of it with {remedy('all scenarios')}."
        )

    def once(connection: duckdb.DuckDBPyConnection) -> list[str]:
        if everything:
            built = connection.execute(
                "SELECT s.name FROM analytics.builds JOIN main.scenarios AS s USING (scenario_id) ORDER BY 1"
            ).fetchall()
            made.take_away(connection)
            for table in ("builds", "dimension_keys", "carried_keys"):
                connection.execute(f"DELETE FROM analytics.{quoted(table)}")
            return [name for (name,) in built]
        tables = ("dim_scenario", *SCOPED) if made.is_made(connection) else ()
        dropped = []
        for scenario in [scenarios.get(connection, name) for name in names]:
            row = connection.execute(
                f"SELECT scenario_key FROM analytics.builds WHERE {here(scenario.scenario_id)}"
            ).fetchone()
            if row is None:
                continue
            for table in ("builds", "carried_keys", *tables):
                connection.execute(f"DELETE FROM analytics.{quoted(table)} WHERE scenario_key = ?", [row[0]])
            dropped.append(scenario.name)
        return dropped

    return database.written(once)
