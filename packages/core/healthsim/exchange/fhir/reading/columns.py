"""Which column is read from where, by type of resource: from these declarations rows are made, and the page about reading."""

from __future__ import annotations

from collections.abc import Mapping

from healthsim.exchange.fhir.reading.drugs import DISPENSE, MEDICATION
from healthsim.exchange.fhir.reading.paths import (
    Read,
    Typed,
    Unit,
    at,
    attached,
    code,
    coding_of,
    day,
    has_code,
    identifier,
    listed,
    moment,
    one,
    ref,
    reference_id,
    spelled,
    system,
    text,
    type_of_reference,
    word,
    words,
    words_of,
)
from healthsim.exchange.fhir.systems import (
    ADMISSION_SOURCE,
    ADMISSION_TYPE,
    CCN,
    CVX,
    DEA,
    DISPOSITION,
    ENCOUNTER_CLASSES,
    GENDERS,
    ICD10CM,
    LOINC,
    NCPDP,
    NPI,
    NUCC,
    OWN,
    RELATIONSHIPS,
    RXNORM,
    SNOMED,
    SSN,
    TAX,
    US_CORE,
)


def _given(number: int) -> Read:
    def take(unit: Unit) -> str | None:
        names = at(unit.document, ["name"])
        given = names.get("given") if isinstance(names := one(unit.document.get("name")), dict) else None
        items = given if isinstance(given, list) else [given]
        if number == 0:
            return word(items[0]) if items else None
        return " ".join(str(item) for item in items[1:] if item) or None

    return Read("name.given", take)


def _telecom(kind: str) -> Read:
    def take(unit: Unit) -> str | None:
        for item in listed(unit.document.get("telecom")):
            if item.get("system") == kind:
                return word(item.get("value"))
        return None

    return Read(f"telecom ({kind})", take)


def _line(number: int) -> Read:
    def take(unit: Unit) -> str | None:
        lines = at(unit.document, ["address", "line"])
        items = lines if isinstance(lines, list) else [lines]
        if number == 0:
            return word(items[0]) if items else None
        return ", ".join(str(item) for item in items[1:] if item) or None

    return Read("address.line", take)


_ADDRESS = {
    "address_line1": _line(0),
    "address_line2": _line(1),
    "city": text("address.city"),
    "county": text("address.district"),
    "state": text("address.state"),
    "postal_code": text("address.postalCode"),
    "country": text("address.country"),
}


def _us_core(name: str) -> Read:
    """Race or ethnicity: the words of the extension, else what its categories are called."""

    def take(unit: Unit) -> str | None:
        for extension in listed(unit.document.get("extension")):
            if extension.get("url") != US_CORE + name:
                continue
            inner = listed(extension.get("extension"))
            for item in inner:
                if item.get("url") == "text" and word(item.get("valueString")):
                    return str(item["valueString"])
            shown = [words_of(item.get("valueCoding")) for item in inner if item.get("url") == "ombCategory"]
            return ", ".join(text for text in shown if text) or None
        return None

    return Read(f"extension {name}", take)


def _deceased(unit: Unit) -> bool | None:
    told = unit.document.get("deceasedBoolean")
    return True if unit.document.get("deceasedDateTime") else (told if isinstance(told, bool) else None)


