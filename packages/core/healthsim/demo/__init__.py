"""What ``healthsim demo`` walks through: a family of our own making in the old workspace format, and a generated county."""

from __future__ import annotations

import io
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from healthsim.errors import AlreadyExists, NotFound
from healthsim.remedies import remedy
from healthsim.state.manager import StateManager
from healthsim.state.save import Saved

NAME = "demo-family"
COUNTY_NAME = "demo-county"
#: San Diego County, CA, of the starter set
COUNTY = "06073"
PERSONS = 2_000
SCENARIO_ID = "0b3f6c1e-5a52-4d6e-9f41-7c2f0e9d4a10"


def example() -> bytes:
    """The bundled file: a Workspace v2.0 file of a family of four, with clinic visits, claims and prescriptions."""
    return files(__name__).joinpath("family.json").read_bytes()


def import_example(manager: StateManager) -> Saved:
    """Save the example; an earlier one is replaced.

    Raises:
        AlreadyExists: the user has a scenario of that name which is not the example.
    """
    try:
        existing = manager.get(NAME)
    except NotFound:
        existing = None
    if existing is not None and existing.scenario_id != SCENARIO_ID:
        raise AlreadyExists(
            f"You have a scenario {NAME!r} of your own, which the demo would replace. Rename it first:"
            f" {remedy('rename a scenario', name=NAME)}.",
            name=NAME,
        )
    return manager.import_stream(io.BytesIO(example()), name=NAME, mode="overwrite")


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
    """Whether the export of the example is the file that was imported, byte for byte."""
    exported = io.BytesIO()
    manager.export(NAME, exported, format="workspace")
    return exported.getvalue() == example()


def generate_county(manager: StateManager) -> Saved:
    """Generate 2,000 people of a county; those of an earlier demo are replaced.

    Raises:
        AlreadyExists: the user has a scenario of that name which was not generated.
    """
    from healthsim.generation import generate

    try:
        existing = manager.get(COUNTY_NAME)
    except NotFound:
        existing = None
    if existing is not None and existing.format != "generated":
        raise AlreadyExists(
            f"You have a scenario {COUNTY_NAME!r} of your own, which the demo would replace. Rename it first:"
            f" {remedy('rename a scenario', name=COUNTY_NAME)}.",
            name=COUNTY_NAME,
        )
    spec = {"size": PERSONS, "counties": [COUNTY], "seed": 1}
    return generate(spec, COUNTY_NAME, database=manager.database, overwrite=existing is not None, tags=("demo",))


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

    found = query(manager.database, metrics, by=by, scenarios=COUNTY_NAME, build="stale")
    return Answer(
        found.sql,
        found.columns,
        [tuple(round(value, 1) if isinstance(value, float) else value for value in row) for row in found.rows],
    )
