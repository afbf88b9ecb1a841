"""Columns that the formats of the field need: documents carry them in many spellings, and what is none of them refuses nothing."""

from __future__ import annotations

from typing import Any

import pytest

from healthsim.model.projection import Fault, projection_of


def row_of(entity_type: str, document: dict[str, Any]) -> dict[str, Any]:
    faults: list[Fault] = []
    projected = projection_of(entity_type).project(document, entity_type, faults)
    assert faults == []
    return {name: value for name, value in projected[0].row.items() if value is not None}


@pytest.mark.parametrize(
    ("written", "quantity", "unit"),
    [
        ("500 mg", 500.0, "mg"),
        ("0.5 mg/mL", 0.5, "mg/mL"),
        ("2,5 mL twice", 2.5, "mL"),
        ("40mg", 40.0, "mg"),
        ("1", 1.0, None),
        ("one puff", None, None),
    ],
)
def test_a_dose_in_words_is_a_quantity_with_its_unit(written: Any, quantity: float | None, unit: str | None) -> None:
    row = row_of("medication", {"id": "M1", "name": "a drug", "dose": written})
    assert (row.get("dose_quantity"), row.get("dose_unit")) == (quantity, unit)


def test_a_dose_that_is_stated_apart_wins_over_words() -> None:
    row = row_of("medication", {"id": "M1", "dose": "500 mg", "dose_quantity": {"value": 2, "unit": "{tablet}"}})
    assert (row["dose"], row["dose_quantity"], row["dose_unit"]) == ("500 mg", 2.0, "{tablet}")


def test_a_dose_quantity_without_a_number_is_told() -> None:
    faults: list[Fault] = []
    projection_of("medication").project({"id": "M1", "dose_quantity": "much"}, "medications[0]", faults)
    assert [(fault.path, fault.value) for fault in faults] == [("medications[0].dose_quantity", '"much"')]


def test_the_list_of_a_claims_diagnoses_says_what_was_there_at_admission() -> None:
    listed = [
        {"code": "I10", "type": "secondary", "presentOnAdmission": "N"},
        {"code": "I21.4", "type": "principal", "poa": "Y"},
        {"code": "E11.9", "type": "secondary"},
        {"code": "R07.9", "qualifier": "ABJ"},
    ]
    row = row_of("claim", {"id": "C1", "diagnoses": listed})
    assert (row["principal_diagnosis"], row["principal_diagnosis_poa"]) == ("I21.4", "Y")
    assert row["other_diagnoses"] == '["I10", "E11.9", "R07.9"]'
    assert row["other_diagnoses_poa"] == '["N", null, null]'
    assert row["admitting_diagnosis"] == "R07.9"


def test_without_indicators_a_claim_says_nothing_of_admission() -> None:
    row = row_of("claim", {"id": "C1", "diagnoses": ["I10", "E11.9"]})
    assert not {"principal_diagnosis_poa", "other_diagnoses_poa", "admitting_diagnosis"} & row.keys()


def test_an_alert_keeps_its_words_and_its_codes() -> None:
    document = {"id": "D1", "reason_for_service": "DD", "professional_service": "M0", "result_of_service": "1G"}
    row = row_of("dur_alert", document | {"clinical_significance": "2"})
    assert (row["alert_type"], row["outcome"]) == ("DD", "1G")
    assert row["reason_for_service_code"] == "DD"
    assert row["professional_service_code"] == "M0"
    assert row["result_of_service_code"] == "1G"
    assert row["clinical_significance_code"] == "2"


def test_codes_that_another_standard_writes_as_objects_are_no_fault() -> None:
    """A resource of FHIR that was saved as it is has the same keys, and objects under them."""
    coded = {"coding": [{"code": "active"}]}
    documents = {
        "diagnosis": {"clinicalStatus": coded, "verificationStatus": coded, "category": [coded]},
        "encounter": {"reasonCode": [coded]},
        "lab_result": {"specimen": {"reference": "Specimen/1"}},
        "immunization": {"performer": [{"actor": {"reference": "Practitioner/1"}}]},
        "allergy": {"verificationStatus": coded},
    }
    for entity_type, document in documents.items():
        assert row_of(entity_type, {"id": "X1", **document}) == {f"{entity_type}_id": "X1"}


def test_organisations_have_phones_and_plans_a_payer() -> None:
    assert row_of("facility", {"id": "F1", "contact": {"phone": "608-555-0143"}})["phone"] == "608-555-0143"
    assert row_of("pharmacy", {"id": "P1", "pharmacy_phone": "608-555-0144"})["phone"] == "608-555-0144"
    payer = {"name": "Lakeshore", "payer_id": "87726", "phone": "608-555-0150", "address": {"city": "Madison"}}
    row = row_of("plan", {"id": "PLN1", "payer": payer})
    assert (row["payer_name"], row["payer_id"], row["payer_phone"], row["payer_city"]) == (
        "Lakeshore",
        "87726",
        "608-555-0150",
        "Madison",
    )
