"""A small scenario in which every rule has something to check, and all of them hold; tests change one thing in it."""

from __future__ import annotations

import copy
import json
from typing import Any

from healthsim.db.connection import Database
from healthsim.state.manager import StateManager

Entities = dict[str, list[dict[str, Any]]]
AS_OF = "2025-12-31"

_ADA = {"birth_date": "1980-04-22", "gender": "F", "ssn": "900-45-6701", "phone": "619-555-0141"}
_NOAH = {
    "birth_date": "1950-02-01",
    "gender": "M",
    "ssn": "900-45-6702",
    "phone": "619-555-0142",
    "deceased": True,
    "death_date": "2025-06-10",
}
_MIA = {"birth_date": "2020-03-01", "gender": "F", "ssn": "900-45-6703", "phone": "619-555-0143"}
_LEO = {"birth_date": "2024-02-01", "gender": "M", "ssn": "900-45-6704", "phone": "619-555-0144"}
_HOME = {"county_fips": "06073", "state": "CA"}
_PAID = {
    "charge_amount": "200.00",
    "allowed_amount": "120.00",
    "paid_amount": "60.00",
    "deductible_amount": "30.00",
    "copay_amount": "20.00",
    "coinsurance_amount": "10.00",
    "member_responsibility": "60.00",
}
_TOTALS = {"total_charge": "200.00", "total_allowed": "120.00", "total_paid": "60.00", "member_responsibility": "60.00"}
_NOTHING = {
    "charge_amount": "200.00",
    "allowed_amount": "0.00",
    "paid_amount": "0.00",
    "deductible_amount": "0.00",
    "copay_amount": "0.00",
    "coinsurance_amount": "0.00",
    "member_responsibility": "0.00",
}
_NO_TOTALS = {"total_charge": "200.00", "total_allowed": "0.00", "total_paid": "0.00", "member_responsibility": "0.00"}
_DRUG = {"ndc": "00093105801", "drug_name": "metformin 500 mg tablet", "days_supply": 30}
_FILL = {
    "prescription_id": "RX1",
    "rx_member_id": "RXM1",
    "pharmacy_id": "PHM1",
    "prescriber_provider_id": "PRV1",
    "ndc": "00093105801",
    "days_supply": 30,
    "transaction_code": "B1",
    "status": "paid",
    "ingredient_cost": "12.40",
    "dispensing_fee": "1.75",
    "gross_amount_due": "14.15",
    "plan_paid_amount": "4.15",
    "patient_pay_amount": "10.00",
}

