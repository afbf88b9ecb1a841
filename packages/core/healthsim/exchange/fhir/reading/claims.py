"""Claims and explanations of benefit: what was billed and what became of it, as rows of claims and their lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from healthsim.exchange.fhir.reading.paths import (
    Document,
    Unit,
    at,
    coding_of,
    codings,
    day_of,
    extended,
    has_code,
    listed,
    one,
    reference_id,
    type_of_reference,
    word,
)
from healthsim.exchange.fhir.systems import CLAIM_TYPES, ICD10CM

Derived = tuple[str, dict[str, Any]]

_TYPES = {value: name for name, (value, _) in CLAIM_TYPES.items()}
#: totals and adjudications by their code -> columns of a claim and of a line
_TOTALS = {
    "submitted": ("total_charge", "charge_amount"),
    "eligible": ("total_allowed", "allowed_amount"),
    "benefit": ("total_paid", "paid_amount"),
    "memberliability": ("member_responsibility", "member_responsibility"),
    "deductible": ("", "deductible_amount"),
    "copay": ("", "copay_amount"),
    "coinsurance": ("", "coinsurance_amount"),
}
#: what Synthea calls them
_SYNTHEA = {
    "https://bluebutton.cms.gov/resources/variables/line_sbmtd_chrg_amt": "submitted",
    "https://bluebutton.cms.gov/resources/variables/line_alowd_chrg_amt": "eligible",
    "https://bluebutton.cms.gov/resources/variables/line_nch_pmt_amt": "benefit",
    "https://bluebutton.cms.gov/resources/variables/line_coinsrnc_amt": "coinsurance",
    "https://bluebutton.cms.gov/resources/variables/line_bene_ptb_ddctbl_amt": "deductible",
}
#: kinds of supporting information -> column, and the member that has it
_SUPPORTING = {
    "typeofbill": ("bill_type", "code"),
    "drg": ("drg_code", "code"),
    "clmrecvddate": ("received_date", "timingDate"),
    "authorization": ("authorization_number", "valueString"),
    "admtype": ("admission_type_code", "code"),
    "pointoforigin": ("admission_source_code", "code"),
    "discharge-status": ("discharge_status_code", "code"),
    "admitting-diagnosis": ("admitting_diagnosis", "code"),
}


def claim_rows(unit: Unit) -> tuple[dict[str, Any], list[Derived]]:
    """The row of a Claim, and its lines."""
    document = unit.document
    row = _billed(unit)
    row["total_charge"] = at(document, ["total", "value"])
    row |= extended(document, ["claim"]).get("claim", {})
    return row, [("claim_line", line) for line in _lines(unit, unit.id)]


def explanation_rows(unit: Unit) -> list[Derived]:
    """The rows that an explanation of benefit says something of: its claim, and that claim's lines."""
    document = unit.document
    claim = reference_id(document.get("claim"), unit)
    own: Document = next((item for item in listed(document.get("identifier")) if has_code(item.get("type"), "uc")), {})
    claim_id = claim or word(own.get("value")) or unit.id
    row = _billed(unit) | {"claim_id": claim_id, "status": _status(unit)}
    _totals(unit, row)
    payment = document.get("payment")
    if isinstance(payment, dict):
        row["paid_date"] = day_of(payment.get("date"), unit)
        row.setdefault("total_paid", at(payment, ["amount", "value"]))
    # the day of an explanation of ours is that of the decision; others have none that is sure
    row["adjudicated_date"] = day_of(document.get("created"), unit)
    for item in listed(document.get("adjudication")):
        if reason := coding_of(item.get("reason")):
            row["denial_reason_code"] = word(reason.get("code"))
    lines = list(_lines(unit, claim_id))
    return [("claim", row), *(("claim_line", line) for line in lines)]


def _status(unit: Unit) -> str | None:
    """Whether it was paid: an outcome that is complete, unless the payment says otherwise."""
    document = unit.document
    if document.get("status") == "cancelled":
        return "reversed"
    outcome = document.get("outcome")
    kind = at(document, ["payment", "type"])
    told = str(document.get("disposition") or "").lower()
    if outcome == "error" or has_code(kind, "denied") or told == "denied":
        return "denied"
    if document.get("status") == "active" and outcome in ("complete", None):
        return "paid"
    return "pended" if outcome in ("queued", "partial") or document.get("status") == "draft" else None


def _totals(unit: Unit, row: dict[str, Any]) -> None:
    for item in listed(unit.document.get("total")):
        for coding in codings(item.get("category")):
            column = _TOTALS.get(str(coding.get("code")), ("", ""))[0]
            if column:
                row[column] = at(item, ["amount", "value"])


def _billed(unit: Unit) -> dict[str, Any]:
    """What a claim and its explanation have in common."""
    document = unit.document
    provider, facility = document.get("provider"), document.get("facility")
    is_organization = type_of_reference(provider, unit) == "Organization"
    row: dict[str, Any] = {
        "patient_id": reference_id(document.get("patient"), unit),
        "claim_type": _kind(document),
        "service_date": day_of(at(document, ["billablePeriod", "start"]), unit),
        "service_end_date": day_of(at(document, ["billablePeriod", "end"]), unit),
        "facility_id": reference_id(facility, unit),
        "member_id": _coverage(unit),
        "secondary_member_id": _second_coverage(unit),
        "encounter_id": reference_id(one(at(document, ["item", "encounter"])), unit),
    }
    row["billing_facility_id" if is_organization else "billing_provider_id"] = reference_id(provider, unit)
    team = listed(document.get("careTeam"))
    chosen = next((person for person in team if has_code(person.get("role"), "primary")), team[0] if team else {})
    row["rendering_provider_id"] = reference_id(chosen.get("provider"), unit)
    _diagnoses(unit, row)
    _supporting(unit, row)
    return row


