"""An incremental build does only the persons again that have changed, and gives what a full build gives."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_changes import ENDS, additions, beginning, removals
from small_scenarios import scenario
from test_star_properties import content

from healthsim.analytics import build, check, status
from healthsim.analytics.keys import Keys
from healthsim.analytics.star import FACTS
from healthsim.db.connection import Database
from healthsim.state.manager import StateManager

TABLES = (*FACTS, "dim_person", "dim_coverage", "person_links")
EXAMPLES = settings(
    max_examples=60 if os.environ.get("HEALTHSIM_LONG_TESTS") else 3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@EXAMPLES
@given(seed=st.integers(0, 10**6))
def test_an_incremental_build_is_a_full_build(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    draw = random.Random(seed)
    database = Database(tmp_path_factory.mktemp("incremental") / "x.duckdb")
    state = StateManager(database)
    made = beginning(seed)
    state.save("s", made)
    build(database, ["s"])
    for round_ in range(2):
        state.save("s", additions(draw, made, round_), mode="merge")
        with database.write() as connection:
            for table, column, value in removals(draw, made):
                connection.execute(f"DELETE FROM main.{table} WHERE {column} = ?", [value])
        (built,) = build(database, ["s"], mode="incremental")
        incremental = content(database, TABLES)
        build(database, ["s"], mode="full")
        full = content(database, TABLES)
        for table in TABLES:
            assert incremental[table] == full[table], (table, built.mode, built.persons)


def changes(*patients: str) -> dict[str, list[dict[str, str]]]:
    """A visit more of each."""
    visit = {"encounter_class": "emergency", "start_datetime": "2024-05-05T08:00:00"}
    return {"encounters": [{"encounter_id": f"NEW-{patient}", "patient_id": patient, **visit} for patient in patients]}


@pytest.fixture
def built(state: StateManager, database: Database) -> list[str]:
    """The patients of a scenario that is built."""
    made = scenario(3, 30)
    for kind, entities in ENDS.items():
        made[kind] = made[kind] + entities
    state.save("s", made)
    build(database, ["s"])
    return [str(one["patient_id"]) for one in made["patients"]]


def modes(database: Database, mode: str = "auto") -> tuple[str, int | None]:
    (done,) = build(database, ["s"], mode=mode)
    return done.mode, done.persons


def test_what_has_changed_decides_who_is_done_again(state: StateManager, database: Database, built: list[str]) -> None:
    def add(entities: dict[str, list[dict[str, str]]]) -> None:
        state.save("s", entities, mode="merge")

    add(changes(built[0]))
    assert modes(database) == ("incremental", 1)
    assert modes(database) == ("skipped", None)
    add(changes(*built[:20]))
    assert modes(database)[0] == "full"
    add(changes(*built[:19]))
    assert modes(database, "incremental") == ("incremental", 19)
    # a provider reaches whoever went there, a new last day everybody's member months
    add({"providers": [{"provider_id": "PR0", "specialty": "Cardiology"}]})
    assert modes(database, "incremental") == ("full", None)
    add({"encounters": [{"encounter_id": "LATER", "patient_id": built[0], "encounter_class": "virtual", "start_datetime": "2026-06-01T08:00:00"}]})  # fmt: skip
    assert modes(database, "incremental") == ("full", None)


def test_the_people_stand_unless_their_records_were_written(
    state: StateManager, database: Database, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put: list[str] = []
    replace = Keys.replace
    monkeypatch.setattr(Keys, "replace", lambda self, step, *more: put.append(step.name) or replace(self, step, *more))
    state.save("s", changes(built[0]), mode="merge")
    assert modes(database) == ("incremental", 1)
    assert put == []
    state.save("s", {"patients": [{"patient_id": "P-NEW", "birth_date": "1990-01-01"}]}, mode="merge")
    assert modes(database) == ("incremental", 1)
    assert "dim_person" in put
    # tables that nothing was done about are counted as well
    (standing,) = status(database)
    assert standing.tables is not None
    assert standing.tables["dim_provider"]["rows"] == 3
    assert [found for found in check(database) if found.result == "fail"] == []
