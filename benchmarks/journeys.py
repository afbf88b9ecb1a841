"""How long it takes to plan a journey: 100,000 persons, ten steps.

    uv run python benchmarks/journeys.py

Prints seconds of the processor for the planning alone; the aim is under 2.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from healthsim.db.connection import Database
from healthsim.generation.journeys.declaration import Journey
from healthsim.generation.journeys.order import in_order
from healthsim.generation.journeys.pathways import Pathway
from healthsim.generation.kernels.context import BLOCK
from healthsim.generation.kernels.coverage import make_coverage
from healthsim.generation.kernels.health import make_health
from healthsim.generation.kernels.journey_parts import Group
from healthsim.generation.kernels.journey_world import World
from healthsim.generation.kernels.journeys import plan
from healthsim.generation.kernels.people import make_people
from healthsim.generation.population import prepare
from healthsim.generation.spec import read_spec

PERSONS = 100_000
_OFFICE = {"encounter": {"setting": "office", "reason": "Diabetes follow-up"}}
STEPS = {
    "a": {"day": 0, **_OFFICE},
    "b": {"with": "a", "chance": 0.8, "lab": "4548-4"},
    "c": {"with": "a", "chance": 0.8, "regimen": "metformin"},
    "d": {"after": "a", "wait": {"uniform": [3, 21]}, "chance": 0.5, **_OFFICE},
    "e": {"after": "a", "wait": {"normal": [90, 10]}, "repeat": {"every": 90, "times": 3, "spread": 10}, **_OFFICE},
    "f": {"with": "e", "chance": 0.9, "lab": "4548-4"},
    "g": {"with": "f", "when": {"min_age": 40}, "one_of": {"h": 0.3, "i": 0.3, "nothing": 0.4}},
    "h": {"from": "g", "regimen": "glp1 agonist"},
    "i": {"from": "g", "regimen": "sglt2 inhibitor"},
    "j": {"day": 360, "wait": {"lognormal": [10, 0.5]}, "when": {"payers": ["commercial"]}, **_OFFICE},
}


def main() -> None:
    """Plan the journey, and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        spec = read_spec(
            {"size": PERSONS, "counties": ["06073"], "cohort": ["type_2_diabetes"], "journeys": ["diabetes_first_year"]}
        )
        context = prepare(Database(Path(folder) / "x.duckdb"), spec)
    people = make_people(context, np.arange(-(-PERSONS // BLOCK) * BLOCK))
    world = World(context, people, make_health(context, people), make_coverage(context, people))
    journey = Journey.model_validate(
        {
            "journey": "ten_steps",
            "name": "Ten steps",
            "sources": ["made up"],
            "starts": {"onset": "type_2_diabetes"},
            "lasts": 400,
            "steps": STEPS,
        }
    )
    pathway = Pathway(journey, 1, in_order(journey), context.journeys[0].known)
    group = Group(pathway, np.arange(PERSONS), np.full(PERSONS, context.start))
    began = time.process_time()
    planned = plan(world, group, {})
    seconds = time.process_time() - began
    times = sum(int(step.happens.sum()) for step in planned.values())
    sys.stdout.write(
        f"{PERSONS:,} persons, {len(planned)} steps, {times:,} that happen: {seconds:.2f} s of the processor\n"
    )


if __name__ == "__main__":
    main()
