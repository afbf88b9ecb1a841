"""What ``healthsim demo`` walks through: a family of our own making in the old workspace format, and a generated county."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from healthsim.errors import AlreadyExists, NotFound
from healthsim.remedies import remedy
from healthsim.state.manager import StateManager
from healthsim.state.scenarios import Scenario

NAME = "demo-family"
COUNTY_NAME = "demo-county"
#: San Diego County, CA, of the starter set
COUNTY = "06073"
PERSONS = 2_000
#: that of the file
SCENARIO_ID = "0b3f6c1e-5a52-4d6e-9f41-7c2f0e9d4a10"


def example() -> bytes:
    """The bundled file: a Workspace v2.0 file of a family of four, with clinic visits, claims and prescriptions."""
    return files(__name__).joinpath("family.json").read_bytes()


@dataclass(frozen=True)
class Part:
    """A scenario that the demo works on.

    Attributes:
        is_new: it was made just now; otherwise it is there from an earlier demo, and was left as it is.
    """

    name: str
    entity_count: int
    is_new: bool


def import_example(manager: StateManager) -> Part:
    """Save the example. Nothing is replaced: what an earlier demo has saved stays.

    Raises:
        AlreadyExists: the user has a scenario of that name which is not the example, or not any more.
    """
    existing = _existing(manager, NAME)
    if existing is None:
        saved = manager.import_stream(io.BytesIO(example()), name=NAME)
        return Part(NAME, saved.entity_count, True)
    if not leaves_as_it_came(manager):
        raise _in_the_way(NAME)
    return Part(NAME, existing.entity_count, False)


def _existing(manager: StateManager, name: str) -> Scenario | None:
    try:
        return manager.get(name)
    except NotFound:
        return None


def _in_the_way(name: str) -> AlreadyExists:
    return AlreadyExists(
        f"You have a scenario {name!r} of your own, or have changed the one of an earlier demo. It stays as it is; the demo"
        f" needs its name. Rename it first: {remedy('rename a scenario', name=name)}.",
        name=name,
    )


@dataclass(frozen=True)
class Answer:
    """The SQL of a question, and its answer."""

    sql: str
    columns: list[str]
    rows: list[tuple[Any, ...]]


def cost_per_person(manager: StateManager) -> Answer:
    """What medical and pharmacy care of each person cost: one query over four products' tables."""
    sql = files(__name__).joinpath("cost_per_person.sql").read_text(encoding="utf-8")
    with manager.database.read() as connection:
        result = connection.execute(sql, {"scenario": NAME})
        return Answer(sql, [column[0] for column in result.description or ()], result.fetchall())


def leaves_as_it_came(manager: StateManager) -> bool:
    """Whether the export of the example is the file that was imported, byte for byte.

    Only its id is another one where a scenario has that already: the example of an earlier demo under another name.
    """
    exported = io.BytesIO()
    manager.export(NAME, exported, format="workspace")
    return exported.getvalue() == example().replace(SCENARIO_ID.encode(), manager.get(NAME).scenario_id.encode())


def keeps_its_id(manager: StateManager) -> bool:
    """Whether the example has the id of its file."""
    return manager.get(NAME).scenario_id == SCENARIO_ID


def generate_county(manager: StateManager) -> Part:
    """Generate 2,000 people of a county. Nothing is replaced: those of an earlier demo stay.

    Raises:
        AlreadyExists: the user has a scenario of that name which was not generated so.
    """
    from healthsim.generation import generate

    spec = {"size": PERSONS, "counties": [COUNTY], "seed": 1}
    existing = _existing(manager, COUNTY_NAME)
    if existing is None:
        saved = generate(spec, COUNTY_NAME, database=manager.database, tags=("demo",))
        return Part(COUNTY_NAME, saved.entity_count, True)
    made_of = json.loads(existing.attributes or "{}").get("generation") or {}
    if {name: made_of.get(name) for name in spec} != spec:
        raise _in_the_way(COUNTY_NAME)
    return Part(COUNTY_NAME, existing.entity_count, False)


def against_the_county(manager: StateManager) -> list[tuple[str, float, float]]:
    """(measure, percent of adults published for the county, percent generated) of the measures that are scaled."""
    from healthsim.generation.fidelity import fidelity

    return [
        (target.target.removeprefix("prevalence "), target.expected or 0.0, round(target.generated or 0.0, 1))
        for target in fidelity(manager.database, COUNTY_NAME).targets
        if target.target.startswith("prevalence ")
    ]


#: three questions about the county: (what is asked, metrics, divided by)
QUESTIONS = (
    ("What does care cost per member and month, by line of business?", "pmpm", "line_of_business"),
    ("How often do people need the emergency department, by age?", "ed_visits_per_1000", "age_band"),
    ("How many stays are followed by another within 30 days?", "readmission_rate_30_day", ""),
)


def ask(manager: StateManager, metrics: str, by: str) -> Answer:
    """The answer of the star of the county to one of the questions."""
    from healthsim.analytics.metrics.query import query

    answer = query(manager.database, metrics, by=by, scenarios=COUNTY_NAME, build="stale")
    return Answer(
        answer.sql,
        answer.columns,
        [tuple(round(value, 1) if isinstance(value, float) else value for value in row) for row in answer.rows],
    )
