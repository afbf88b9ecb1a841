"""The star of data with gaps, mistakes and things taken back, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from test_star import person, proved, rows, stay

from healthsim.analytics import build, query
from healthsim.db.connection import Database
from healthsim.state.manager import StateManager


def asked(database: Database, metrics: str, **more: Any) -> list[Any]:
    (row,) = query(database, metrics, **more)["rows"]
    return list(row)


@pytest.mark.long
def test_the_data_last_as_long_as_any_day_of_a_claim(state: StateManager, database: Database) -> None:
    paid = {"member_id": "M1", "status": "paid", "total_charge": "200.00", "total_allowed": "150.00"}
    state.save(
        "s",
        {
            "patients": [person(1)],
            "members": [{"member_id": "M1", "patient_id": "P1", "plan_id": "G", "coverage_start": "2024-01-01"}],
            # one is dated by its line, one by the stay
            "claims": [
                paid | {"claim_id": "C1", "total_paid": "100.00"},
                paid
                | {
                    "claim_id": "C2",
                    "total_paid": "1000.00",
                    "admission_date": "2024-08-01",
                    "discharge_date": "2024-08-05",
                },
            ],
            "claim_lines": [
                {
                    "claim_line_id": "L1",
                    "claim_id": "C1",
                    "line_number": 1,
                    "service_date": "2024-06-15",
                    "paid_amount": "100.00",
                }
            ],
        },
    )
    build(database, ["s"])
    assert asked(database, "member_months,total_paid,medical_paid") == [8, 1100, 1100]
    proved(database)


def test_the_data_last_as_long_as_a_trial(state: StateManager, database: Database) -> None:
    begun = {"study_id": "T", "screening_date": "2024-01-01", "randomization_date": "2024-02-01"}
    state.save(
        "s",
        {
            "studies": [{"study_id": "T"}],
            "subjects": [
                begun | {"subject_id": "S1", "completion_date": "2024-07-01"},
                begun | {"subject_id": "S2", "subject_status": "active"},
            ],
            "adverse_events": [
                {"adverse_event_id": "A1", "subject_id": "S1", "aedecod": "Rash", "aestdtc": "2024-03-05"}
            ],
        },
    )
    build(database, ["s"])
    found = rows(database, "SELECT subject_id, days_on_study FROM analytics.fact_subject_milestone ORDER BY 1")
    assert found == [("S1", 152), ("S2", 152)]


def test_what_was_taken_back_is_neither_care_nor_disease(state: StateManager, database: Database) -> None:
    back = {"claim_type": "professional", "status": "reversed", "service_date": "2024-02-01", "total_charge": "10.00"}
    state.save(
        "s",
        {
            "patients": [person(1), person(3)],
            "encounters": [stay("E1", "P1", "2024-12-30", "2024-12-31")],
            "diagnoses": [{"diagnosis_id": "D1", "patient_id": "P1", "code": "E11.9", "diagnosed_date": "2024-01-05"}],
            "claims": [
                back | {"claim_id": "C1", "patient_id": "P3", "principal_diagnosis": "E11.9"},
                back | {"claim_id": "C2", "patient_id": "P1", "principal_diagnosis": "I10"},
            ],
            "claim_lines": [
                {
                    "claim_line_id": "L1",
                    "claim_id": "C2",
                    "line_number": 1,
                    "service_date": "2024-02-01",
                    "procedure_code": "92014",
                }
            ],
        },
    )
    build(database, ["s"])
    assert asked(database, "diabetes_eye_exam", parts=True) == [0, 1, 0.0]


def test_who_died_on_an_unknown_day_is_in_no_quality_measure(state: StateManager, database: Database) -> None:
    state.save(
        "s",
        {
            "patients": [person(1), person(2, deceased=True), person(3, deceased=True, death_date="2025-02-01")],
            "encounters": [stay("E1", "P1", "2024-12-30", "2024-12-31")],
        },
    )
    build(database, ["s"])
    living = rows(
        database,
        "SELECT DISTINCT p.patient_id FROM analytics.fact_quality_measure AS f JOIN analytics.dim_person AS p USING (person_key) ORDER BY 1",
    )
    assert living == [("P1",), ("P3",)]


@pytest.mark.long
def test_days_beyond_the_calendar_are_unknown(state: StateManager, database: Database) -> None:
    state.save(
        "s",
        {
            "patients": [
                person(1),
                person(2, birth_date="1850-03-01"),
                person(3, birth_date="2150-03-01", death_date="2199-01-01"),
            ],
            "rx_members": [{"rx_member_id": "R1", "patient_id": "P1"}],
            "encounters": [
                stay("E1", "P1", "1850-01-01", "1850-01-02"),
                stay("E2", "P1", "2024-01-01", "2150-01-02"),
                stay("E3", "P2", "2024-01-01", "2024-01-02"),
            ],
            "pharmacy_claims": [
                {
                    "pharmacy_claim_id": "F1",
                    "rx_member_id": "R1",
                    "service_date": "2024-01-01",
                    "days_supply": 2147483647,
                    "status": "paid",
                }
            ],
        },
    )
    build(database, ["s"])
    proved(database)
    assert rows(
        database,
        "SELECT encounter_id, start_date_key, end_date_key, age_band_key FROM analytics.fact_encounter ORDER BY 1",
    ) == [("E1", -1, -1, -1), ("E2", 20240101, -1, 63), ("E3", 20240101, 20240102, -1)]
    assert rows(
        database,
        "SELECT patient_id, birth_date_key, death_date_key FROM analytics.dim_person WHERE patient_id LIKE 'P_' ORDER BY 1",
    ) == [("P1", 19600615, -2), ("P2", -1, -2), ("P3", -1, -1)]
    (supply,) = rows(database, "SELECT days_supply, supply_end_date::VARCHAR FROM analytics.fact_rx_fill")
    assert supply == (2147483647, "2033-12-28")