_SCENARIO: Entities = {
    "persons": [
        {"person_id": "P1", **_ADA, **_HOME},
        {"person_id": "P2", **_NOAH, **_HOME},
        {"person_id": "P3", **_MIA, **_HOME},
        {"person_id": "P4", **_LEO, **_HOME},
    ],
    "providers": [{"provider_id": "PRV1", "npi": "1000000004", "is_synthetic": True, "phone": "619-555-0199", **_HOME}],
    "facilities": [{"facility_id": "FAC1", "npi": "1000000012", **_HOME}],
    "patients": [
        {"patient_id": "PAT1", "person_id": "P1", **_ADA, **_HOME},
        {"patient_id": "PAT2", "person_id": "P2", **_NOAH, **_HOME},
        {"patient_id": "PAT3", "person_id": "P3", **_MIA, **_HOME},
        {"patient_id": "PAT4", "person_id": "P4", **_LEO, **_HOME},
    ],
    "encounters": [
        {
            "encounter_id": "E1",
            "patient_id": "PAT1",
            "encounter_class": "outpatient",
            "facility_id": "FAC1",
            "start_datetime": "2025-03-04T09:00:00",
            "end_datetime": "2025-03-04T09:30:00",
        },
        {
            "encounter_id": "E2",
            "patient_id": "PAT2",
            "encounter_class": "inpatient",
            "drg_code": "291",
            "start_datetime": "2025-06-05T09:00:00",
            "end_datetime": "2025-06-10T09:30:00",
            "discharge_disposition_code": "20",
        },
        {
            "encounter_id": "E3",
            "patient_id": "PAT3",
            "encounter_class": "outpatient",
            "start_datetime": "2025-03-10T09:00:00",
            "end_datetime": "2025-03-10T09:30:00",
        },
        {
            "encounter_id": "E4",
            "patient_id": "PAT1",
            "encounter_class": "inpatient",
            "drg_code": "807",
            "start_datetime": "2024-02-01T09:00:00",
            "end_datetime": "2024-02-03T09:30:00",
            "discharge_disposition_code": "01",
        },
        {
            "encounter_id": "E5",
            "patient_id": "PAT2",
            "encounter_class": "inpatient",
            "drg_code": "291",
            "start_datetime": "2025-01-05T09:00:00",
            "end_datetime": "2025-01-08T09:30:00",
            "discharge_disposition_code": "01",
        },
        {
            "encounter_id": "E7",
            "patient_id": "PAT4",
            "encounter_class": "inpatient",
            "drg_code": "795",
            "start_datetime": "2024-02-01T14:00:00",
            "end_datetime": "2024-02-03T09:30:00",
            "discharge_disposition_code": "01",
        },
    ],
    "diagnoses": [
        {
            "diagnosis_id": "D1",
            "patient_id": "PAT1",
            "encounter_id": "E1",
            "code": "E11.9",
            "onset_date": "2020-01-01",
            "diagnosed_date": "2020-02-01",
        },
        {
            "diagnosis_id": "D2",
            "patient_id": "PAT2",
            "encounter_id": "E2",
            "code": "I25.10",
            "onset_date": "2015-01-01",
            "diagnosed_date": "2016-02-01",
        },
        {
            "diagnosis_id": "D3",
            "patient_id": "PAT3",
            "encounter_id": "E3",
            "code": "Z00.129",
            "diagnosed_date": "2025-03-10",
        },
        {
            "diagnosis_id": "D4",
            "patient_id": "PAT1",
            "encounter_id": "E4",
            "code": "O80",
            "diagnosed_date": "2024-02-01",
            "resolved_date": "2024-02-03",
        },
        {"diagnosis_id": "D5", "patient_id": "PAT2", "code": "C61", "diagnosed_date": "2018-02-01"},
        {
            "diagnosis_id": "D6",
            "patient_id": "PAT1",
            "encounter_id": "E1",
            "code": "Z12.4",
            "diagnosed_date": "2025-03-04",
        },
        {"diagnosis_id": "D7", "patient_id": "PAT3", "code": "Z38.00", "diagnosed_date": "2020-03-01"},
        {
            "diagnosis_id": "D8",
            "patient_id": "PAT1",
            "encounter_id": "E4",
            "code": "Z37.0",
            "diagnosed_date": "2024-02-01",
        },
        {
            "diagnosis_id": "D9",
            "patient_id": "PAT4",
            "encounter_id": "E7",
            "code": "Z38.00",
            "diagnosed_date": "2024-02-01",
        },
    ],
    "procedures": [
        {
            "procedure_id": "PR1",
            "patient_id": "PAT1",
            "encounter_id": "E1",
            "code": "88142",
            "code_system": "CPT",
            "performed_datetime": "2025-03-04T09:10:00",
        },
        {
            "procedure_id": "PR2",
            "patient_id": "PAT3",
            "encounter_id": "E3",
            "code": "99393",
            "code_system": "CPT",
            "performed_datetime": "2025-03-10T09:10:00",
        },
        {
            "procedure_id": "PR3",
            "patient_id": "PAT1",
            "encounter_id": "E4",
            "code": "59400",
            "code_system": "CPT",
            "performed_datetime": "2024-02-01T12:00:00",
        },
    ],
    "medications": [
        {
            "medication_id": "MED1",
            "patient_id": "PAT1",
            "encounter_id": "E1",
            "name": "metformin 500 mg tablet",
            "indication": "E11.9",
            "ndc": "00093105801",
            "start_date": "2025-03-04",
            "end_date": "2025-09-01",
        },
        {
            "medication_id": "MED2",
            "patient_id": "PAT3",
            "encounter_id": "E3",
            "name": "amoxicillin 400 mg/5 mL suspension",
            "start_date": "2025-03-10",
        },
        {
            "medication_id": "MED3",
            "patient_id": "PAT2",
            "encounter_id": "E5",
            "name": "atorvastatin 20 mg tablet",
            "start_date": "2025-01-08",
        },
    ],
    "lab_results": [
        {
            "lab_result_id": "L1",
            "patient_id": "PAT1",
            "encounter_id": "E1",
            "loinc_code": "4548-4",
            "value": "7.2",
            "unit": "%",
            "reference_low": 4.0,
            "reference_high": 5.6,
            "abnormal_flag": "H",
            "collected_datetime": "2025-03-04T09:15:00",
            "resulted_datetime": "2025-03-05T09:00:00",
        },
    ],
    "vital_signs": [
        {
            "vital_sign_id": "V1",
            "patient_id": "PAT1",
            "encounter_id": "E1",
            "observation_datetime": "2025-03-04T09:05:00",
            "temperature_c": 36.8,
            "heart_rate": 72,
            "respiratory_rate": 14,
            "systolic_bp": 128,
            "diastolic_bp": 78,
            "spo2": 98,
            "height_cm": 165,
            "weight_kg": 70,
            "bmi": 25.7,
        },
        {
            "vital_sign_id": "V2",
            "patient_id": "PAT1",
            "encounter_id": "E4",
            "observation_datetime": "2024-02-01T09:05:00",
            "height_cm": 165,
            "weight_kg": 80,
            "bmi": 29.4,
        },
    ],
    "immunizations": [
        {
            "immunization_id": "I1",
            "patient_id": "PAT3",
            "encounter_id": "E3",
            "cvx_code": "20",
            "administered_date": "2025-03-10",
        },
    ],
    "orders": [
        {"order_id": "O1", "patient_id": "PAT1", "encounter_id": "E1", "ordered_datetime": "2025-03-04T09:12:00"},
    ],
    "clinical_notes": [
        {"clinical_note_id": "N1", "patient_id": "PAT1", "encounter_id": "E1", "note_datetime": "2025-03-04T09:25:00"},
    ],
    "plans": [
        {
            "plan_id": "PLN1",
            "plan_code": "PPO",
            "deductible_individual": "500.00",
            "deductible_family": "1500.00",
            "oop_max_individual": "1000.00",
            "oop_max_family": "2000.00",
        },
    ],
    "members": [
        {
            "member_id": "M1",
            "member_number": "MN1",
            "person_id": "P1",
            "patient_id": "PAT1",
            "subscriber_id": "MN1",
            "plan_id": "PLN1",
            "coverage_start": "2024-01-01",
            "coverage_end": "2025-12-31",
            **_ADA,
            **_HOME,
        },
        {
            "member_id": "M0",
            "member_number": "MN1",
            "person_id": "P1",
            "patient_id": "PAT1",
            "subscriber_id": "MN1",
            "plan_id": "PLN1",
            "coverage_start": "2023-01-01",
            "coverage_end": "2023-10-31",
            **_ADA,
            **_HOME,
        },
        {
            "member_id": "M2",
            "member_number": "MN2",
            "person_id": "P2",
            "patient_id": "PAT2",
            "subscriber_id": "MN1",
            "plan_id": "PLN1",
            "coverage_start": "2023-01-01",
            "coverage_end": "2025-06-30",
            **_NOAH,
            **_HOME,
        },
        {
            "member_id": "M3",
            "member_number": "MN3",
            "person_id": "P3",
            "patient_id": "PAT3",
            "subscriber_id": "MN1",
            "plan_id": "PLN1",
            "coverage_start": "2023-01-01",
            **_MIA,
            **_HOME,
        },
        {
            "member_id": "M4",
            "member_number": "MN4",
            "person_id": "P4",
            "patient_id": "PAT4",
            "subscriber_id": "MN1",
            "plan_id": "PLN1",
            "coverage_start": "2024-02-01",
            **_LEO,
            **_HOME,
        },
    ],
    "claims": [
        {
            "claim_id": "C1",
            "member_id": "M1",
            "patient_id": "PAT1",
            "encounter_id": "E1",
            "claim_type": "professional",
            "place_of_service": "11",
            "service_date": "2025-03-04",
            "service_end_date": "2025-03-04",
            "received_date": "2025-03-06",
            "adjudicated_date": "2025-03-10",
            "paid_date": "2025-03-14",
            "principal_diagnosis": "E11.9",
            "other_diagnoses": ["Z12.4"],
            "status": "paid",
            **_TOTALS,
        },
        {
            "claim_id": "C2",
            "member_id": "M2",
            "patient_id": "PAT2",
            "encounter_id": "E2",
            "claim_type": "institutional",
            "bill_type": "0111",
            "drg_code": "291",
            "service_date": "2025-06-05",
            "service_end_date": "2025-06-10",
            "admission_date": "2025-06-05",
            "discharge_date": "2025-06-10",
            "received_date": "2025-06-16",
            "adjudicated_date": "2025-06-20",
            "paid_date": "2025-06-24",
            "principal_diagnosis": "I25.10",
            "status": "paid",
            **_TOTALS,
        },
        {
            "claim_id": "C3",
            "member_id": "M3",
            "patient_id": "PAT3",
            "encounter_id": "E3",
            "claim_type": "professional",
            "service_date": "2025-03-10",
            "service_end_date": "2025-03-10",
            "principal_diagnosis": "Z00.129",
            "status": "denied",
            "denial_reason_code": "CO-197",
            **_NO_TOTALS,
        },
        {
            "claim_id": "C4",
            "member_id": "M1",
            "patient_id": "PAT1",
            "encounter_id": "E1",
            "claim_type": "professional",
            "service_date": "2025-03-04",
            "service_end_date": "2025-03-04",
            "status": "reversed",
            **_NO_TOTALS,
        },
    ],
    "claim_lines": [
        {
            "claim_line_id": "CL1",
            "claim_id": "C1",
            "line_number": 1,
            "service_date": "2025-03-04",
            "procedure_code": "99213",
            "place_of_service": "11",
            "status": "paid",
            **_PAID,
        },
        {
            "claim_line_id": "CL2",
            "claim_id": "C2",
            "line_number": 1,
            "service_date": "2025-06-05",
            "revenue_code": "0120",
            "status": "paid",
            **_PAID,
        },
        {
            "claim_line_id": "CL3",
            "claim_id": "C3",
            "line_number": 1,
            "service_date": "2025-03-10",
            "procedure_code": "99393",
            "status": "denied",
            **_NOTHING,
        },
        {
            "claim_line_id": "CL4",
            "claim_id": "C4",
            "line_number": 1,
            "service_date": "2025-03-04",
            "procedure_code": "99213",
            "status": "reversed",
            **_NOTHING,
        },
    ],
    "authorizations": [
        {
            "authorization_id": "A1",
            "member_id": "M1",
            "request_date": "2025-02-03",
            "decision_date": "2025-02-05",
            "effective_date": "2025-02-05",
            "expiration_date": "2025-08-05",
        },
    ],
    "accumulators": [
        {
            "accumulator_id": "ACC1",
            "member_id": "M1",
            "plan_year": 2025,
            "accumulator_type": "deductible",
            "level": "individual",
            "limit_amount": "500.00",
            "applied_amount": "30.00",
            "as_of_date": "2025-12-31",
        },
        {
            "accumulator_id": "ACC2",
            "member_id": "M1",
            "plan_year": 2025,
            "accumulator_type": "oop_max",
            "level": "individual",
            "limit_amount": "1000.00",
            "applied_amount": "60.00",
            "as_of_date": "2025-12-31",
        },
        {
            "accumulator_id": "ACC3",
            "member_id": "M1",
            "plan_year": 2025,
            "accumulator_type": "oop_max",
            "level": "family",
            "limit_amount": "2000.00",
            "applied_amount": "120.00",
            "as_of_date": "2025-12-31",
        },
    ],
    "pharmacies": [{"pharmacy_id": "PHM1", "npi": "1000000012", **_HOME}],
    "rx_members": [
        {
            "rx_member_id": "RXM1",
            "person_id": "P1",
            "member_id": "M1",
            "effective_date": "2025-01-01",
            "termination_date": "2025-12-31",
            **_ADA,
            **_HOME,
        },
        {
            "rx_member_id": "RXM2",
            "person_id": "P2",
            "member_id": "M2",
            "effective_date": "2025-01-01",
            "termination_date": "2025-12-31",
            **_NOAH,
            **_HOME,
        },
    ],
    "prescriptions": [
        {
            "prescription_id": "RX1",
            "patient_id": "PAT1",
            "rx_member_id": "RXM1",
            "prescriber_provider_id": "PRV1",
            "refills_authorized": 3,
            "written_date": "2025-03-04",
            "expiration_date": "2026-03-04",
            **_DRUG,
        },
    ],
    "pharmacy_claims": [
        {"pharmacy_claim_id": "F0", "service_date": "2025-03-05", "paid_date": "2025-03-06", "fill_number": 0, **_FILL},
        {"pharmacy_claim_id": "F1", "service_date": "2025-04-04", "paid_date": "2025-04-05", "fill_number": 1, **_FILL},
        {
            "pharmacy_claim_id": "F2",
            "service_date": "2025-05-04",
            "fill_number": 2,
            **_FILL,
            "status": "rejected",
            "reject_code": "75",
            "plan_paid_amount": "0.00",
            "patient_pay_amount": "0.00",
        },
        {"pharmacy_claim_id": "F3", "service_date": "2025-05-10", "fill_number": 2, **_FILL, "status": "reversed"},
        {
            "pharmacy_claim_id": "F4",
            "service_date": "2025-05-11",
            "fill_number": 2,
            **_FILL,
            "status": "reversed",
            "transaction_code": "B2",
        },
    ],
    "prior_auths": [
        {"prior_auth_id": "PA1", "rx_member_id": "RXM1", "request_date": "2025-02-03", "decision_date": "2025-02-05"},
    ],
    "studies": [
        {"study_id": "S1", "start_date": "2025-01-15"},
        {"study_id": "S2", "start_date": "2025-01-15"},
    ],
    "sites": [{"site_id": "SITE1", "study_id": "S1", **_HOME}, {"site_id": "SITE2", "study_id": "S2", **_HOME}],
    "treatment_arms": [{"treatment_arm_id": "ARM1", "study_id": "S1", "arm_code": "TRT"}],
    "subjects": [
        {
            "subject_id": "SUB1",
            "study_id": "S1",
            "site_id": "SITE1",
            "person_id": "P1",
            "patient_id": "PAT1",
            "screening_date": "2025-04-01",
            "informed_consent_date": "2025-04-01",
            "randomization_date": "2025-04-15",
            "completion_date": "2025-10-01",
            "arm_code": "TRT",
            "subject_status": "completed",
            **_ADA,
            **_HOME,
        },
    ],
    "trial_visits": [{"trial_visit_id": "TV1", "subject_id": "SUB1", "visit_date": "2025-05-15"}],
    "adverse_events": [
        {"adverse_event_id": "AE1", "subject_id": "SUB1", "aestdtc": "2025-05-20", "aeendtc": "2025-05-22"},
    ],
    "exposures": [{"exposure_id": "EX1", "subject_id": "SUB1", "exstdtc": "2025-04-15", "exendtc": "2025-09-15"}],
    "disposition_events": [{"disposition_event_id": "DS1", "subject_id": "SUB1", "dsstdtc": "2025-10-01"}],
}


def scenario(**changes: list[tuple[str, dict[str, Any]]]) -> Entities:
    """The scenario with changes: ``encounters=[("E1", {...})]`` sets columns of that row, or adds it where it is new."""
    entities = copy.deepcopy(_SCENARIO)
    for plural, edits in changes.items():
        rows = entities[plural]
        key = next(iter(rows[0]))
        for entity_id, columns in edits:
            row = next((row for row in rows if row[key] == entity_id), None)
            if row is None:
                row = {key: entity_id}
                rows.append(row)
            row.update(columns)
    return entities


def save(database: Database, entities: Entities, name: str = "tiny", *, generated: bool = True, **spec: Any) -> None:
    """Save the scenario; ``generated`` marks it as one that the generator made with that spec."""
    StateManager(database).save(name, entities)
    if generated:
        with database.write() as connection:
            made = {"generation": {"size": 3, "seed": 1, "as_of": AS_OF, "years": 3, **spec}}
            connection.execute("UPDATE main.scenarios SET attributes = ? WHERE name = ?", [json.dumps(made), name])
