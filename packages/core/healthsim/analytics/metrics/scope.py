"""Which scenarios a question is about: their keys in the star, whether the star is current, and what it holds of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from healthsim.analytics.star.status import selected, standings
from healthsim.db.connection import Database
from healthsim.errors import NotFound, UsageError
from healthsim.remedies import remedy
from healthsim.state import scenarios
from healthsim.state.scenarios import Scenario

if TYPE_CHECKING:
    import duckdb

#: when a question builds the star itself: ``missing`` where there is none, ``stale`` also where it is no longer
#: current, ``never``
BUILDS = ("missing", "stale", "never")


@dataclass(frozen=True)
class Scope:
    """One scenario as the star has it.

    Attributes:
        rows: table -> rows of this scenario.
        stale: the scenario was written, or the program changed, after the star was built.
        reason: why it is stale.
        built_now: the star was built for this question.
    """

    scenario_id: str
    name: str
    key: int
    built_at: str
    stale: bool
    reason: str | None
    rows: dict[str, int] = field(repr=False)
    built_now: bool = False

    def holds(self, fact: str) -> bool:
        """Whether the scenario has rows of a fact at all."""
        return self.rows.get(fact, 0) > 0

    def as_dict(self) -> dict[str, Any]:
        """What an answer says of it."""
        return {
            "scenario": self.name,
            "scenario_id": self.scenario_id,
            "status": "stale" if self.stale else "built",
            "built_at": self.built_at,
            "built_now": self.built_now,
        }


@contextmanager
def scoped(
    database: Database, names: Sequence[str], build: str
) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[Scope]]]:
    """A connection that reads, and the scenarios of a question; their star is built first where that is asked for.

    Args:
        names: names or ids; none means the only scenario that there is.
        build: one of ``BUILDS``.

    Raises:
        NotFound: there is no such scenario, or its star is not built and may not be.
        UsageError: no scenario is named, and there are none or several.
    """
    if build not in BUILDS:
        raise UsageError(f"build is {build!r}; expected one of {', '.join(BUILDS)}.")
    with database.read() as connection:
        chosen = _chosen(connection, names)
        scopes = _scopes(connection, chosen)
        wanted = [
            scenario.name
            for scenario in chosen
            if scenario.scenario_id not in scopes or (build == "stale" and scopes[scenario.scenario_id].stale)
        ]
        if not wanted:
            yield connection, [scopes[scenario.scenario_id] for scenario in chosen]
            return
    if build == "never":
        shown = ", ".join(repr(name) for name in wanted)
        raise NotFound(
            f"The star of {shown} is not built. Build it with {remedy('build the star', name=wanted[0])}, then ask again.",
            scenarios=wanted,
        )
    from healthsim.analytics.star.build import build as build_star

    ids = [scenario.scenario_id for scenario in chosen]
    build_star(database, [scenario.scenario_id for scenario in chosen if scenario.name in wanted])
    with database.read() as connection:
        scopes = _scopes(connection, [scenarios.get(connection, scenario_id) for scenario_id in ids], now=wanted)
        yield connection, [scopes[scenario_id] for scenario_id in ids]


def _chosen(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[Scenario]:
    if names:
        return selected(connection, names)
    known, total = scenarios.select(connection, tags=(), search=None, product=None, sort="updated", limit=9)
    if total == 1:
        return known
    if not total:
        raise UsageError(f"There are no scenarios to ask about. Make one with {remedy('make a scenario')}.")
    shown = ", ".join(repr(scenario.name) for scenario in known[:8]) + (" ..." if total > 8 else "")
    raise UsageError(
        f"There are {total} scenarios; name those that the question is about with {remedy('name scenarios')}: {shown}."
    )


def _scopes(
    connection: duckdb.DuckDBPyConnection, chosen: Sequence[Scenario], now: Sequence[str] = ()
) -> dict[str, Scope]:
    return {
        standing.scenario_id: Scope(
            standing.scenario_id,
            standing.name,
            standing.scenario_key,
            standing.built_at.isoformat(sep=" ", timespec="seconds"),
            standing.state == "stale",
            standing.reason,
            {table: facts["rows"] for table, facts in (standing.tables or {}).items()},
            standing.name in now,
        )
        for standing in standings(connection, chosen)
        if standing.scenario_key is not None and standing.built_at is not None
    }
