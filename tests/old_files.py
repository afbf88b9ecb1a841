"""Files as the old implementation wrote them, made up for the tests: workspaces of the three products, share files."""

from __future__ import annotations

import json
from typing import Any

PROVENANCE = {
    "source_type": "generated",
    "source_system": "patientsim",
    "skill_used": "diabetes-management",
    "derived_from": ["1c806e02"],
    "created_at": "2026-03-04T04:48:14.990125",
    "generation_params": {"seed": 42, "age_range": [30, 65]},
}
NO_SKILL = {**PROVENANCE, "source_system": None, "skill_used": None, "derived_from": [], "generation_params": {}}


def enveloped(entity_id: str, entity_type: str, data: dict[str, Any], provenance: Any = NO_SKILL) -> dict[str, Any]:
    """An entity as a workspace file holds it."""
    return {"entity_id": entity_id, "entity_type": entity_type, "data": data, "provenance": provenance}


def workspace(
    product: str, entities: dict[str, list[dict[str, Any]]], *, name: str, workspace_id: str, **metadata: Any
) -> dict[str, Any]:
    """A Workspace v2.0 document."""
    total = sum(map(len, entities.values()))
    return {
        "metadata": {
            "workspace_id": workspace_id,
            "name": name,
            "description": "Ünïcode “quotes”, 10 € and 💉",
            "tags": ["diabetes", "café"],
            "created_at": "2026-03-04T04:48:14.994571",
            "updated_at": "2026-03-05T00:00:00",
            "product": product,
            "schema_version": "2.0",
            **metadata,
        },
        "provenance_summary": {
            "total_entities": total,
            "by_source_type": {"generated": total},
            "source_systems": ["patientsim"],
            "skills_used": ["diabetes-management"],
        },
        "entities": entities,
    }


def workspace_text(document: dict[str, Any]) -> str:
    """Its bytes as the old implementation wrote them."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def share_text(document: dict[str, Any]) -> str:
    """A share file's bytes as the old exporter wrote them."""
    return json.dumps(document, indent=2)


def clinic() -> dict[str, Any]:
    """patientsim: every collection, most of its traps, two empty lists."""
    person = {
        "name": {"given_name": "Zoë", "middle_name": None, "family_name": "Ålund 💉", "suffix": None, "prefix": None},
        "birth_date": "1967-09-22",
        "gender": "F",
        "address": {
            "street_address": "1 Birch Road",
            "street_address_2": None,
            "city": "Erfurt",
            "state": "OH",
            "postal_code": "56143",
            "country": "US",
        },
        "contact": {"phone": "2915390996", "phone_mobile": None, "email": "zoe@example.com"},
        "deceased": False,
        "death_date": None,
        "mrn": "MRN000001",
        "ssn": "900226991",
        "race": "Other",
        "language": "en",
        "created_at": "2026-03-04T04:48:14.989054",
    }
    second = {**person, "mrn": "MRN000002", "ssn": "900226992", "contact": None, "gender": "U"}
    visit = {
        "encounter_id": "V1",
        "patient_mrn": "MRN000001",
        "class_code": "I",
        "status": "finished",
        "admission_time": "2026-01-24T12:48:14.989071",
        "discharge_time": None,
        "facility": "Memorial",
        "department": "Surgical Floor",
        "room": "171",
        "bed": "B",
        "attending_physician": None,
    }
    diagnosis = {
        "code": "E11.9",
        "description": "Type 2 diabetes",
        "type": "admitting",
        "patient_mrn": "MRN000001",
        "encounter_id": "V1",
        "diagnosed_date": "2026-01-24",
        "resolved_date": None,
    }
    later = {**diagnosis, "type": "final", "diagnosed_date": "2026-01-29"}
    vitals = {
        "patient_mrn": "MRN000001",
        "encounter_id": "V1",
        "observation_time": "2026-01-24T13:40:14.989071",
        "temperature": 98.0,
        "heart_rate": 74,
        "respiratory_rate": 12,
        "systolic_bp": 125,
        "diastolic_bp": 87,
        "spo2": 96,
        "height_cm": 168.0,
        "weight_kg": 103.0,
    }
    lab = {
        "test_name": "Glucose",
        "loinc_code": "2345-7",
        "value": "9.8",
        "unit": "mg/dL",
        "reference_range": "8.5-10.5",
        "abnormal_flag": None,
        "patient_mrn": "MRN000002",
        "encounter_id": "V2",
        "collected_time": "2026-01-24T13:48:14",
        "resulted_time": None,
        "ordering_provider": None,
    }
    drug = {
        "name": "Insulin Glargine",
        "code": "274783",
        "dose": "30 units",
        "route": "SubQ",
        "frequency": "QD",
        "patient_mrn": "MRN000001",
        "encounter_id": "V1",
        "start_date": "2026-01-24T12:48:14.989071",
        "end_date": None,
        "status": "active",
        "prescriber": None,
        "indication": "Diabetes",
    }
    note = {
        "note_type": "progress",
        "note_datetime": "2026-01-25T08:00:00",
        "patient_mrn": "MRN000001",
        "encounter_id": "V1",
        "author": "Dr. Ö",
        "content": "Line 1\nLine 2\t“quoted” \\ / \u2028 end",
    }
    procedure = {
        "code": "0DTJ4ZZ",
        "description": "Appendectomy",
        "patient_mrn": "MRN000001",
        "encounter_id": "V1",
        "performed_datetime": "2026-01-25T09:30:00",
        "performer": None,
    }
    at = "2026-01-24T13:40:14.989071"
    return workspace(
        "patientsim",
        {
            "patients": [
                enveloped("1c806e02", "patient", {"id": "patient-1", **person}, PROVENANCE),
                enveloped("9c1722e2", "patient", {"id": "patient-2", **second}),
            ],
            "encounters": [
                enveloped("V1", "encounter", visit),
                enveloped("V2", "encounter", {**visit, "encounter_id": "V2", "patient_mrn": "MRN000002"}),
            ],
            # one patient, one code, found twice: the envelopes share their id and both stay
            "diagnoses": [
                enveloped("MRN000001:E11.9", "diagnosis", diagnosis),
                enveloped("MRN000001:E11.9", "diagnosis", later),
            ],
            "medications": [enveloped("MRN000001:Insulin Glargine", "medication", drug)],
            "lab_results": [enveloped("MRN000002:Glucose:2026-01-24T13:48:14", "lab_result", lab)],
            # the very same set of vital signs, recorded twice: both stay
            "vital_signs": [enveloped(f"MRN000001:vitals:{at}", "vital_sign", vitals)] * 2,
            "procedures": [enveloped("MRN000001:0DTJ4ZZ", "procedure", procedure)],
            "clinical_notes": [enveloped("note-1", "clinical_note", note)],
        },
        name="clinic",
        workspace_id="0f3f1c60-5a4a-4b27-9a06-0d6c5f1b5a01",
    )


