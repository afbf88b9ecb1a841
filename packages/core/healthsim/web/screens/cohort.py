"""A cohort: who of a scenario fulfils criteria, how many each of them leaves, and the same people as a scenario of their own."""

from __future__ import annotations

import shlex
from typing import Any

from healthsim.errors import InvalidInput
from healthsim.pictures.charts import bars_html
from healthsim.web.runs import Run
from healthsim.web.screens.scenario import crumbs_of, tabs_of
from healthsim.web.visits import PAGE, Column, Redirect, Screen, Sheet, View, Visit, address, scenario_part

#: what is asked for -> its label, what it is like, and how the command line spells it
CRITERIA = {
    "condition": ("Diagnosis: a code, or how it begins", "E11", "--condition"),
    "drug": ("Drug: code or word", "metformin", "--drug"),
    "lab": ("Laboratory value", "4548-4 >= 8", "--lab"),
    "without_condition": ("Without the diagnosis", "E10", "--without-condition"),
    "without_drug": ("Without the drug", "insulin", "--without-drug"),
    "age": ("Age", "40-75 or 65+", "--age"),
    "sex": ("Sex", "", "--sex"),
}
#: criteria that a dimension of metrics says, too
OF_DIMENSIONS = {"age_band": "age", "gender": "sex"}
_ATTRITION = (Column("Criterion"), Column("People left", "number"), Column("Left out", "number"))
_PERSONS = (Column("Patient"), Column("Index date", "day", "The first day that fulfils the first criterion of events"))


def cohort(visit: Visit) -> View:
    """The criteria of the address, and whom they leave."""
    scenario = visit.bench.get(visit.part("name"))
    part = scenario_part(scenario)
    values = {name: visit.text(name) for name in CRITERIA}
    facts: dict[str, Any] = {
        "scenario": scenario,
        "part": part,
        "tabs": tabs_of(scenario),
        "criteria": CRITERIA,
        "values": values,
        "attrition": None,
        "picture": "",
        "sheet": None,
        "command": "",
    }
    title, crumbs = f"{scenario.name}: cohort", crumbs_of(scenario, inside=True)
    said: dict[str, Any] = {name: value for name, value in values.items() if value}
    if not said:
        return View("cohort.html", title, facts, {"criteria": list(CRITERIA)}, Sheet(_PERSONS, [], "Cohort"), crumbs)
    people = visit.bench.cohort(scenario.scenario_id, **said)
    rows = people.rows
    shown = rows[visit.offset : visit.offset + PAGE]
    facts |= {
        "attrition": Sheet(
            _ATTRITION, [[step.step, step.persons, step.removed] for step in people.attrition], "Attrition"
        ),
        "picture": bars_html([(step.step, step.persons) for step in people.attrition], shares=False),
        "sheet": Sheet(
            _PERSONS,
            shown,
            "Cohort",
            links=[
                address("s", part, "people", row[0], index=row[1], highlight=said.get("condition")) for row in shown
            ],
            every=lambda: rows,
            total=len(rows),
            offset=visit.offset,
        ),
        "command": _command(scenario.name, said, None),
    }
    return View("cohort.html", title, facts, people, facts["sheet"], crumbs)


def save(visit: Visit) -> Redirect:
    """Save the people of the cohort, with all that is theirs."""
    scenario = visit.bench.get(visit.part("name"))
    said: dict[str, Any] = {name: value for name in CRITERIA if (value := visit.form.get(name, "").strip())}
    name = visit.form.get("as_", "").strip()
    if not name or not said:
        raise InvalidInput("Expected criteria and a name for the new scenario; nothing was saved.")
    bench, source = visit.bench, scenario.scenario_id
    # what is wrong with the criteria is said at once
    people = bench.cohort(source, **said)

    def work(run: Run) -> str:
        run.report("saving", 0, 0)
        saved = bench.save_cohort(people, name)
        run.tell(saved, f"Saved {saved.name!r}: {len(people.persons):,} people, {saved.entity_count:,} entities.")
        return address("s", saved.scenario_id)

    run = visit.runs.start(f"Cohort {name}", _command(scenario.name, said, name), work, stoppable=False)
    run.again = address("s", scenario_part(scenario), "cohort", **said)
    return Redirect(address("runs", run.run_id))


def _command(scenario: str, said: dict[str, str], name: str | None) -> str:
    words = ["healthsim", "cohort", scenario]
    words += [word for key, value in said.items() for word in (CRITERIA[key][2], value)]
    return shlex.join([*words, *(["--as", name] if name else [])])


def criteria_of(where: list[str]) -> dict[str, str]:
    """What filters of a metric say that is a criterion as well: ``age_band=65+`` and ``gender=F``."""
    pairs = [text.partition("=") for text in where]
    return {OF_DIMENSIONS[name.strip()]: value.strip() for name, _, value in pairs if name.strip() in OF_DIMENSIONS}


SCREENS = (
    Screen("/s/{name}/cohort", cohort, csv=True),
    Screen("/s/{name}/cohort", save, form=True),
)
