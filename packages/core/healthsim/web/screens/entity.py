"""One entity: its columns with what they mean, the document that it came as, and links to what it is bound to."""

from __future__ import annotations

from healthsim.web.screens.scenario import crumbs_of
from healthsim.web.visits import Column, Screen, Sheet, View, Visit, address, scenario_part

_COLUMNS = (Column("Column"), Column("Value"), Column("Type"), Column("What it means"))


def entity(visit: Visit) -> View:
    """Everything about one entity."""
    scenario = visit.bench.get(visit.part("name"))
    record = visit.bench.entity(scenario.scenario_id, visit.part("type"), visit.part("id"))
    part = scenario_part(scenario)
    known = [value for value in record.values if value.value is not None]
    links = {
        value.column: entity_address(part, value.references, value.value)
        for value in known
        if value.references and value.value is not None
    }
    sheet = Sheet(_COLUMNS, [[value.column, value.value, value.type, value.meaning] for value in known], "Columns")
    facts = {
        "scenario": scenario,
        "record": record,
        "part": part,
        "links": links,
        "empty": [value.column for value in record.values if value.value is None],
        "sheet": sheet,
        "referring": [
            (item, [(name, entity_address(part, item.entity_type, name)) for name in item.ids])
            for item in record.referring
        ],
        "person": address("s", part, "people", record.entity_id) if record.is_person else None,
    }
    title = f"{record.entity_type.replace('_', ' ')} {record.entity_id}"
    return View("entity.html", title, facts, record, sheet, crumbs=crumbs_of(scenario, inside=True))


def entity_address(part: str, entity_type: str, entity_id: str) -> str:
    """Where an entity is shown."""
    return address("s", part, "e", entity_type, entity_id)


SCREENS = (Screen("/s/{name}/e/{type}/{id:path}", entity, csv=True),)
