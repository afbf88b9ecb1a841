"""People on journeys: planned by one look-up per draw, carried out as contacts, orders and drugs, and told row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from healthsim.db.connection import Database
from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.journeys.declaration import Journey
from healthsim.generation.journeys.order import in_order
from healthsim.generation.journeys.pathways import Pathway
from healthsim.generation.kernels.batch import make_batch
from healthsim.generation.kernels.context import Context
from healthsim.generation.kernels.coverage import make_coverage
from healthsim.generation.kernels.health import make_health
from healthsim.generation.kernels.journey_parts import WHY_NOT, Group, Planned
from healthsim.generation.kernels.journey_world import World
from healthsim.generation.kernels.journeys import plan
from healthsim.generation.kernels.people import make_people
from healthsim.generation.population import prepare
from healthsim.generation.spec import read_spec

SPEC = {
    "size": 300,
    "seed": 5,
    "counties": ["06073"],
    "ages": {"min": 30},
    "cohort": ["type_2_diabetes"],
    "journeys": ["diabetes_first_year"],
}
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return prepare(Database(tmp_path_factory.mktemp("journeys") / "x.duckdb"), read_spec(SPEC))


@pytest.fixture(scope="module")
def tables(context: Context) -> dict[str, pa.Table]:
    return make_batch(context, 0, 300)


@pytest.fixture(scope="module")
def steps(tables: dict[str, pa.Table]) -> Rows:
    return tables["journey_step"].to_pylist()


def by_id(tables: Mapping[str, pa.Table], name: str) -> dict[str, dict[str, Any]]:
    return {row[f"{name}_id"]: row for row in tables[name].to_pylist()}


def test_everyone_of_a_cohort_goes_through_a_journey_from_its_onset(steps: Rows, tables: dict[str, pa.Table]) -> None:
    begun = Counter(row["patient_id"] for row in steps if row["step"] == "first_visit")
    assert set(begun) == set(tables["patient"]["patient_id"].to_pylist())
    assert set(begun.values()) == {1}


def test_what_happened_is_there_and_what_did_not_says_why(steps: Rows, tables: dict[str, pa.Table]) -> None:
    known = {name: by_id(tables, name) for name in ("encounter", "order", "medication", "procedure")}
    for row in steps:
        assert row["happened"] == (row["why_not"] is None) == (row["happened_date"] is not None)
        assert (row["entity_id"] is not None) == (row["happened"] and row["kind"] != "choice")
        if row["entity_id"] is not None:
            entity = known[row["entity_type"]][row["entity_id"]]
            assert entity["patient_id"] == row["patient_id"]
            assert entity["encounter_id"] == row["encounter_id"]
    assert {row["why_not"] for row in steps if row["why_not"]} <= set(WHY_NOT)
    codes = {row["order_id"]: row["code"] for row in tables["order"].to_pylist()}
    assert {codes[row["entity_id"]] for row in steps if row["step"] == "a1c" and row["happened"]} == {"4548-4"}


def test_shares_are_those_of_the_file(steps: Rows) -> None:
    taken = [row["happened"] for row in steps if row["step"] == "metformin" and row["why_not"] in (None, "chance")]
    assert np.mean(taken) == pytest.approx(0.82, abs=0.07)


def test_with_is_the_same_encounter_and_after_is_not_before(steps: Rows) -> None:
    happened = {(row["patient_id"], row["step"], row["occurrence"]): row for row in steps if row["happened"]}
    followed = 0
    for (patient, _, occurrence), row in happened.items():
        if row["predecessor"] is not None:
            before = happened.get((patient, row["predecessor"], occurrence)) or happened[patient, row["predecessor"], 1]
            assert before["happened_date"] <= row["happened_date"]
            assert row["relation"] != "with" or before["encounter_id"] == row["encounter_id"]
            followed += 1
    assert followed > 1_000


def test_steps_are_billed_and_their_drugs_fetched(steps: Rows, tables: dict[str, pa.Table]) -> None:
    met = {row["entity_id"] for row in steps if row["step"] == "follow_up" and row["happened"]}
    billed = {row["encounter_id"] for row in tables["claim"].to_pylist()}
    assert len(met & billed) > 0.75 * len(met), "nearly all are insured"
    taken = {row["entity_id"] for row in steps if row["step"] == "metformin" and row["happened"]}
    written = {row["prescription_id"]: row["medication_id"] for row in tables["prescription"].to_pylist()}
    fills = Counter(written[row["prescription_id"]] for row in tables["pharmacy_claim"].to_pylist())
    filled = [fills[medication] for medication in taken]
    assert np.mean([count > 0 for count in filled]) > 0.75
    assert max(filled) > 3, "and refilled"


def test_the_care_that_a_journey_replaces_does_not_come_twice(
    context: Context, steps: Rows, tables: dict[str, pa.Table]
) -> None:
    """Within the year, contacts for diabetes and orders of its tests are those of the steps, or were urgent, or for something else."""
    own = {row["encounter_id"] for row in steps if row["happened"]}
    begins = {row["patient_id"]: row["planned_date"] for row in steps if row["step"] == "first_visit"}
    strange = [
        row["encounter_id"]
        for row in tables["encounter"].to_pylist()
        if row["encounter_class"] == "outpatient"
        and row["reason_code"].startswith("E11")
        and 0 <= (row["start_datetime"].date() - begins[row["patient_id"]]).days <= 365
        and row["encounter_id"] not in own
    ]
    assert strange == []
    without = make_batch(replace(context, journeys=()), 0, 300)
    assert "journey_step" not in without
    assert without["person"].equals(tables["person"]), "the same people"


# -- the planner ----------------------------------------------------------------------------------------------


def pathway_of(context: Context, **steps: dict[str, Any]) -> Pathway:
    journey = Journey.model_validate(
        {
            "journey": "j",
            "name": "J",
            "sources": ["made up"],
            "starts": {"onset": "type_2_diabetes"},
            "lasts": 1_000,
            "steps": steps,
        }
    )
    return Pathway(journey, 1, in_order(journey), context.journeys[0].known)


@pytest.fixture(scope="module")
def world(context: Context) -> World:
    people = make_people(context, np.arange(4_096))
    health = make_health(context, people)
    return World(context, people, health, make_coverage(context, people, health))


def planned(world: World, pathway: Pathway, persons: Any = None) -> dict[str, Planned]:
    persons = np.arange(4_096) if persons is None else persons
    start = np.maximum(world.context.start, world.people.birth)[persons]
    return plan(world, Group(pathway, persons, start), {})


def office(**others: Any) -> dict[str, Any]:
    return {"encounter": {"setting": "office", "reason": "Diabetes follow-up"}, **others}


STEPS: dict[str, dict[str, Any]] = {
    "a": office(day=0),
    "b": office(after="a", wait={"normal": [60, 20]}, chance=0.6),
    "c": office(after="b", wait={"exponential": 30}),
    "d": office(after="a", wait={"lognormal": [40, 0.5]}, repeat={"every": 40, "times": 4, "spread": 9}),
    "e": {"after": "d", "one_of": {"f": 0.25, "g": 0.5, "nothing": 0.25}},
    "f": office(**{"from": "e"}, wait=3),
    "g": office(**{"from": "e"}, wait={"uniform": [1, 9]}),
    "h": office(day=400, when={"step": "b", "happened": False}),
}


def test_a_part_of_the_people_has_the_same_steps_as_all_of_them(context: Context, world: World) -> None:
    pathway, some = pathway_of(context, **STEPS), np.array([4_000, 7, 8, 9, 1_234])
    whole, part = planned(world, pathway), planned(world, pathway, some)
    for name in STEPS:
        for column in ("day", "exists", "why", "option"):
            assert (getattr(whole[name], column)[some] == getattr(part[name], column)).all(), (name, column)


def test_another_chance_changes_nothing_but_the_step_and_what_follows_it(context: Context, world: World) -> None:
    one = planned(world, pathway_of(context, **STEPS))
    two = planned(world, pathway_of(context, **{**STEPS, "b": {**STEPS["b"], "chance": 0.9}}))
    for name in ("a", "d", "e", "f", "g"):
        assert (one[name].day == two[name].day).all()
        assert (one[name].why == two[name].why).all()
    assert (one["b"].day == two["b"].day).all()
    # whoever had the step at the lower chance has it at the higher one
    assert (one["b"].happens <= two["b"].happens).all()
    assert two["b"].happens.sum() > one["b"].happens.sum()


def test_a_step_whose_predecessor_was_skipped_is_skipped(context: Context, world: World) -> None:
    steps = planned(world, pathway_of(context, **STEPS))
    skipped = ~steps["b"].happens
    assert (steps["c"].why[skipped] == WHY_NOT.index("predecessor")).all()
    assert not (steps["h"].happens & steps["b"].happens).any(), "h is for those without b"


def test_one_branch_at_most_is_taken(context: Context, world: World) -> None:
    steps = planned(world, pathway_of(context, **STEPS))
    assert not (steps["f"].happens & steps["g"].happens).any()
    chosen = np.bincount(steps["e"].option[steps["e"].happens], minlength=3) / steps["e"].happens.sum()
    assert chosen == pytest.approx([0.25, 0.5, 0.25], abs=0.02)


def test_waits_have_the_distributions_that_they_say(context: Context, world: World) -> None:
    steps = planned(world, pathway_of(context, **STEPS))
    waited = {
        name: steps[name].day[:, 0] - steps[before].day[:, 0] for name, before in (("b", "a"), ("c", "b"), ("d", "a"))
    }
    assert waited["b"].mean() == pytest.approx(60, abs=1)
    assert waited["b"].std() == pytest.approx(20, abs=1)
    assert waited["c"].mean() == pytest.approx(30, abs=2)
    assert np.median(waited["d"]) == pytest.approx(40, abs=2)
    assert set(np.unique(steps["g"].day - steps["e"].day)) == set(range(1, 10))
    between = np.diff(steps["d"].day, axis=1)
    assert between.min() >= 20, "repeats are no closer than half of every"
    assert between.mean() == pytest.approx(40, abs=0.5)


def test_repeats_until_a_day(context: Context, world: World) -> None:
    steps = planned(world, pathway_of(context, a=office(day=10, repeat={"every": 30, "until": 100})))
    assert (steps["a"].exists.sum(axis=1) == 4).all(), "on the days 10, 40, 70 and 100"


def test_conditions_on_a_step_are_those_of_its_day(context: Context, world: World) -> None:
    seventy = {"min_age": 70, "sex": "F"}
    steps = planned(
        world,
        pathway_of(
            context,
            old=office(day=100, when=seventy),
            medicare=office(day=100, when={"payers": ["medicare"]}),
            others=office(day=100, when={"payers": ["commercial", "medicaid", "exchange", "uninsured"]}),
            heart=office(day=100, when={"condition": "heart_failure"}),
            no_heart=office(day=100, when={"without": "heart_failure"}),
        ),
    )
    people, everyone = world.people, np.arange(4_096)
    there = steps["old"].why[:, 0] != WHY_NOT.index("history over")
    there &= steps["old"].why[:, 0] != WHY_NOT.index("died")
    expected = (people.age_at(everyone, steps["old"].day[:, 0]) >= 70) & (people.sex == 0)
    assert (steps["old"].happens[:, 0] == (expected & there)).all()
    for one, other in (("medicare", "others"), ("heart", "no_heart")):
        assert (steps[one].happens[:, 0] ^ steps[other].happens[:, 0])[there].all(), "either the one or the other"


# -- the doors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("journeys", "share"),
    [(["Diabetes first year"], None), ([{"diabetes_first_year": 0.5}], 0.5), ({"diabetes_first_year": 1}, 1)],
)
def test_a_spec_names_journeys_as_a_list_or_with_shares(journeys: Any, share: float | None) -> None:
    spec = read_spec({"journeys": journeys})
    assert spec.journeys == {"diabetes_first_year": share}
    assert read_spec(spec.as_json()) == spec


def test_a_journey_that_is_not_there_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.duckdb")
    with pytest.raises(NotFound, match="Did you mean diabetes_first_year"):
        prepare(database, read_spec({"journeys": ["diabetes_first_yaer"]}))
    with pytest.raises(InvalidInput, match="expected patient among the products, or no journeys"):
        prepare(database, read_spec({"journeys": ["diabetes_first_year"], "products": ["claims"]}))
    with pytest.raises(InvalidInput, match=r"journeys\.diabetes_first_year: input should be less than or equal to 1"):
        read_spec({"journeys": {"diabetes_first_year": 7}})