def empty_clinic() -> dict[str, Any]:
    """patientsim with one patient: the other collections are there and empty."""
    document = clinic()
    document["metadata"]["name"] = "one-patient"
    document["metadata"]["workspace_id"] = "0f3f1c60-5a4a-4b27-9a06-0d6c5f1b5a02"
    document["metadata"]["description"] = None
    document["metadata"]["tags"] = []
    document["entities"] = {key: value[:1] if key == "patients" else [] for key, value in document["entities"].items()}
    return document


def payer() -> dict[str, Any]:
    """membersim: claims with lines, a claim number used twice, care gaps (a type that the model does not know)."""
    member = {
        "id": "person-1",
        "name": {"given_name": "David", "family_name": "Stephens", "middle_name": None},
        "birth_date": "1949-08-21",
        "gender": "M",
        "address": {"street_address": None, "city": "Weaverside"},
        "contact": None,
        "deceased": False,
        "member_id": "MEM000001",
        "subscriber_id": None,
        "relationship_code": "18",
        "group_id": "GRP049",
        "coverage_start": "2026-07-12",
        "coverage_end": None,
        "plan_code": "PPO",
        "pcp_npi": None,
    }
    lines = [
        {
            "line_number": 1,
            "procedure_code": "99213",
            "procedure_modifiers": [],
            "service_date": "2024-01-05",
            "units": "1",
            "charge_amount": "125.50",
            "diagnosis_pointers": [1],
            "revenue_code": None,
            "ndc_code": None,
            "place_of_service": "11",
        },
        {
            "line_number": 2,
            "procedure_code": "80053",
            "procedure_modifiers": ["25"],
            "service_date": "2024-01-05",
            "units": "2",
            "charge_amount": "40.00",
            "diagnosis_pointers": [1, 2],
            "revenue_code": None,
            "ndc_code": None,
            "place_of_service": "11",
        },
    ]
    claim = {
        "claim_id": "CLM-1",
        "claim_type": "PROFESSIONAL",
        "member_id": "MEM000001",
        "subscriber_id": "MEM000001",
        "provider_npi": "1234567893",
        "facility_npi": None,
        "service_date": "2024-01-05",
        "admission_date": None,
        "discharge_date": None,
        "place_of_service": "11",
        "claim_lines": lines,
        "principal_diagnosis": "E11.9",
        "other_diagnoses": ["I10"],
        "authorization_number": None,
    }
    gap = {
        "member_id": "MEM000001",
        "measure_id": "CDC-HbA1c",
        "measure_name": "HbA1c control",
        "status": "open",
        "due_date": "2026-12-31",
        "score": 0.50,
        "weight": 1e-7,
    }
    accumulator = {
        "member_id": "MEM000001",
        "plan_year": 2026,
        "accumulator_type": "deductible",
        "level": "individual",
        "limit_amount": "1500.00",
        "applied_amount": "118.12",
    }
    permission = {
        "authorization_number": "AUTH-9",
        "member_id": "MEM000001",
        "provider_npi": "1234567893",
        "procedure_code": "73721",
        "status": "approved",
        "request_date": "2026-02-03",
    }
    return workspace(
        "membersim",
        {
            "members": [enveloped("MEM000001", "members", member)],
            "claims": [
                enveloped("CLM-1", "claims", claim),
                # the same number again, billed anew for another day: both documents stay in the file
                enveloped("CLM-1", "claims", {**claim, "service_date": "2024-02-07", "claim_lines": lines[:1]}),
                enveloped("CLM-2", "claims", {**claim, "claim_id": "CLM-2", "claim_lines": []}),
            ],
            "authorizations": [enveloped("AUTH-9", "authorizations", permission)],
            "care_gaps": [enveloped("MEM000001:CDC-HbA1c", "care_gaps", gap)],
            "accumulators": [enveloped("MEM000001:2026", "accumulators", accumulator)],
        },
        name="payer",
        workspace_id="0f3f1c60-5a4a-4b27-9a06-0d6c5f1b5a03",
    )


