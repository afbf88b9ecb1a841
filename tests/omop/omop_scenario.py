"""A scenario that touches every source of the OMOP export, made from a few rules: no two runs differ."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from healthsim.db.connection import Database
from healthsim.exchange.omop.export import OmopExport

RACES = ("White", "Black or African American", "Asian", "Martian", None)
CONDITIONS = ("E11.9", "I10", "J45.909", "N18.32", "E78.5", "Z00.00", "Z59.00", "X99.9")
DRUGS = (
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("860975", "metformin hydrochloride 500 MG Oral Tablet"),
    ("999999999", "wonderdrug 5 MG Oral Tablet"),
)
START = dt.date(2023, 1, 2)


@dataclass(frozen=True)
class Exported:
    """A database with a scenario, and its export."""

    database: Database
    file: Path
    result: OmopExport


def entities(persons: int = 60) -> dict[str, list[dict[str, Any]]]:
    """Documents by entity type."""
    made: dict[str, list[dict[str, Any]]] = {
        kind: []
        for kind in (
            "persons patients encounters diagnoses procedures medications lab_results vital_signs immunizations allergies"
            " clinical_notes members rx_members prescriptions pharmacy_claims claims claim_lines providers facilities"
            " plans pharmacies"
        ).split()
    }
    made["providers"] = [
        {"provider_id": f"PRV-{n}", "npi": f"10000000{n:02}", "name": f"Dr. {n}", "specialty": specialty}
        for n, specialty in enumerate(("Family Medicine", "Cardiology", "Alchemy"))
    ]
    made["facilities"] = [
        {
            "facility_id": "FAC-0",
            "name": "Bay Hospital",
            "facility_type": "hospital",
            "address_line1": "1 Bay",
            "city": "San Diego",
            "state": "CA",
            "postal_code": "92101-0001",
            "county_fips": "06073",
        },
        {"facility_id": "FAC-1", "name": "Bay Clinic", "facility_type": "clinic"},
    ]
    made["plans"] = [{"plan_id": "PLN-0", "plan_code": "PPO-1", "payer_name": "Bay Health", "plan_type": "PPO"}]
    made["pharmacies"] = [{"pharmacy_id": "PHM-0", "name": "Corner Pharmacy"}]
    for n in range(persons):
        _person(made, n)
    return made


def _person(made: dict[str, list[dict[str, Any]]], n: int) -> None:
    born = dt.date(1930 + n % 80, 1 + n % 12, 1 + n % 28)
    dies = START + dt.timedelta(days=400) if n % 17 == 5 else None
    who = {
        "ssn": f"9{n % 100:02}-{10 + n % 80}-{1000 + n}",
        "birth_date": str(born),
        "gender": "MFOU"[n % 4] if n > 8 else "MF"[n % 2],
        "race": RACES[n % 5],
        "ethnicity": ("Hispanic or Latino", "Not Hispanic or Latino", None)[n % 3],
        "given_name": f"G{n}",
        "family_name": f"F{n}",
        "city": "San Diego",
        "state": "CA",
        "postal_code": f"921{n % 40:02}",
        "county_fips": "06073",
        "death_date": str(dies) if dies else None,
        "deceased": bool(dies),
    }
    made["persons"].append({"person_id": f"PER-{n}", **who})
    if n % 10 == 9:
        return  # a person without any role
    made["patients"].append(
        {
            "patient_id": f"PAT-{n}",
            "person_id": f"PER-{n}",
            "mrn": f"MRN{n}",
            **who,
            "primary_care_provider_id": f"PRV-{n % 3}",
        }
    )
    spans = [(START, START + dt.timedelta(days=180)), (START + dt.timedelta(days=181 if n % 2 else 220), None)]
    for k, (first, last) in enumerate(spans):
        made["members"].append(
            {
                "member_id": f"MBR-{n}-{k}",
                "member_number": f"MEM{n}",
                "person_id": f"PER-{n}",
                **who,
                "plan_id": "PLN-0",
                "plan_code": "PPO-1",
                "coverage_start": str(first),
                "coverage_end": str(last) if last else None,
            }
        )
    made["rx_members"].append(
        {"rx_member_id": f"RXM-{n}", "member_id": f"MBR-{n}-0", "effective_date": str(START), **who}
    )
    made["allergies"].append(
        {"allergy_id": f"ALG-{n}", "patient_id": f"PAT-{n}", "substance": "Penicillin", "reaction": "rash"}
    )
    made["immunizations"].append(
        {
            "immunization_id": f"IMM-{n}",
            "patient_id": f"PAT-{n}",
            "cvx_code": ("140", "8", "9999")[n % 3],
            "administered_date": str(START + dt.timedelta(days=20 + n % 5)),
        }
    )
    for k in range(3 + n % 4):
        day = START + dt.timedelta(days=12 + 60 * k + n % 20)
        if day >= (dies or dt.date(2099, 1, 1)):
            break
        _visit(made, n, k, day)


def _visit(made: dict[str, list[dict[str, Any]]], n: int, k: int, day: dt.date) -> None:
    visit, patient = f"ENC-{n}-{k}", f"PAT-{n}"
    kind = ("outpatient", "inpatient", "emergency", "virtual", "observation", "home")[(n + k) % 6]
    end = day + dt.timedelta(days=3) if kind == "inpatient" else day
    at = f"{day}T09:00:00"
    code = CONDITIONS[(n + k) % len(CONDITIONS)]
    made["encounters"].append(
        {
            "encounter_id": visit,
            "patient_id": patient,
            "encounter_class": kind,
            "start_datetime": at,
            "end_datetime": f"{end}T10:30:00",
            "facility_id": f"FAC-{n % 2}",
            "attending_provider_id": f"PRV-{k % 3}",
            "discharge_disposition_code": "01",
            "status": "finished",
        }
    )
    link = {"patient_id": patient, "encounter_id": visit}
    made["diagnoses"].append(
        {
            "diagnosis_id": f"DX-{n}-{k}",
            **link,
            "code": code,
            "code_system": "ICD-10-CM",
            "diagnosis_type": "principal",
            "diagnosed_date": str(day),
        }
    )
    made["procedures"].append({"procedure_id": f"PR-{n}-{k}", **link, "code": "99213", "performed_datetime": at})
    rxnorm, name = DRUGS[k % 3]
    made["medications"].append(
        {
            "medication_id": f"MED-{n}-{k}",
            **link,
            "code": rxnorm,
            "name": name,
            "route": "oral",
            "start_date": str(day),
            "dose": "10 mg",
        }
    )
    made["lab_results"].append(
        {
            "lab_result_id": f"LAB-{n}-{k}",
            **link,
            "loinc_code": "4548-4",
            "value": f"{6 + k / 10}",
            "unit": "%",
            "reference_low": 4,
            "reference_high": 5.6,
            "collected_datetime": at,
        }
    )
    made["lab_results"].append(
        {
            "lab_result_id": f"LAB-{n}-{k}-u",
            **link,
            "loinc_code": "99999-9",
            "value": "<0.5",
            "unit": "furlong",
            "collected_datetime": at,
        }
    )
    made["vital_signs"].append(
        {
            "vital_sign_id": f"VS-{n}-{k}",
            **link,
            "observation_datetime": at,
            "temperature_c": 36.8,
            "heart_rate": 72,
            "systolic_bp": 120,
            "diastolic_bp": 80,
            "height_cm": 170,
            "weight_kg": 70,
            "bmi": 24.2,
            "respiratory_rate": 16,
            "spo2": 98,
        }
    )
    made["clinical_notes"].append(
        {"clinical_note_id": f"NOTE-{n}-{k}", **link, "note_datetime": at, "content": "Well."}
    )
    if n % 3:
        claim = {"claim_id": f"CLM-{n}-{k}", "encounter_id": visit, "patient_id": patient}
    else:  # claims of a contact that the scenario does not have
        claim = {"claim_id": f"CLM-{n}-{k}", "patient_id": patient}
    made["claims"].append(
        {
            **claim,
            "member_id": f"MBR-{n}-0",
            "claim_type": "professional",
            "service_date": str(day),
            "place_of_service": "11",
            "principal_diagnosis": code,
            "other_diagnoses": ["I10"],
            "total_charge": "180.00",
            "total_allowed": "120.00",
            "total_paid": "96.00",
            "member_responsibility": "24.00",
            "status": "paid",
            "drg_code": "291",
        }
    )
    made["claim_lines"].append(
        {
            "claim_line_id": f"CLM-{n}-{k}-1",
            "claim_id": f"CLM-{n}-{k}",
            "line_number": 1,
            "procedure_code": "80053",
            "service_date": str(day),
            "charge_amount": "180.00",
            "copay_amount": "20.00",
            "coinsurance_amount": "4.00",
            "units": "1",
        }
    )
    made["prescriptions"].append(
        {
            "prescription_id": f"RX-{n}-{k}",
            "patient_id": patient,
            "rx_member_id": f"RXM-{n}",
            "ndc": "00093104801",
            "rxnorm_code": rxnorm,
            "drug_name": name,
            "written_date": str(day),
            "days_supply": 30,
            "refills_authorized": 2,
        }
    )
    made["pharmacy_claims"].append(
        {
            "pharmacy_claim_id": f"PC-{n}-{k}",
            "prescription_id": f"RX-{n}-{k}",
            "rx_member_id": f"RXM-{n}",
            "drug_name": name,
            "ndc": "00093104801",
            "service_date": str(day + dt.timedelta(days=1)),
            "days_supply": 30,
            "quantity_dispensed": "30",
            "status": "rejected" if (n + k) % 11 == 0 else "paid",
            "gross_amount_due": "12.00",
            "plan_paid_amount": "10.00",
            "patient_pay_amount": "2.00",
            "ingredient_cost": "11.00",
            "dispensing_fee": "1.00",
            "pharmacy_id": "PHM-0",
        }
    )
