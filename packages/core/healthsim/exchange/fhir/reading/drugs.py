"""Which column of drugs is read from where: of medications, prescriptions and dispenses."""

from __future__ import annotations

from typing import Any

from healthsim.exchange.fhir.reading.paths import (
    Read,
    Typed,
    Unit,
    at,
    code,
    coding_of,
    day,
    decimal_text,
    identifier,
    ref,
    reference_id,
    system_name,
    text,
    word,
    words,
    words_of,
)
from healthsim.exchange.fhir.systems import (
    ICD10CM,
    NDC,
    OWN,
    RXNORM,
    SNOMED,
)


def _drug(unit: Unit) -> Any:
    """The concept of a drug: its own, or that of the Medication that it refers to."""
    concept = unit.document.get("medicationCodeableConcept")
    if concept is not None:
        return concept
    reference = unit.document.get("medicationReference")
    found = reference_id(reference, unit)
    named = unit.names.get(("Medication", found or ""))
    if named is None and isinstance(reference, dict):
        unit.reading.oddity(
            "a drug by a reference that leads to no Medication before it in the file; the row has its words"
        )
        return {"text": reference.get("display")}
    return named


def _of_drug(kind: str, *systems: str) -> Read:
    def take(unit: Unit) -> str | None:
        if kind == "name":
            return words_of(_drug(unit))
        coding = coding_of(_drug(unit), *systems)
        return system_name(coding) if kind == "system" else word(coding.get("code")) if coding else None

    return Read(f"medicationCodeableConcept ({kind})", take)


def _dose_number(unit: Unit) -> str | None:
    value = at(unit.document, ["dosageInstruction", "doseAndRate", "doseQuantity", "value"])
    return decimal_text(value, unit, "doseQuantity")


def _dose_words(unit: Unit) -> str | None:
    number, measured = (
        _dose_number(unit),
        at(unit.document, ["dosageInstruction", "doseAndRate", "doseQuantity", "unit"]),
    )
    return " ".join(part for part in (number, word(measured)) if part) or None


MEDICATION = Typed(
    "medication",
    {
        "patient_id": ref("subject"),
        "encounter_id": ref("encounter", "context"),
        "name": _of_drug("name"),
        "code": _of_drug("code", RXNORM, SNOMED),
        "code_system": _of_drug("system", RXNORM, SNOMED),
        "ndc": _of_drug("ndc", NDC, ""),
        "dose": Read("dosageInstruction.doseAndRate.doseQuantity", _dose_words),
        "dose_quantity": Read("dosageInstruction.doseAndRate.doseQuantity.value", _dose_number),
        "dose_unit": text("dosageInstruction.doseAndRate.doseQuantity.unit"),
        "route": words("dosageInstruction.route"),
        "frequency": words("dosageInstruction.timing.code"),
        "start_date": day(
            "authoredOn",
            "dosageInstruction.timing.repeat.boundsPeriod.start",
            "effectivePeriod.start",
            "effectiveDateTime",
        ),
        "end_date": day("dosageInstruction.timing.repeat.boundsPeriod.end", "effectivePeriod.end"),
        "status": text("status"),
        "prescriber_provider_id": ref("requester", "informationSource"),
        "indication": words("reasonCode"),
        "indication_code": code("reasonCode", ICD10CM),
    },
)


def _number(path: str) -> Read:
    parts = path.split(".")
    return Read(
        path, lambda unit: decimal_text(at(unit.document, parts), unit, parts[-2] if len(parts) > 1 else parts[-1])
    )


#: a request that a pharmacy gets: what it says of the prescription
PRESCRIPTION = Typed(
    "prescription",
    {
        "prescription_id": identifier("identifier", OWN + "prescription_id"),
        "prescription_number": identifier("identifier", OWN + "prescription_number"),
        "patient_id": ref("subject"),
        "rxnorm_code": _of_drug("code", RXNORM, ""),
        "ndc": _of_drug("ndc", NDC, ""),
        "drug_name": _of_drug("name"),
        "written_date": day("authoredOn"),
        "expiration_date": day("dispenseRequest.validityPeriod.end"),
        "refills_authorized": text("dispenseRequest.numberOfRepeatsAllowed"),
        "quantity_prescribed": _number("dispenseRequest.quantity.value"),
        "days_supply": _number("dispenseRequest.expectedSupplyDuration.value"),
        "prescriber_provider_id": ref("requester"),
        "directions": text("dosageInstruction.text"),
        "dose_quantity": Read("dosageInstruction.doseAndRate.doseQuantity.value", _dose_number),
        "dose_unit": text("dosageInstruction.doseAndRate.doseQuantity.unit"),
        "route": words("dosageInstruction.route"),
        "frequency": words("dosageInstruction.timing.code"),
    },
)
DISPENSE = Typed(
    "pharmacy_claim",
    {
        "prescription_id": ref("authorizingPrescription"),
        "pharmacy_id": ref("performer.actor"),
        "ndc": _of_drug("ndc", NDC, ""),
        "drug_name": _of_drug("name"),
        "quantity_dispensed": _number("quantity.value"),
        "days_supply": _number("daysSupply.value"),
        "service_date": day("whenHandedOver", "whenPrepared"),
    },
)