def pharmacy() -> dict[str, Any]:
    """rxmembersim: prescriptions, their claims, alerts and prior authorizations."""
    member = {
        "member_id": "RXM1",
        "cardholder_id": "953832589",
        "person_code": "01",
        "bin": "610014",
        "pcn": "RXTEST",
        "group_number": "GRP001",
        "demographics": {
            "first_name": "Lisa",
            "last_name": "Harmon",
            "date_of_birth": "1997-11-01",
            "gender": "F",
            "address_line1": "3021 Harrison Gateway",
            "address_line2": None,
            "city": "Stephensshire",
            "state": "IA",
            "zip_code": "02219",
            "phone": "001-436",
        },
        "effective_date": "2023-12-04",
        "termination_date": None,
        "accumulators": {
            "deductible_met": "118.12",
            "deductible_remaining": "131.88",
            "oop_met": "1677.17",
            "oop_remaining": "1322.83",
        },
        "plan_code": None,
        "formulary_id": None,
    }
    prescription = {
        "prescription_number": "RX1",
        "ndc": "30558285457",
        "drug_name": "Gabapentin 300mg Capsule",
        "quantity_prescribed": "30",
        "days_supply": 30,
        "refills_authorized": 11,
        "refills_remaining": 11,
        "prescriber_npi": "1932486208",
        "prescriber_name": "Dr. Compton",
        "prescriber_dea": None,
        "written_date": "2026-01-24",
        "expiration_date": "2027-01-24",
        "daw_code": "0",
        "diagnosis_codes": [],
        "directions": None,
        "member_id": "RXM1",
    }
    fill = {
        "claim_id": "RXC1",
        "transaction_code": "B1",
        "service_date": "2026-01-25",
        "pharmacy_npi": "1245319599",
        "member_id": "RXM1",
        "cardholder_id": "953832589",
        "person_code": "01",
        "bin": "610014",
        "pcn": "RXTEST",
        "group_number": "GRP001",
        "prescription_number": "RX1",
        "fill_number": 0,
        "ndc": "30558285457",
        "quantity_dispensed": "30",
        "days_supply": 30,
        "daw_code": "0",
        "prescriber_npi": "1932486208",
        "ingredient_cost_submitted": "12.40",
        "dispensing_fee_submitted": "1.75",
        "gross_amount_due": "14.15",
    }
    alert = {
        "alert_type": "DD",
        "severity": "warning",
        "message": "Interaction",
        "claim_id": "RXC1",
        "prescription_number": "RX1",
        "member_id": "RXM1",
    }
    request = {
        "pa_number": "PA1",
        "member_id": "RXM1",
        "prescription_number": "RX1",
        "ndc": "30558285457",
        "drug_name": "Gabapentin",
        "status": "approved",
        "request_date": "2026-01-20",
    }
    return workspace(
        "rxmembersim",
        {
            "rx_members": [enveloped("RXM1", "rx_members", member)],
            "prescriptions": [
                enveloped("RX1", "prescriptions", prescription),
                enveloped("RX2", "prescriptions", {**prescription, "prescription_number": "RX2"}),
            ],
            "pharmacy_claims": [enveloped("RXC1", "pharmacy_claims", fill)],
            "dur_alerts": [enveloped("RXC1:DD", "dur_alerts", alert)],
            "prior_auths": [enveloped("PA1", "prior_auths", request)],
        },
        name="pharmacy",
        workspace_id="0f3f1c60-5a4a-4b27-9a06-0d6c5f1b5a04",
    )


def share() -> dict[str, Any]:
    """A share file: tags in an order of their own, numbers in several spellings, types sorted by name."""
    return {
        "name": "shared “clinic”",
        "description": "Größe 10 €",
        "tags": ["b", "a", "ü"],
        "created_at": "2026-03-04T04:49:04.964227",
        "entities": {
            "diagnoses": [{"id": "D1", "code": "E11.9", "patient_mrn": "M1", "encounter_id": "E1", "type": "final"}],
            "encounters": [{"encounter_id": "E1", "patient_mrn": "M1", "class_code": "O", "cost": 2.50}],
            "mood_logs": [{"score": 1e-7, "big": 123456789012345678901234567890, "list": [], "none": {}}],
            "patients": [{"id": "P1", "mrn": "M1", "name": {"given_name": "Zoë", "family_name": "💉"}}],
        },
    }
