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
from healthsim.analytics.star.declared import FACTS, FIRST_DAY, LAST_DAY
from healthsim.analytics.star.surrogate_keys import Keys
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
@pytest.mark.long
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


@pytest.mark.long
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
    add(
        {
            "encounters": [
                {
                    "encounter_id": "LATER",
                    "patient_id": built[0],
                    "encounter_class": "virtual",
                    "start_datetime": "2026-06-01T08:00:00",
                }
            ]
        }
    )
    assert modes(database, "incremental") == ("full", None)


@pytest.mark.long
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


def incremental_is_full(database: Database) -> str:
    """The mode of an incremental build, whose rows are those of a full one."""
    (done,) = build(database, ["s"], mode="incremental")
    incremental = content(database, TABLES)
    build(database, ["s"], mode="full")
    full = content(database, TABLES)
    assert {table for table in TABLES if incremental[table] != full[table]} == set()
    return done.mode


def saved(state: StateManager, database: Database, **entities: list[dict[str, str]]) -> None:
    """A scenario of two patients, and more, that is built."""
    made = {kind: list(known) for kind, known in ENDS.items()}
    made["patients"] += [{"patient_id": name, "birth_date": "1970-01-01"} for name in ("P1", "P2")]
    for kind, more in entities.items():
        made.setdefault(kind, []).extend(more)
    state.save("s", made)
    build(database, ["s"])


@pytest.mark.long
def test_one_member_decides_what_another_one_calls_a_plan(state: StateManager, database: Database) -> None:
    saved(
        state,
        database,
        plans=[{"plan_id": "Z1", "plan_code": "C1"}],
        members=[
            {
                "member_id": "M1",
                "patient_id": "P1",
                "plan_id": "PB",
                "coverage_start": "2024-01-01",
                "coverage_end": "2024-03-31",
            }
        ],
        rx_members=[{"rx_member_id": "R3", "plan_code": "C1", "birth_date": "1970-02-02"}],
        pharmacy_claims=[
            {
                "pharmacy_claim_id": "F3",
                "rx_member_id": "R3",
                "drug_name": "metformin",
                "service_date": "2024-02-02",
                "status": "paid",
            }
        ],
    )
    state.save(
        "s",
        {
            "members": [
                {
                    "member_id": "M2",
                    "patient_id": "P2",
                    "plan_id": "PB",
                    "plan_code": "C1",
                    "coverage_start": "2024-01-01",
                }
            ]
        },
        mode="merge",
    )
    assert incremental_is_full(database) == "full"


@pytest.mark.long
def test_subjects_share_arms_and_doses(state: StateManager, database: Database) -> None:
    begun = {"arm_code": "X", "randomization_date": "2024-01-01", "usubjid": "U"}
    saved(
        state,
        database,
        studies=[{"study_id": "T"}],
        sites=[{"site_id": "I", "study_id": "T"}],
        subjects=[
            begun | {"subject_id": "S1", "site_id": "I", "patient_id": "P1"},
            begun | {"subject_id": "S3", "patient_id": "P1"},
        ],
        adverse_events=[{"adverse_event_id": "A1", "subject_id": "S3", "aedecod": "Rash", "aestdtc": "2024-03-01"}],
        exposures=[{"exposure_id": "E1", "subject_id": "S1", "exstdtc": "2024-02-01"}],
    )
    state.save("s", {"subjects": [begun | {"subject_id": "S2", "study_id": "T", "patient_id": "P2"}]}, mode="merge")
    assert incremental_is_full(database) == "incremental"
    with database.write() as connection:
        connection.execute(
            "INSERT INTO main.exposures BY NAME SELECT scenario_id, 'E2' AS exposure_id, 'U' AS usubjid, DATE '2024-01-15' AS exstdtc,"
            " saved_at + INTERVAL 1 HOUR AS saved_at FROM main.exposures"
        )
    assert incremental_is_full(database) == "incremental"


@pytest.mark.long
def test_a_row_whose_owner_comes_late_is_done_again(state: StateManager, database: Database) -> None:
    saved(
        state,
        database,
        patients=[{"patient_id": "P9", "mrn": "P8"}],
        encounters=[{"encounter_id": "E1", "patient_id": "P8", "start_datetime": "2024-05-05T08:00:00"}],
    )
    with database.write() as connection:
        connection.execute("UPDATE main.encounters SET patient_id = 'P8' WHERE encounter_id = 'E1'")
    build(database, ["s"], mode="full")
    # any merge makes references to what has come into references by id
    state.save("s", {"patients": [{"patient_id": "P7", "birth_date": "1971-01-01"}]}, mode="merge")
    (found,) = status(database)
    assert found.reason == "written since: encounters, patients"
    assert incremental_is_full(database) == "incremental"


