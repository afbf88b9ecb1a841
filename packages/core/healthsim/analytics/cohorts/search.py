"""Persons by simple criteria, one after the other, and how many each of them leaves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from healthsim.analytics.cohorts.criteria import EVENTS, CohortSpec, Criterion
from healthsim.analytics.star.scenario_views import SHARED
from healthsim.db.connection import Database
from healthsim.db.sql import sql_text
from healthsim.results import Table
from healthsim.state.tables import Tables, scenario_tables

PACKAGE = "healthsim.analytics.cohorts"


@dataclass(frozen=True)
class Step:
    """One line of the attrition table."""

    step: str
    persons: int
    removed: int


@dataclass(frozen=True, repr=False, eq=False)
class Cohort(Table):
    """Who fulfils the criteria: patients with their index date, and the attrition."""

    scenario_id: str
    scenario: str
    persons: list[tuple[str, dt.date | None]]
    attrition: list[Step]

    @property
    def columns(self) -> list[str]:
        """Of the persons."""
        return ["patient_id", "index_date"]

    @property
    def rows(self) -> list[list[Any]]:
        """The persons, one each."""
        return [list(person) for person in self.persons]

    def __repr__(self) -> str:
        return f"<Cohort of {self.scenario!r}: {len(self.persons):,} persons>"

    def as_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {
            "scenario_id": self.scenario_id,
            "scenario": self.scenario,
            "count": len(self.persons),
            "attrition": [vars(step) for step in self.attrition],
            "persons": [
                {"patient_id": patient, "index_date": day and day.isoformat()} for patient, day in self.persons
            ],
        }


def find_cohort(database: Database, name: str, spec: CohortSpec) -> Cohort:
    """The patients of a scenario that fulfil every criterion.

    The first criterion of events sets the index date: the first day that fulfils it. Ages are those on that day, and
    windows count from it.

    Args:
        database: where the scenario is.
        name: its name or id.
        spec: the criteria.

    Raises:
        NotFound: there is no such scenario.
    """
    with scenario_tables(database, name, SHARED) as tables:
        scenario = tables.scenario
        search = _Search(tables, spec)
        attrition = [Step("patients of the scenario", search.count(), 0)]
        for item in spec.criteria:
            search.apply(item)
            left = search.count()
            attrition.append(Step(item.label, left, attrition[-1].persons - left))
        persons = tables.execute("SELECT patient_id, index_date FROM cohort_now ORDER BY patient_id").fetchall()
    return Cohort(scenario.scenario_id, scenario.name, persons, attrition)


class _Search:
    """The patients that are left, as a temporary table."""

    def __init__(self, tables: Tables, spec: CohortSpec) -> None:
        self.tables = tables
        self.values: dict[str, Any] = {"first_day": spec.first_day, "last_day": spec.last_day}
        self._keep("cohort_now", "patients", {})
        last_day = tables.one(sql_text(PACKAGE, "last_day"))
        self.values["at"] = min(spec.last_day, last_day) if last_day else spec.last_day
        if any(item.kind in EVENTS for item in spec.criteria):
            self._keep("cohort_human", "same_human", self.values)
            self._keep("cohort_status", "statuses", self.values)

    def count(self) -> int:
        return int(self.tables.one("SELECT count(*) FROM cohort_now"))

    def apply(self, item: Criterion) -> None:
        """Keep whom a criterion keeps."""
        values = {
            **self.values,
            "terms": list(item.terms),
            "operator": item.operator,
            "value": item.value,
            "at_least": item.at_least,
            "before": item.window[0] if item.window else None,
            "after": item.window[1] if item.window else None,
            "sex": item.terms[0].upper() if item.kind == "sex" else None,
            "youngest": item.ages()[0] if item.kind == "age" else None,
            "oldest": item.ages()[1] if item.kind == "age" else None,
        }
        if item.kind in EVENTS:
            self._keep("cohort_event", item.kind, values)
            self._keep("cohort_next", "lacking" if item.exclude else "having", values)
        else:
            self._keep("cohort_next", "demographic", values)
        self.tables.execute("CREATE OR REPLACE TEMP TABLE cohort_now AS FROM cohort_next")

    def _keep(self, table: str, statement: str, values: dict[str, Any]) -> None:
        self.tables.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {sql_text(PACKAGE, statement)}", values)
