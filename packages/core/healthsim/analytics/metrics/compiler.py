"""Questions into SQL: each fact is summed to the common dimensions on its own, and only then are the sums joined.

So a row of one fact never meets the rows of another, and nothing is counted twice. Sums of the same fact under the same
conditions share one pass over it. Values are parameters; names come from the registry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from healthsim.analytics.metrics.columns import columns_of
from healthsim.analytics.metrics.filters import Filter, read_filters
from healthsim.analytics.metrics.registry import (
    Dimension,
    Fact,
    Metric,
    Part,
    Registry,
    dimension_group,
    on_fact,
    reaches,
    registry,
)
from healthsim.db.sql import literal, quoted
from healthsim.errors import InvalidInput, NotFound, UsageError
from healthsim.remedies import remedy


@dataclass(frozen=True)
class Question:
    """What is asked, by names that exist.

    Attributes:
        metrics: what is measured.
        by: what the answer is divided by.
        filters: what it is about.
        role: the date that time dimensions mean, where facts have several; default: each fact's first.
    """

    metrics: tuple[Metric, ...]
    by: tuple[Dimension, ...]
    filters: tuple[Filter, ...]
    role: str | None = None

    @classmethod
    def of(cls, metrics: Sequence[str], by: Sequence[str] = (), where: Any = (), role: str | None = None) -> Question:
        """Read and check the names.

        Raises:
            NotFound: a name does not exist; the message lists the valid ones, the nearest first.
            InvalidInput: a condition cannot be read, or a metric cannot be divided like that.
        """
        known = registry()
        if not metrics:
            raise UsageError(f"No metric is asked for. See: {remedy('list metrics')}.")
        asked = cls(
            tuple(known.metric(name) for name in dict.fromkeys(metrics)),
            tuple(known.dimension(name) for name in dict.fromkeys(by)),
            read_filters(where),
            role,
        )
        roles = {role.name for fact in known.facts.values() for role in fact.roles}
        if role is not None and role not in roles:
            raise NotFound(f"There is no date {role!r}; expected one of {', '.join(sorted(roles))}.", name=role)
        asked.check()
        return asked

    def check(self) -> None:
        """Refuse dimensions that a metric does not have."""
        names = [dimension.name for dimension in self.by] + [condition.dimension for condition in self.filters]
        for metric in self.metrics:
            if metric.needs is not None and metric.needs not in names:
                raise InvalidInput(
                    f"{metric.name} adds up nothing sensible over all of {metric.needs}; divide it with"
                    f" {remedy('divide by', dimension=metric.needs)}, or ask about some with"
                    f" {remedy('only where', dimension=metric.needs, value=registry().dimensions[metric.needs].example)}.",
                    metric=metric.name,
                    dimension=metric.needs,
                )
            for name in dict.fromkeys(names):
                why = metric.refusal(name, self.role)
                if why is not None:
                    allowed = metric.dimensions
                    raise InvalidInput(
                        f"{metric.name} cannot be divided by {name}: {why}. It can be divided by {', '.join(allowed)}.",
                        metric=metric.name,
                        dimension=name,
                        valid=list(allowed),
                    )


@dataclass(frozen=True)
class Join:
    """A dimension that rows of a fact are joined to: its table and key, and what of the fact, or of another one, leads to it.

    Attributes:
        alias: what it is called, as SQL.
        path: the other side: ``fact.plan_key``, or ``"person".geography_key`` of a dimension that is joined before.
    """

    table: str
    alias: str
    key: str
    path: str

    def __str__(self) -> str:
        return f"LEFT JOIN analytics.{self.table} AS {self.alias} ON {self.alias}.{self.key} = {self.path}"


@dataclass(frozen=True)
class Spelled:
    """An expression over ``fact`` with its values in it, and the joins that it needs."""

    sql: str
    joins: tuple[Join, ...]


def spelled_sum(part: Part) -> Spelled:
    """The sum of a part of a metric, for SQL that takes no parameters: views of other engines."""
    compiler = _Compiler(Question((), (), ()), {})
    joins: dict[str, Join] = {}
    return compiler.spelled(compiler.sum(registry().facts[part.fact], part, joins), joins)


def spelled_value(fact: Fact, dimension: Dimension) -> Spelled:
    """The value of a dimension for a row of a fact."""
    compiler = _Compiler(Question((), (), ()), {})
    joins: dict[str, Join] = {}
    return compiler.spelled(compiler.value(fact, dimension, joins), joins)


@dataclass
class Compiled:
    """SQL with its parameters.

    Attributes:
        columns: dimensions, then numerator and denominator of each metric, then the metrics.
    """

    sql: str
    parameters: dict[str, Any]
    columns: list[str]


@dataclass
class _Pass:
    """One pass over a fact: its joins, its dimensions, its sums."""

    fact: Fact
    by: tuple[Dimension, ...]
    filters: tuple[Filter, ...]
    sums: dict[Part, str] = field(default_factory=dict)


def compile_question(question: Question, scenarios: Mapping[int, str], *, order: str | None = None) -> Compiled:
    """The SQL of a question about scenarios.

    Args:
        scenarios: key in the star -> what the answer calls the scenario.
        order: a column, with ``-`` in front for the largest first; by default rows follow the dimensions.
    """
    return _Compiler(question, scenarios).compile(order)


class _Compiler:
    def __init__(self, question: Question, scenarios: Mapping[int, str]) -> None:
        self.question = question
        self.known: Registry = registry()
        self.parameters: dict[str, Any] = {}
        self.scenarios = {self._bind(key): name for key, name in scenarios.items()}
        self.divided = len(scenarios) > 1
        self.passes: dict[tuple[str, tuple[str, ...], tuple[Filter, ...]], _Pass] = {}

    def compile(self, order: str | None) -> Compiled:
        metrics = self.question.metrics
        places = {
            (metric.name, number): self._place(metric, part)
            for metric in metrics
            for number, part in enumerate(metric.parts)
        }
        names = {id(pass_over): f"pass_{number}" for number, pass_over in enumerate(self.passes.values(), start=1)}
        texts = [f"{names[id(pass_over)]} AS (\n{self._select(pass_over)}\n)" for pass_over in self.passes.values()]
        dimensions = (["scenario"] if self.divided else []) + [dimension.name for dimension in self.question.by]
        full = [pass_over for pass_over in self.passes.values() if len(pass_over.by) == len(self.question.by)]
        if dimensions:
            columns = ", ".join(quoted(name) for name in dimensions)
            union = "\n    UNION\n    ".join(f"SELECT {columns} FROM {names[id(pass_over)]}" for pass_over in full)
            texts.append(f"spine AS (\n    {union}\n)")
            source = "FROM spine"
            for pass_over in self.passes.values():
                shared = (["scenario"] if self.divided else []) + [dimension.name for dimension in pass_over.by]
                matches = " AND ".join(
                    f"{names[id(pass_over)]}.{quoted(name)} IS NOT DISTINCT FROM spine.{quoted(name)}"
                    for name in shared
                )
                source += f"\n{'LEFT JOIN' if matches else 'CROSS JOIN'} {names[id(pass_over)]}"
                source += f" ON {matches}" if matches else ""
        else:
            source = "FROM " + "\nCROSS JOIN ".join(names[id(pass_over)] for pass_over in self.passes.values())
        shown = [f"spine.{quoted(name)}" for name in dimensions]
        values, alive = [], []
        for metric in metrics:
            parts = []
            for number in range(len(metric.parts)):
                pass_over, column = places[metric.name, number]
                parts.append(f"coalesce({names[id(pass_over)]}.{column}, 0)")
            alive += [f"{part} <> 0" for part in parts]
            below = parts[1] if len(parts) > 1 else "NULL"
            shown += [
                f"{parts[0]} AS {quoted(metric.name + '_numerator')}",
                f"{below} AS {quoted(metric.name + '_denominator')}",
            ]
            value = (
                parts[0]
                if len(parts) == 1
                else f"{metric.scale:g} * CAST({parts[0]} AS DOUBLE) / nullif({parts[1]}, 0)"
            )
            values.append(f"{value} AS {quoted(metric.name)}")
        sql = "WITH " + ",\n".join(texts) + "\nSELECT\n    " + ",\n    ".join([*shown, *values]) + f"\n{source}"
        if dimensions:
            sql += f"\nWHERE {' OR '.join(alive)}\nORDER BY {self._order(dimensions, order)}"
        else:
            # there is one row and nothing to sort, but a column that is not there is a mistake all the same
            self._order(dimensions, order)
        listed = dimensions + [f"{metric.name}_{part}" for metric in metrics for part in ("numerator", "denominator")]
        return Compiled(sql, self.parameters, listed + [metric.name for metric in metrics])

    def _order(self, dimensions: list[str], order: str | None) -> str:
        parts = []
        if order:
            name = order.removeprefix("-")
            valid = [*dimensions, *(metric.name for metric in self.question.metrics)]
            if name not in valid:
                raise NotFound(
                    f"The answer has no column {name[:80]!r} to sort by; expected one of {', '.join(valid)}."
                )
            parts.append(f"{quoted(name)} {'DESC' if order.startswith('-') else 'ASC'} NULLS LAST")
        for name in dimensions:
            column = f"spine.{quoted(name)}"
            if name in self.known.dimensions and self.known.dimensions[name].numbered:
                parts.append(f"TRY_CAST(regexp_extract({column}, '^[0-9]+') AS INTEGER) NULLS LAST")
            parts.append(f"{column} NULLS LAST")
        return ", ".join(parts)

    # -- one pass over a fact ---------------------------------------------------------------------------------

    def _place(self, metric: Metric, part: Part) -> tuple[_Pass, str]:
        """The pass and the column that hold a part of a metric."""
        fact = self.known.facts[part.fact]
        divisible = part is metric.denominator and metric.whole

        def kept(dimension: Dimension) -> bool:
            return reaches(fact, dimension) or not (divisible and dimension_group(dimension) in metric.whole)

        by = tuple(dimension for dimension in self.question.by if kept(dimension))
        filters = tuple(
            pass_over for pass_over in self.question.filters if kept(self.known.dimensions[pass_over.dimension])
        )
        key = (fact.name, tuple(dimension.name for dimension in by), filters)
        pass_over = self.passes.setdefault(key, _Pass(fact, by, filters))
        return pass_over, pass_over.sums.setdefault(part, f"sum_{len(pass_over.sums) + 1}")

    def _select(self, pass_over: _Pass) -> str:
        joins: dict[str, Join] = {}
        columns, grouped = [], []
        if self.divided:
            # not the name in dim_scenario: that is the one that a scenario had when its star was built
            cases = " ".join(f"WHEN {key} THEN {self._bind(name)}" for key, name in self.scenarios.items())
            columns.append(f'CASE fact.scenario_key {cases} END AS "scenario"')
        for dimension in pass_over.by:
            columns.append(f"{self.value(pass_over.fact, dimension, joins)} AS {quoted(dimension.name)}")
        grouped = [str(number) for number in range(1, len(columns) + 1)]
        conditions = [f"fact.scenario_key IN ({', '.join(self.scenarios)})"]
        conditions += [self._condition(pass_over.fact, condition, joins) for condition in pass_over.filters]
        columns += [self.sum(pass_over.fact, part, joins) + f" AS {name}" for part, name in pass_over.sums.items()]
        lines = ["    SELECT " + ",\n        ".join(columns), f"    FROM analytics.{pass_over.fact.name} AS fact"]
        lines += [f"    {join}" for join in joins.values()]
        lines.append("    WHERE " + " AND ".join(conditions))
        if grouped:
            lines.append(f"    GROUP BY {', '.join(grouped)}")
        return "\n".join(lines)

    def sum(self, fact: Fact, part: Part, joins: dict[str, Join]) -> str:
        conditions = [f"({part.when})"] if part.when else []
        conditions += [self._condition(fact, condition, joins) for condition in read_filters(part.where)]
        expression = f"count(DISTINCT {part.expression})" if part.distinct else f"sum({part.expression})"
        if part.distinct and part.expression == "person_key":
            # whoever is not known is nobody in particular
            conditions.append("fact.person_key > 0")
        expression = on_fact(expression, columns_of(fact.name))
        kept = [on_fact(condition, columns_of(fact.name)) for condition in conditions]
        return f"{expression} FILTER (WHERE {' AND '.join(kept)})" if kept else expression

    def value(self, fact: Fact, dimension: Dimension, joins: dict[str, Join]) -> str:
        column = self._column(fact, dimension, joins)
        if dimension.labels:
            cases = " ".join(f"WHEN {number} THEN {literal(label)}" for number, label in dimension.labels.items())
            return f"CASE {column} {cases} ELSE {literal(dimension.missing)} END"
        if dimension.type in ("integer", "date"):
            return column
        return f"coalesce({column}, {literal(dimension.missing)})"

    def _column(self, fact: Fact, dimension: Dimension, joins: dict[str, Join]) -> str:
        if dimension.of == "fact":
            return f"fact.{quoted(dimension.column)}"
        if dimension.of == "time":
            role = fact.role(self.question.role)
            assert role is not None
            joins["date"] = Join("dim_date", "calendar", "date_key", role.key)
            return f"calendar.{quoted(dimension.column)}"
        self._join(fact, dimension.of, joins)
        return f"{quoted(dimension.of)}.{quoted(dimension.column)}"

    def _join(self, fact: Fact, entity: str, joins: dict[str, Join]) -> None:
        table, key = self.known.entities[entity]
        path = fact.keys[entity]
        if path.startswith("person."):
            self._join(fact, "person", joins)
            path = f'"person".{path.removeprefix("person.")}'
        else:
            path = f"fact.{path}"
        joins[entity] = Join(table, quoted(entity), key, path)

    def _condition(self, fact: Fact, condition: Filter, joins: dict[str, Join]) -> str:
        dimension = self.known.dimensions[condition.dimension]
        value = self.value(fact, dimension, joins)
        names = [self._bind(item) for item in condition.values]
        if condition.operator == "=":
            return f"{value} IN ({', '.join(names)})"
        if condition.operator == "!=":
            return f"({value} NOT IN ({', '.join(names)}) OR {value} IS NULL)"
        # months and quarters are text: the label of an unknown date is larger than all of them
        known = f" AND {value} <> {literal(dimension.missing)}" if dimension.type in ("month", "quarter") else ""
        return f"({value} {condition.operator} {names[0]}{known})"

    def _bind(self, value: Any) -> str:
        for name, bound in self.parameters.items():
            if type(bound) is type(value) and bound == value:
                return f"${name}"
        name = f"p{len(self.parameters) + 1}"
        self.parameters[name] = value
        return f"${name}"

    def spelled(self, sql: str, joins: Mapping[str, Join]) -> Spelled:
        """An expression with its values in the place of its parameters."""
        values = {
            name: literal(value) if isinstance(value, str) else str(value) for name, value in self.parameters.items()
        }
        return Spelled(re.sub(r"\$(p\d+)\b", lambda place: values[place[1]], sql), tuple(joins.values()))