PATIENT = Typed(
    "patient",
    {
        "mrn": identifier("identifier MR", OWN + "mrn", kind="MR"),
        "ssn": identifier("identifier SS", SSN, kind="SS"),
        "person_id": identifier("identifier PI", OWN + "person_id"),
        "family_name": text("name.family"),
        "given_name": _given(0),
        "middle_name": _given(1),
        "prefix": text("name.prefix"),
        "suffix": text("name.suffix"),
        "birth_date": day("birthDate"),
        "gender": spelled(text("gender"), {name: word_.upper() for word_, name in GENDERS.items()}),
        "race": _us_core("us-core-race"),
        "ethnicity": _us_core("us-core-ethnicity"),
        "language": code("communication.language"),
        "phone": _telecom("phone"),
        "email": _telecom("email"),
        "deceased": Read("deceasedBoolean, deceasedDateTime", _deceased),
        "death_date": day("deceasedDateTime"),
        "primary_care_provider_id": ref("generalPractitioner"),
        **_ADDRESS,
    },
)
PROVIDER = Typed(
    "provider",
    {
        "npi": identifier("identifier NPI", NPI),
        "dea_number": identifier("identifier DEA", DEA),
        "tax_id": identifier("identifier tax", TAX),
        "name": text("name.text"),
        "family_name": text("name.family"),
        "given_name": text("name.given"),
        "credential": text("name.suffix"),
        "specialty": words("qualification.code"),
        "taxonomy_code": code("qualification.code", NUCC, ""),
        "phone": _telecom("phone"),
        **_ADDRESS,
    },
)
FACILITY = Typed(
    "facility",
    {
        "npi": identifier("identifier NPI", NPI),
        "ccn": identifier("identifier CCN", CCN),
        "tax_id": identifier("identifier tax", TAX),
        "name": text("name"),
        "facility_type": words("type"),
        "phone": _telecom("phone"),
        **_ADDRESS,
    },
)
PHARMACY = Typed(
    "pharmacy",
    {
        "npi": identifier("identifier NPI", NPI),
        "ncpdp_id": identifier("identifier NCPDP", NCPDP),
        "name": text("name"),
        "phone": _telecom("phone"),
        **_ADDRESS,
    },
)
PROVIDER_ORGANIZATION = Typed(
    "provider",
    {
        "npi": identifier("identifier NPI", NPI),
        "tax_id": identifier("identifier tax", TAX),
        "organization_name": text("name"),
        "phone": _telecom("phone"),
        "entity_type_code": Read("(an organisation)", lambda unit: "2"),
        **_ADDRESS,
    },
)

_CLASSES = {value: name for name, (value, _) in ENCOUNTER_CLASSES.items()}


def _class(unit: Unit) -> str | None:
    value = one(unit.document.get("class"))
    coding = coding_of(value)
    found = word(coding.get("code")) if coding else None
    return _CLASSES.get(found, found) if found else words_of(value)


def _participant(kind: str, *, first: bool) -> Read:
    def take(unit: Unit) -> str | None:
        people = listed(unit.document.get("participant"))
        for person in people:
            if has_code(person.get("type"), kind):
                return reference_id(person.get("individual"), unit)
        known = ("ADM", "ATND")
        others = [person for person in people if not any(has_code(person.get("type"), other) for other in known)]
        return reference_id(others[0].get("individual"), unit) if first and others else None

    return Read(f"participant {kind}.individual", take)


ENCOUNTER = Typed(
    "encounter",
    {
        "patient_id": ref("subject"),
        "facility_id": ref("serviceProvider", "location.location"),
        "encounter_class": Read("class.code", _class),
        "encounter_type": words("type"),
        "type_code": code("type"),
        "type_code_system": system("type"),
        "status": text("status"),
        "start_datetime": moment("period.start"),
        "end_datetime": moment("period.end"),
        "reason_for_visit": words("reasonCode"),
        "reason_code": code("reasonCode"),
        "reason_code_system": system("reasonCode"),
        "admission_type_code": code("priority", ADMISSION_TYPE, ""),
        "admission_source_code": code("hospitalization.admitSource", ADMISSION_SOURCE, ""),
        "discharge_disposition_code": code("hospitalization.dischargeDisposition", DISPOSITION, ""),
        "discharge_disposition": words("hospitalization.dischargeDisposition"),
        "attending_provider_id": _participant("ATND", first=True),
        "admitting_provider_id": _participant("ADM", first=False),
    },
)

#: of several codings of a condition the first of these systems is its code
_CONDITION_SYSTEMS = (ICD10CM, "http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-9-cm", SNOMED)


