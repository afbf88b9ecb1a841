"""Run reports: each is one statement over the star of one scenario, with a title, what it means, and its units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from healthsim.analytics.metrics.query import stale_notes
from healthsim.analytics.metrics.registry import nearest, registry, unknown
from healthsim.analytics.metrics.scope import Scope, scoped
from healthsim.analytics.star.macros import expanded
from healthsim.db.connection import Database
from healthsim.db.sql import sql_text
from healthsim.errors import InvalidInput, NotFound, UsageError
from healthsim.remedies import remedy
from healthsim.results import ReportAnswer

if TYPE_CHECKING:
    import duckdb

PACKAGE = "healthsim.analytics.reports"
#: unit of a column -> digits after the point that are shown
DIGITS = {"count": 0, "USD": 2, "percent": 1, "decimal": 1, "ratio": 2}
_PARAMETER = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Report:
    """A named question.

    Attributes:
        how: what is counted, and how.
        needs: facts without which there is nothing to say.
        columns: unit of each column that holds numbers.
        chart: what the page draws.
        parameters: what can be changed, with the default.
    """

    name: str
    title: str
    question: str
    how: str
    needs: tuple[str, ...]
    columns: Mapping[str, str]
    chart: Mapping[str, Any]
    parameters: Mapping[str, Any]

    @property
    def sql(self) -> str:
        """Its statement."""
        return expanded(sql_text(PACKAGE, self.name))

    @property
    def compares(self) -> bool:
        """Whether it is about two scenarios."""
        return "$other" in self.sql

    def as_dict(self) -> dict[str, Any]:
        """What the catalogue shows of it."""
        return {
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "how": self.how,
            "parameters": dict(self.parameters),
            "needs": list(self.needs),
            "two_scenarios": self.compares,
        }


@cache
def reports() -> dict[str, Report]:
    """Every report, in the order in which they are listed."""
    text = files(PACKAGE).joinpath("reports.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {
        name: Report(
            name,
            facts["title"],
            facts["question"],
            facts["how"],
            tuple(facts["needs"]),
            facts["columns"],
            facts["chart"],
            facts.get("parameters", {}),
        )
        for name, facts in yaml.load(text, Loader=loader).items()
    }


def find(name: str) -> Report:
    """The report of that name.

    Raises:
        NotFound: there is none; the message lists the reports, the nearest first.
    """
    if name not in reports():
        raise unknown("report", name, reports(), near={entry.title.lower(): entry.name for entry in reports().values()})
    return reports()[name]


def report(
    database: Database,
    name: str,
    *,
    scenario: str | None = None,
    other: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    limit: int = 10_000,
    build: str = "missing",
) -> ReportAnswer:
    """A report about a scenario.

    Args:
        name: see ``catalog``.
        scenario: its name or id; left out, the only one that there is.
        other: the second scenario, for reports about two.
        parameters: other values for what the report lets you change.
        limit: rows at most.
        build: build the star where it is ``missing``, or also where it is ``stale``, or ``never``.

    Raises:
        NotFound: there is no such report, parameter or scenario.
        InvalidInput: a parameter is of another type.
        UsageError: a second scenario is missing, or is not wanted.
    """
    entry = find(name)
    values = _values(entry, parameters or {})
    if limit < 1:
        raise UsageError(f"The limit is {limit}; expected 1 or more.")
    if entry.compares and not (scenario and other):
        raise UsageError(
            f"The report {name} compares two scenarios: name them with {remedy('two scenarios', one='A', other='B')}."
        )
    if other and not entry.compares:
        raise UsageError(
            f"The report {name} is about one scenario; leave out {remedy('the second scenario')}, or see: {remedy('compare')}."
        )
    names = [side for side in (scenario, other) if side]
    with scoped(database, names, build) as (connection, scopes):
        if entry.compares and len(scopes) == 1:
            raise UsageError(
                f"{scopes[0].name} cannot be compared with itself; name another one with {remedy('the second scenario')}."
            )
        return _answer(connection, entry, scopes, values, limit)


def _values(entry: Report, settings: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(entry.parameters)
    for name, value in settings.items():
        if name not in values:
            if not values:
                raise NotFound(f"The report {entry.name} has no parameters; {name[:80]!r} was given.", name=name)
            shown = ", ".join(nearest(name, values))
            raise NotFound(f"The report {entry.name} has no parameter {name[:80]!r}; it has {shown}.", name=name)
        default = entry.parameters[name]
        if isinstance(default, int):
            text = str(value)
            if not re.fullmatch(r"\d{1,6}", text):
                raise InvalidInput(
                    f"{name} is {text[:80]!r}; expected a whole number from 0 to 999999, for example {default}.",
                    name=name,
                )
            value = int(text)
        values[name] = value if isinstance(value, int) else str(value)
    return values


def _answer(
    connection: duckdb.DuckDBPyConnection, entry: Report, scopes: Sequence[Scope], values: dict[str, Any], limit: int
) -> ReportAnswer:
    bound = values | {"scenario": scopes[0].key, "other": scopes[-1].key}
    used = set(_PARAMETER.findall(entry.sql))
    bound = {name: value for name, value in bound.items() if name in used}
    result = connection.execute(entry.sql, bound)
    columns = [description[0] for description in result.description or ()]
    raw = result.fetchall()
    notes = stale_notes(scopes)
    lacking = [_lacking(scope, fact) for scope in scopes for fact in entry.needs if _missing(connection, scope, fact)]
    if not raw and not lacking:
        notes.append(f"{scopes[0].name} has nothing to report here: no row meets what the report is about.")
    return ReportAnswer(
        report=entry.name,
        title=entry.title,
        question=entry.question,
        how=entry.how,
        columns=columns,
        units={name: entry.columns.get(name) for name in columns},
        rows=[[_plain(value) for value in row] for row in raw[:limit]],
        row_count=len(raw),
        returned=min(len(raw), limit),
        truncated=len(raw) > limit,
        populated=not lacking,
        notes=lacking + notes,
        scenarios=[scope.as_dict() for scope in scopes],
        parameters=values,
        chart=dict(entry.chart),
        sql=entry.sql,
    )


def _missing(connection: duckdb.DuckDBPyConnection, scope: Scope, fact: str) -> bool:
    if fact == "fact_population_measure":
        return not connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM analytics.fact_population_measure LIMIT 1)"
        ).fetchall()[0][0]
    return not scope.holds(fact)


def _lacking(scope: Scope, fact: str) -> str:
    if fact == "fact_population_measure":
        return f"No published figures are loaded (fact_population_measure is not populated). See: {remedy('list reference data')}."
    return (
        f"{scope.name} holds no {registry().facts[fact].holds} ({fact} is not populated): where they would count, there"
        " is no number, which is not 0."
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    return value


def shown(value: Any, unit: str | None) -> str:
    """A value as tables and pages show it."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if unit is None:
        return str(value)
    return f"{value:,.{DIGITS.get(unit, 1)}f}"
