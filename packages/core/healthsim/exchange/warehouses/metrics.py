"""The metrics of the registry as SQL over exported tables, in which everything holds within a scenario.

A metric is a sum over one fact or the ratio of two; its views are made of the same pieces as the program's own questions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from healthsim.analytics.metrics.compiler import Join, Spelled, spelled_sum, spelled_value
from healthsim.analytics.metrics.registry import Dimension, Fact, Metric, Part, reaches, registry
from healthsim.db.sql import quoted
from healthsim.exchange.delta.declared import SCENARIO
from healthsim.exchange.warehouses.place import Place

if TYPE_CHECKING:
    from sqlglot.expressions import Expression


@dataclass(frozen=True)
class Model:
    """One fact with what can be asked of it alone.

    Attributes:
        dimensions: with their values.
        measures: metrics of which every part is a sum over this fact, with these sums.
    """

    fact: str
    grain: str
    dimensions: Sequence[tuple[Dimension, Spelled]]
    measures: Sequence[tuple[Metric, Sequence[Spelled]]]

    def joins(self) -> dict[str, Join]:
        """The dimensions that are needed, by alias, each after what leads to it."""
        spelled = [value for _, value in self.dimensions] + [one for _, sums in self.measures for one in sums]
        return {join.alias: join for one in spelled for join in one.joins}


def models(tables: Collection[str]) -> list[Model]:
    """The facts among tables, as far as metrics sum them."""
    known = registry()
    found = []
    for fact in known.facts.values():
        metrics = [metric for metric in known.metrics.values() if {part.fact for part in metric.parts} == {fact.name}]
        if fact.name not in tables or not metrics:
            continue
        values = {
            name: spelled_value(fact, dimension)
            for name, dimension in known.dimensions.items()
            if _has(fact, dimension)
        }
        dimensions = [
            (known.dimensions[name], value) for name, value in values.items() if _are_there(value.joins, tables)
        ]
        sums = {metric.name: [spelled_sum(part) for part in metric.parts] for metric in metrics}
        measures = [
            (metric, sums[metric.name])
            for metric in metrics
            if all(_are_there(one.joins, tables) for one in sums[metric.name])
        ]
        found.append(Model(fact.name, fact.grain, dimensions, measures))
    return found


def _has(fact: Fact, dimension: Dimension) -> bool:
    return reaches(fact, dimension) and (dimension.of != "time" or bool(fact.roles))


def _are_there(joins: Sequence[Join], tables: Collection[str]) -> bool:
    return all(join.table in tables for join in joins)


def metric_views(place: Place, tables: Collection[str], dialect: str) -> list[str]:
    """A view for each metric whose facts are there: ``metric_<name>``, in a dialect."""
    import sqlglot

    statements = []
    for metric in registry().metrics.values():
        needed = {part.fact for part in metric.parts} | {"dim_scenario"}
        sums = [spelled_sum(part) for part in metric.parts]
        if not needed <= set(tables) or not all(_are_there(one.joins, tables) for one in sums):
            continue
        select = _select(metric, place)
        name = f"{quoted(place.catalog)}.{quoted(place.schema)}.{quoted(f'metric_{metric.name}')}"
        view = sqlglot.parse_one(f"CREATE OR REPLACE VIEW {name} AS {select}", read="duckdb")
        written = view.transform(portable).sql(dialect, pretty=True, identify=True)
        statements.append(f"-- {metric.title}: {metric.definition} Unit: {metric.unit}.\n{written}")
    return statements


def _select(metric: Metric, place: Place) -> str:
    """Numerator, denominator and value by scenario, and by the dimension without which a sum means nothing."""
    dimension = registry().dimensions[metric.needs] if metric.needs else None
    parts = [_part(part, dimension, place) for part in metric.parts]
    texts = [f"{name} AS ({sql})" for name, (sql, _) in zip(("top", "bottom"), parts, strict=False)]
    divided = f"top.{quoted(dimension.name)}, " if dimension else ""
    joins = f"FROM {_named(place, 'dim_scenario')} AS scenario LEFT JOIN top ON top.{SCENARIO} = scenario.{SCENARIO}"
    below, value = "NULL", "coalesce(top.total, 0)"
    if metric.denominator is not None:
        both = dimension and parts[1][1]
        also = f" AND bottom.{quoted(dimension.name)} = top.{quoted(dimension.name)}" if dimension and both else ""
        joins += f" LEFT JOIN bottom ON bottom.{SCENARIO} = scenario.{SCENARIO}{also}"
        below = "bottom.total"
        value = f"{metric.scale!r} * CAST(coalesce(top.total, 0) AS DOUBLE) / nullif(bottom.total, 0)"
    return (
        f"WITH {', '.join(texts)} SELECT scenario.{SCENARIO}, scenario.name AS scenario, {divided}coalesce(top.total, 0) AS numerator,"
        f" {below} AS denominator, {value} AS value {joins} WHERE scenario.scenario_key > 0"
    )


def _part(part: Part, dimension: Dimension | None, place: Place) -> tuple[str, bool]:
    """A sum by scenario, and by a dimension where the fact has it; whether it has."""
    fact = registry().facts[part.fact]
    total = spelled_sum(part)
    joins = {join.alias: join for join in total.joins}
    divided = dimension is not None and reaches(fact, dimension)
    column = group = ""
    if dimension is not None and divided:
        value = spelled_value(fact, dimension)
        joins |= {join.alias: join for join in value.joins}
        column, group = f"{value.sql} AS {quoted(dimension.name)}, ", ", 2"
    lines = [
        f"LEFT JOIN {_named(place, join.table)} AS {join.alias} ON {join.alias}.{join.key} = {join.path}"
        f" AND {join.alias}.{SCENARIO} = fact.{SCENARIO}"
        for join in joins.values()
    ]
    return (
        f"SELECT fact.{SCENARIO}, {column}{total.sql} AS total FROM {_named(place, part.fact)} AS fact {' '.join(lines)}"
        f" GROUP BY 1{group}",
        divided,
    )


def _named(place: Place, table: str) -> str:
    return f"{quoted(place.catalog)}.{quoted(place.schema)}.{quoted(table)}"


def portable(node: Expression) -> Expression:
    """Sums with a condition as sums of a CASE: not every warehouse knows FILTER."""
    from sqlglot import exp

    if not isinstance(node, exp.Filter):
        return node
    condition = node.expression.this
    total = node.this
    inner = total.this
    if isinstance(inner, exp.Distinct):
        case = exp.Case().when(condition, inner.expressions[0])
        return exp.Count(this=exp.Distinct(expressions=[case]))
    summed: Expression = type(total)(this=exp.Case().when(condition, inner))
    return summed
