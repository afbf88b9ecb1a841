"""Surrogate keys: dense, never given twice, the same after a rebuild."""

from __future__ import annotations

import duckdb

from healthsim.analytics.star.declared import DIMENSIONS, Step
from healthsim.db.sql import literal, quoted

#: the rows that every dimension has
MEMBERS = {-1: "Unknown", -2: "Not applicable"}


class Keys:
    """The highest key of each dimension, as recorded; written back by ``save``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        rows = connection.execute("SELECT table_name, last_key, content FROM analytics.dimension_keys").fetchall()
        self._last: dict[str, int] = {name: last for name, last, _ in rows}
        self._content: dict[str, str | None] = {name: content for name, _, content in rows}
        self._recorded = dict(self._last), dict(self._content)
        #: (dimension, scenario) of which there are keys of a star that was taken away
        self._carried = set(
            connection.execute("SELECT DISTINCT table_name, scenario_key FROM analytics.carried_keys").fetchall()
        )

    def content(self, table: str) -> str | None:
        """What a dimension was made of, when it was last made."""
        return self._content.get(table)

    def made_of(self, table: str, content: str) -> None:
        """Note what a dimension was made of."""
        self._content[table] = content
        self._last.setdefault(table, 0)

    def new_scenario(self) -> int:
        """The key of a scenario that has none."""
        self._last["dim_scenario"] = self._last.get("dim_scenario", 0) + 1
        return self._last["dim_scenario"]

    def add(self, step: Step, select: str) -> None:
        """Give keys to the rows of a shared dimension that it does not have; what it has stays."""
        last = self._last.get(step.name, 0)
        same = " AND ".join(f"known.{name} IS NOT DISTINCT FROM fresh.{name}" for name in step.natural)
        order = ", ".join(f"fresh.{name}" for name in step.natural)
        carried = self._join_carried(step, None)
        number = f"{last} + row_number() OVER (ORDER BY {order})"
        key = f"{f'coalesce(carried.row_key, {number})' if carried else number} AS {step.key}, "
        (count,) = self._connection.execute(
            f"INSERT INTO analytics.{quoted(step.name)} BY NAME SELECT {key if step.name in DIMENSIONS else ''}fresh.*"
            f" FROM ({select}) AS fresh{carried} ANTI JOIN analytics.{quoted(step.name)} AS known ON {same}"
        ).fetchall()[0]
        self._forget(step, None)
        self._last[step.name] = last + count

    def replace(self, step: Step, select: str, scenario_key: int | None, *, once: bool = False) -> None:
        """Put rows in the place of those with the same natural key, which keep their keys.

        Of a dimension of one scenario, every other row of the scenario is removed. ``once`` spares rows that were put
        like that before, in the same transaction.
        """
        target = f"analytics.{quoted(step.name)}"
        last = self._last.get(step.name, 0)
        same = " AND ".join(f"known.{name} IS NOT DISTINCT FROM fresh.{name}" for name in step.natural)
        scope = f" AND known.scenario_key = {scenario_key}" if scenario_key is not None else ""
        order = ", ".join(f"fresh.{name}" for name in step.natural)
        carried = self._join_carried(step, scenario_key)
        old_key = f"coalesce(known.{step.key}, carried.row_key)" if carried else f"known.{step.key}"
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE keyed AS SELECT {old_key} AS old_key,"
            # what is new is numbered first; a window without partitions costs less
            f" row_number() OVER (ORDER BY {old_key} NULLS FIRST, {order}) AS place, fresh.*"
            f" FROM ({select}) AS fresh LEFT JOIN {target} AS known ON {same}{scope}{carried}"
        )
        if once:
            self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS put_once (table_name VARCHAR, row_key INTEGER)")
            self._connection.execute(
                "DELETE FROM keyed WHERE old_key IN (SELECT row_key FROM put_once WHERE table_name = ?)", [step.name]
            )
            self._connection.execute(
                f"INSERT INTO put_once SELECT ?, coalesce(old_key, {last} + place) FROM keyed", [step.name]
            )
        gone = (
            f"scenario_key = {scenario_key}"
            if scenario_key is not None
            else f"{step.key} IN (SELECT old_key FROM keyed)"
        )
        self._connection.execute(f"DELETE FROM {target} WHERE {gone}")
        scoped = f"{scenario_key} AS scenario_key, " if scenario_key is not None else ""
        self._connection.execute(
            f"INSERT INTO {target} BY NAME SELECT coalesce(old_key, {last} + place) AS {step.key}, {scoped}"
            "* EXCLUDE (old_key, place) FROM keyed"
        )
        self._forget(step, scenario_key)
        (new,) = self._connection.execute("SELECT count(*) FROM keyed WHERE old_key IS NULL").fetchall()[0]
        self._last[step.name] = last + new

    def _join_carried(self, step: Step, scenario_key: int | None) -> str:
        """A join to the keys that rows of a dimension had in a star that was taken away; none where there are none."""
        if (step.name, scenario_key) not in self._carried:
            return ""
        scope = "IS NULL" if scenario_key is None else f"= {scenario_key}"
        natural = ", ".join(f"fresh.{name}" for name in step.natural)
        return (
            f" LEFT JOIN analytics.carried_keys AS carried ON carried.table_name = {literal(step.name)}"
            f" AND carried.scenario_key {scope} AND carried.natural_key = [{natural}]"
        )

    def _forget(self, step: Step, scenario_key: int | None) -> None:
        """Remove carried keys that rows have again; of a scenario all of them: whoever is gone does not come back."""
        if (step.name, scenario_key) not in self._carried:
            return
        if scenario_key is None:
            gone = f"scenario_key IS NULL AND row_key IN (SELECT {step.key} FROM analytics.{quoted(step.name)})"
        else:
            gone = f"scenario_key = {scenario_key}"
            self._carried.discard((step.name, scenario_key))
        self._connection.execute(f"DELETE FROM analytics.carried_keys WHERE table_name = ? AND {gone}", [step.name])

    def save(self) -> None:
        """Write down what has changed."""
        if (self._last, self._content) == self._recorded:
            return
        self._connection.execute("DELETE FROM analytics.dimension_keys")
        self._connection.executemany(
            "INSERT INTO analytics.dimension_keys VALUES (?, ?, ?)",
            [[name, last, self._content.get(name)] for name, last in sorted(self._last.items())],
        )
