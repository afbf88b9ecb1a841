"""The build: canonical rows of scenarios become rows of the star, all of it in one transaction or nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from healthsim.analytics.star import declared, fingerprint, made, seed_tables
from healthsim.analytics.star.build_log import Built, record
from healthsim.analytics.star.declared import DIMENSIONS, STEPS, Step
from healthsim.analytics.star.fingerprint import Fingerprint
from healthsim.analytics.star.heads import TEMPORARY
from healthsim.analytics.star.incremental import affected, people_stand, remember
from healthsim.analytics.star.scenario_views import CHANGED, Views
from healthsim.analytics.star.status import selected
from healthsim.analytics.star.surrogate_keys import Keys
from healthsim.db.connection import Database
from healthsim.db.memory_limit import memory_bound
from healthsim.db.sql import quoted
from healthsim.errors import UsageError
from healthsim.remedies import remedy
from healthsim.state.scenarios import Scenario
from healthsim.state.tables import here

MODES = ("auto", "full", "incremental")
#: scenarios with fewer rows are built by one thread
SMALL = 200_000
#: of more than this share of its persons, a scenario is built anew
MOST = 0.25
#: megabytes that the engine may hold in a build; what is more goes to disk
MEMORY = 900
#: called before each table: (scenario, table, place, number of tables)
Progress = Callable[[str, str, int, int], None]


def build(
    database: Database,
    names: Sequence[str] = (),
    *,
    everything: bool = False,
    mode: str = "auto",
    progress: Progress | None = None,
) -> list[Built]:
    """Build the star of scenarios, in one transaction.

    Args:
        names: names or ids of scenarios.
        everything: all scenarios.
        mode: ``auto`` leaves out scenarios that have not changed, and does of others only the persons again that have,
            unless many have; ``incremental`` does so however many have; ``full`` builds scenarios anew. All give the same.
            Where it cannot be told who is reached by a change (of a plan, a provider, the period of the data), everybody is.

    Raises:
        UsageError: the mode is none, or neither names nor ``everything`` are given.
        NotFound: there is no such scenario.
    """
    if mode not in MODES:
        raise UsageError(f"The mode is {mode!r}; expected one of {', '.join(MODES)}.")
    if bool(names) == everything:
        raise UsageError(f"Name the scenarios to build, or ask for all of them with {remedy('all scenarios')}.")

    def once(connection: duckdb.DuckDBPyConnection) -> list[Built]:
        with _tuned(database) as keeper, memory_bound(keeper, MEMORY):
            return _Build(connection, keeper, progress).run(selected(connection, names), mode)

    return database.written(once)


def build_within(database: Database, connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[Built]:
    """Build the star of scenarios inside a write of the caller's: both are there, or neither."""
    with _tuned(database) as keeper, memory_bound(keeper, MEMORY):
        return _Build(connection, keeper, None).run(selected(connection, names), "auto")


@contextmanager
def _tuned(database: Database) -> Iterator[duckdb.DuckDBPyConnection]:
    """Settings of a build, on a connection beside it: they are of all connections, and what others would feel is taken back.

    The threads come back with the next connection: before the commit, the memory that they let go of would be fetched anew.
    """
    with database.raw(read_only=False) as keeper:
        # rows need no order, and keeping one costs memory
        keeper.execute("SET preserve_insertion_order = false")
        # nothing is known yet of rows that are not committed, and the engine would turn joins round to build on the largest
        # table: statements name the larger side first
        keeper.execute("SET disabled_optimizers = 'build_side_probe_side'")
        # the commit, which comes later, goes into the file at once: by way of the log, everything would be written twice
        keeper.execute("SET wal_autocheckpoint = '1KB'")
        try:
            yield keeper
        finally:
            keeper.execute("RESET preserve_insertion_order")
            keeper.execute("RESET disabled_optimizers")


