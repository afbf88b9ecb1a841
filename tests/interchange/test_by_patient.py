"""Rows by patient: every row that leads to a patient comes once, with its patient, whatever the way there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from healthsim.db.connection import Database
from healthsim.exchange import by_patient
from healthsim.exchange.by_patient import Record, owned_types, patient_rows, shared_types
from healthsim.state.manager import StateManager
from healthsim.state.tables import scenario_tables

ENTITIES: dict[str, list[dict[str, Any]]] = {
    "patients": [
        {"patient_id": "b", "person_id": "P1", "given_name": "Bea", "mrn": "M1"},
        {"patient_id": "a", "given_name": "Abe", "ssn": "900-00-0001"},
    ],
    "persons": [{"person_id": "P1", "given_name": "Beatrix"}],
    "encounters": [
        {"encounter_id": "e2", "patient_id": "b", "start_datetime": "2025-02-01T10:00:00Z"},
        {"encounter_id": "e1", "patient_id": "b", "start_datetime": "2025-03-01T10:00:00Z"},
    ],
    "diagnoses": [{"diagnosis_id": "d1", "encounter_id": "e1", "code": "I10"}],
    "members": [
        {"member_id": "m1", "person_id": "P1", "plan_code": "X", "payer_name": "Bluestone"},
        {"member_id": "m2", "ssn": "900-00-0001"},
        {"member_id": "m3", "given_name": "Cy"},
    ],
    "claims": [{"claim_id": "c1", "member_id": "m1"}, {"claim_id": "c3", "member_id": "m3"}, {"claim_id": "c9"}],
    "claim_lines": [{"claim_line_id": "l1", "claim_id": "c1"}, {"claim_line_id": "l3", "claim_id": "c3"}],
    "rx_members": [{"rx_member_id": "r1", "member_id": "m1"}],
    "prescriptions": [{"prescription_id": "x1", "rx_member_id": "r1"}],
    "pharmacy_claims": [{"pharmacy_claim_id": "f1", "prescription_id": "x1"}],
    "allergies": [{"allergy_id": "g1", "patient_id": "elsewhere", "substance": "Latex"}],
    "providers": [{"provider_id": "pr1", "npi": "1000000004"}],
}


def _records(database: Database, name: str = "s") -> dict[str, Record]:
    with scenario_tables(database, name) as tables, patient_rows(tables) as rows:
        records = list(rows)
        assert [record.patient_id for record in records] == sorted(record.patient_id for record in records)
        assert len(records) == rows.count
        return {record.patient_id: record for record in records}


def _keys(record: Record, table: str, key: str) -> list[Any]:
    return [row[key] for row in record.of(table)]


def test_rows_come_with_the_patient_that_they_lead_to(state: StateManager, database: Database) -> None:
    state.save("s", ENTITIES)
    records = _records(database)
    bea = records["b"]
    assert bea.role == "patient"
    assert bea.patient["given_name"] == "Bea"
    assert bea.patient["mrn"] == "M1"
    assert _keys(bea, "encounters", "encounter_id") == ["e2", "e1"], "in order of time"
    assert _keys(bea, "diagnoses", "diagnosis_id") == ["d1"], "by the encounter"
    assert _keys(bea, "claim_lines", "claim_line_id") == ["l1"], "by claim, member and person"
    assert _keys(bea, "pharmacy_claims", "pharmacy_claim_id") == ["f1"], "by prescription, pharmacy member and member"
    assert bea.of("encounters")[0]["start_datetime"] == dt.datetime(2025, 2, 1, 10)
    assert _keys(records["a"], "members", "member_id") == ["m2"], "by the same ssn"


def test_who_has_coverage_only_is_a_patient_too(state: StateManager, database: Database) -> None:
    state.save("s", ENTITIES)
    records = _records(database)
    assert records["m3"].role == "member"
    assert records["m3"].patient["given_name"] == "Cy"
    assert _keys(records["m3"], "claims", "claim_id") == ["c3"]
    assert _keys(records["m3"], "claim_lines", "claim_line_id") == ["l3"]


def test_an_id_that_is_only_mentioned_has_its_rows(state: StateManager, database: Database) -> None:
    state.save("s", ENTITIES)
    mentioned = _records(database)["elsewhere"]
    assert mentioned.role == ""
    assert mentioned.patient["given_name"] is None
    assert _keys(mentioned, "allergies", "allergy_id") == ["g1"]


def test_what_leads_nowhere_is_counted_and_what_is_shared_stands_apart(state: StateManager, database: Database) -> None:
    state.save("s", ENTITIES)
    with scenario_tables(database, "s") as tables, patient_rows(tables) as rows:
        assert rows.unowned == {"claims": 1}
        assert rows.shared["providers"]["pr1"]["npi"] == "1000000004"
        assert rows.payers == ["Bluestone"]


def test_batches_hold_every_row_once(state: StateManager, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    state.save("s", ENTITIES)
    whole = _records(database)
    monkeypatch.setattr(by_patient, "BATCH_ROWS", 3)
    with scenario_tables(database, "s") as tables, patient_rows(tables) as rows:
        assert len(rows.ranges) > 1
    assert _records(database) == whole


def test_an_empty_scenario_has_no_patients(state: StateManager, database: Database) -> None:
    state.save("s", {"providers": [{"provider_id": "x"}]})
    assert _records(database) == {}


def test_only_wanted_tables_are_read(state: StateManager, database: Database) -> None:
    state.save("s", ENTITIES)
    with scenario_tables(database, "s") as tables, patient_rows(tables, frozenset({"claim_lines"})) as rows:
        assert {table for record in rows for table in record.rows} == {"claim_lines"}


def test_nothing_is_left_behind(state: StateManager, database: Database) -> None:
    state.save("s", ENTITIES)
    with scenario_tables(database, "s") as tables:
        with patient_rows(tables):
            pass
        assert tables.connection.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchall() == [(0,)]


def test_every_type_is_owned_or_shared() -> None:
    assert {"patient", "claim_line", "dur_alert", "trial_visit"} <= {known.name for known in owned_types()}
    assert {"provider", "plan", "study"} <= {known.name for known in shared_types()}