def _coverage(unit: Unit) -> str | None:
    """The coverage that it is billed to; of explanations that contain it, the number in it."""
    insurance = listed(unit.document.get("insurance"))
    focal = next((item for item in insurance if item.get("focal")), insurance[0] if insurance else {})
    return (
        reference_id(focal.get("coverage"), unit)
        if type_of_reference(focal.get("coverage"), unit) or "coverage" in focal
        else None
    )


def _second_coverage(unit: Unit) -> str | None:
    """The next coverage after that which it is billed to, where the order is told."""
    insurance = listed(unit.document.get("insurance"))
    if not insurance or not insurance[0].get("focal"):
        return None
    second: Document = next((item for item in insurance[1:] if item.get("focal") is False), {})
    return reference_id(second.get("coverage"), unit)


def _kind(document: Document) -> str | None:
    for coding in codings(document.get("type")):
        if (found := _TYPES.get(str(coding.get("code")))) is not None:
            return found
    return None


def _diagnoses(unit: Unit, row: dict[str, Any]) -> None:
    found: list[tuple[bool, str, str | None]] = []
    for item in sorted(listed(unit.document.get("diagnosis")), key=_sequence):
        coding = coding_of(item.get("diagnosisCodeableConcept"), ICD10CM)
        code = word(coding.get("code")) if coding else None
        if code is None and "diagnosisReference" in item:
            code = unit.names.get(("Condition", reference_id(item["diagnosisReference"], unit) or ""))
        if code is None:
            if "diagnosisReference" in item:
                unit.reading.oddity("a claim names a condition that is not in its file; the row has no code of it")
            continue
        present = coding_of(item.get("onAdmission"))
        found.append((has_code(item.get("type"), "principal"), code, word(present.get("code")) if present else None))
    if not found:
        return
    principal = next((number for number, item in enumerate(found) if item[0]), 0)
    _, row["principal_diagnosis"], row["principal_diagnosis_poa"] = found.pop(principal)
    row["other_diagnoses"] = [code for _, code, _ in found] or None
    row["other_diagnoses_poa"] = [poa for _, _, poa in found] if any(poa for _, _, poa in found) else None


def _sequence(item: Document) -> int:
    number = item.get("sequence")
    return number if isinstance(number, int) else 1_000_000


def _supporting(unit: Unit, row: dict[str, Any]) -> None:
    for item in listed(unit.document.get("supportingInfo")):
        for coding in codings(item.get("category")):
            kind = str(coding.get("code"))
            if kind == "admissionperiod":
                row["admission_date"] = day_of(at(item, ["timingPeriod", "start"]), unit)
                row["discharge_date"] = day_of(at(item, ["timingPeriod", "end"]), unit)
            elif kind in _SUPPORTING:
                column, member = _SUPPORTING[kind]
                value = item.get(member)
                if member == "code":
                    value = (coding_of(value) or {}).get("code")
                row[column] = value


def _lines(unit: Unit, claim_id: str) -> Iterator[dict[str, Any]]:
    for number, item in enumerate(listed(unit.document.get("item")), start=1):
        coded = coding_of(item.get("productOrService")) or {}
        is_none = str(coded.get("system") or "").endswith("/data-absent-reason")
        is_drug = str(coded.get("system") or "").endswith("/ndc")
        line: dict[str, Any] = {
            "claim_line_id": f"{claim_id}/{item.get('sequence') or number}",
            "claim_id": claim_id,
            "line_number": item.get("sequence") or number,
            "service_date": day_of(item.get("servicedDate") or at(item, ["servicedPeriod", "start"]), unit),
            "procedure_code": None if is_none or is_drug else word(coded.get("code")),
            "ndc": word(coded.get("code")) if is_drug else None,
            "revenue_code": word((coding_of(item.get("revenue")) or {}).get("code")),
            "place_of_service": word((coding_of(item.get("locationCodeableConcept")) or {}).get("code")),
            "diagnosis_pointers": item.get("diagnosisSequence"),
            "procedure_modifiers": [
                coding.get("code") for part in item.get("modifier") or () for coding in codings(part)
            ]
            or None,
            "units": at(item, ["quantity", "value"]),
            "charge_amount": at(item, ["net", "value"]),
        }
        _adjudicated(item, line)
        line |= extended(item, ["claim_line"]).get("claim_line", {})
        yield line


def _adjudicated(item: Document, line: dict[str, Any]) -> None:
    for part in listed(item.get("adjudication")):
        for coding in codings(part.get("category")):
            kind = str(coding.get("code"))
            kind = _SYNTHEA.get(kind, kind)
            if kind in _TOTALS:
                line[_TOTALS[kind][1]] = at(part, ["amount", "value"])
            elif kind in ("adjustmentreason", "denialreason"):
                line["adjustment_reason_code"] = word((coding_of(part.get("reason")) or {}).get("code"))
