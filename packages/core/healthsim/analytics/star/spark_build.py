"""The star built by a Spark cluster: the same statements, over canonical tables as Parquet, into Parquet beside them.

Statements run in the same order as in a build of the database. What one makes is written and read again by the next, so that
nothing is computed twice. Keys are those that the star of the database has given, where it has; new ones follow in order.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.analytics.star import spark_sql as sql
from healthsim.analytics.star.declared import DIMENSIONS, SCOPED, SEEDS, SOURCES, STEPS, TABLES, Step, statement
from healthsim.analytics.star.heads import TEMPORARY
from healthsim.analytics.star.seed_tables import GEOGRAPHY, given
from healthsim.analytics.star.spark_area import WORK, Area, area_at
from healthsim.analytics.star.spark_source import (
    Settled,
    Source,
    reference_tables,
    scenario_table,
    settled_keys,
    source_at,
)
from healthsim.clusters import path_for, spark_session
from healthsim.db.schema import table_columns
from healthsim.model import ENTITY_TYPES
from healthsim.results import StarFiles

if TYPE_CHECKING:
    from healthsim.db.connection import Database

LAYER = "star"
#: called before each table: its name, its place, number of tables
Progress = Callable[[str, int, int], None]
_OF_PLURAL = {entity_type.plural: entity_type for entity_type in ENTITY_TYPES.values()}


def build_on_spark(
    database: Database,
    source: str | Path,
    output: str | Path,
    *,
    name: str | None = None,
    master: str | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> StarFiles:
    """Build the star of canonical tables with a Spark cluster.

    Args:
        database: whose reference data describes the places, and whose star has given keys.
        source: what ``export parquet`` or ``generate --format parquet`` wrote: a folder that all workers see, or an address.
        output: where the tables of the star go: likewise.
        name: what the scenario is called, where the source does not say it.
        master: the URL of the cluster; by default this machine.
        overwrite: replace what an earlier build left there.

    Raises:
        NotFound, InvalidInput: the source is nothing that can be built from.
        AlreadyExists: something is at the output.
        HealthSimError: Spark is not installed, cannot be reached, or a task failed.
    """
    read = source_at(source, name)
    settled = settled_keys(database, read.scenario["scenario_id"], (*STEPS, GEOGRAPHY))
    with spark_session(master, "HealthSim: build of the star") as session, area_at(output, force=overwrite) as area:
        build = _Build(session, area, read, settled, master, progress)
        build.run(database)
        tables = {f"{LAYER}/{table}": rows for table, rows in build.rows.items()}
        area.finish(
            {
                "scenario": read.scenario["name"],
                "scenario_id": read.scenario["scenario_id"],
                "source": read.uri,
                "tables": tables,
            }
        )
    return StarFiles(str(output), read.scenario["name"], read.scenario["scenario_id"], build.scenario_key, tables)


class _Build:
    def __init__(
        self,
        session: Any,
        area: Area,
        source: Source,
        settled: Settled | None,
        master: str | None,
        progress: Progress | None,
    ) -> None:
        self.session = session
        self.area = area
        self.source = source
        self.settled = settled
        self.progress = progress
        #: where things are, as the cluster names it
        self.place = path_for(area.uri, master)
        self.tables = path_for(source.uri, master)
        self.scenario_key = settled.scenario_key if settled is not None else 1
        #: rows of each table that was written
        self.rows: dict[str, int] = {}

    def run(self, database: Database) -> None:
        """Make all tables."""
        self._show_canonical()
        for name, select in given().items():
            self._view(name, sql.spark_sql(select))
        for seed in SEEDS:
            self._keep(seed, sql.spark_sql(statement(seed)), members=seed in DIMENSIONS)
        self._keep("dim_scenario", self._with_key("dim_scenario"), members=True, shown="scenario_key > 0")
        self._places(database)
        for place, step in enumerate(STEPS, start=1):
            if self.progress is not None:
                self.progress(step.name, place, len(STEPS))
            self._step(step)

    # -- what statements read ---------------------------------------------------------------------------------

    def _show_canonical(self) -> None:
        """The canonical tables under bare names, with every column; those that the source does not have are empty."""
        self._put("scenarios", scenario_table(self.source.scenario))
        for table in SOURCES:
            columns = list(table_columns(_OF_PLURAL[table]).items())
            if table not in self.source.tables:
                self._view(table, sql.nothing(columns))
                continue
            frame = self.session.read.parquet(f"{self.tables}/canonical/{table}")
            frame.createOrReplaceTempView(f"files_{table}")
            there = set(frame.columns)
            listed = ", ".join(
                f"CAST({sql.quoted(name) if name in there else 'NULL'} AS {sql.spark_type(kind)}) AS {sql.quoted(name)}"
                for name, kind in columns
            )
            self._view(table, f"SELECT {listed} FROM files_{table}")

    def _put(self, name: str, table: Any) -> None:
        """Send a small table, and show it under its name."""
        self.area.put(f"{WORK}/{name}", table)
        self.session.read.parquet(f"{self.place}/{WORK}/{name}").createOrReplaceTempView(name)

    def _view(self, name: str, select: str) -> None:
        self.session.sql(select).createOrReplaceTempView(name)

    def _places(self, database: Database) -> None:
        for name, table in reference_tables(database).items():
            self._put(name, table)
        self._work("geoids")
        self._dimension(GEOGRAPHY)
        self._keep("fact_population_measure", sql.spark_sql(statement("fact_population_measure")))

    # -- what statements make ---------------------------------------------------------------------------------

    def _step(self, step: Step) -> None:
        if step.kind in TEMPORARY:
            self._work(step.name)
        elif step.name in DIMENSIONS:
            self._dimension(step)
        else:
            self._keep(step.name, sql.spark_sql(step.statement))

    def _work(self, name: str) -> None:
        """What others read: written once, and read from there."""
        self._written(f"{WORK}/{name}", sql.spark_sql(statement(name))).createOrReplaceTempView(name)

    def _written(self, name: str, select: str) -> Any:
        """Write rows as files below a name, and read them from there."""
        place = f"{self.place}/{name}"
        frame = self.session.sql(select)
        frame.write.mode("overwrite").parquet(place)
        there = self.session.read.parquet(place)
        if not there.columns:
            # where there are no rows, Sail writes no file, and so no columns either
            self.area.put(name, frame.limit(0).toArrow())
            there = self.session.read.parquet(place)
        return there

    def _dimension(self, step: Step) -> None:
        fresh = f"fresh_{step.name}"
        self._view(fresh, sql.spark_sql(step.statement))
        settled = None
        last = 0
        if self.settled is not None:
            settled, last = f"settled_{step.name}", self.settled.last.get(step.name, 0)
            if step.name in self.settled.keys:
                self._put(settled, self.settled.keys[step.name])
            else:
                settled = None
        select = sql.keyed(fresh, step.key, step.natural, settled=settled, last=last)
        self._keep(step.name, select, members=True, shown=f"{step.key} > 0" if step.name in SCOPED else "TRUE")

    def _with_key(self, table: str) -> str:
        return f"SELECT {self.scenario_key} AS scenario_key, made.* FROM ({sql.spark_sql(statement(table))}) AS made"

    def _keep(self, table: str, select: str, *, members: bool = False, shown: str = "TRUE") -> None:
        """Write a table of the star, and show it, or the rows of it that others read."""
        made = f"made_{table}"
        frame = self.session.sql(select)
        frame.createOrReplaceTempView(made)
        whole = sql.shaped(table, made, frame.columns, self.scenario_key)
        rows = sql.with_members(table, whole) if members else whole
        self._written(f"{LAYER if table in TABLES else WORK}/{table}", rows).createOrReplaceTempView(f"kept_{table}")
        self._view(table, f"SELECT * FROM kept_{table} WHERE {shown}")
        if table in TABLES:
            self.rows[table] = int(self.session.sql(f"SELECT count(*) FROM kept_{table}").collect()[0][0])