DIAGNOSIS = Typed(
    "diagnosis",
    {
        "patient_id": ref("subject"),
        "encounter_id": ref("encounter", "context"),
        "code": code("code", *_CONDITION_SYSTEMS),
        "code_system": system("code", *_CONDITION_SYSTEMS),
        "description": words("code"),
        "category": code("category"),
        "clinical_status": code("clinicalStatus"),
        "verification_status": code("verificationStatus"),
        "onset_date": day("onsetDateTime", "onsetPeriod.start"),
        "resolved_date": day("abatementDateTime", "abatementPeriod.end"),
        "diagnosed_date": day("recordedDate", "assertedDate"),
    },
)
PROCEDURE = Typed(
    "procedure",
    {
        "patient_id": ref("subject"),
        "encounter_id": ref("encounter", "context"),
        "code": code("code"),
        "code_system": system("code"),
        "description": words("code"),
        "status": text("status"),
        "performed_datetime": moment("performedDateTime", "performedPeriod.start", "performedPeriod.end"),
        "performing_provider_id": ref("performer.actor"),
    },
)
ALLERGY = Typed(
    "allergy",
    {
        "patient_id": ref("patient", "subject"),
        "substance": words("code", "reaction.substance"),
        "code": code("code", RXNORM, SNOMED),
        "code_system": system("code", RXNORM, SNOMED),
        "category": text("category"),
        "criticality": text("criticality"),
        "reaction": words("reaction.manifestation"),
        "severity": text("reaction.severity"),
        "status": code("clinicalStatus"),
        "verification_status": code("verificationStatus"),
        "onset_date": day("onsetDateTime", "onsetPeriod.start", "recordedDate"),
    },
)
IMMUNIZATION = Typed(
    "immunization",
    {
        "patient_id": ref("patient", "subject"),
        "encounter_id": ref("encounter"),
        "cvx_code": code("vaccineCode", CVX),
        "description": words("vaccineCode"),
        "status": text("status"),
        "administered_date": day("occurrenceDateTime", "date"),
        "dose_number": text("protocolApplied.doseNumberPositiveInt"),
        "lot_number": text("lotNumber"),
        "site": words("site"),
        "route": words("route"),
        "performing_provider_id": ref("performer.actor"),
    },
)
ORDER = Typed(
    "order",
    {
        "patient_id": ref("subject"),
        "encounter_id": ref("encounter", "context"),
        "order_type": words("category"),
        "code": code("code"),
        "code_system": system("code"),
        "description": words("code"),
        "priority": text("priority"),
        "status": text("status"),
        "ordered_datetime": moment("authoredOn"),
        "ordering_provider_id": ref("requester"),
        "clinical_indication": words("reasonCode"),
        "reason_code": code("reasonCode"),
        "reason_code_system": system("reasonCode"),
    },
)


def _author(unit: Unit) -> str | None:
    author = one(unit.document.get("author"))
    if not isinstance(author, dict):
        return None
    return reference_id(author, unit) or word(author.get("display"))


NOTE = Typed(
    "clinical_note",
    {
        "patient_id": ref("subject"),
        "encounter_id": ref("context.encounter"),
        "note_type": words("type"),
        "loinc_code": code("type", LOINC, ""),
        "note_datetime": moment("date", "context.period.start"),
        "author": Read("author", _author),
        "content": attached("content.attachment"),
    },
)


def _class_value(kind: str, member: str) -> Read:
    def take(unit: Unit) -> str | None:
        for item in listed(unit.document.get("class")):
            if has_code(item.get("type"), kind):
                return word(item.get(member))
        return None

    return Read(f"class {kind}.{member}", take)


def _payer(unit: Unit) -> str | None:
    payor = one(unit.document.get("payor"))
    if not isinstance(payor, dict):
        return None
    found = reference_id(payor, unit)
    return word(payor.get("display")) or unit.names.get((type_of_reference(payor, unit) or "Organization", found or ""))


MEMBER = Typed(
    "member",
    {
        "patient_id": ref("beneficiary"),
        "member_number": identifier("identifier MB", OWN + "member_number", kind="MB"),
        "subscriber_id": text("subscriberId"),
        "relationship_code": spelled(
            code("relationship"), {name: value for value, (name, _) in reversed(list(RELATIONSHIPS.items()))}
        ),
        "group_id": _class_value("group", "value"),
        "plan_code": _class_value("plan", "value"),
        "payer_name": Read("payor", _payer),
        "coverage_start": day("period.start"),
        "coverage_end": day("period.end"),
        "coverage_status": text("status"),
        "coverage_order": text("order"),
    },
)

TYPED: Mapping[str, Typed] = {
    "Patient": PATIENT,
    "Practitioner": PROVIDER,
    "Encounter": ENCOUNTER,
    "Condition": DIAGNOSIS,
    "Procedure": PROCEDURE,
    "AllergyIntolerance": ALLERGY,
    "Immunization": IMMUNIZATION,
    "ServiceRequest": ORDER,
    "DocumentReference": NOTE,
    "MedicationRequest": MEDICATION,
    "MedicationStatement": MEDICATION,
    "MedicationDispense": DISPENSE,
    "Coverage": MEMBER,
}
