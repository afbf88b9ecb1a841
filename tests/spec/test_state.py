"""The verbs of scenarios: save, load, list, change, delete, clone, merge; what each does, and what it refuses.

A scenario is a snapshot: what happens to one never shows in another.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import random
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from healthsim import state as public
from healthsim.errors import AlreadyExists, InvalidEntities, InvalidInput, NotFound, UsageError
from healthsim.model import ENTITY_TYPES
from healthsim.state import load_staged
from healthsim.state.manager import StateManager

ANN = {"patient_id": "P1", "mrn": "M1", "given_name": "Ann", "birth_date": "1980-01-02"}
BOB = {"patient_id": "P2", "mrn": "M2", "given_name": "Bob", "birth_date": "1990-01-02"}

# the same wherever the database is
pytestmark = pytest.mark.every_location


def rows(state: StateManager, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with state.database.read() as connection:
        return connection.execute(sql, parameters).fetchall()


def rows_everywhere(state: StateManager, scenario_id: str) -> dict[str, int]:
    """{table: rows} of a scenario over every table of the database that has a scenario_id."""
    with state.database.read() as connection:
        tables = connection.execute(
            "SELECT DISTINCT schema_name, table_name FROM duckdb_columns() WHERE column_name = 'scenario_id'"
            " AND NOT internal AND (schema_name, table_name) IN (SELECT (schema_name, table_name) FROM duckdb_tables())"
        ).fetchall()
        counts = {
            f"{schema}.{table}": connection.execute(
                f'SELECT count(*) FROM "{schema}"."{table}" WHERE scenario_id = ?::UUID', [scenario_id]
            ).fetchall()[0][0]
            for schema, table in tables
        }
    assert len(counts) > len(ENTITY_TYPES), "every canonical table and the state tables"
    return {table: count for table, count in counts.items() if count}


# -- save and load ---------------------------------------------------------------------------------------------


def test_save_says_what_it_did(state: StateManager) -> None:
    saved = state.save(
        "demo", {"patients": [ANN, BOB], "moods": [{"mood": "good"}]}, description="d", tags=["b", "a", "b"]
    )
    assert saved.name == "demo"
    assert saved.entity_count == 3
    assert saved.entities_by_type == {"moods": 1, "patients": 2}
    assert saved.untyped_types == ["moods"]
    assert saved.warnings == []
    scenario = state.get("demo")
    assert (scenario.scenario_id, scenario.description, scenario.tags) == (saved.scenario_id, "d", ["b", "a"])


def test_load_gives_the_documents_as_they_were_saved(state: StateManager) -> None:
    documents = [{"patient_id": "P1", "zebra": 1, "apple": [1, {"b": None}], "mrn": "M1"}, BOB]
    state.save("demo", {"patients": documents}, description="d", tags=["t"])
    loaded = state.load("demo")
    assert list(loaded) == [
        "scenario_id",
        "name",
        "description",
        "tags",
        "created_at",
        "updated_at",
        "entity_count",
        "entities",
    ]
    assert loaded["entities"] == {"patients": documents}
    assert [list(item) for item in loaded["entities"]["patients"]] == [list(item) for item in documents], "key order"
    assert (loaded["name"], loaded["description"], loaded["tags"], loaded["entity_count"]) == ("demo", "d", ["t"], 2)
    assert loaded == state.load(loaded["scenario_id"]), "an id is as good as a name"


def test_entities_may_come_as_python_objects(state: StateManager) -> None:
    class Patient(BaseModel):
        patient_id: str
        birth_date: dt.date
        weight: Decimal

    state.save("demo", {"patient": Patient(patient_id="P1", birth_date=dt.date(1980, 1, 2), weight=Decimal("70.50"))})
    assert state.load("demo")["entities"]["patients"] == [
        {"patient_id": "P1", "birth_date": "1980-01-02", "weight": "70.50"}
    ]
    assert rows(state, "SELECT birth_date FROM patients") == [(dt.date(1980, 1, 2),)]


def test_of_two_documents_with_one_id_the_later_wins(state: StateManager) -> None:
    saved = state.save("demo", {"patients": [ANN, BOB, {**ANN, "given_name": "Anna"}]})
    assert saved.entity_count == 2
    assert [item["given_name"] for item in state.load("demo")["entities"]["patients"]] == ["Bob", "Anna"]
    assert rows(state, "SELECT given_name FROM patients WHERE patient_id = 'P1'") == [("Anna",)]


def test_what_the_earlier_of_two_documents_carried_goes_with_it(state: StateManager) -> None:
    lines = [{"line_number": n, "charge_amount": n} for n in (1, 2, 3)]
    state.save(
        "demo", {"claims": [{"claim_id": "C1", "claim_lines": lines}, {"claim_id": "C1", "claim_lines": lines[:1]}]}
    )
    assert rows(state, "SELECT claim_id, line_number FROM claim_lines") == [("C1", 1)]


def test_replacing_a_document_replaces_what_it_carried(state: StateManager) -> None:
    lines = [{"line_number": n, "charge_amount": n} for n in (1, 2, 3)]
    state.save("demo", {"claims": [{"claim_id": "C1", "claim_lines": lines}]})
    state.add_entities("demo", {"claims": [{"claim_id": "C1", "claim_lines": lines[2:]}]})
    assert rows(state, "SELECT claim_id, line_number FROM claim_lines") == [("C1", 3)]


def test_an_entity_of_its_own_does_not_give_way_to_a_mention(state: StateManager) -> None:
    provider = {"provider_id": "PR1", "npi": "1234567893", "name": "Dr. Full", "specialty": "Surgery"}
    mention = {"claim_id": "C1", "provider": {"npi": "1234567893", "name": "Dr. F"}}
    state.save("demo", {"claims": [mention], "providers": [provider]})
    assert rows(state, "SELECT provider_id, specialty FROM providers WHERE part_of IS NULL") == [("PR1", "Surgery")]


@pytest.mark.parametrize("document", [{"code": "I10"}, {"code": "I10", "value": 2.50}])
def test_documents_without_id_get_the_same_id_every_time(state: StateManager, document: dict[str, Any]) -> None:
    state.save("one", {"diagnoses": [document]})
    state.save("two", {"diagnoses": [document]})
    ids = rows(state, "SELECT DISTINCT diagnosis_id FROM diagnoses")
    assert len(ids) == 1


def test_amounts_instants_and_codes_are_read_as_declared(state: StateManager) -> None:
    state.save(
        "demo",
        {
            "encounters": [{"encounter_id": "E1", "class_code": "I", "admission_time": "2026-01-02T03:04:05+02:00"}],
            "claims": [{"claim_id": "C1", "total_billed": "1234.5", "claim_type": "PROFESSIONAL"}],
            "vital_signs": [{"vital_sign_id": "V1", "temperature": 98.6}],
            "patients": [{"patient_id": "P1", "gender": "female"}],
        },
    )
    assert rows(state, "SELECT encounter_class, start_datetime FROM encounters") == [
        ("inpatient", dt.datetime(2026, 1, 2, 1, 4, 5))
    ]
    assert rows(state, "SELECT total_charge, claim_type FROM claims") == [(Decimal("1234.50"), "professional")]
    assert rows(state, "SELECT temperature_c FROM vital_signs") == [(37.0,)]
    assert rows(state, "SELECT gender FROM patients") == [("F",)]


# -- snapshots -------------------------------------------------------------------------------------------------


def test_the_same_ids_live_in_two_scenarios_without_touching_each_other(state: StateManager) -> None:
    state.save("before", {"patients": [ANN, BOB]})
    state.save("after", {"patients": [{**ANN, "given_name": "Changed"}]})
    state.delete("after")
    assert [item["given_name"] for item in state.load("before")["entities"]["patients"]] == ["Ann", "Bob"]
    assert rows(state, "SELECT given_name FROM patients ORDER BY 1") == [("Ann",), ("Bob",)]


def test_save_before_a_big_change_and_restore(state: StateManager) -> None:
    state.save("work", {"patients": [ANN]})
    state.save("backup", state.load("work")["entities"])
    state.save("work", {"patients": [{**ANN, "given_name": "Broken"}]}, mode="overwrite")
    state.save("work", state.load("backup")["entities"], mode="overwrite")
    assert state.load("work")["entities"] == {"patients": [ANN]}


def test_latest_shows_the_newest_version_of_each_id(state: StateManager) -> None:
    state.save("old", {"patients": [ANN, BOB]})
    state.save("new", {"patients": [{**ANN, "given_name": "Anna"}]})
    assert rows(state, "SELECT patient_id, given_name FROM latest.patients ORDER BY 1") == [
        ("P1", "Anna"),
        ("P2", "Bob"),
    ]
    state.save("old", {"patients": [ANN]}, mode="merge")
    assert rows(state, "SELECT given_name FROM latest.patients WHERE patient_id = 'P1'") == [("Ann",)]
    state.delete("old")
    assert rows(state, "SELECT patient_id, given_name FROM latest.patients") == [("P1", "Anna")]


def test_every_entity_is_once_in_scenario_entities(state: StateManager) -> None:
    saved = state.save("demo", {"patients": [ANN], "moods": [{"id": "x"}]})
    assert rows(state, "SELECT scenario_id::VARCHAR, entity_type, entity_id FROM scenario_entities ORDER BY 2") == [
        (saved.scenario_id, "moods", "x"),
        (saved.scenario_id, "patient", "P1"),
    ]


# -- modes -----------------------------------------------------------------------------------------------------


def test_a_taken_name_is_refused_and_nothing_changes(state: StateManager) -> None:
    state.save("demo", {"patients": [ANN]})
    with pytest.raises(AlreadyExists) as caught:
        state.save("demo", {"patients": [BOB]})
    assert caught.value.message == (
        "A scenario 'demo' exists already. Choose another name, or use overwrite=True to replace it or"
        ' mode="merge" to add to it.'
    )
    assert caught.value.exit_code == 4
    assert state.load("demo")["entities"] == {"patients": [ANN]}


def test_overwrite_replaces_everything_and_keeps_what_is_said_about_it(state: StateManager) -> None:
    first = state.save("demo", {"patients": [ANN], "moods": [{"id": 1}]}, description="d", tags=["t"])
    second = state.save("demo", {"patients": [BOB]}, mode="overwrite")
    assert second.scenario_id == first.scenario_id
    assert state.load("demo")["entities"] == {"patients": [BOB]}
    scenario = state.get("demo")
    assert (scenario.description, scenario.tags) == ("d", ["t"])
    assert scenario.updated_at > scenario.created_at


def test_merge_adds_and_replaces_by_id(state: StateManager) -> None:
    state.save("demo", {"patients": [ANN, BOB]}, tags=["a"])
    saved = state.save(
        "demo", {"patients": [{**ANN, "given_name": "Anna"}, {"patient_id": "P3"}]}, mode="merge", tags=["b"]
    )
    assert saved.entities_by_type == {"patients": 3}
    documents = state.load("demo")["entities"]["patients"]
    assert [(item["patient_id"], item.get("given_name")) for item in documents] == [
        ("P1", "Anna"),
        ("P2", "Bob"),
        ("P3", None),
    ]
    assert state.get("demo").tags == ["a", "b"]


def test_a_mode_that_is_none_is_refused(state: StateManager) -> None:
    with pytest.raises(UsageError, match=r"The mode is 'replace'; expected one of create, overwrite, merge"):
        state.save("demo", {}, mode="replace")


@pytest.mark.parametrize("mode", ["overwrite", "merge"])
@pytest.mark.parametrize("step", ["insert_documents", "insert_rows", "touch_scenario"])
@pytest.mark.long
def test_a_write_that_fails_in_the_middle_leaves_the_old_scenario(
    state: StateManager, monkeypatch: pytest.MonkeyPatch, mode: str, step: str
) -> None:
    state.save("demo", {"patients": [ANN], "diagnoses": [{"diagnosis_id": "D1", "patient_mrn": "M1"}]}, tags=["t"])
    before = state.load("demo"), rows_everywhere(state, state.get("demo").scenario_id)
    real = load_staged.filled

    def failing(statement: str, **names: str) -> str:
        if statement == step:
            raise RuntimeError("the power is gone")
        return real(statement, **names)

    monkeypatch.setattr(load_staged, "filled", failing)
    with pytest.raises(RuntimeError, match="the power is gone"):
        state.save("demo", {"patients": [BOB]}, mode=mode)
    monkeypatch.undo()
    assert (state.load("demo"), rows_everywhere(state, before[0]["scenario_id"])) == before


# -- strict and lenient ----------------------------------------------------------------------------------------


def test_strict_names_every_fault_with_path_value_and_what_was_expected(state: StateManager) -> None:
    state.save("other", {"patients": [ANN]})
    with pytest.raises(InvalidEntities) as caught:
        state.save(
            "demo",
            {
                "patients": [ANN, {"patient_id": "P2", "dob": "yesterday", "gender": "?"}],
                "claims": [{"claim_id": "C1", "claim_lines": [{"billed_amount": "a lot"}]}],
            },
        )
    assert caught.value.message == (
        "3 values cannot be read as declared; nothing was saved.\n"
        '  patients[1].dob: "yesterday" cannot be read as a date, YYYY-MM-DD\n'
        '  patients[1].gender: "?" cannot be read as one of M, F, O, U\n'
        '  claims[0].claim_lines[0].billed_amount: "a lot" cannot be read as a decimal amount below 10^12\n'
        "Correct them, or use lenient mode (lenient=True): it keeps every document as it is and leaves only those columns"
        " empty."
    )
    assert caught.value.exit_code == 5
    assert [scenario.name for scenario in state.list()[0]] == ["other"]


def test_a_thousand_faults_are_counted_and_the_first_ones_shown(state: StateManager) -> None:
    with pytest.raises(InvalidEntities) as caught:
        state.save("demo", {"patients": [{"birth_date": f"day {n}"} for n in range(1_500)]})
    assert caught.value.message.startswith("1,500 values cannot be read as declared")
    assert "... and 1,480 more" in caught.value.message
    assert len(caught.value.details["faults"]) == 1_000
    assert caught.value.details["total"] == 1_500


def test_lenient_keeps_the_document_and_leaves_the_column_empty(state: StateManager) -> None:
    document = {"patient_id": "P1", "given_name": "Ann", "dob": "yesterday"}
    saved = state.save("demo", {"patients": [document]}, lenient=True)
    assert saved.warnings == [
        'patients[0].dob: "yesterday" cannot be read as a date, YYYY-MM-DD; the column is left empty'
    ]
    assert state.load("demo")["entities"] == {"patients": [document]}
    assert rows(state, "SELECT given_name, birth_date FROM patients") == [("Ann", None)]


# -- references ------------------------------------------------------------------------------------------------

BY_NATURAL_KEY = {
    "MRN": (
        {"patients": [{"patient_id": "P1", "mrn": "M1"}]},
        {"encounters": [{"patient_mrn": "M1"}]},
        "encounters.patient_id",
        "P1",
    ),
    "NPI": (
        {"providers": [{"provider_id": "PR1", "npi": "1234567893"}]},
        {"encounters": [{"attending_physician": "1234567893"}]},
        "encounters.attending_provider_id",
        "PR1",
    ),
    "NPI of a facility": (
        {"facilities": [{"facility_id": "F1", "npi": "1234567893"}]},
        {"claims": [{"claim_id": "C1", "facility_npi": "1234567893"}]},
        "claims.facility_id",
        "F1",
    ),
    "usubjid": (
        {"subjects": [{"subject_id": "S1", "usubjid": "U-1"}]},
        {"adverse_events": [{"usubjid": "U-1", "aeterm": "Headache"}]},
        "adverse_events.subject_id",
        "S1",
    ),
    "prescription number": (
        {"prescriptions": [{"prescription_id": "RX1", "prescription_number": "N1"}]},
        {"pharmacy_claims": [{"claim_id": "C1", "prescription_number": "N1"}]},
        "pharmacy_claims.prescription_id",
        "RX1",
    ),
    "plan code": (
        {"plans": [{"plan_id": "PL1", "plan_code": "PPO"}]},
        {"members": [{"member_id": "MB1", "plan_id": "PPO"}]},
        "members.plan_id",
        "PL1",
    ),
}


@pytest.mark.parametrize("order", ["together", "target first", "target later"])
@pytest.mark.parametrize("kind", BY_NATURAL_KEY)
@pytest.mark.long
def test_a_reference_by_natural_key_becomes_one_by_id(state: StateManager, kind: str, order: str) -> None:
    target, referring, place, expected = BY_NATURAL_KEY[kind]
    table, column = place.split(".")
    if order == "together":
        state.save("demo", {**referring, **target})
    else:
        first, second = (target, referring) if order == "target first" else (referring, target)
        state.save("demo", first)
        state.add_entities("demo", second)
    assert rows(state, f"SELECT {column} FROM {table}") == [(expected,)]


def test_a_member_number_leads_to_the_member(state: StateManager) -> None:
    state.save(
        "demo",
        {
            "claims": [{"claim_id": "C1", "member_id": "NUMBER-1"}],
            "members": [{"member_id": "MB-2025", "member_number": "NUMBER-1"}],
        },
    )
    assert rows(state, "SELECT m.member_id FROM claims JOIN members m USING (scenario_id, member_id)") == [("MB-2025",)]


@pytest.mark.parametrize("order", ["together", "encounter later"])
def test_the_patient_of_a_diagnosis_is_that_of_its_encounter(state: StateManager, order: str) -> None:
    diagnosis = {"diagnoses": [{"diagnosis_id": "D1", "encounter_id": "E1", "code": "I10"}]}
    rest = {"patients": [ANN], "encounters": [{"encounter_id": "E1", "patient_mrn": "M1"}]}
    if order == "together":
        state.save("demo", {**diagnosis, **rest})
    else:
        state.save("demo", diagnosis)
        state.add_entities("demo", rest)
    assert rows(state, "SELECT patient_id FROM diagnoses") == [("P1",)]


def test_references_do_not_leave_their_scenario(state: StateManager) -> None:
    state.save("other", {"patients": [ANN]})
    state.save("demo", {"encounters": [{"encounter_id": "E1", "patient_mrn": "M1"}]})
    assert rows(state, "SELECT patient_id FROM encounters") == [("M1",)], "an unknown reference stays as it was given"


# -- list and show ---------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(state: StateManager) -> StateManager:
    """Three scenarios, saved in this order."""
    state.save("alpha", {"patients": [ANN]}, description="Diabetes in Texas", tags=["clinic", "2026"])
    state.save("beta", {"members": [{"member_id": "MB1"}], "moods": [{"id": 1}]}, tags=["payer", "2026"])
    state.save("Gamma", {"prescriptions": [{"prescription_id": "RX1"}], "patients": [ANN, BOB]}, tags=["Clinic"])
    return state


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["Gamma", "beta", "alpha"]),
        ({"sort": "name"}, ["Gamma", "alpha", "beta"]),
        ({"sort": "size"}, ["Gamma", "beta", "alpha"]),
        ({"sort": "created"}, ["Gamma", "beta", "alpha"]),
        ({"tags": ["2026"]}, ["beta", "alpha"]),
        ({"tags": ["2026", "payer"]}, ["beta"]),
        ({"tags": ["clinic"]}, ["alpha"]),
        ({"search": "DIABETES"}, ["alpha"]),
        ({"search": "gam"}, ["Gamma"]),
        ({"search": "payer"}, ["beta"]),
        ({"search": "%"}, []),
        ({"product": "rxmembersim"}, ["Gamma"]),
        ({"product": "patientsim"}, ["Gamma", "alpha"]),
        ({"product": "nosuchsim"}, []),
    ],
)
def test_list_finds(shelf: StateManager, filters: dict[str, Any], expected: list[str]) -> None:
    found, total = shelf.list(**filters)
    assert [scenario.name for scenario in found] == expected
    assert total == len(expected)


def test_list_counts_all_even_where_it_shows_few(shelf: StateManager) -> None:
    found, total = shelf.list(limit=1)
    assert ([scenario.name for scenario in found], total) == (["Gamma"], 3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"sort": "colour"}, "Scenarios cannot be sorted by 'colour'; expected one of updated, created, name, size."),
        ({"limit": 0}, "The limit is 0; expected 1 or more."),
    ],
)
def test_list_refuses(shelf: StateManager, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        shelf.list(**wrong)
    assert caught.value.message == message


def test_a_name_that_is_not_there_is_answered_with_the_nearest(shelf: StateManager) -> None:
    verbs = [
        shelf.load,
        shelf.get,
        shelf.summary,
        shelf.delete,
        lambda name: shelf.rename(name, "x"),
        lambda name: shelf.clone(name, "x"),
        lambda name: shelf.merge([name], "x"),
        lambda name: shelf.tag(name, ["x"]),
        lambda name: shelf.untag(name, ["x"]),
        lambda name: shelf.add_entities(name, {}),
    ]
    for verb in verbs:
        with pytest.raises(NotFound) as caught:
            verb("alpah")
        assert caught.value.message == "There is no scenario 'alpah'. Did you mean 'alpha'?"
        assert (caught.value.exit_code, caught.value.details["similar"]) == (3, ["alpha"])
    with pytest.raises(NotFound, match=r"There is no scenario 'qqqq'\. See: healthsim\.list\(\)"):
        shelf.load("qqqq")


# -- rename, tags ----------------------------------------------------------------------------------------------


def test_rename(shelf: StateManager) -> None:
    before = shelf.load("alpha")
    renamed = shelf.rename("alpha", "delta")
    assert (renamed.name, renamed.scenario_id) == ("delta", before["scenario_id"])
    assert shelf.load("delta")["entities"] == before["entities"]
    with pytest.raises(NotFound):
        shelf.load("alpha")
    with pytest.raises(AlreadyExists, match="A scenario 'beta' exists already"):
        shelf.rename("delta", "beta")
    assert shelf.rename("delta", "delta").name == "delta", "its own name is free"


def test_tags_keep_their_order(state: StateManager) -> None:
    state.save("demo", {"patients": [ANN]}, tags=["z", "a"])
    assert state.tag("demo", ["m", "z", "b"]).tags == ["z", "a", "m", "b"]
    assert state.untag("demo", ["a", "m"]).tags == ["z", "b"]
    with pytest.raises(NotFound) as caught:
        state.untag("demo", ["z", "nope"])
    assert caught.value.message == "The scenario has no tag 'nope'; it has 'z', 'b'."
    assert state.get("demo").tags == ["z", "b"]


@pytest.mark.parametrize("tag", ["", "  ", "x" * 1_001, "\ud800"])
def test_what_is_no_tag_is_refused(state: StateManager, tag: str) -> None:
    with pytest.raises(InvalidInput, match=r"tag"):
        state.save("demo", {"patients": [ANN]}, tags=[tag])
    assert state.list() == ([], 0)


# -- delete ----------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_delete_leaves_no_row_in_any_table(state: StateManager) -> None:
    everything = {known.plural: [{known.key: "X1", "name": "n"}] for known in ENTITY_TYPES.values()}
    doomed = state.save("doomed", {**everything, "moods": [{"id": 1}]}, tags=["t"], lenient=True)
    kept = state.save("kept", everything, tags=["t"], lenient=True)
    assert len(rows_everywhere(state, doomed.scenario_id)) == len(ENTITY_TYPES) + 3, "documents, tags, scenario"
    before = rows_everywhere(state, kept.scenario_id)

    gone = state.delete("doomed")

    assert gone.name == "doomed"
    assert rows_everywhere(state, doomed.scenario_id) == {}
    assert rows_everywhere(state, kept.scenario_id) == before


def test_delete_also_finds_tables_that_other_layers_made(state: StateManager) -> None:
    saved = state.save("demo", {"patients": [ANN]})
    with state.database.write() as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS analytics")
        connection.execute("CREATE TABLE analytics.fact_x (scenario_id UUID, n INTEGER)")
        connection.execute("INSERT INTO analytics.fact_x VALUES (?, 1)", [saved.scenario_id])
    state.delete("demo")
    assert rows(state, "SELECT * FROM analytics.fact_x") == []


# -- clone and merge -------------------------------------------------------------------------------------------


def test_a_clone_is_a_scenario_of_its_own(state: StateManager) -> None:
    state.save("demo", {"patients": [ANN], "encounters": [{"encounter_id": "E1", "patient_mrn": "M1"}]}, tags=["t"])
    before = state.load("demo")
    copy = state.clone("demo", "copy")
    assert (copy.name, copy.entities_by_type) == ("copy", {"encounters": 1, "patients": 1})
    assert state.get("copy").tags == ["t"]
    found = rows(
        state,
        "SELECT p.given_name, p.patient_id <> 'P1', e.encounter_id <> 'E1' FROM encounters e"
        " JOIN patients p USING (scenario_id, patient_id) WHERE scenario_id = ?::UUID",
        copy.scenario_id,
    )
    assert found == [("Ann", True, True)]
    state.delete("copy")
    assert state.load("demo") == before


def test_a_clone_renews_ids_that_are_numbers_and_no_other_numbers(state: StateManager) -> None:
    state.save(
        "demo",
        {
            "patients": [{"patient_id": 1, "mrn": 2, "birth_order": 1}, {"patient_id": 2, "mrn": 1, "deceased": False}],
            "encounters": [{"encounter_id": 10, "patient_id": 1, "length_of_stay": 10}, {"id": -11, "patientId": 2}],
            "claims": [{"claim_id": 1.50, "patient_id": 2, "encounter_id": 10, "total_charge": 1.50, "member_id": 1}],
            "claim_lines": [{"claim_line_id": 7, "claim_id": 1.50, "line_number": 1, "charge_amount": 2}],
            "sites": [{"site_number": 4, "study_id": 1}],
            "subjects": [{"subject_id": 5, "site_number": 4}],
            "groups": [{"group_id": 3, "patient_ids": [1, 2, 3], "sizes": [{"patient_id": 1}, 1], "note": "1, 2"}],
            "visits": [{"id": 8, "group_id": 3, "level": 3, "room_id": 8, "who": {"patient": {"id": 2, "count": 2}}}],
        },
    )
    before = state.load("demo")
    copy = state.clone("demo", "copy")
    assert state.load("demo") == before
    now = state.load("copy")["entities"]
    one, two = (patient["patient_id"] for patient in now["patients"])
    assert {type(one), type(two)} == {str}
    assert [(item["mrn"], item.get("birth_order")) for item in now["patients"]] == [(2, 1), (1, None)]
    ten, eleven = now["encounters"]
    assert (ten["patient_id"], ten["length_of_stay"], eleven["patientId"]) == (one, 10, two)
    (claim,), (line,), (group,), (visit,) = now["claims"], now["claim_lines"], now["groups"], now["visits"]
    assert (claim["patient_id"], claim["encounter_id"]) == (two, ten["encounter_id"])
    assert (claim["total_charge"], claim["member_id"]) == (1.50, 1), "there is no member 1"
    assert (line["claim_id"], line["line_number"], line["charge_amount"]) == (claim["claim_id"], 1, 2)
    assert isinstance(claim["claim_id"], str)
    assert isinstance(line["claim_line_id"], str)
    assert (now["sites"][0]["site_number"], now["sites"][0]["study_id"]) == (now["subjects"][0]["site_number"], 1)
    assert isinstance(now["sites"][0]["site_number"], str), "it is the site's id, for want of another"
    assert (group["patient_ids"], group["sizes"]) == ([one, two, 3], [{"patient_id": one}, 1])
    assert isinstance(group["group_id"], str)
    assert (visit["group_id"], visit["level"], visit["room_id"]) == (group["group_id"], 3, 8)
    assert visit["who"]["patient"] == {"id": two, "count": 2}
    assert rows(
        state,
        "SELECT count(*) FROM encounters JOIN patients USING (scenario_id, patient_id) WHERE scenario_id = ?::UUID",
        copy.scenario_id,
    ) == [(2,)]


def test_a_clone_needs_a_free_name(shelf: StateManager) -> None:
    with pytest.raises(AlreadyExists, match="A scenario 'beta' exists already"):
        shelf.clone("alpha", "beta")


def test_merging_scenarios_is_their_union_by_id(state: StateManager) -> None:
    state.save("one", {"patients": [ANN, BOB], "moods": [{"id": 1}]}, tags=["a", "b"])
    state.save("two", {"patients": [{**ANN, "given_name": "Anna"}], "members": [{"member_id": "MB1"}]}, tags=["b", "c"])
    merged = state.merge(["one", "two"], "both")
    assert merged.entities_by_type == {"members": 1, "moods": 1, "patients": 2}
    assert state.get("both").tags == ["a", "b", "c"]
    assert [item["given_name"] for item in state.load("both")["entities"]["patients"]] == ["Anna", "Bob"]
    assert rows(
        state, "SELECT given_name FROM patients WHERE scenario_id = ?::UUID ORDER BY 1", merged.scenario_id
    ) == [
        ("Anna",),
        ("Bob",),
    ]
    assert [item["given_name"] for item in state.load("one")["entities"]["patients"]] == ["Ann", "Bob"], "untouched"


def test_merging_into_one_of_them(state: StateManager) -> None:
    state.save("one", {"patients": [ANN]})
    state.save("two", {"patients": [BOB]})
    merged = state.merge(["one", "two"], "one")
    assert (merged.name, merged.entities_by_type) == ("one", {"patients": 2})
    assert state.list()[1] == 2


@pytest.mark.parametrize("into", ["both", "one"])
def test_what_is_said_about_each_merged_scenario_is_kept(state: StateManager, into: str) -> None:
    one = {"name": "one", "tags": ["a"], "attributes": {"seed": 1, "by": "x"}, "entities": {"patients": [ANN]}}
    two = {"name": "two", "description": "d", "tags": ["b"], "attributes": {"seed": 2, "rate": 1}}
    for said in (one, {**two, "entities": {"patients": [BOB]}}):
        state.import_stream(io.BytesIO(json.dumps(said).encode()), name=str(said["name"]))
    before = state.get("one")
    state.merge(["one", "two"], into)
    merged = state.get(into)
    assert (merged.description, merged.tags) == ("d", ["a", "b"])
    assert json.loads(merged.attributes or "") == {"seed": 1, "by": "x", "rate": 1}, "of two values the first stays"
    assert merged.entity_count == 2
    assert state.list()[1] == (2 if into == "one" else 3)
    if into == "one":
        assert (merged.scenario_id, merged.created_at) == (before.scenario_id, before.created_at)


def test_references_are_resolved_across_merged_scenarios(state: StateManager) -> None:
    state.save("visits", {"encounters": [{"encounter_id": "E1", "patient_mrn": "M1"}]})
    state.save("people", {"patients": [ANN]})
    merged = state.merge(["visits", "people"], "both")
    assert rows(state, "SELECT patient_id FROM encounters WHERE scenario_id = ?::UUID", merged.scenario_id) == [("P1",)]


def test_merging_nothing_is_refused(state: StateManager) -> None:
    with pytest.raises(UsageError, match="Nothing to merge; name one scenario or more"):
        state.merge([], "x")


# -- names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "The name of the scenario is empty; expected some text, for example diabetes-workshop."),
        (" \n", "The name of the scenario is empty; expected some text, for example diabetes-workshop."),
        ("x" * 10_001, "The name of the scenario has 10,001 characters; at most 10,000 are possible."),
        ("a\udc00", "The name of the scenario holds half of a surrogate pair, which is no character. Remove it."),
    ],
    ids=["empty", "blank", "too long", "surrogate"],
)
def test_what_is_no_name_is_refused_everywhere(state: StateManager, name: str, message: str) -> None:
    state.save("demo", {"patients": [ANN]})
    verbs = [
        lambda: state.save(name, {"patients": [ANN]}),
        lambda: state.rename("demo", name),
        lambda: state.clone("demo", name),
        lambda: state.merge(["demo"], name),
    ]
    for verb in verbs:
        with pytest.raises(InvalidInput) as caught:
            verb()
        assert caught.value.message == message
    assert [scenario.name for scenario in state.list()[0]] == ["demo"]


# -- the names of the original documentation -------------------------------------------------------------------


def test_the_original_functions_work_on_the_users_database(home: Any, tmp_path: Any) -> None:
    saved = public.save_scenario("demo", {"patients": [ANN]}, description="d", tags=["t"])
    assert saved.entity_count == 1
    assert (home / "healthsim.duckdb").is_file()
    assert public.load_scenario("demo")["entities"] == {"patients": [ANN]}
    assert [item["name"] for item in public.list_scenarios(tag="t")] == ["demo"]
    path = public.export_scenario_to_json("demo", tmp_path / "demo.json")
    assert public.import_scenario_from_json(path, name="again").entity_count == 1
    assert public.delete_scenario("demo") is True
    assert public.delete_scenario("demo") is False
    with pytest.raises(AlreadyExists):
        public.import_scenario_from_json(path, name="again")
    assert public.import_scenario_from_json(path, name="again", overwrite=True).entity_count == 1


def test_a_scenario_named_like_the_id_of_another_does_not_hide_it(state: StateManager) -> None:
    """A name goes before an id."""
    first = state.save("first", {"patients": [ANN]})
    assert state.load(first.scenario_id)["name"] == "first"
    with pytest.raises(AlreadyExists):
        state.save(first.scenario_id, {"patients": [BOB]})


@pytest.mark.parametrize(
    "sizes",
    [[80_000] * 500, [100] * 3_000 + [80_000] * 300, [5_000_000] + [100] * 50 + [3_000_000]],
    ids=["many large", "large after small", "a few huge"],
)
@pytest.mark.long
def test_large_documents_are_stored_and_read_in_bounded_memory(state: StateManager, sizes: list[int]) -> None:
    """The engine may hold little, and must still be given what a bundle of large documents needs."""
    noise = random.Random(1)
    documents = [{"id": number, "text": noise.randbytes(size // 2).hex()} for number, size in enumerate(sizes)]
    state.save("large", {"blobs": documents})
    assert state.load("large")["entities"]["blobs"] == documents


# -- dates and zones -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "1984-03-12",
        "19840312",
        "1984-03-12T00:00:00",
        "1984-03-12T00:00:00+02:00",
        "1984-03-12T23:59:59.999-11:00",
        "1984-03-12 00:30:00+14:00",
        "1984-03-12T00:00:00Z",
        "1984-03-12Z",
        "1984-03-12+02:00",
        "1984-03-12-0500",
    ],
)
def test_the_day_of_a_date_is_the_one_that_is_written_whatever_its_zone(state: StateManager, value: str) -> None:
    """Faults of the kind "a date given with a zone moves by a day"; an instant is still turned into UTC."""
    state.save("demo", {"patients": [{"patient_id": "P1", "birth_date": value}]})
    assert rows(state, "SELECT birth_date FROM patients") == [(dt.date(1984, 3, 12),)]
    assert state.load("demo")["entities"]["patients"] == [{"patient_id": "P1", "birth_date": value}]


@pytest.mark.parametrize("hours", [-12, -5, 0, 2, 14])
def test_a_date_that_python_gives_with_a_zone_is_of_the_day_that_it_shows(state: StateManager, hours: int) -> None:
    zone = dt.timezone(dt.timedelta(hours=hours))
    for instant in (dt.datetime(1984, 3, 12, tzinfo=zone), dt.datetime(1984, 3, 12, 23, 59, tzinfo=zone)):
        state.save("demo", {"patients": [{"patient_id": "P1", "birth_date": instant}]}, mode="overwrite")
        assert rows(state, "SELECT birth_date FROM patients") == [(dt.date(1984, 3, 12),)]


@pytest.mark.parametrize(
    "value", ["1984-03-12+99:00", "1984-03-12 soon", "1984-03-12T", "1984-02-30T00:00:00Z", "1984-03-12z+1"]
)
def test_what_only_begins_like_a_date_is_none(state: StateManager, value: str) -> None:
    with pytest.raises(InvalidEntities, match="cannot be read as a date"):
        state.save("demo", {"patients": [{"patient_id": "P1", "birth_date": value}]})
