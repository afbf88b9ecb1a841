"""Metric views of Unity Catalog: one YAML file per fact, with its dimensions and the metrics that are sums over it alone.

Nothing on this machine can execute them. Their shape is checked against the published reference, and the expressions in them
are those of ``metrics.sql``, which are executed in tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import yaml

from healthsim.analytics.metrics.compiler import Join
from healthsim.exchange.delta.declared import SCENARIO
from healthsim.exchange.warehouses.metrics import Model, portable
from healthsim.exchange.warehouses.place import Place

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

#: of the specification; needs a runtime of 17.2
VERSION = "1.1"


def yaml_of(model: Model, place: Place) -> str:
    """The text of a metric view."""
    joins = model.joins()
    view: dict[str, Any] = {
        "version": VERSION,
        "comment": f"{model.grain[:1].upper()}{model.grain[1:]}. All keys hold within a scenario.",
        "source": _name(place, model.fact),
        "joins": _tree("fact", "source", joins, place),
        "dimensions": [
            {"name": SCENARIO, "expr": f"source.{SCENARIO}", "comment": "The scenario. Filter by it, or divide by it."},
            *(
                {"name": dimension.name, "expr": _written(value.sql, joins), "comment": dimension.meaning}
                for dimension, value in model.dimensions
            ),
        ],
        "measures": [
            {
                "name": metric.name,
                "expr": _ratio([_written(one.sql, joins) for one in sums], metric.scale),
                "comment": f"{metric.title}: {metric.definition} Unit: {metric.unit}.",
            }
            for metric, sums in model.measures
        ],
    }
    if not view["joins"]:
        del view["joins"]
    return yaml.safe_dump(view, sort_keys=False, allow_unicode=True, width=140)


def statements(models: Sequence[Model], place: Place) -> list[str]:
    """The statements that make the metric views."""
    return [
        f"CREATE OR REPLACE VIEW {_name(place, f'metrics_{model.fact}')}\nWITH METRICS LANGUAGE YAML AS $$\n{yaml_of(model, place)}$$"
        for model in models
    ]


def _tree(parent: str, shown: str, joins: Mapping[str, Join], place: Place) -> list[dict[str, Any]]:
    """The joins that lead away from a table, each with those that lead on from it."""
    tree = []
    for alias, join in joins.items():
        if _before(join) != parent:
            continue
        name = alias.strip('"')
        path = _plain(join.path, {parent: shown})
        node: dict[str, Any] = {
            "name": name,
            "source": _name(place, join.table),
            "on": f"{path} = {name}.{join.key} AND {shown}.{SCENARIO} = {name}.{SCENARIO}",
        }
        if below := _tree(name, name, joins, place):
            node["joins"] = below
        tree.append(node)
    return tree


def _before(join: Join) -> str:
    """What a join starts from: the fact, or the dimension that is joined before."""
    found = re.match(r'"(\w+)"\.', join.path)
    return found[1] if found else "fact"


def _plain(path: str, names: Mapping[str, str]) -> str:
    for name, shown in names.items():
        path = re.sub(rf'"?\b{name}\b"?\.', f"{shown}.", path)
    return path


def _written(sql: str, joins: Mapping[str, Join]) -> str:
    """An expression in the dialect of Databricks, with the names that a metric view has for tables."""
    import sqlglot
    from sqlglot import exp

    paths = {alias.strip('"'): _path(alias, joins) for alias in joins} | {"fact": ["source"]}

    def renamed(node: Expression) -> Expression:
        if isinstance(node, exp.Column) and node.table in paths:
            return exp.Dot.build([*map(exp.to_identifier, paths[node.table]), exp.to_identifier(node.name)])
        return node

    return sqlglot.parse_one(sql, read="duckdb").transform(portable).transform(renamed).sql("databricks")


def _path(alias: str, joins: Mapping[str, Join]) -> list[str]:
    before = _before(joins[alias])
    own = [alias.strip('"')]
    return own if before == "fact" else [*_path(f'"{before}"', joins), *own]


def _ratio(sums: Sequence[str], scale: float) -> str:
    if len(sums) == 1:
        return sums[0]
    factor = f"{scale:g} * " if scale != 1 else ""
    return f"{factor}CAST({sums[0]} AS DOUBLE) / NULLIF({sums[1]}, 0)"


def _name(place: Place, table: str) -> str:
    return f"{place.catalog}.{place.schema}.{table}"
