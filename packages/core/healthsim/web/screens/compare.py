"""Two scenarios side by side: what they hold, what their people are like, and a metric of both."""

from __future__ import annotations

from typing import Any

from healthsim.pictures.charts import bars_html
from healthsim.results import Scenario
from healthsim.web.visits import Column, Screen, Sheet, View, Visit, address, scenario_part

#: from here on two groups are said to differ (Austin, Multivariate Behav Res 2011;46:399-424)
NEGLIGIBLE = 0.1
#: rows of a comparison on a page; ``.csv`` has all
_SHOWN = 200


def compare(visit: Visit) -> View:
    """Choose two, and see in what they differ."""
    bench = visit.bench
    names = [scenario.name for scenario in bench.list(sort="name").scenarios]
    sides = [bench.get(visit.text(side)) if visit.text(side) else None for side in ("first", "second")]
    facts: dict[str, Any] = {
        "names": names,
        "first": sides[0],
        "second": sides[1],
        "metric": visit.text("m"),
        "by": visit.words("by")[:1],
        "metrics": bench.catalog().metrics or [],
        "dimensions": [dimension["name"] for dimension in bench.catalog().dimensions or []],
        "unbuilt": [],
        "answer": None,
        "held": None,
        "picture": "",
        "sheet": None,
        "more": 0,
    }
    first, second = sides
    empty = Sheet([Column("scenario")], [[name] for name in names], "Scenarios")
    if first is None or second is None:
        return View("compare.html", "Compare", facts, {"scenarios": names}, empty)
    facts["held"] = held = _held(first, second)
    unbuilt = [star for star in bench.star(first.scenario_id, second.scenario_id) if star.state == "not built"]
    facts["unbuilt"] = [(star.name, address("s", star.scenario_id, "metrics")) for star in unbuilt]
    title = f"{first.name} and {second.name}"
    facts["ways"] = [scenario_part(first), scenario_part(second)]
    if unbuilt:
        answer = {"first": first.name, "second": second.name, "entities": [list(row) for row in held.rows]}
        return View("compare.html", title, facts, answer, held, crumbs=[("Compare", "/compare")])
    facts |= _metric(visit, first, second) if visit.text("m") else _people(visit, first, second)
    return View("compare.html", title, facts, facts["answer"], facts["sheet"], crumbs=[("Compare", "/compare")])


def _held(first: Scenario, second: Scenario) -> Sheet:
    """Entities by type, of both."""
    counts = first.entities_by_type, second.entities_by_type
    rows = [
        [plural, *values, values[1] - values[0]]
        for plural in sorted({*counts[0], *counts[1]})
        for values in [[side.get(plural, 0) for side in counts]]
    ]
    columns = [Column("Entities"), *(Column(name, "number") for name in (first.name, second.name, "Difference"))]
    return Sheet(columns, rows, "What they hold")


def _people(visit: Visit, first: Scenario, second: Scenario) -> dict[str, Any]:
    """The characteristics of the people of both, those that differ most first."""
    answer = visit.bench.report("side_by_side", scenario=first.scenario_id, other=second.scenario_id, build="never")
    at = answer.columns.index("standardized_difference")
    rows = sorted(answer.rows, key=lambda row: -abs(row[at] or 0.0))
    columns = [Column(name.replace("_", " "), "number" if unit else "text") for name, unit in answer.units.items()]
    differing = [row for row in rows if abs(row[at] or 0.0) >= NEGLIGIBLE]
    bars = [(str(row[0]), abs(row[at])) for row in differing[:20]]
    return {
        "answer": answer,
        "says": f"{len(differing):,} of {len(rows):,} characteristics differ by a standardized difference of"
        f" {NEGLIGIBLE} or more, below which a difference is usually called negligible.",
        "picture": bars_html(bars, shares=False),
        "left_out": f"The 20 largest of {len(differing):,} are drawn, without their sign."
        if len(differing) > 20
        else "",
        "sheet": Sheet(columns, rows[:_SHOWN], "What their people are like", every=lambda: rows),
        "more": max(len(rows) - _SHOWN, 0),
        "definition": answer.how,
    }


def _metric(visit: Visit, first: Scenario, second: Scenario) -> dict[str, Any]:
    """A metric of both, with its difference."""
    name = visit.text("m")
    answer = visit.bench.compare(
        name, scenario=first.scenario_id, other=second.scenario_id, by=visit.words("by")[:1], build="never"
    )
    rows = answer.rows
    columns = [
        Column(
            column.replace("_", " "), "number" if any(isinstance(row[place], (int, float)) for row in rows) else "text"
        )
        for place, column in enumerate(answer.columns)
    ]
    (metric,) = answer.metrics or [{}]
    return {
        "answer": answer,
        "says": metric.get("title", name),
        "left_out": "",
        "sheet": Sheet(columns, rows[:_SHOWN], "Values of both", every=lambda: rows),
        "more": max(len(rows) - _SHOWN, 0),
        "definition": metric.get("definition", ""),
    }


SCREENS = (Screen("/compare", compare, csv=True),)
