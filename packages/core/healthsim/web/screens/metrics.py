"""The metrics explorer: pick what is measured, divide and filter it, and see how it is counted."""

from __future__ import annotations

import shlex
from typing import Any

from healthsim.errors import InvalidInput
from healthsim.results.metric_picture import picture_of
from healthsim.web.runs import Run
from healthsim.web.screens.cohort import criteria_of
from healthsim.web.screens.scenario import crumbs_of, tabs_of
from healthsim.web.visits import Column, Redirect, Screen, Sheet, View, Visit, address, scenario_part

#: rows of an answer on a page; ``.csv`` has all
_SHOWN = 200


def metrics(visit: Visit) -> View:
    """The values of a metric, by up to two dimensions."""
    scenario = visit.bench.get(visit.part("name"))
    catalog = visit.bench.catalog()
    name, by = visit.text("m", "pmpm"), visit.words("by")[:2]
    where = [text for text in visit.request.query_params.getlist("where") if text.strip()]
    (star,) = visit.bench.star(scenario.scenario_id)
    part = scenario_part(scenario)
    areas: dict[str, list[dict[str, Any]]] = {}
    for metric in catalog.metrics or []:
        areas.setdefault(metric["area"], []).append(metric)
    facts: dict[str, Any] = {
        "scenario": scenario,
        "tabs": tabs_of(scenario),
        "part": part,
        "star": star,
        "areas": areas,
        "name": name,
        "by": by,
        "where": where,
        "answer": None,
        "metric": None,
        "allowed": [dimension["name"] for dimension in catalog.dimensions or []],
        "picture": "",
        "sheet": None,
        "calls": _calls(scenario.name, name, by, where),
        "cohort": address("s", part, "cohort", **said) if (said := criteria_of(where)) else None,
    }
    crumbs, title = crumbs_of(scenario, inside=True), f"{scenario.name}: metrics"
    if star.state == "not built":
        return View("metrics.html", title, facts, star, Sheet([Column("metric")], [], "Values"), crumbs=crumbs)
    answer = visit.bench.query(name, by=by, where=where, scenario=scenario.scenario_id, build="never")
    (metric,) = answer.metrics
    columns = [Column(column, "number" if column == name else "text") for column in answer.columns]
    sheet = Sheet(columns, answer.rows[:_SHOWN], "Values", every=lambda: answer.rows, total=None)
    picture, left_out = picture_of(metric["title"], answer.columns, answer.rows)
    facts |= {
        "answer": answer,
        "metric": metric,
        "allowed": metric["dimensions"],
        "picture": picture,
        "left_out": left_out,
        "sheet": sheet,
        "more": len(answer.rows) - len(sheet.rows),
    }
    return View("metrics.html", f"{scenario.name}: {metric['title']}", facts, answer, sheet, crumbs=crumbs)


def _calls(scenario: str, name: str, by: list[str], where: list[str]) -> dict[str, str]:
    """The same question at the other doors."""
    words = ["healthsim", "analytics", "query", name, *(["--by", ",".join(by)] if by else [])]
    words += [word for text in where for word in ("--where", text)]
    python = [repr(name), *([f"by={','.join(by)!r}"] if by else []), *([f"where={where!r}"] if where else [])]
    return {
        "Command line": shlex.join([*words, "--scenario", scenario]),
        "Python": f"healthsim.query({', '.join(python)}, scenario={scenario!r})",
    }


def build(visit: Visit) -> Redirect:
    """Build the star of a scenario, as a run that can be followed."""
    scenario = visit.bench.get(visit.part("name"))
    if visit.form.get("build") != "star":
        raise InvalidInput("Nothing was asked for; expected the form of the page of metrics.")
    bench, name, part = visit.bench, scenario.scenario_id, scenario_part(scenario)

    def work(run: Run) -> str:
        bench.build(name, progress=lambda _, table, number, of: run.report(table, number, of))
        return address("s", part, "metrics")

    run = visit.runs.start(
        f"Star of {scenario.name}", shlex.join(["healthsim", "analytics", "build", scenario.name]), work
    )
    return Redirect(address("runs", run.run_id))


SCREENS = (
    Screen("/s/{name}/metrics", metrics, csv=True),
    Screen("/s/{name}/metrics", build, form=True),
)
