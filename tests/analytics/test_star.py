"""The star by hand: small scenarios whose figures are computed on paper."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from healthsim.analytics import build, check, drop, status
from healthsim.analytics.star.declared import DIMENSIONS, FACTS, SCOPED, TABLES
from healthsim.db.connection import Database
from healthsim.errors import NotFound, UsageError
from healthsim.state.doctor import examine
from healthsim.state.manager import StateManager

# the same wherever the database is
pytestmark = pytest.mark.every_location


def rows(database: Database, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        return connection.execute(statement, list(values)).fetchall()


def person(number: int, **more: Any) -> dict[str, Any]:
    return {
        "patient_id": f"P{number}",
        "given_name": "A",
        "family_name": f"F{number}",
        "birth_date": "1960-06-15",
        "gender": "F",
    } | more


def stay(name: str, patient: str, start: str, end: str | None, **more: Any) -> dict[str, Any]:
    times = {"start_datetime": f"{start}T08:00:00"} | ({"end_datetime": f"{end}T10:00:00"} if end else {})
    return (
        {
            "encounter_id": name,
            "patient_id": patient,
            "encounter_class": "inpatient",
            "discharge_disposition_code": "01",
        }
        | times
        | more
    )


def proved(database: Database) -> None:
    """No invariant is broken."""
    assert [finding for finding in check(database) if finding.result == "fail"] == []


# -- readmission -----------------------------------------------------------------------------------------------


@pytest.mark.long
def test_readmission_with_transfers_deaths_and_censoring(state: StateManager, database: Database) -> None:
    state.save(
        "s",
        {
            "patients": [person(n) for n in range(1, 7)],
            "encounters": [
                # 1: back after 10 days, and again 30 days after that; then 31 days: not within 30
                stay("A1", "P1", "2024-01-01", "2024-01-05"),
                stay("A2", "P1", "2024-01-15", "2024-01-20"),
                stay("A3", "P1", "2024-02-19", "2024-02-21"),
                stay("A4", "P1", "2024-03-23", "2024-03-24"),
                # 2: transferred, which is no index; the other hospital's stay is the index
                stay("B1", "P2", "2024-01-01", "2024-01-03", discharge_disposition_code="02"),
                stay("B2", "P2", "2024-01-03", "2024-01-09"),
                stay("B3", "P2", "2024-01-14", "2024-01-15"),
                # 3: died in hospital
                stay("C1", "P3", "2024-01-01", "2024-01-03", discharge_disposition_code="20"),
                # 4: discharged with less than 30 days of data behind it, and back: censored
                stay("D1", "P4", "2024-06-01", "2024-06-10"),
                stay("D2", "P4", "2024-06-12", "2024-06-13"),
                # 5: an emergency visit is no readmission; still in hospital is no index
                stay("E1", "P5", "2024-01-01", "2024-01-02"),
                stay("E2", "P5", "2024-01-04", "2024-01-04", encounter_class="emergency"),
                stay("E3", "P5", "2024-03-01", None),
                # the last day of the data
                stay("Z1", "P6", "2024-07-01", "2024-07-01", encounter_class="outpatient"),
            ],
        },
    )
    build(database, ["s"])
    found = {
        row[0]: row[1:]
        for row in rows(
            database,
            "SELECT encounter_id, index_admission_count, readmission_7_day_count, readmission_30_day_count, days_to_readmission,"
            " is_readmission_count FROM analytics.fact_encounter WHERE inpatient_count = 1",
        )
    }
    assert found == {
        "A1": (1, 0, 1, 10, 0),
        "A2": (1, 0, 1, 30, 1),
        "A3": (1, 0, 0, 31, 1),
        "A4": (1, 0, 0, None, 0),
        "B1": (0, 0, 0, None, 0),
        "B2": (1, 1, 1, 5, 0),
        "B3": (1, 0, 0, None, 1),
        "C1": (0, 0, 0, None, 0),
        "D1": (0, 0, 0, None, 0),
        "D2": (0, 0, 0, None, 1),
        "E1": (1, 0, 0, 59, 0),
        "E3": (0, 0, 0, None, 0),
    }
    lengths = rows(
        database,
        "SELECT encounter_id, length_of_stay_days, bed_days FROM analytics.fact_encounter WHERE encounter_id IN ('A1', 'E3', 'Z1') ORDER BY 1",
    )
    assert lengths == [("A1", 4, 4), ("E3", None, 1), ("Z1", None, 0)]
    assert rows(database, "SELECT sum(death_count), sum(transfer_count) FROM analytics.fact_encounter") == [(1, 1)]
    proved(database)


# -- proportion of days covered --------------------------------------------------------------------------------


def fill(name: str, member: str, day: str, days: int, drug: str, **more: Any) -> dict[str, Any]:
    return {
        "pharmacy_claim_id": name,
        "rx_member_id": member,
        "service_date": day,
        "days_supply": days,
        "drug_name": drug,
        "status": "paid",
    } | more


def test_days_covered_with_overlaps_switching_and_early_refills(state: StateManager, database: Database) -> None:
    members = [{"rx_member_id": f"R{n}", "birth_date": "1960-06-15", "person_id": f"N{n}"} for n in range(1, 6)]
    patients = [person(n, person_id=f"N{n}") for n in range(1, 6)]
    state.save(
        "s",
        {
            "patients": patients,
            "rx_members": members,
            "pharmacy_claims": [
                # 1: what is filled before the supply ends comes behind it, and a gap follows: 100 + 30 days of 2024-01-01 .. 2024-12-31
                fill("1a", "R1", "2024-01-01", 90, "atorvastatin 20 MG"),
                fill("1b", "R1", "2024-01-20", 10, "atorvastatin 20 MG"),
                fill("1c", "R1", "2024-06-01", 30, "atorvastatin 20 MG"),
                # 2: a switch within the class, with 5 days in common
                fill("2a", "R2", "2024-01-01", 30, "simvastatin 10 MG"),
                fill("2b", "R2", "2024-01-26", 30, "Lipitor 40 MG"),
                # 3: an early refill lasts beyond the year; a rejected and a reversed claim count for nothing
                fill("3a", "R3", "2024-12-01", 20, "pravastatin"),
                fill("3b", "R3", "2024-12-11", 21, "pravastatin"),
                fill("3c", "R3", "2024-03-01", 90, "pravastatin", status="rejected"),
                fill("3d", "R3", "2024-04-01", 90, "pravastatin", status="reversed"),
                # 4: one fill only is not measured; 5: the supply reaches into the next year
                fill("4a", "R4", "2024-01-01", 90, "rosuvastatin"),
                fill("5a", "R5", "2023-12-02", 60, "lovastatin"),
                fill("5b", "R5", "2024-02-01", 30, "lovastatin"),
                fill("5c", "R5", "2024-03-02", 29, "lovastatin"),
            ],
            "encounters": [stay("Z", "P1", "2024-12-31", "2024-12-31", encounter_class="outpatient")],
        },
    )
    build(database, ["s"])
    measured = rows(
        database,
        "SELECT p.person_id, f.measurement_year, round(f.measure_value * days, 6), f.numerator_count FROM analytics.fact_quality_measure f"
        " JOIN analytics.dim_measure m USING (measure_key) JOIN analytics.dim_person p USING (person_key)"
        " JOIN (VALUES ('person/N1', 366), ('person/N2', 366), ('person/N3', 31), ('person/N5', 335)) d(person_id, days) USING (person_id)"
        " WHERE measure_id = 'adherence_statins' ORDER BY 1, 2",
    )
    assert measured == [
        ("person/N1", 2024, 130.0, 0),
        ("person/N2", 2024, 55.0, 0),
        ("person/N3", 2024, 31.0, 1),
        # from its first fill of the year, 2024-02-01, to the end of the year are 335 days
        ("person/N5", 2024, 59.0, 0),
    ]
    flags = rows(
        database,
        "SELECT sum(claim_count), sum(fill_count), sum(rejected_count), sum(reversed_count), sum(brand_fill_count) FROM analytics.fact_rx_fill",
    )
    assert flags == [(13, 11, 1, 1, 1)]
    proved(database)


# -- coverage --------------------------------------------------------------------------------------------------


def claim(name: str, member: str, day: str, paid: str, **more: Any) -> dict[str, Any]:
    return {
        "claim_id": name,
        "member_id": member,
        "service_date": day,
        "claim_type": "professional",
        "status": "paid",
        "total_charge": "200.00",
        "total_allowed": paid,
        "total_paid": paid,
        "member_responsibility": "0.00",
    } | more


def span(name: str, plan: str, start: str, end: str | None, **more: Any) -> dict[str, Any]:
    return (
        {"member_id": name, "person_id": "N1", "plan_code": plan, "coverage_start": start, "birth_date": "1960-06-15"}
        | ({"coverage_end": end} if end else {})
        | more
    )


def test_overlapping_spans_in_member_months(state: StateManager, database: Database) -> None:
    state.save(
        "s",
        {
            "members": [
                span("M1", "HMO", "2024-01-01", "2024-03-15"),
                span("M2", "HMO", "2024-03-01", "2024-04-10"),
                span("M3", "PPO", "2024-04-01", "2024-05-31"),
                {
                    "member_id": "M9",
                    "person_id": "N9",
                    "plan_code": "PPO",
                    "coverage_start": "2024-05-20",
                    "birth_date": "2000-01-01",
                },
            ],
            "claims": [
                claim(
                    "C1",
                    "M1",
                    "2024-01-10",
                    "100.10",
                    received_date="2024-02-02",
                    paid_date="2024-03-05",
                    service_end_date="2024-02-01",
                ),
                # 5 April: both plans cover it, the later span counts
                claim("C2", "M2", "2024-04-05", "50.05"),
                claim("C3", "M3", "2024-06-15", "70.00"),
                claim("C4", "M1", "2024-02-10", "10.00", status="denied", denial_reason_code="197"),
                claim("C5", "M1", "2024-02-11", "20.00", status="reversed"),
                claim("C6", "M9", "2024-06-20", "5.00"),
            ],
        },
    )
    build(database, ["s"])
    months = rows(
        database,
        "SELECT p.plan_code, year_month, covered_days, person_months, medical_paid_amount FROM analytics.fact_member_month"
        " JOIN analytics.dim_plan p USING (plan_key) JOIN analytics.dim_person USING (person_key) WHERE person_id = 'person/N1' ORDER BY 2, 1",
    )
    assert months == [
        ("HMO", 202401, 31, 1, Decimal("100.10")),
        ("HMO", 202402, 29, 1, Decimal("0.00")),
        ("HMO", 202403, 31, 1, Decimal("0.00")),
        ("HMO", 202404, 10, 0, Decimal("0.00")),
        ("PPO", 202404, 30, 1, Decimal("50.05")),
        ("PPO", 202405, 31, 1, Decimal("0.00")),
    ]
    open_span = rows(
        database,
        "SELECT year_month, covered_days FROM analytics.fact_member_month JOIN analytics.dim_person USING (person_key)"
        " WHERE person_id = 'person/N9' ORDER BY 1",
    )
    assert open_span == [(202405, 12), (202406, 20)], "an open span lasts to the end of the data"
    claims = rows(
        database,
        "SELECT claim_id, enrolled_count, net_paid_amount, paid_amount, denied_amount, months_service_to_paid, service_month"
        " FROM analytics.fact_claim ORDER BY 1",
    )
    assert claims == [
        ("C1", 1, Decimal("100.10"), Decimal("100.10"), Decimal("0.00"), 2, 202401),
        ("C2", 1, Decimal("50.05"), Decimal("50.05"), Decimal("0.00"), None, 202404),
        ("C3", 0, Decimal("70.00"), Decimal("70.00"), Decimal("0.00"), None, 202406),
        ("C4", 1, Decimal("0.00"), Decimal("10.00"), Decimal("200.00"), None, 202402),
        ("C5", 1, Decimal("0.00"), Decimal("20.00"), Decimal("0.00"), None, 202402),
        ("C6", 1, Decimal("5.00"), Decimal("5.00"), Decimal("0.00"), None, 202406),
    ]
    proved(database)


# -- denials, lines, allocation --------------------------------------------------------------------------------


@pytest.mark.long
def test_denied_and_reversed_claims_and_lines(state: StateManager, database: Database) -> None:
    line = {
        "procedure_code": "99213",
        "charge_amount": "100.00",
        "allowed_amount": "60.00",
        "paid_amount": "50.00",
        "copay_amount": "10.00",
        "member_responsibility": "10.00",
    }
    state.save(
        "s",
        {
            "members": [span("M1", "HMO", "2024-01-01", "2024-12-31")],
            "claims": [
                claim("C1", "M1", "2024-01-10", "100.00"),
                claim("C2", "M1", "2024-01-11", "50.00", status="denied", denial_reason_code="CO-197"),
                claim("C3", "M1", "2024-01-12", "50.00", status="reversed"),
                claim("C4", "M1", "2024-01-13", "0.00", status="pended"),
            ],
            "claim_lines": [
                {"claim_line_id": "L1", "claim_id": "C1", "line_number": 1, **line},
                {
                    "claim_line_id": "L2",
                    "claim_id": "C1",
                    "line_number": 2,
                    **line,
                    "status": "denied",
                    "adjustment_reason_code": "97",
                },
                {"claim_line_id": "L3", "claim_id": "C2", "line_number": 1, **line},
                {"claim_line_id": "L4", "claim_id": "C3", "line_number": 1, **line},
                {"claim_line_id": "L5", "claim_id": "nowhere", "line_number": 1, **line},
            ],
        },
    )
    build(database, ["s"])
    lines = rows(
        database,
        "SELECT claim_line_id, paid_amount, net_paid_amount, denied_amount, denied_count, enrolled_count, person_key > 0"
        " FROM analytics.fact_claim_line ORDER BY 1",
    )
    fifty, nothing, hundred = Decimal("50.00"), Decimal("0.00"), Decimal("100.00")
    assert lines == [
        ("L1", fifty, fifty, nothing, 0, 1, True),
        ("L2", fifty, nothing, hundred, 1, 1, True),
        ("L3", fifty, nothing, hundred, 1, 1, True),
        ("L4", fifty, nothing, nothing, 0, 1, True),
        ("L5", fifty, fifty, nothing, 0, 0, False),
    ]
    statuses = rows(
        database,
        "SELECT claim_id, s.status, s.denial_reason, s.denial_group, adjudicated_count FROM analytics.fact_claim"
        " JOIN analytics.dim_claim_status s USING (claim_status_key) ORDER BY 1",
    )
    assert statuses == [
        ("C1", "paid", None, None, 1),
        ("C2", "denied", "Precertification or authorization absent", "authorization", 1),
        ("C3", "reversed", None, None, 0),
        ("C4", "pended", None, None, 0),
    ]
    assert [finding.detail for finding in check(database) if finding.result == "warn"] == [
        "1 of 5 rows belong to no known person"
    ]


@pytest.mark.long
def test_money_and_care_are_shared_between_diagnoses(state: StateManager, database: Database) -> None:
    state.save(
        "s",
        {
            "patients": [person(1)],
            "encounters": [stay("E1", "P1", "2024-01-01", "2024-01-02")],
            "diagnoses": [
                {
                    "diagnosis_id": "D1",
                    "patient_id": "P1",
                    "encounter_id": "E1",
                    "code": "I10",
                    "diagnosis_type": "secondary",
                    "sequence_number": 2,
                },
                {
                    "diagnosis_id": "D2",
                    "patient_id": "P1",
                    "encounter_id": "E1",
                    "code": "e119",
                    "diagnosis_type": "principal",
                    "sequence_number": 1,
                },
                {
                    "diagnosis_id": "D3",
                    "patient_id": "P1",
                    "encounter_id": "E1",
                    "code": "I10",
                    "diagnosis_type": "admitting",
                    "sequence_number": 3,
                },
                {"diagnosis_id": "D4", "patient_id": "P1", "code": "J45.909", "diagnosed_date": "2020-02-29"},
            ],
            "members": [span("M1", "HMO", "2024-01-01", "2024-12-31", person_id=None, patient_id="P1")],
            "claims": [
                claim(
                    "C1",
                    "M1",
                    "2024-01-01",
                    "90.00",
                    encounter_id="E1",
                    principal_diagnosis="E11.9",
                    other_diagnoses=["I10", "E78.5", "E11.9"],
                )
            ],
        },
    )
    build(database, ["s"])
    clinical = rows(
        database,
        "SELECT diagnosis_id, d.code, is_principal, round(weight, 9), first_diagnosis_count, diagnosed_date::VARCHAR, age_band_key"
        " FROM analytics.bridge_encounter_diagnosis JOIN analytics.dim_diagnosis d USING (diagnosis_key) ORDER BY 1",
    )
    third = round(1 / 3, 9)
    assert clinical == [
        ("D1", "I10", 0, third, 1, "2024-01-01", 63),
        ("D2", "E11.9", 1, third, 1, "2024-01-01", 63),
        ("D3", "I10", 0, third, 0, "2024-01-01", 63),
        ("D4", "J45.909", 0, None, 1, "2020-02-29", 59),
    ]
    cost = rows(
        database,
        "SELECT d.code, is_principal, round(sum(weight * f.net_paid_amount), 6) FROM analytics.bridge_claim_diagnosis b"
        " JOIN analytics.dim_diagnosis d USING (diagnosis_key) JOIN analytics.fact_claim f USING (scenario_key, claim_id) GROUP BY ALL ORDER BY 1",
    )
    assert cost == [("E11.9", 1, 30.0), ("E78.5", 0, 30.0), ("I10", 0, 30.0)]
    encounter = rows(
        database,
        "SELECT d.code, claim_count, paid_amount FROM analytics.fact_encounter JOIN analytics.dim_diagnosis d ON principal_diagnosis_key = diagnosis_key",
    )
    assert encounter == [("E11.9", 1, Decimal("90.00"))]
    groups = rows(
        database,
        "SELECT condition_group, first_date::VARCHAR, diagnosis_count, claim_count FROM analytics.fact_person_condition"
        " JOIN analytics.dim_condition_group USING (condition_group_key) ORDER BY 1",
    )
    assert groups == [
        ("BPHIGH", "2024-01-01", 2, 1),
        ("CASTHMA", "2020-02-29", 1, 0),
        ("DIABETES", "2024-01-01", 1, 1),
        ("HIGHCHOL", "2024-01-01", 0, 1),
    ]
    proved(database)


def test_codes_are_classified_even_when_they_were_never_seen(state: StateManager, database: Database) -> None:
    codes = ["E11.22", "C44.10", "C50.911", "Z68.35", "M81.0", "S72.001A", "U07.1", "X99.999Z", "44054006"]
    state.save(
        "s",
        {
            "patients": [person(1)],
            "diagnoses": [
                {
                    "diagnosis_id": f"D{n}",
                    "patient_id": "P1",
                    "code": code,
                    "diagnosed_date": "2024-01-01",
                    **({"code_system": "SNOMED CT"} if code.isdigit() else {}),
                }
                for n, code in enumerate(codes)
            ],
        },
    )
    build(database, ["s"])
    found = rows(
        database,
        "SELECT code, chapter_number, block_code, chronic_condition, string_agg(condition_group, ',') FROM analytics.dim_diagnosis"
        " LEFT JOIN analytics.bridge_diagnosis_group USING (diagnosis_key) LEFT JOIN analytics.dim_condition_group USING (condition_group_key)"
        " WHERE diagnosis_key > 0 GROUP BY ALL ORDER BY 1",
    )
    assert found == [
        ("44054006", None, None, None, None),
        ("C44.10", 2, "C43-C44", None, None),
        ("C50.911", 2, "C50-C50", "Breast cancer", "CANCER"),
        ("E11.22", 4, "E08-E13", "Diabetes", "DIABETES"),
        ("M81.0", 13, "M80-M85", "Osteoporosis", None),
        ("S72.001A", 19, "S70-S79", None, None),
        ("U07.1", 22, "U00-U49", None, None),
        ("X99.999Z", 20, "X92-Y09", None, None),
        ("Z68.35", 21, "Z68-Z68", None, "OBESITY"),
    ]


# -- trials ----------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_trial_funnel_with_screen_failures(state: StateManager, database: Database) -> None:
    def subject(number: int, **more: Any) -> dict[str, Any]:
        return {
            "subject_id": f"S{number}",
            "usubjid": f"T-{number}",
            "study_id": "T",
            "site_id": "X",
            "birth_date": "1980-01-01",
        } | more

    state.save(
        "s",
        {
            "studies": [{"study_id": "T", "phase": "Phase 2"}],
            "sites": [{"site_id": "X", "study_id": "T", "name": "North"}],
            "treatment_arms": [
                {"treatment_arm_id": "A", "study_id": "T", "arm_code": "ACT"},
                {"treatment_arm_id": "B", "study_id": "T", "arm_code": "PBO", "arm_type": "placebo"},
            ],
            "subjects": [
                subject(
                    1, informed_consent_date="2024-01-01", screening_date="2024-01-02", subject_status="screen_failure"
                ),
                subject(
                    2,
                    informed_consent_date="2024-01-01",
                    screening_date="2024-01-03",
                    randomization_date="2024-01-10",
                    arm_code="ACT",
                    subject_status="completed",
                    completion_date="2024-03-01",
                ),
                subject(
                    3,
                    informed_consent_date="2024-01-05",
                    screening_date="2024-01-06",
                    randomization_date="2024-01-20",
                    arm_code="PBO",
                    subject_status="discontinued",
                    discontinuation_date="2024-02-01",
                ),
                subject(
                    4,
                    informed_consent_date="2024-01-05",
                    screening_date="2024-01-06",
                    randomization_date="2024-01-20",
                    arm_code="ACT",
                    subject_status="active",
                ),
                subject(5, informed_consent_date="2024-01-07", subject_status="consented"),
            ],
            "exposures": [
                {
                    "exposure_id": "X1",
                    "usubjid": "T-2",
                    "extrt": "drug",
                    "exstdtc": "2024-01-11",
                    "exendtc": "2024-01-20",
                },
                {"exposure_id": "X2", "subject_id": "S3", "extrt": "placebo", "exstdtc": "2024-01-21"},
            ],
            "adverse_events": [
                {
                    "adverse_event_id": "AE1",
                    "subject_id": "S2",
                    "aedecod": "Headache",
                    "aebodsys": "Nervous system disorders",
                    "aestdtc": "2024-01-12",
                    "aesev": "MILD",
                    "aeser": "N",
                    "aerel": "RELATED",
                },
                {
                    "adverse_event_id": "AE2",
                    "subject_id": "S2",
                    "aedecod": "HEADACHE",
                    "aestdtc": "2024-01-15",
                    "aesev": "SEVERE",
                    "aeser": "Y",
                    "aerel": "NOT RELATED",
                },
                {
                    "adverse_event_id": "AE3",
                    "subject_id": "S3",
                    "aedecod": "Rash",
                    "aestdtc": "2024-01-19",
                    "aetoxgr": "3",
                },
            ],
            "visit_schedules": [
                {
                    "visit_schedule_id": "V",
                    "study_id": "T",
                    "visit_num": 2,
                    "planned_day": 14,
                    "window_before_days": 2,
                    "window_after_days": 2,
                }
            ],
            "trial_visits": [
                {
                    "trial_visit_id": "TV1",
                    "subject_id": "S2",
                    "visit_num": 2,
                    "study_day": 16,
                    "visit_date": "2024-01-26",
                    "visit_status": "completed",
                },
                {
                    "trial_visit_id": "TV2",
                    "subject_id": "S3",
                    "visit_num": 2,
                    "study_day": 20,
                    "visit_date": "2024-02-01",
                    "visit_status": "completed",
                },
                {"trial_visit_id": "TV3", "subject_id": "S4", "visit_num": 2, "visit_status": "missed"},
            ],
        },
    )
    build(database, ["s"])
    funnel = rows(
        database,
        "SELECT sum(subject_count), sum(consented_count), sum(screened_count), sum(screen_failure_count), sum(randomized_count), sum(treated_count),"
        " sum(completed_count), sum(discontinued_count), sum(ongoing_count) FROM analytics.fact_subject_milestone",
    )
    assert funnel == [(5, 5, 4, 1, 3, 2, 1, 1, 1)]
    arms = rows(
        database,
        "SELECT subject_id, coalesce(arm_code, '-'), days_on_study, days_screening_to_randomization FROM analytics.fact_subject_milestone"
        " LEFT JOIN analytics.dim_arm USING (arm_key) WHERE randomized_count = 1 ORDER BY 1",
    )
    assert arms == [("S2", "ACT", 52, 7), ("S3", "PBO", 13, 14), ("S4", "ACT", 42, 14)]
    assert rows(database, "SELECT arm_key FROM analytics.fact_subject_milestone WHERE randomized_count = 0") == [
        (-2,),
        (-2,),
    ]
    events = rows(
        database,
        "SELECT adverse_event_id, first_event_count, serious_count, related_count, severe_count, treatment_emergent_count, study_day"
        " FROM analytics.fact_adverse_event ORDER BY 1",
    )
    assert events == [("AE1", 1, 0, 1, 0, 1, 2), ("AE2", 0, 1, 0, 1, 1, 5), ("AE3", 1, 0, 0, 1, 0, -2)]
    visits = rows(
        database,
        "SELECT trial_visit_id, completed_count, missed_count, in_window_count, out_of_window_count, window_deviation_days FROM analytics.fact_trial_visit ORDER BY 1",
    )
    assert visits == [("TV1", 1, 0, 1, 0, 0), ("TV2", 1, 0, 0, 1, 6), ("TV3", 0, 1, 0, 0, None)]
    proved(database)


# -- persons ---------------------------------------------------------------------------------------------------


def test_one_human_being_in_all_products(state: StateManager, database: Database) -> None:
    state.save(
        "s",
        {
            "patients": [person(1, ssn="900-00-0001"), person(2), person(3, person_id="N3", ssn="900-00-0003")],
            "members": [
                {"member_id": "M1", "ssn": "900-00-0001"},
                {"member_id": "M2a", "member_number": "42", "patient_id": "P2"},
                {"member_id": "M8", "member_number": "88", "coverage_start": "2023-01-01"},
                {"member_id": "M9", "member_number": "88", "coverage_start": "2024-01-01"},
            ],
            "rx_members": [
                {"rx_member_id": "R1", "ssn": "900-00-0001"},
                {"rx_member_id": "R3", "ssn": "900-00-0003"},
                {"rx_member_id": "R8", "member_id": "M8"},
            ],
            "subjects": [{"subject_id": "S2", "patient_id": "P2"}, {"subject_id": "S7"}],
        },
    )
    build(database, ["s"])
    people = rows(
        database,
        "SELECT person_id, string_agg(entity_id, ' ' ORDER BY entity_id) FROM analytics.person_links JOIN analytics.dim_person USING (person_key) GROUP BY 1 ORDER BY 1",
    )
    assert people == [
        ("member/88", "M8 M9 R8"),
        ("patient/P2", "M2a P2 S2"),
        ("person/N3", "P3 R3"),
        ("ssn/900-00-0001", "M1 P1 R1"),
        ("subject/S7", "S7"),
    ]
    assert rows(
        database, "SELECT member_id, is_patient, is_rx_member FROM analytics.dim_person WHERE person_id = 'member/88'"
    ) == [("M9", 0, 1)]


@pytest.mark.parametrize(
    ("born", "seen", "age"),
    [
        ("2000-02-29", "2023-02-28", 22),
        ("2000-02-29", "2023-03-01", 23),
        ("1960-06-15", "2024-06-14", 63),
        ("1960-06-15", "2024-06-15", 64),
        ("2024-01-02", "2024-01-01", -1),
        (None, "2024-01-01", -1),
    ],
)
@pytest.mark.long
def test_age_is_that_of_the_day(state: StateManager, database: Database, born: str | None, seen: str, age: int) -> None:
    patient = person(1, birth_date=born) if born else {"patient_id": "P1"}
    state.save("s", {"patients": [patient], "encounters": [stay("E1", "P1", seen, seen)]})
    build(database, ["s"])
    assert rows(database, "SELECT age_band_key FROM analytics.fact_encounter") == [(age,)]


@pytest.mark.long
def test_nothing_is_left_out_that_is_linked_to_nothing(state: StateManager, database: Database) -> None:
    state.save(
        "s",
        {
            "encounters": [{"encounter_id": "E1"}],
            "diagnoses": [{"diagnosis_id": "D1"}],
            "procedures": [{"procedure_id": "O1"}],
            "medications": [{"medication_id": "ME1"}],
            "lab_results": [{"lab_result_id": "LR1"}],
            "vital_signs": [{"vital_sign_id": "V1", "heart_rate": 70}],
            "claims": [{"claim_id": "C1"}],
            "claim_lines": [{"claim_line_id": "L1", "claim_id": "none"}],
            "authorizations": [{"authorization_id": "A1"}],
            "prescriptions": [{"prescription_id": "RX1"}],
            "pharmacy_claims": [{"pharmacy_claim_id": "PC1"}],
            "prior_auths": [{"prior_auth_id": "PA1"}],
            "trial_visits": [{"trial_visit_id": "T1"}],
            "adverse_events": [{"adverse_event_id": "AE1"}],
            "exposures": [{"exposure_id": "X1"}],
        },
    )
    (built,) = build(database, ["s"])
    assert {name: entry["rows"] for name, entry in built.tables.items() if name in FACTS and entry["rows"]} == {
        "bridge_encounter_diagnosis": 1,
        "fact_adverse_event": 1,
        "fact_claim": 1,
        "fact_claim_line": 1,
        "fact_encounter": 1,
        "fact_exposure": 1,
        "fact_medication_order": 2,
        "fact_observation": 2,
        "fact_prior_auth": 2,
        "fact_procedure": 1,
        "fact_rx_fill": 1,
        "fact_trial_visit": 1,
    }
    assert built.tables["fact_claim"]["unknown"]["person_key"] == 1
    proved(database)


# -- builds ----------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_stale_built_skipped_dropped(state: StateManager, database: Database) -> None:
    state.save("s", {"patients": [person(1)], "encounters": [stay("E1", "P1", "2024-01-01", "2024-01-02")]})
    assert [item.state for item in status(database)] == ["not built"]
    assert [item.mode for item in build(database, ["s"])] == ["full"]
    assert [(item.state, item.fact_rows > 0) for item in status(database)] == [("built", True)]
    assert [item.mode for item in build(database, ["s"])] == ["skipped"]
    state.save("s", {"encounters": [stay("E2", "P1", "2024-02-01", "2024-02-02")]}, mode="merge")
    (stale,) = status(database)
    assert (stale.state, stale.reason) == ("stale", "written since: encounters")
    assert [item.mode for item in build(database, everything=True)] == ["full"]
    assert [item.state for item in status(database, ["s"])] == ["built"]
    assert drop(database, ["s"]) == ["s"]
    assert [item.state for item in status(database)] == ["not built"]
    assert rows(database, "SELECT count(*) FROM analytics.fact_encounter") == [(0,)]
    with pytest.raises(NotFound, match="no scenario 'x'"):
        build(database, ["x"])
    with pytest.raises(UsageError, match="everything=True"):
        build(database)
    with pytest.raises(UsageError, match="mode is 'quick'"):
        build(database, ["s"], mode="quick")


@pytest.mark.parametrize("counted", [100, 0], ids=["counted", "grouped"])
@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("DELETE FROM encounters WHERE encounter_id = 'A1' AND scenario_id =", "encounters"),
        (
            "UPDATE encounters SET saved_at = saved_at + INTERVAL 1 SECOND WHERE encounter_id = 'A1' AND scenario_id =",
            "encounters",
        ),
        ("UPDATE encounters SET saved_at = NULL WHERE scenario_id =", "encounters"),
        # as many rows as before, but not of each instant
        (
            "UPDATE patients SET saved_at = (SELECT saved_at FROM encounters WHERE encounter_id = 'A2') WHERE scenario_id =",
            "patients",
        ),
        (
            "INSERT INTO plans BY NAME SELECT scenario_id, 'G' AS plan_id, saved_at FROM encounters WHERE encounter_id = 'A1' AND scenario_id =",
            "plans",
        ),
    ],
)
@pytest.mark.long
def test_any_write_makes_a_star_stale(
    state: StateManager, database: Database, monkeypatch: pytest.MonkeyPatch, change: str, table: str, counted: int
) -> None:
    monkeypatch.setattr("healthsim.analytics.star.fingerprint._COUNTED", counted)
    state.save("s", {"patients": [person(1)], "encounters": [stay("A1", "P1", "2024-01-01", "2024-01-05")]})
    state.add_entities("s", {"patients": [person(2)], "encounters": [stay("A2", "P1", "2024-02-01", "2024-02-05")]})
    state.save("other", {"patients": [person(1)], "encounters": [stay("A1", "P1", "2024-01-01", "2024-01-05")]})
    build(database, everything=True)
    assert {item.name: item.state for item in status(database)} == {"other": "built", "s": "built"}
    with database.write() as connection:
        connection.execute(f"{change} (SELECT scenario_id FROM scenarios WHERE name = 's')")
    found = {item.name: (item.state, item.reason) for item in status(database)}
    assert found == {"other": ("built", None), "s": ("stale", f"written since: {table}")}


@pytest.mark.long
def test_an_overwritten_scenario_is_stale_and_a_deleted_one_leaves_nothing(
    state: StateManager, database: Database
) -> None:
    state.save("s", {"patients": [person(1)], "encounters": [stay("E1", "P1", "2024-01-01", "2024-01-02")]})
    state.save("kept", {"patients": [person(1)]})
    build(database, everything=True)
    state.save("s", {"patients": [person(1), person(2)]}, mode="overwrite")
    assert {item.name: item.state for item in status(database)} == {"kept": "built", "s": "stale"}
    build(database, everything=True)
    assert examine(database)["ok"]
    state.delete("s")
    for table in (*SCOPED, "dim_scenario"):
        assert (
            rows(
                database,
                f"SELECT DISTINCT scenario_key FROM analytics.{table} WHERE scenario_key NOT IN (-1, -2, (SELECT scenario_key FROM analytics.builds))",
            )
            == []
        ), table
    state.save("again", {"patients": [person(1)]})
    build(database, ["again"])
    assert rows(database, "SELECT scenario_key FROM analytics.dim_scenario WHERE name = 'again'") == [(3,)], (
        "a key is not given twice"
    )


def test_an_empty_scenario_is_built(state: StateManager, database: Database) -> None:
    state.save("s", {"networks": [{"network_id": "N"}]})
    (built,) = build(database, ["s"])
    assert built.fact_rows == 0
    proved(database)


def test_every_table_of_the_catalogue_is_a_table_and_the_other_way_round(
    state: StateManager, database: Database
) -> None:
    state.save("s", {"patients": [person(1)]})
    build(database, ["s"])
    tables = {
        name for (name,) in rows(database, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'analytics'")
    }
    star = {name for name in tables if name.startswith(("dim_", "fact_", "bridge_"))}
    assert star == set(TABLES)
    assert (
        len(DIMENSIONS),
        len([n for n in TABLES if n.startswith("fact_")]),
        len([n for n in TABLES if n.startswith("bridge_")]),
    ) == (24, 16, 3)


# -- who pays second -------------------------------------------------------------------------------------------


def test_coverage_that_pays_second_makes_no_months_and_is_nobodys_current_plan(
    state: StateManager, database: Database
) -> None:
    plans = [{"plan_id": name, "plan_code": name, "line_of_business": name} for name in ("medicare", "medicaid")]
    covered = {"patient_id": "P1", "given_name": "A", "family_name": "F1", "birth_date": "1950-01-01", "gender": "F"}
    members = [
        {"member_id": "M1", "member_number": "N1", "plan_id": "medicare", "coverage_order": 1},
        {"member_id": "M2", "member_number": "N2", "plan_id": "medicaid", "coverage_order": 2},
        # of this one nothing but the second coverage is known: it counts
        {"member_id": "M3", "member_number": "N3", "plan_id": "medicaid", "coverage_order": 2, "patient_id": "P2"},
    ]
    spans = {"coverage_start": "2025-01-01", "coverage_end": "2025-12-31"}
    members = [covered | spans | member for member in members]
    members[2] |= {"family_name": "F2", "birth_date": "1960-06-15"}
    claims = [{"claim_id": "C1", "member_id": "M1", "patient_id": "P1", "service_date": "2025-05-05", "status": "paid"}]
    patients = [person(1, birth_date="1950-01-01"), person(2)]
    state.save("duals", {"patients": patients, "plans": plans, "members": members, "claims": claims})
    build(database, ["duals"])
    months = rows(
        database,
        "SELECT p.line_of_business, sum(member_months)::INT, sum(person_months)::INT, sum(claim_count)::INT"
        " FROM analytics.fact_member_month AS m JOIN analytics.dim_plan AS p USING (plan_key) GROUP BY 1 ORDER BY 1",
    )
    assert months == [("medicaid", 12, 12, 0), ("medicare", 12, 12, 1)]
    current = rows(
        database,
        "SELECT member_id, pays_first, is_current FROM analytics.dim_coverage WHERE coverage_key > 0 ORDER BY 1",
    )
    assert current == [("M1", 1, 1), ("M2", 0, 0), ("M3", 1, 1)]
    proved(database)
