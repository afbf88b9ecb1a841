"""The patients of a scenario: as a list that can be narrowed and paged, and what they are like together."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from healthsim.db.connection import Database
from healthsim.errors import InvalidInput
from healthsim.results import AgeGroup, PeoplePage, PersonLine, ScenarioProfile
from healthsim.state.statements import filled
from healthsim.state.tables import ScenarioTables, scenario_tables

#: lines of a page at most
MOST = 5_000
_AGES = re.compile(r"(\d{1,3})\s*(?:-\s*(\d{1,3})|(\+))?")
_HAS_CONDITION = (
    "p.patient_id IN (SELECT d.patient_id FROM diagnoses AS d"
    " WHERE starts_with(upper(d.code), upper($condition)) OR contains(lower(d.description), lower($condition)))"
)
_NAMED = (
    "(contains(lower(concat_ws(' ', p.given_name, p.family_name)), lower($search))"
    " OR starts_with(lower(p.patient_id), lower($search)) OR lower(p.mrn) = lower($search))"
)
_AGE = "date_diff('year', p.birth_date, $at::DATE) - (strftime($at::DATE, '%m%d') < strftime(p.birth_date, '%m%d'))::INTEGER"


def people(
    database: Database,
    name: str,
    *,
    search: str = "",
    condition: str = "",
    sex: str = "",
    ages: str = "",
    limit: int = 50,
    offset: int = 0,
) -> PeoplePage:
    """A part of the patients of a scenario, by name.

    Args:
        database: where the scenario is.
        name: its name or id.
        search: a part of the name, how the id begins, or the record number.
        condition: how a code of a diagnosis begins, or a word of its description.
        sex: ``F`` or ``M``.
        ages: ``40-75``, ``65+`` or ``40``, in completed years on the last day of the history.
        limit, offset: which part.

    Raises:
        NotFound: there is no such scenario.
        InvalidInput: ages are none.
    """
    youngest, oldest = _ages(ages)
    conditions = ["TRUE"]
    conditions += [_NAMED] if search else []
    conditions += [_HAS_CONDITION] if condition else []
    conditions += ["p.gender = upper($sex)"] if sex else []
    with scenario_tables(database, name) as tables:
        values: dict[str, Any] = {
            "search": search,
            "condition": condition,
            "sex": sex,
            "limit": min(limit, MOST),
            "offset": offset,
        }
        if youngest is not None:
            values |= {"at": _last_day(tables), "youngest": youngest, "oldest": oldest}
            conditions.append(f"{_AGE} BETWEEN $youngest AND $oldest")
        matches = tables.execute(filled("people_match", conditions=" AND ".join(conditions)), values).fetchall()
        lines = []
        if matches:
            lines = tables.execute(filled("people_facts"), {"ids": [patient for patient, _ in matches]}).fetchall()
        scenario = tables.scenario
    total = matches[0][1] if matches else 0
    return PeoplePage(scenario.name, scenario.scenario_id, total, offset, [PersonLine(*line) for line in lines])


def _ages(text: str) -> tuple[int | None, int]:
    if not text.strip():
        return None, 0
    match = _AGES.fullmatch(text.strip())
    if match is None:
        raise InvalidInput(f"ages is {text[:40]!r}; expected such as 40-75, 65+ or 40.", value=text[:200])
    first = int(match[1])
    return first, int(match[2]) if match[2] else 200 if match[3] else first


def profile(database: Database, name: str) -> ScenarioProfile:
    """What the people of a scenario are like together, and how it was made.

    Raises:
        NotFound: there is no such scenario.
    """
    with scenario_tables(database, name) as tables:
        at = _last_day(tables)
        ages = [AgeGroup(*row) for row in tables.execute(filled("age_groups"), {"at": at}).fetchall()]
        lines = dict(tables.execute(filled("lines_of_business")).fetchall())
        scenario = tables.scenario
    return ScenarioProfile(scenario.name, scenario.scenario_id, at.isoformat(), ages, lines, _spec(scenario.attributes))


def _spec(attributes: str | None) -> dict[str, Any]:
    """How a generated scenario was made; empty for others."""
    facts = json.loads(attributes) if attributes else None
    spec = facts.get("generation") if isinstance(facts, dict) else None
    return spec if isinstance(spec, dict) else {}


def _last_day(tables: ScenarioTables) -> dt.date:
    """The day on which ages are counted: what the scenario says, else its last encounter or claim, else today."""
    spec = _spec(tables.scenario.attributes)
    if spec.get("as_of"):
        return dt.date.fromisoformat(str(spec["as_of"])[:10])
    day = tables.one(filled("last_contact"))
    return day if isinstance(day, dt.date) else dt.datetime.now(dt.UTC).date()
