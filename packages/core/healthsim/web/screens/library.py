"""The library: all scenarios, and what can be done to one as a whole: rename, tag, copy, delete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from healthsim.errors import InvalidInput
from healthsim.results import SORTS, Scenario, ScenarioList
from healthsim.web.visits import PAGE, Column, Redirect, Screen, Sheet, View, Visit, address, scenario_part

_COLUMNS = (
    Column("Scenario"),
    Column("Description"),
    Column("Tags"),
    Column("People", "number"),
    Column("Entities", "number"),
    Column("Updated"),
    Column("Star", meaning="The star schema that metrics and reports are answered from"),
)
_ACTIONS = ("rename", "clone", "tag", "untag", "delete")


def library(visit: Visit) -> View:
    """All scenarios that match, a page of them."""
    sort = visit.text("sort", "updated")
    if sort not in SORTS:
        raise InvalidInput(f"sort is {sort[:40]!r}; expected one of {', '.join(SORTS)}.")
    listed = visit.bench.list(tags=visit.words("tag"), search=visit.text("q") or None, sort=sort)
    shown = listed.scenarios[visit.offset : visit.offset + PAGE]
    stars = {star.scenario_id: star.state for star in visit.bench.star()}
    every = visit.bench.list().total_count if visit.text("q") or visit.words("tag") else listed.total_count
    sheet = Sheet(
        _COLUMNS,
        list(_rows(shown, stars)),
        "Scenarios",
        links=[address("s", scenario_part(scenario)) for scenario in shown],
        every=lambda: _rows(listed.scenarios, stars),
        total=listed.total_count,
        offset=visit.offset,
    )
    tags = sorted({tag for scenario in listed.scenarios for tag in scenario.tags})
    facts = {"sheet": sheet, "sorts": list(SORTS), "sort": sort, "tags": tags, "every": every}
    return View("library.html", "Scenarios", facts, ScenarioList(shown, listed.total_count), sheet)


def _rows(scenarios: Iterable[Scenario], stars: dict[str, str]) -> Iterable[Sequence[Any]]:
    for scenario in scenarios:
        counts = scenario.entities_by_type
        people = counts.get("patients") or counts.get("persons") or counts.get("members") or 0
        yield (
            scenario.name,
            scenario.description,
            ", ".join(scenario.tags),
            people,
            scenario.entity_count,
            scenario.updated_at,
            stars.get(scenario.scenario_id, "not built"),
        )


def change(visit: Visit) -> View:
    """What a change would do, and its form: nothing happens before it is sent."""
    scenario = visit.bench.get(visit.part("name"))
    action = _action(visit)
    facts = {"scenario": scenario, "action": action, "part": scenario_part(scenario)}
    crumbs = [("Scenarios", "/"), (scenario.name, address("s", scenario_part(scenario)))]
    return View(
        "change.html",
        f"{action.capitalize()} {scenario.name}",
        facts,
        {"action": action} | scenario.as_dict(),
        crumbs=crumbs,
    )


def changed(visit: Visit) -> Redirect:
    """Do it."""
    bench, action = visit.bench, _action(visit)
    scenario = bench.get(visit.part("name"))
    value = visit.form.get("value", "").strip()
    if action == "delete":
        if value != scenario.name:
            raise InvalidInput(
                f"The name that was typed is not {scenario.name!r}: nothing was deleted. Type the name of the scenario."
            )
        bench.delete(scenario.scenario_id)
        return Redirect("/")
    if not value:
        raise InvalidInput(
            f"Nothing was typed: expected a {'tag' if 'tag' in action else 'name'}. Nothing was changed."
        )
    if action == "clone":
        return Redirect(address("s", scenario_part(bench.get(bench.clone(scenario.scenario_id, value).scenario_id))))
    change = bench.rename if action == "rename" else bench.tag if action == "tag" else bench.untag
    return Redirect(address("s", scenario_part(change(scenario.scenario_id, value))))


def _action(visit: Visit) -> str:
    action = visit.part("action")
    if action not in _ACTIONS:
        raise InvalidInput(
            f"{action[:40]!r} is nothing that is done to a scenario; expected one of {', '.join(_ACTIONS)}."
        )
    return action


SCREENS = (
    Screen("/", library, csv=True),
    Screen("/s/{name}/change/{action}", change),
    Screen("/s/{name}/change/{action}", changed, form=True),
)
