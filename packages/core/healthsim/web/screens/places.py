"""Places: a measure of CDC PLACES as a map of counties, and all figures of one county."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from healthsim.errors import NotFound
from healthsim.pictures.charts import Interval, intervals_html
from healthsim.pictures.counties import county_map
from healthsim.results import CountyMeasure
from healthsim.results.by_county import measure_name
from healthsim.web.visits import PAGE, Column, Screen, Sheet, View, Visit, address

_COLUMNS = (
    Column("County"),
    Column("State"),
    Column("FIPS"),
    Column("Percent", "percent", "Percent of adults, crude prevalence"),
    Column("from", "percent", "95 % interval"),
    Column("to", "percent", "95 % interval"),
    Column("People", "number"),
)
_MEASURES = (
    Column("Measure"),
    Column("Percent", "percent"),
    Column("from", "percent"),
    Column("to", "percent"),
    Column("Release"),
)


def places(visit: Visit) -> View:
    """The map of a measure, and its counties as a table."""
    measure = visit.bench.measure(visit.text("measure"), state=visit.text("state"), release=visit.text("release"))
    bounds = measure.bounds()
    classes = {
        figure.geoid: next(number for number, bound in enumerate(bounds) if figure.value <= bound)
        for figure in measure.counties
    }
    titles = {
        figure.geoid: f"{figure.name or figure.geoid}, {figure.state or ''}: {figure.value:.1f} %"
        for figure in measure.counties
    }
    rows = [_row(figure) for figure in sorted(measure.counties, key=lambda figure: -figure.value)]
    shown = rows[visit.offset : visit.offset + PAGE]
    sheet = Sheet(
        _COLUMNS,
        shown,
        "Counties",
        links=[address("places", row[2]) for row in shown],
        every=lambda: rows,
        total=len(rows),
        offset=visit.offset,
    )
    facts = {
        "measure": measure,
        "names": {name: measure_name(name) for name in measure.measures},
        "label": measure_name(measure.measure),
        "legend": _legend(measure, bounds),
        "picture": county_map(classes, titles, state=measure.state),
        "sheet": sheet,
        "few": measure.release == "starter",
    }
    return View("places.html", "Places", facts, measure, sheet)


def _legend(measure: CountyMeasure, bounds: Sequence[float]) -> list[tuple[float, float]]:
    """Where each class begins and ends."""
    least = min((figure.value for figure in measure.counties), default=0.0)
    return list(zip([least, *bounds[:-1]], bounds, strict=False)) if bounds else []


def _row(figure: Any) -> list[Any]:
    return [
        figure.name or figure.geoid,
        figure.state,
        figure.geoid,
        figure.value,
        figure.low,
        figure.high,
        figure.population,
    ]


def _interval(row: Sequence[Any]) -> Interval:
    name, value, low, high, _ = row
    return Interval(name, low, high, value, True, f"{name}: {value} %, 95 % interval {low} to {high}")


def place(visit: Visit) -> View:
    """All figures of a county."""
    fips = visit.part("fips")
    if not (fips.isdigit() and len(fips) == 5):
        raise NotFound(f"{fips[:40]!r} is no county; expected its five digits, such as 06073.")
    figures = visit.bench.lookup(county=fips)
    rows = [
        [
            measure_name(name),
            *(facts.get(f"crude_{part}") for part in ("prevalence", "low", "high")),
            facts.get("release"),
        ]
        for name, facts in figures.measures.items()
    ]
    intervals = [_interval(row) for row in rows if None not in row[:4]]
    intervals.sort(key=lambda interval: -interval.value)
    sheet = Sheet(_MEASURES, rows, "Measures")
    facts = {
        "figures": figures,
        "picture": intervals_html(intervals, "%", key=False),
        "sheet": sheet,
        "svi": figures.svi,
    }
    title = f"{figures.place['name'] or fips}, {figures.place['state'] or ''}".rstrip(", ")
    return View("place.html", title, facts, figures, sheet, crumbs=[("Places", "/places")])


SCREENS = (Screen("/places/{fips}", place, csv=True), Screen("/places", places, csv=True))
