"""Ask for metrics: the answer with what each number means, the SQL, how current it is, and what is not there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from healthsim.analytics.metrics.compiler import Compiled, Question, compile_question
from healthsim.analytics.metrics.filters import Filter, Where
from healthsim.analytics.metrics.registry import Metric, nearest, registry
from healthsim.analytics.metrics.scope import Scope, scoped
from healthsim.db.connection import Database
from healthsim.db.sql import quoted
from healthsim.errors import UsageError
from healthsim.remedies import remedy
from healthsim.results import MetricAnswer

if TYPE_CHECKING:
    import duckdb


def query(
    database: Database,
    metrics: str | Sequence[str],
    *,
    by: str | Sequence[str] = (),
    where: str | Where = (),
    scenarios: str | Sequence[str] = (),
    time: str | None = None,
    order: str | None = None,
    limit: int = 10_000,
    parts: bool = False,
    build: str = "missing",
) -> MetricAnswer:
    """The values of metrics.

    Args:
        metrics, by: names, as a list or separated by commas; see ``catalog``.
        where: conditions such as ``age_band=65+``, or {dimension: value or values}.
        scenarios: names or ids; left out, the only one that there is. Several are told apart by a column.
        time: the date that month, year ... mean (``start``, ``service``, ``paid`` ...); default: that of each metric.
        order: a column to sort by, ``-`` in front for the largest first.
        limit: rows at most.
        parts: also give the numerator and denominator of each metric.
        build: build the star where it is ``missing``, or also where it is ``stale``, or ``never``.

    Raises:
        NotFound: a metric, a dimension or a scenario does not exist; the message names the nearest ones.
        InvalidInput: a condition cannot be read, or a metric cannot be divided like that.
        UsageError: no metric is named, or it is not clear which scenario is meant.
    """
    if limit < 1:
        raise UsageError(f"The limit is {limit}; expected 1 or more.")
    conditions = [where] if isinstance(where, str) else where
    question = Question.of(words(metrics), words(by), conditions, time)
    with scoped(database, [scenarios] if isinstance(scenarios, str) else scenarios, build) as (connection, scopes):
        return answer(connection, question, scopes, order=order, limit=limit, parts=parts)


def words(names: str | Sequence[str]) -> list[str]:
    """Names, given as a list or separated by commas."""
    listed = names.split(",") if isinstance(names, str) else names
    return [name.strip() for name in listed if name.strip()]


def answer(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    scopes: Sequence[Scope],
    *,
    order: str | None = None,
    limit: int = 10_000,
    parts: bool = False,
) -> MetricAnswer:
    """The answer to a question about scenarios of the star."""
    compiled = compile_question(question, {scope.key: scope.name for scope in scopes}, order=order)
    raw = connection.execute(f"{compiled.sql}\nLIMIT {limit + 1}", compiled.parameters).fetchall()
    truncated = len(raw) > limit
    total = len(raw)
    if truncated:
        counted = connection.execute(f"SELECT count(*) FROM ({compiled.sql}) AS answer", compiled.parameters)
        total = counted.fetchall()[0][0]
    shown = _shown(question, compiled, len(scopes) > 1, parts)
    rows = [_row(row, compiled, question, scopes, shown) for row in raw[:limit]]
    notes = [*_absences(question, scopes), *stale_notes(scopes)]
    if (not rows and question.by) or (question.filters and _empty(raw, compiled, question)):
        notes += _missed(connection, question.filters, scopes)
    return MetricAnswer(
        columns=shown,
        rows=rows,
        row_count=total,
        returned=len(rows),
        truncated=truncated,
        metrics=[metric.as_dict() | {"populated": _populated(metric, scopes)} for metric in question.metrics],
        dimensions=[dimension.as_dict() for dimension in question.by],
        filters=[condition.as_text() for condition in question.filters],
        scenarios=[scope.as_dict() for scope in scopes],
        notes=notes,
        sql=compiled.sql,
        parameters={name: _plain(value) for name, value in compiled.parameters.items()},
    )


def _shown(question: Question, compiled: Compiled, several: bool, parts: bool) -> list[str]:
    names = (["scenario"] if several else []) + [dimension.name for dimension in question.by]
    for metric in question.metrics:
        if parts:
            names.append(f"{metric.name}_numerator")
            names += [f"{metric.name}_denominator"] if metric.denominator else []
        names.append(metric.name)
    return names


def _row(
    raw: tuple[Any, ...], compiled: Compiled, question: Question, scopes: Sequence[Scope], shown: Sequence[str]
) -> list[Any]:
    row = {name: _plain(value) for name, value in zip(compiled.columns, raw, strict=True)}
    of = next((scope for scope in scopes if scope.name == row.get("scenario")), scopes[0])
    for metric in question.metrics:
        # a sum over nothing is 0 only where there could have been something
        if not of.holds(metric.numerator.fact):
            row[metric.name] = row[f"{metric.name}_numerator"] = None
        if metric.denominator is not None and not of.holds(metric.denominator.fact):
            row[metric.name] = row[f"{metric.name}_denominator"] = None
    return [row[name] for name in shown]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def _populated(metric: Metric, scopes: Sequence[Scope]) -> dict[str, bool]:
    return {scope.name: all(scope.holds(part.fact) for part in metric.parts) for scope in scopes}


def _absences(question: Question, scopes: Sequence[Scope]) -> list[str]:
    """What the scenarios do not hold, and which metrics have no value for that reason."""
    notes: list[str] = []
    for scope in scopes:
        lacking: dict[str, list[str]] = {}
        for metric in question.metrics:
            for part in metric.parts:
                if not scope.holds(part.fact) and metric.name not in lacking.setdefault(part.fact, []):
                    lacking[part.fact].append(metric.name)
        for fact, names in lacking.items():
            if names:
                notes.append(
                    f"{scope.name} holds no {registry().facts[fact].holds} ({fact} is not populated): {', '.join(names)}"
                    f" {'has' if len(names) == 1 else 'have'} no value, which is not 0."
                )
    return notes


def stale_notes(scopes: Sequence[Scope]) -> list[str]:
    """What to say about scenarios whose star is not current."""
    return [
        f"The star of {scope.name} is stale ({scope.reason}); the answer is as of {scope.built_at} UTC. Bring it up to date"
        f" with {remedy('bring the star up to date')}."
        for scope in scopes
        if scope.stale
    ]


def _empty(raw: Sequence[tuple[Any, ...]], compiled: Compiled, question: Question) -> bool:
    places = [compiled.columns.index(f"{metric.name}_numerator") for metric in question.metrics]
    return all(not row[place] for row in raw for place in places)


def _missed(connection: duckdb.DuckDBPyConnection, filters: Sequence[Filter], scopes: Sequence[Scope]) -> list[str]:
    """Which conditions name a value that their dimension does not have, and the values that it has."""
    known = registry()
    notes = []
    for condition in filters:
        dimension = known.dimensions[condition.dimension]
        if (
            dimension.type != "text"
            or dimension.of in ("time", "fact")
            or dimension.labels
            or condition.operator != "="
        ):
            continue
        table = known.entities[dimension.of][0]
        column = quoted(dimension.column)
        scoped_table = table in _SCOPED
        where = f" WHERE scenario_key IN ({', '.join(str(scope.key) for scope in scopes)})" if scoped_table else ""
        rows = connection.execute(f"SELECT DISTINCT {column} FROM analytics.{table}{where}").fetchall()
        # Unknown is a row of most dimensions, and what an empty value is called
        values = list(dict.fromkeys([*(value for (value,) in rows if value is not None), dimension.missing]))
        for value in condition.values:
            if value not in values:
                shown = ", ".join(nearest(str(value), values)[:8])
                notes.append(f"{dimension.name} has no value {str(value)[:80]!r}; nearest first: {shown}.")
    return notes


_SCOPED = (
    "dim_person",
    "dim_plan",
    "dim_coverage",
    "dim_provider",
    "dim_facility",
    "dim_pharmacy",
    "dim_study",
    "dim_site",
    "dim_arm",
)
