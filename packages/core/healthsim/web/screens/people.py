"""The people of a scenario, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from healthsim.results import PersonLine
from healthsim.web.screens.scenario import crumbs_of, tabs_of
from healthsim.web.visits import PAGE, Column, Screen, Sheet, View, Visit, address, scenario_part

#: lines that are asked for at once where all are wanted
_AT_ONCE = 5_000
_COLUMNS = (
    Column("Name"),
    Column("Id"),
    Column("Sex"),
    Column("Born", "day"),
    Column("Died", "day"),
    Column("Home"),
    Column("Conditions", "number", "Different codes of diagnoses, without reasons for a visit (Z)"),
    Column("Contacts", "number"),
    Column("Last contact", "day"),
    Column("Paid, USD", "money", "What claims of care were paid"),
)


def people(visit: Visit) -> View:
    """Who matches."""
    scenario = visit.bench.get(visit.part("name"))
    narrowed = {
        "search": visit.text("q"),
        "condition": visit.text("cond"),
        "sex": visit.text("sex"),
        "ages": visit.text("age"),
    }
    page = visit.bench.people(scenario.scenario_id, **narrowed, limit=PAGE, offset=visit.offset)
    part = scenario_part(scenario)
    highlight = narrowed["condition"]

    def every() -> Iterator[Sequence[Any]]:
        offset = 0
        while lines := visit.bench.people(scenario.scenario_id, **narrowed, limit=_AT_ONCE, offset=offset).people:
            yield from map(_row, lines)
            offset += len(lines)

    sheet = Sheet(
        _COLUMNS,
        [_row(line) for line in page.people],
        "People",
        links=[address("s", part, "people", line.patient_id, highlight=highlight) for line in page.people],
        every=every,
        total=page.total,
        offset=visit.offset,
    )
    facts = {"scenario": scenario, "tabs": tabs_of(scenario), "sheet": sheet, "narrowed": narrowed, "part": part}
    facts["cohort"] = _cohort(part, narrowed)
    return View(
        "people.html", f"People of {scenario.name}", facts, page, sheet, crumbs=crumbs_of(scenario, inside=True)
    )


def _cohort(part: str, narrowed: dict[str, str]) -> str | None:
    """Where the same people are a cohort: by their condition, sex and age; a name is no criterion."""
    said = {"condition": narrowed["condition"], "sex": narrowed["sex"], "age": narrowed["ages"]}
    return address("s", part, "cohort", **said) if any(said.values()) and not narrowed["search"] else None


def _row(line: PersonLine) -> Sequence[Any]:
    return (
        line.name or line.patient_id,
        line.patient_id,
        line.gender,
        line.birth_date,
        line.death_date,
        line.home,
        line.conditions,
        line.contacts,
        line.last_contact,
        line.paid,
    )


SCREENS = (Screen("/s/{name}/people", people, csv=True),)