@pytest.mark.long
def test_places_that_another_scenario_names(state: StateManager, database: Database) -> None:
    # a block group names its county
    saved(state, database, patients=[{"patient_id": "P9", "census_tract": "010010201001"}])
    state.save("t", {"patients": [{"patient_id": "Q", "county_fips": "01001"}]})
    build(database, ["t"])
    state.save("s", changes("P2"), mode="merge")
    assert incremental_is_full(database) == "incremental"


@pytest.mark.long
def test_a_subject_names_an_arm_by_the_id_of_a_declared_one(state: StateManager, database: Database) -> None:
    saved(
        state,
        database,
        studies=[{"study_id": "T"}],
        treatment_arms=[{"treatment_arm_id": "T/X", "study_id": "T", "arm_code": "ACT"}],
        subjects=[{"subject_id": "S1", "study_id": "T", "patient_id": "P1", "arm_code": "X"}],
    )
    for _ in range(2):
        build(database, ["s"], mode="full")
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM analytics.dim_arm WHERE arm_key > 0").fetchall() == [(1,)]


@pytest.mark.long
def test_more_rows_of_a_save_that_was_there_are_seen(state: StateManager, database: Database) -> None:
    saved(state, database)
    for instant in ("NULL", "NULL", "TIMESTAMP '2026-01-01'", "TIMESTAMP '2026-01-01'"):
        with database.write() as connection:
            connection.execute(
                "INSERT INTO main.encounters BY NAME SELECT scenario_id, 'E' || (SELECT count(*) FROM main.encounters) AS encounter_id,"
                f" 'P1' AS patient_id, TIMESTAMP '2024-05-05' AS start_datetime, {instant} AS saved_at FROM main.scenarios"
            )
        incremental_is_full(database)


@pytest.mark.long
def test_scenarios_do_not_describe_codes_for_each_other(state: StateManager, database: Database) -> None:
    def drug(name: str, number: str) -> dict[str, list[dict[str, str]]]:
        order = {"medication_id": f"M{number}", "patient_id": "P1", "code": "860975", "code_system": "RxNorm"}
        return {"medications": [order | {"name": name, "start_date": "2024-01-01"}], "patients": [{"patient_id": "P1"}]}

    def described() -> list[tuple[object, ...]]:
        with database.read() as connection:
            return connection.execute(
                "SELECT drug_name, is_brand FROM analytics.dim_drug WHERE drug_key > 0"
            ).fetchall()

    state.save("a", drug("metformin 500 MG", "1"))
    state.save("b", drug("Glucophage 500 MG", "2"))
    build(database, everything=True)
    assert described() == [("metformin 500 MG", 0)]
    # another version of the program describes codes anew, all at once and each by the first scenario that has it
    with database.write() as connection:
        connection.execute("UPDATE analytics.builds SET star_version = 'older'")
        connection.execute("UPDATE analytics.dimension_keys SET content = 'older' WHERE table_name = 'dim_date'")
        connection.execute("UPDATE analytics.dim_drug SET is_brand = 7 WHERE drug_key > 0")
    counted = [item.fact_rows for item in status(database)]
    assert [item.fact_rows for item in build(database, ["b"])] == counted[1:]
    assert described() == [("metformin 500 MG", 0)]
    with database.write() as connection:
        connection.execute("UPDATE analytics.builds SET star_version = 'older'")
        connection.execute("UPDATE analytics.dimension_keys SET content = 'older' WHERE table_name = 'dim_date'")
    assert [item.fact_rows for item in build(database, everything=True)] == counted
    assert min(counted) > 0
    assert described() == [("metformin 500 MG", 0)]


def test_the_calendar_has_the_days_that_builds_take_for_known(state: StateManager, database: Database) -> None:
    saved(state, database)
    with database.read() as connection:
        found = connection.execute("SELECT min(date_key), max(date_key) FROM analytics.dim_date WHERE date_key > 0")
        assert found.fetchall() == [(FIRST_DAY, LAST_DAY)]