class _Build:
    """The builds of one transaction."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, keeper: duckdb.DuckDBPyConnection, progress: Progress | None
    ) -> None:
        self.connection = connection
        self.keeper = keeper
        self.progress = progress
        if not made.is_made(connection):
            made.make(connection)
        self.keys = Keys(connection)
        self.views = Views(connection)

    def run(self, chosen: Sequence[Scenario], mode: str) -> list[Built]:
        """Build scenarios one after the other."""
        # before there are views: of two tables called main.persons, a statement sees the temporary one
        prints = fingerprint.fingerprints(self.connection, [scenario.scenario_id for scenario in chosen])
        if seed_tables.prepare(self.connection, self.keys):
            self._renew_codes()
        self.places_renewed = seed_tables.renew_places(self.connection, self.keys)
        if sum(sum(instants.values()) for print_ in prints.values() for instants in print_.values()) < SMALL:
            # every thread of every operator takes memory of its own, which costs more than it gains here
            self.keeper.execute("SET threads = 1")
        done = [self._scenario(scenario, prints[scenario.scenario_id], mode) for scenario in chosen]
        self.keys.save()
        return done

    def _scenario(self, scenario: Scenario, now: Fingerprint, mode: str) -> Built:
        started = time.perf_counter()
        row = self.connection.execute(
            f"SELECT scenario_key, fingerprint, star_version FROM analytics.builds WHERE {here(scenario.scenario_id)}"
        ).fetchone()
        before: Fingerprint | None = json.loads(row[1]) if row and row[2] == declared.version() else None
        if before == now and mode != "full" and row is not None:
            self.connection.execute(
                "UPDATE analytics.dim_scenario SET name = ?, description = ?, product = ?, updated_at = ? WHERE scenario_key = ?",
                [scenario.name, scenario.description, scenario.product, scenario.updated_at, row[0]],
            )
            mode = "places" if self.places_renewed else "skipped"
            return Built(scenario.scenario_id, scenario.name, row[0], mode, time.perf_counter() - started)
        built = Built(scenario.scenario_id, scenario.name, row[0] if row else self.keys.new_scenario(), "full")
        self.key = built.scenario_key
        # a key is never given twice: a scenario that was not built has no rows to take away
        self.built_before = row is not None
        filled = fingerprint.filled(now)
        self.views.of_scenario(scenario.scenario_id, self.key, filled)
        before_period = self._period()
        seed_tables.add_places(self.connection, self.keys, declared.statement("geoids"))
        self._put_scenario()
        known = before if mode != "full" else None
        # persons and places whose rows have not changed need no new ones
        stand = known is not None and people_stand(fingerprint.changed(known, now))
        if known is not None and not stand:
            remember(self.connection)
        self._steps(declared.WHO, filled, built, stand=stand)
        persons = "TRUE"
        if known is not None and before_period == self._period():
            changed = affected(self.connection, known, now)
            if changed is not None and (mode == "incremental" or changed <= MOST * self._persons()):
                built.mode, built.persons = "incremental", changed
                persons = f"person_key IN ({CHANGED})"
                self.views.of_changed()
        self._steps(declared.WHAT, filled, built, persons)
        built.seconds = time.perf_counter() - started
        record(self.connection, built, now, self.views.columns)
        return built

    def _renew_codes(self) -> None:
        """Describe all codes as this version of the program does: once each, for scenarios share them."""
        built = self.connection.execute(
            "SELECT scenario_id::VARCHAR, scenario_key FROM analytics.builds WHERE star_version IS NOT NULL"
            " ORDER BY scenario_key"
        ).fetchall()
        prints = fingerprint.fingerprints(self.connection, [scenario_id for scenario_id, _ in built])
        self.connection.execute("DELETE FROM analytics.bridge_diagnosis_group")
        for scenario_id, scenario_key in built:
            filled = fingerprint.filled(prints[scenario_id])
            self.views.of_scenario(scenario_id, scenario_key, filled)
            for step in declared.CODES:
                empty = filled.isdisjoint(step.sources)
                if step.kind in TEMPORARY:
                    self._work(step, empty)
                elif step.name in DIMENSIONS and not empty:
                    self.keys.replace(step, step.statement, None, once=True)
                elif not empty:
                    self.keys.add(step, step.statement)

    # -- steps -----------------------------------------------------------------------------------------------

    def _period(self) -> Any:
        return self.connection.execute("SELECT data_start_date, data_end_date FROM dim_scenario").fetchone()

    def _persons(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM dim_person").fetchall()[0][0])

    def _put_scenario(self) -> None:
        self.connection.execute("DELETE FROM analytics.dim_scenario WHERE scenario_key = ?", [self.key])
        statement = declared.statement("dim_scenario")
        self.connection.execute(
            f"INSERT INTO analytics.dim_scenario BY NAME SELECT {self.key} AS scenario_key, * FROM ({statement})"
        )

    def _steps(
        self, steps: Sequence[Step], filled: frozenset[str], built: Built, persons: str = "TRUE", *, stand: bool = False
    ) -> None:
        for step in steps:
            if self.progress is not None:
                self.progress(built.name, step.name, STEPS.index(step) + 1, len(STEPS))
            started = time.perf_counter()
            empty = bool(step.sources) and filled.isdisjoint(step.sources)
            if step.kind in TEMPORARY:
                if step.kind != "base" or not stand:
                    self._work(step, empty)
            elif step.kind == "code":
                if empty:
                    continue
                self.keys.add(step, step.statement)
            elif stand:
                pass
            elif step.kind == "scoped":
                self._scoped(step, empty)
            else:
                self._fill(step, empty, persons if step.kind == "fact" else "TRUE")
            if step.kind in ("fact", "scoped"):
                built.tables[step.name] = {"rows": 0, "seconds": round(time.perf_counter() - started, 3), "unknown": {}}

    def _work(self, step: Step, empty: bool = False) -> None:
        select = f"SELECT * FROM ({step.statement}) AS made WHERE FALSE" if empty else step.statement
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(step.name)} AS {select}")

    def _scoped(self, step: Step, empty: bool) -> None:
        if empty:
            self.connection.execute(f"DELETE FROM analytics.{quoted(step.name)} WHERE scenario_key = {self.key}")
        else:
            self.keys.replace(step, step.statement, self.key)

    def _fill(self, step: Step, empty: bool, persons: str) -> None:
        target = f"analytics.{quoted(step.name)}"
        if self.built_before:
            self.connection.execute(f"DELETE FROM {target} WHERE scenario_key = {self.key} AND {persons}")
        if not empty:
            self.connection.execute(
                f"INSERT INTO {target} BY NAME SELECT {self.key} AS scenario_key, made.*{self._known_days(step)}"
                f" FROM ({step.statement}) AS made WHERE {persons}"
            )

    def _known_days(self, step: Step) -> str:
        """Unknown in place of days that the calendar of the star does not have: typing errors, mostly."""
        keys = [column for column in self.views.columns[step.name] if declared.dimension_of(column) == "dim_date"]
        known = (
            f"CASE WHEN made.{key} > 0 AND made.{key} NOT BETWEEN {declared.FIRST_DAY} AND {declared.LAST_DAY} THEN -1 ELSE made.{key}"
            f" END AS {key}"
            for key in keys
        )
        return f" REPLACE ({', '.join(known)})" if keys else ""
