"""One person: a timeline, and every event as a row."""

from __future__ import annotations

from healthsim.pictures.timeline import timeline_html
from healthsim.results.timeline_events import FAMILIES
from healthsim.results.timeline_page import COLUMNS, NUMBERS, facts_of, rows_of
from healthsim.web.screens.entity import entity_address
from healthsim.web.screens.scenario import crumbs_of
from healthsim.web.visits import Column, Screen, Sheet, View, Visit, address, scenario_part


def person(visit: Visit) -> View:
    """What happened to somebody."""
    scenario = visit.bench.get(visit.part("name"))
    timeline = visit.bench.person(
        scenario.scenario_id,
        visit.part("person"),
        first=visit.text("from") or None,
        last=visit.text("to") or None,
        index=visit.text("index") or None,
        highlight=visit.words("highlight"),
    )
    families = [family for family in visit.words("lanes") if family in FAMILIES]
    hidden = visit.words("hide")
    shown = [family for family in families or FAMILIES if family not in hidden]
    part = scenario_part(scenario)
    columns = [Column(name, "number" if name in NUMBERS else "text") for name in COLUMNS]
    rows = [row for row, event in zip(rows_of(timeline), timeline.events, strict=True) if event.family in shown]
    numbers = [number for number, event in enumerate(timeline.events) if event.family in shown]
    links = [
        entity_address(part, event.entity_type, event.entity_id) for event in timeline.events if event.family in shown
    ]
    sheet = Sheet(columns, rows, "Events", links=links, ids="e")
    years = _years(timeline.first, timeline.last) if not visit.text("from") else []
    facts = {
        "scenario": scenario,
        "timeline": timeline,
        "facts": facts_of(timeline),
        "picture": timeline_html(timeline.lanes(shown, everything=visit.text("all") == "1")),
        "sheet": sheet,
        "numbers": numbers,
        "years": years,
        "families": FAMILIES,
        "shown": shown,
        "part": part,
        "totals": timeline.totals,
    }
    crumbs = [*crumbs_of(scenario, inside=True), ("People", address("s", part, "people"))]
    return View("person.html", timeline.person.name, facts, timeline, sheet, crumbs=crumbs)


def _years(first: str | None, last: str | None) -> list[int]:
    return list(range(int(first[:4]), int(last[:4]) + 1)) if first and last else []


SCREENS = (Screen("/s/{name}/people/{person:path}", person, csv=True),)
