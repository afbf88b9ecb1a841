"""Comparisons: scenario with scenario, period with period, scenario with the published figures of its places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from healthsim.analytics.metrics.compiler import Question
from healthsim.analytics.metrics.filters import Where
from healthsim.analytics.metrics.query import answer, stale_notes, words
from healthsim.analytics.metrics.scope import Scope, scoped
from healthsim.analytics.reports.report import report
from healthsim.analytics.star.macros import expanded
from healthsim.db.connection import Database
from healthsim.db.sql import sql_text
from healthsim.errors import InvalidInput, UsageError
from healthsim.remedies import remedy
from healthsim.results import Comparison, MetricAnswer

REFERENCES = ("places", "svi")
_PERIODS = (
    (r"\d{4}", "year"),
    (r"\d{4}-Q[1-4]", "quarter"),
    (r"\d{4}-(?:0[1-9]|1[0-2])", "month"),
    (r"\d{4}-\d\d-\d\d", "day"),
)


def compare(
    database: Database,
    metrics: str | Sequence[str] = (),
    *,
    scenario: str | None = None,
    other: str | None = None,
    period: str | None = None,
    other_period: str | None = None,
    reference: str | None = None,
    by: str | Sequence[str] = (),
    where: str | Where = (),
    limit: int = 10_000,
    build: str = "missing",
) -> Comparison:
    """Two answers side by side, with their difference (second less first).

    Args:
        metrics, by, where, limit, build: as in ``query``.
        scenario: the first scenario; left out, the only one that there is.
        other: the second scenario.
        period, other_period: the first and the second period: a year, quarter, month or day, or FROM..TO of these.
        reference: ``places`` (prevalence of conditions among adults) or ``svi`` (age and minorities), instead of metrics.

    Raises:
        UsageError: it is not clear what is to be compared with what.
        NotFound, InvalidInput: as in ``query``.
    """
    if limit < 1:
        raise UsageError(f"The limit is {limit}; expected 1 or more.")
    named = words(metrics)
    if reference is not None:
        if named or other or period or other_period or by or where:
            raise UsageError("A comparison with published figures takes a scenario and nothing else.")
        return _with_reference(database, scenario, reference, limit, build)
    periods = [text for text in (period, other_period) if text]
    if (other is None) == (len(periods) < 2) or (other is not None and len(periods) == 2):
        raise UsageError(
            f"Compare two scenarios ({remedy('two scenarios', one='A', other='B')}), two periods ({remedy('two periods')}), or a"
            f" scenario with published figures ({remedy('published figures')})."
        )
    if other is not None and scenario is None:
        raise UsageError(
            f"Name the scenario that {other!r} is compared with: {remedy('two scenarios', one='A', other=other)}."
        )
    conditions = [where] if isinstance(where, str) else where
    sides: list[str] = periods
    asked = [Question.of(named, words(by), _during(conditions, text)) for text in (periods * 2 if other else periods)]
    names = [side for side in (scenario, other) if side]
    with scoped(database, names, build) as (connection, scopes):
        if other is not None:
            if len(scopes) == 1:
                raise UsageError(
                    f"{scopes[0].name} cannot be compared with itself; name another one with {remedy('the second scenario')}."
                )
            sides = [scope.name for scope in scopes]
            asked = asked or [Question.of(named, words(by), conditions)] * 2
        chosen = list(scopes) if other is not None else [scopes[0], scopes[0]]
        answers = [
            answer(connection, question, [scope], limit=1_000_000)
            for question, scope in zip(asked, chosen, strict=True)
        ]
    return _beside(answers, sides, words(by), scopes, limit)


def _beside(
    answers: Sequence[MetricAnswer], sides: Sequence[str], by: Sequence[str], scopes: Sequence[Scope], limit: int
) -> Comparison:
    count = len(dict.fromkeys(by))
    cells: dict[tuple[Any, ...], list[list[Any] | None]] = {}
    for place, numbers in enumerate(answers):
        for row in numbers["rows"]:
            cells.setdefault(tuple(row[:count]), [None, None])[place] = row[count:]
    rows = []
    for key, pair in cells.items():
        for number, metric in enumerate(answers[0]["metrics"]):
            values = [
                _value(side, number, answer["metrics"][number]) for side, answer in zip(pair, answers, strict=True)
            ]
            rows.append([*key, metric["name"], metric["unit"], *values, _less(*values), _change(*values)])
    notes = [note for answer in answers for note in answer["notes"]]
    return Comparison(
        first=sides[0],
        second=sides[1],
        columns=[*dict.fromkeys(by), "metric", "unit", "first", "second", "difference", "change_percent"],
        rows=rows[:limit],
        row_count=len(rows),
        returned=min(len(rows), limit),
        truncated=len(rows) > limit,
        metrics=answers[0].metrics,
        scenarios=[scope.as_dict() for scope in scopes],
        notes=list(dict.fromkeys(notes)),
        sql=[answer.sql for answer in answers],
        parameters=[answer.parameters for answer in answers],
    )


def _value(row: list[Any] | None, number: int, metric: Mapping[str, Any]) -> Any:
    if row is not None:
        return row[number]
    # no row: a sum of nothing is 0 where there could have been something, a ratio has no value
    return 0 if metric["denominator"] is None and all(metric["populated"].values()) else None


def _less(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else second - first


def _change(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None or not first else 100.0 * (second - first) / abs(first)


def _during(where: Where, period: str) -> list[str]:
    """The conditions of a question, with those of a period."""
    if isinstance(where, Mapping):
        raise InvalidInput("With periods, give conditions as text: where=['plan_type=HMO'].")
    start, dots, end = period.partition("..")
    name = _unit(start)
    if not dots:
        return [*where, f"{name}={start}"]
    if _unit(end) != name or end < start:
        raise InvalidInput(
            f"{period[:60]!r} is no period: expected FROM..TO of one kind, as in 2024-01..2024-06.", period=period
        )
    return [*where, f"{name}>={start}", f"{name}<={end}"]


def _unit(text: str) -> str:
    for pattern, name in _PERIODS:
        if re.fullmatch(pattern, text):
            return name
    raise InvalidInput(
        f"{text[:60]!r} is no period: expected a year (2024), quarter (2024-Q1), month (2024-03) or day (2024-03-15), or two"
        " of them as FROM..TO.",
        period=text[:200],
    )


def _with_reference(database: Database, scenario: str | None, reference: str, limit: int, build: str) -> Comparison:
    if reference not in REFERENCES:
        raise UsageError(
            f"There are no published figures called {reference[:60]!r}; expected {' or '.join(REFERENCES)}."
        )
    if reference == "places":
        published = report(database, "places_prevalence", scenario=scenario, limit=limit, build=build)
        places = {name: number for number, name in enumerate(published["columns"])}
        kept = (
            "county",
            "condition",
            "adults",
            "prevalence",
            "places",
            "places_low",
            "places_high",
            "in_interval",
            "agrees",
            "release",
        )
        rows = [
            [row[places[name]] for name in kept] + [_less(row[places["places"]], row[places["prevalence"]])]
            for row in published["rows"]
        ]
        columns = [{"prevalence": "first", "places": "second"}.get(name, name) for name in kept] + ["difference"]
        kept_facts = {
            key: published[key] for key in ("row_count", "returned", "truncated", "notes", "scenarios", "sql", "how")
        }
        return Comparison(published.scenarios[0]["scenario"], "PLACES", columns, rows, **kept_facts)
    statement = expanded(sql_text("healthsim.analytics.metrics", "svi_shares"))
    with scoped(database, [scenario] if scenario else [], build) as (connection, scopes):
        result = connection.execute(statement, {"scenario": scopes[0].key})
        columns = [description[0] for description in result.description or ()]
        raw = [list(row) for row in result.fetchall()]
    notes = stale_notes(scopes)
    if not raw:
        notes.append(
            f"Nothing can be compared: {scopes[0].name} has no people in a county of which these figures of SVI are loaded. The"
            f" starter set has some figures only; load the official file with {remedy('fetch svi')}."
        )
    return Comparison(
        first=scopes[0].name,
        second="SVI",
        columns=columns,
        rows=raw[:limit],
        row_count=len(raw),
        returned=min(len(raw), limit),
        truncated=len(raw) > limit,
        notes=notes,
        scenarios=[scope.as_dict() for scope in scopes],
        sql=statement,
        how="Living people of the scenario at the end of its data, in percent; SVI: percent of residents.",
    )
