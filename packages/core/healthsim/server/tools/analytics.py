"""Tools over the star: build it, see what can be asked, and ask: metrics, comparisons, reports.

Those that ask build the star of a scenario that has none yet, so that the first question is answered.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field

from healthsim.results import Comparison, MetricAnswer, ReportAnswer
from healthsim.server.declaring import Bench, tool
from healthsim.server.results import AnalyticsAnswer, AnalyticsBuilds, AnalyticsCatalog, AnalyticsStatus

#: facts that a conversation rarely needs; the commands give them with --json
_LEFT_OUT = ("sql", "parameters", "chart", "units")

Words = Annotated[list[str], Field(max_length=50)]
Names = Annotated[list[str], Field(description="Names or ids.", max_length=50)]
Where = Annotated[
    list[str] | None,
    Field(description='Conditions such as "age_band=65+", "plan_type=HMO,PPO", "year>=2024".', max_length=50),
]
Limit = Annotated[int, Field(ge=1, le=1_000, description="Rows at most.")]


@tool(
    "Show the star's status",
    "reads",
    command="analytics status",
    verb="star",
)
def analytics_status(bench: Bench, names: Names | None = None) -> AnalyticsStatus:
    """Show which scenarios have a star (for metrics and reports), and whether it is current."""
    answer = bench.star(*names or ())
    listed = [
        {key: value for key, value in item.as_dict().items() if key != "tables"}
        | {"rows": {table: facts["rows"] for table, facts in (item.tables or {}).items() if facts["rows"]}}
        for item in answer[:100]
    ]
    return AnalyticsStatus(scenarios=listed, total_count=len(answer), truncated=len(answer) > len(listed))


@tool(
    "Build the star",
    "changes",
    command="analytics build",
    verb="build",
    idempotent=True,
)
def analytics_build(
    bench: Bench, names: Names, mode: Literal["auto", "full", "incremental"] = "auto"
) -> AnalyticsBuilds:
    """Refresh the star of scenarios that were written since it was built; questions build one that is missing.

    Scenarios themselves do not change. With auto, what has not changed is left alone: scenarios, and persons in them.
    """
    done = bench.build(*names, mode=mode)
    builds = [{key: value for key, value in item.as_dict().items() if key != "tables"} for item in done]
    return AnalyticsBuilds(builds=builds)


@tool("Show what can be asked", "reads", command="analytics describe", verb="catalog")
def analytics_catalog(
    bench: Bench,
    name: Annotated[
        str | None, Field(description="A metric, dimension or report: its whole definition.", max_length=200)
    ] = None,
    search: Annotated[str | None, Field(description="Only what has this word.", max_length=200)] = None,
) -> AnalyticsCatalog:
    """List metrics, dimensions and reports, or give the whole definition of one. Use it before the first question."""
    answer = bench.catalog(name, search=search)
    if name is not None:
        return AnalyticsCatalog(described=answer.as_dict(), metrics={}, dimensions={}, reports={}, hint=None)
    return AnalyticsCatalog(
        described=None,
        metrics={entry["name"]: f"{entry['title']} ({entry['unit']})" for entry in answer.metrics or ()},
        dimensions={entry["name"]: f"{entry['meaning']}; e.g. {entry['example']}" for entry in answer.dimensions or ()},
        reports={entry["name"]: entry["question"] for entry in answer.reports or ()},
        hint="Give name for numerator, denominator, source and dimensions of a metric.",
    )


@tool("Ask for metrics", "adds", command="analytics query", verb="query", idempotent=True)
def analytics_query(
    bench: Bench,
    metrics: Words,
    by: Annotated[list[str] | None, Field(description="Divide by: month, plan_type ...", max_length=20)] = None,
    where: Where = None,
    scenarios: Names | None = None,
    order: Annotated[
        str | None, Field(description="Sort by a column; - in front: largest first.", max_length=100)
    ] = None,
    limit: Limit = 100,
) -> AnalyticsAnswer:
    """Answer named metrics (pmpm, ed_visits_per_1000, readmission_rate_30_day ...), divided and filtered.

    Prefer it to run_sql for cost, use, quality, pharmacy and trials: definitions are fixed, and denominators right.
    null means that the scenario holds no such data, 0 means none of it happened: notes say which.
    """
    answer = bench.query(
        metrics,
        by=by or (),
        where=where or (),
        scenario=scenarios or (),
        order=order,
        limit=limit,
    )
    kept = ("name", "definition", "unit", "numerator", "denominator", "source")
    return _answer(answer, metrics=[{key: metric[key] for key in kept} for metric in answer.metrics])


@tool("Compare", "adds", command="analytics compare", verb="compare", idempotent=True)
def analytics_compare(
    bench: Bench,
    metrics: Words | None = None,
    scenario: Annotated[str | None, Field(description="The first scenario.", max_length=10_000)] = None,
    other: Annotated[str | None, Field(description="The second scenario.", max_length=10_000)] = None,
    period: Annotated[str | None, Field(description="2024, 2024-Q1, 2024-03, or FROM..TO.", max_length=50)] = None,
    other_period: Annotated[str | None, Field(max_length=50)] = None,
    reference: Annotated[
        Literal["places", "svi"] | None, Field(description="Published figures, instead of metrics.")
    ] = None,
    by: Annotated[list[str] | None, Field(max_length=20)] = None,
    where: Where = None,
    limit: Limit = 100,
) -> AnalyticsAnswer:
    """Compare metrics of two scenarios or two periods, or a scenario with the published figures of its places."""
    answer = bench.compare(
        metrics or (),
        scenario=scenario,
        other=other,
        period=period,
        other_period=other_period,
        reference=reference,
        by=by or (),
        where=where or (),
        limit=limit,
    )
    return _answer(answer, without=("metrics",))


@tool("Answer a report", "adds", command="analytics report", verb="report", idempotent=True)
def analytics_report(
    bench: Bench,
    name: Annotated[str, Field(description="Such as pmpm, readmissions, trial_funnel.", max_length=200)],
    scenario: Annotated[str | None, Field(description="Left out: the only one.", max_length=10_000)] = None,
    other: Annotated[str | None, Field(description="The second one, for side_by_side.", max_length=10_000)] = None,
    parameters: Annotated[dict[str, Any] | None, Field(description="Such as {top: 10}.")] = None,
    limit: Limit = 100,
) -> AnalyticsAnswer:
    """Answer one of the 28 questions that have a report; analytics_catalog lists them."""
    return _answer(bench.report(name, scenario=scenario, other=other, parameters=parameters, limit=limit))


def _answer(
    answer: MetricAnswer | Comparison | ReportAnswer, *, without: tuple[str, ...] = (), **instead: Any
) -> AnalyticsAnswer:
    facts = {key: value for key, value in answer.items() if key not in (*_LEFT_OUT, *without)} | instead
    facts["rows"] = [[_rounded(value) for value in row] for row in answer.rows]
    hint = (
        "There is more: divide by less, add conditions, sort with order, or raise limit." if answer.truncated else None
    )
    return AnalyticsAnswer(**facts, hint=hint)


def _rounded(value: Any) -> Any:
    """A figure as a person would read it aloud: to the cent, or to four digits where that is finer."""
    if not isinstance(value, float) or not math.isfinite(value) or value == 0:
        return value
    return round(value, max(2, 3 - math.floor(math.log10(abs(value)))))
