"""Metrics by loops over the rows of the star, without any SQL: what the compiler is held against."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

from healthsim.analytics.metrics.filters import Filter, read_filters
from healthsim.analytics.metrics.registry import Dimension, Metric, Part, registry
from healthsim.db.connection import Database

Row = dict[str, Any]
MONTHS_AND_QUARTERS = ("month", "quarter")


class NaiveStar:
    """Every row of the star in memory."""

    def __init__(self, database: Database) -> None:
        known = registry()
        tables = {*known.facts, "dim_date", "dim_scenario", *(table for table, _ in known.entities.values())}
        self.rows: dict[str, list[Row]] = {}
        with database.read() as connection:
            for table in tables:
                result = connection.execute(f"SELECT * FROM analytics.{table}")
                names = [column[0] for column in result.description]
                self.rows[table] = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        keys = dict(known.entities.values()) | {"dim_date": "date_key"}
        self.by_key = {table: {row[key]: row for row in self.rows[table]} for table, key in keys.items()}
        self.scenario_key = {row["name"]: row["scenario_key"] for row in self.rows["dim_scenario"]}

    def value(self, fact: str, row: Row, dimension: Dimension) -> Any:
        """What a row of a fact has as a dimension."""
        known = registry()
        told = known.facts[fact]
        if dimension.of == "fact":
            found = row[dimension.column]
        elif dimension.of == "time":
            role = told.roles[0]
            key = (
                row[role.key.removeprefix("fact.")]
                if role.key.startswith("fact.")
                else (row["service_month"] * 100 + 1 if row["service_month"] is not None else -1)
            )
            found = self.by_key["dim_date"].get(key, {}).get(dimension.column)
        else:
            path = told.keys[dimension.of]
            holder = row
            if path.startswith("person."):
                holder, path = self.by_key["dim_person"].get(row[told.keys["person"]], {}), path.removeprefix("person.")
            found = self.by_key[known.entities[dimension.of][0]].get(holder.get(path), {}).get(dimension.column)
        if dimension.labels:
            return dimension.labels.get(found, dimension.missing)
        return dimension.missing if found is None and dimension.type not in ("integer", "date") else found

    def metric(
        self, metric: Metric, scenario: str, by: Iterable[str] = (), where: Iterable[str] = ()
    ) -> dict[tuple[Any, ...], tuple[Any, Any]]:
        """Values of the dimensions -> numerator and denominator (None where the metric has none)."""
        dimensions = [registry().dimensions[name] for name in by]
        filters = read_filters(list(where))
        above = self.part(metric.numerator, scenario, dimensions, filters)
        if metric.denominator is None:
            return {key: (total, None) for key, total in above.items()}
        fact = registry().facts[metric.denominator.fact]
        kept = [
            number
            for number, one in enumerate(dimensions)
            if one.of == "time" or one.of in fact.keys or one.name in fact.own
        ]
        reached = [
            one
            for one in filters
            if (d := registry().dimensions[one.dimension]).of == "time" or d.of in fact.keys or d.name in fact.own
        ]
        below = self.part(metric.denominator, scenario, [dimensions[number] for number in kept], reached)
        keys = set(above) | (set(below) if len(kept) == len(dimensions) else set())
        return {key: (above.get(key, 0), below.get(tuple(key[number] for number in kept), 0)) for key in keys}

    def part(
        self, part: Part, scenario: str, by: list[Dimension], filters: Iterable[Filter]
    ) -> dict[tuple[Any, ...], Any]:
        """Values of the dimensions -> the sum."""
        sums: dict[tuple[Any, ...], Any] = defaultdict(lambda: 0)
        seen: dict[tuple[Any, ...], set[Any]] = defaultdict(set)
        conditions = read_filters(part.where)
        for row in self.of_scenario(part.fact, scenario):
            if not all(self.meets(part.fact, row, condition) for condition in filters):
                continue
            key = tuple(self.value(part.fact, row, dimension) for dimension in by)
            # there could have been something: 0
            sums[key] += 0
            if part.when and not evaluated(part.when, row):
                continue
            if not all(self.meets(part.fact, row, condition) for condition in conditions):
                continue
            if part.distinct:
                found = row[part.expression]
                if found is not None and not (part.expression == "person_key" and found < 0):
                    seen[key].add(found)
            else:
                found = evaluated(part.expression, row)
                sums[key] += found if found is not None else 0
        return {key: len(seen[key]) for key in sums} if part.distinct else dict(sums)

    def of_scenario(self, fact: str, scenario: str) -> list[Row]:
        """The rows of a fact that belong to a scenario."""
        return [row for row in self.rows[fact] if row["scenario_key"] == self.scenario_key[scenario]]

    def meets(self, fact: str, row: Row, condition: Filter) -> bool:
        """Whether a row of a fact meets a condition."""
        dimension = registry().dimensions[condition.dimension]
        found = self.value(fact, row, dimension)
        if condition.operator == "=":
            return found in condition.values
        if condition.operator == "!=":
            return found not in condition.values
        if found is None or (dimension.name in MONTHS_AND_QUARTERS and found == dimension.missing):
            return False
        wanted = condition.values[0]
        return {"<": found < wanted, "<=": found <= wanted, ">": found > wanted, ">=": found >= wanted}[
            condition.operator
        ]


def evaluated(expression: str, row: Row) -> Any:
    """An expression of the registry over one row; None where a column is missing, as in SQL."""
    try:
        return eval(_in_python(expression), {"__builtins__": {}}, row)
    except TypeError:
        return None


@cache
def _in_python(expression: str) -> Any:
    text = re.sub(r"\bIS NOT NULL\b", "is not None", expression)
    text = re.sub(r"\bAND\b", "and", re.sub(r"\bIN\b", "in", re.sub(r"(?<![<>!=])=(?!=)", "==", text)))
    return compile(text, expression, "eval")


def as_number(value: Any) -> float | None:
    """A number to compare with."""
    return float(value) if isinstance(value, (int, float, Decimal)) else value
