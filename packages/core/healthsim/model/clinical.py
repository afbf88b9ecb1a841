"""Clinical entity types: what happens to a patient."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar

from healthsim.model.core import DemographicColumns, SsnColumn, text_only
from healthsim.model.entity import Embed, Entity, column
from healthsim.model.types import Date, Instant, Integer, Json, Number, Text, coded

ENCOUNTER_CLASS_WORDS = {
    "i": "inpatient",
    "imp": "inpatient",
    "acute": "inpatient",
    "nonac": "inpatient",
    "ip": "inpatient",
    "hospitalization": "inpatient",
    "inpatient_admission": "inpatient",
    "o": "outpatient",
    "amb": "outpatient",
    "ambulatory": "outpatient",
    "op": "outpatient",
    "office": "outpatient",
    "office_visit": "outpatient",
    "clinic": "outpatient",
    "wellness": "outpatient",
    "specialist": "outpatient",
    "u": "outpatient",
    "urgent_care": "outpatient",
    "urgentcare": "outpatient",
    "ss": "outpatient",
    "preventive": "outpatient",
    "telephone": "virtual",
    "e": "emergency",
    "emer": "emergency",
    "ed": "emergency",
    "er": "emergency",
    "ed_visit": "emergency",
    "er_visit": "emergency",
    "emergency_room": "emergency",
    "emergency_department": "emergency",
    "obs": "observation",
    "obsenc": "observation",
    "v": "virtual",
    "vr": "virtual",
    "telehealth": "virtual",
    "telemedicine": "virtual",
    "h": "home",
    "hh": "home",
    "home_health": "home",
    "fld": "home",
}
EncounterClass = Annotated[str | None, coded(ENCOUNTER_CLASS_WORDS)]


def class_of_visit(value: Any) -> str | None:
    """The encounter class that a kind of visit implies, where it implies one."""
    words = re.sub(r"[^a-z]+", "_", value.lower()).strip("_") if isinstance(value, str) else ""
    codes = set(ENCOUNTER_CLASS_WORDS.values())
    return words if words in codes else ENCOUNTER_CLASS_WORDS.get(words)


_NUMBER = re.compile(r"\s*[<>]?=?\s*(-?\d+(?:\.\d+)?)\s*")
_RANGE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(?:-|\u2013|to)\s*(-?\d+(?:\.\d+)?)\s*")


def number_in(value: Any) -> Any:
    """The number that a laboratory value holds (``7.2``, ``"<0.5"``), or None for words (``Positive``)."""
    if isinstance(value, str):
        match = _NUMBER.fullmatch(value)
        return match and match.group(1)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def low_end(value: Any) -> Any:
    """The lower limit of a range in words, ``"8.5-10.5"``."""
    match = _RANGE.fullmatch(value) if isinstance(value, str) else None
    return match and match.group(1)


def high_end(value: Any) -> Any:
    """The upper limit of a range in words, ``"8.5-10.5"``."""
    match = _RANGE.fullmatch(value) if isinstance(value, str) else None
    return match and match.group(2)


def celsius(value: Any) -> Any:
    """A body temperature in degrees Celsius, from a number or ``{value, unit}``; no human is warmer than 45 C."""
    unit = ""
    if isinstance(value, dict):
        unit = str(value.get("unit") or value.get("units") or "")
        value = value.get("value")
    if value is None or isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        degrees = float(value)
    except ValueError:
        return value
    if unit.upper().strip("°[] ").startswith("F") or "DEGF" in unit.upper() or (not unit and degrees > 45):
        return round((degrees - 32) * 5 / 9, 2)
    return degrees


class PatientColumn(Entity):
    """The patient that a record is about."""

    patient_id: Text = column("The patient.", aliases="patient_mrn mrn", references="patient", example="PAT-001")


class VisitColumns(Entity):
    """The patient that a record is about, and the encounter in which it was made."""

    patient_id: Text = column(
        "The patient.", aliases="patient_mrn mrn", references="patient", implied_by="encounter_id", example="PAT-001"
    )
    encounter_id: Text = column("The encounter.", references="encounter", example="ENC-001")


class Patient(DemographicColumns, SsnColumn):
    """A person as a care provider knows them."""

    family: ClassVar[str] = "clinical"
    natural_keys: ClassVar[tuple[str, ...]] = ("mrn",)

    patient_id: Text = column("Identifier of the patient.", aliases="id", example="PAT-001")
    person_id: Text = column("The person.", references="person")
    mrn: Text = column("Medical record number.", aliases="medical_record_number", example="MRN000123")
    primary_care_provider_id: Text = column(
        "The provider who coordinates the patient's care.",
        aliases="primary_care_provider.npi pcp_npi pcp_provider_id",
        convert={"primary_care_provider": text_only},
        references="provider",
    )

    embeds: ClassVar[tuple[Embed, ...]] = (
        Embed("encounter", ("encounters", "visits")),
        Embed("diagnosis", ("diagnoses", "conditions", "problems")),
        Embed("procedure", ("procedures",)),
        Embed("medication", ("medications",)),
        Embed("lab_result", ("lab_results", "labs")),
        Embed("vital_sign", ("vital_signs", "vitals")),
        Embed("allergy", ("allergies",)),
        Embed("immunization", ("immunizations", "vaccinations")),
        Embed("order", ("orders",)),
        Embed("clinical_note", ("clinical_notes",)),
        Embed("claim", ("claims",)),
        Embed("prescription", ("prescriptions",)),
        Embed("provider", ("primary_care_provider",), sets="primary_care_provider_id"),
    )


class Encounter(PatientColumn):
    """A meeting of a patient with the health system: a visit, a stay, a call."""

    family: ClassVar[str] = "clinical"
    dated_by: ClassVar[str | None] = "start_datetime"

    encounter_id: Text = column("Identifier of the encounter.", aliases="id visit_id", example="ENC-001")
    facility_id: Text = column(
        "Where it took place.", aliases="facility_npi", convert={"facility": text_only}, references="facility"
    )
    encounter_class: EncounterClass = column(
        "Setting of the care.",
        aliases="class_code class",
        convert={"encounter_type": class_of_visit},
        system="HL7 ActEncounterCode, in words",
        example="outpatient",
    )
    encounter_type: Text = column("Kind of visit.", aliases="visit_type type", example="office visit")
    status: Text = column("planned, in-progress, finished, cancelled.", aliases="encounter_status", example="finished")
    start_datetime: Instant = column(
        "Begin, or admission.",
        aliases="admission_time admit_datetime admission_datetime admission_date start_time start service_date"
        " encounter_date",
    )
    end_datetime: Instant = column(
        "End, or discharge.", aliases="discharge_time discharge_datetime discharge_date end_time end"
    )
    reason_for_visit: Text = column("Why the patient came.", aliases="reason visit_reason")
    chief_complaint: Text = column("The complaint in the patient's words.")
    admitting_diagnosis: Text = column(
        "Diagnosis at admission.", aliases="admitting_diagnosis_code", system="ICD-10-CM"
    )
    discharge_disposition_code: Text = column("Where the patient went, as a code.", system="NUBC", example="01")
    discharge_disposition: Text = column("Where the patient went.", aliases="discharge_disposition_desc")
    drg_code: Text = column("Diagnosis related group of an inpatient stay.", aliases="drg ms_drg", system="MS-DRG")
    attending_provider_id: Text = column(
        "The provider in charge.",
        aliases="attending_physician attending_provider attending_npi provider_id",
        references="provider",
    )
    admitting_provider_id: Text = column(
        "The provider who admitted.", aliases="admitting_physician admitting_provider", references="provider"
    )
    department: Text = column("Department or unit.")
    room: Text = column("Room.")
    bed: Text = column("Bed.")

    embeds: ClassVar[tuple[Embed, ...]] = (
        Embed("diagnosis", ("diagnoses",)),
        Embed("procedure", ("procedures",)),
        Embed("medication", ("medications",)),
        Embed("lab_result", ("lab_results", "labs")),
        Embed("vital_sign", ("vital_signs", "vitals")),
        Embed("order", ("orders",)),
        Embed("immunization", ("immunizations",)),
        Embed("clinical_note", ("clinical_notes", "notes")),
        Embed("facility", ("facility",), sets="facility_id"),
        Embed("provider", ("provider", "attending_provider"), sets="attending_provider_id"),
    )


class Diagnosis(VisitColumns):
    """A condition that was found in a patient."""

    family: ClassVar[str] = "clinical"
    dated_by: ClassVar[str | None] = "diagnosed_date"

    diagnosis_id: Text = column("Identifier of the diagnosis.", aliases="id")
    code: Text = column(
        "The condition.", aliases="diagnosis_code icd10_code icd_code", system="ICD-10-CM", example="E11.9"
    )
    code_system: Text = column("Code system of the code.", aliases="coding_system", example="ICD-10-CM")
    description: Text = column("The condition in words.", aliases="diagnosis_description display")
    diagnosis_type: Text = column(
        "admitting, principal, secondary, working or final.", aliases="type", example="principal"
    )
    sequence_number: Integer = column("Rank within the encounter, from 1.", aliases="sequence rank")
    present_on_admission: Text = column("Y, N, U, W or 1.", aliases="poa poa_indicator", system="NUBC")
    diagnosed_date: Date = column("When it was found.", aliases="diagnosis_date recorded_date")
    onset_date: Date = column("When it began.", aliases="onset")
    resolved_date: Date = column("When it ended.", aliases="abatement_date")


class Procedure(VisitColumns):
    """Something done to or for a patient."""

    family: ClassVar[str] = "clinical"
    dated_by: ClassVar[str | None] = "performed_datetime"

    procedure_id: Text = column("Identifier of the procedure.", aliases="id")
    code: Text = column(
        "What was done.", aliases="procedure_code cpt_code cpt hcpcs_code", system="CPT, HCPCS, ICD-10-PCS"
    )
    code_system: Text = column("Code system of the code.", aliases="coding_system", example="CPT")
    description: Text = column("What was done, in words.", aliases="procedure_description display")
    modifiers: Json = column("Modifiers of the code, a list.", aliases="procedure_modifiers modifier")
    performed_datetime: Instant = column(
        "When it was done.", aliases="performed_date performed_time performed_at procedure_date service_date"
    )
    performing_provider_id: Text = column(
        "Who did it.", aliases="performed_by performing_provider performer provider_id", references="provider"
    )


class Medication(VisitColumns):
    """A drug that a patient takes, was given or was ordered."""

    family: ClassVar[str] = "clinical"
    dated_by: ClassVar[str | None] = "start_date"

    medication_id: Text = column("Identifier of the medication record.", aliases="id")
    name: Text = column("The drug in words.", aliases="medication_name drug_name", example="metformin 500 mg tablet")
    code: Text = column("The drug.", aliases="rxnorm_code rxnorm medication_code", system="RxNorm", example="861007")
    code_system: Text = column("Code system of the code.", aliases="coding_system", example="RxNorm")
    ndc: Text = column("National Drug Code, eleven digits.", aliases="ndc_code", system="NDC")
    dose: Text = column("Dose with its unit.", aliases="dosage", example="500 mg")
    route: Text = column("Route of administration.", example="oral")
    frequency: Text = column("How often.", example="BID")
    start_date: Date = column("First day.", aliases="start_datetime start")
    end_date: Date = column("Last day.", aliases="end_datetime end stop_date")
    status: Text = column("active, completed, stopped ...", aliases="medication_status", example="active")
    prescriber_provider_id: Text = column(
        "Who prescribed it.",
        aliases="prescriber prescriber_npi prescriber_id prescribing_provider prescribing_provider_id",
        references="provider",
    )
    indication: Text = column("Why it is taken.", aliases="reason")


class LabResult(VisitColumns):
    """One measured value of a laboratory test."""

    family: ClassVar[str] = "clinical"
    dated_by: ClassVar[str | None] = "collected_datetime"

    lab_result_id: Text = column("Identifier of the result.", aliases="id")
    test_name: Text = column("The test in words.", aliases="name test component display", example="Hemoglobin A1c")
    loinc_code: Text = column("The test.", aliases="loinc test_code code", system="LOINC", example="4548-4")
    value: Text = column("The value as reported.", aliases="result_value result", example="7.2")
    value_numeric: Number = column(
        "The value as a number, where it is one.", convert={"value": number_in, "result_value": number_in}
    )
    unit: Text = column("Unit of the value.", aliases="units", system="UCUM", example="%")
    reference_low: Number = column("Lower limit of normal.", convert={"reference_range": low_end})
    reference_high: Number = column("Upper limit of normal.", convert={"reference_range": high_end})
    reference_range: Text = column("Range of normal as reported.", aliases="normal_range", example="4.0-5.6")
    abnormal_flag: Text = column("H, L, HH, LL, A, N.", aliases="flag interpretation", system="HL7 0078")
    collected_datetime: Instant = column(
        "When the specimen was taken.", aliases="collected_time collected_at collection_datetime collected_date"
    )
    resulted_datetime: Instant = column(
        "When the result was reported.", aliases="resulted_time resulted_at result_datetime result_date"
    )
    performing_lab: Text = column("The laboratory.", aliases="lab_name laboratory")
    ordering_provider_id: Text = column("Who ordered it.", aliases="ordering_provider", references="provider")


class VitalSign(VisitColumns):
    """One set of vital signs, taken together."""

    family: ClassVar[str] = "clinical"
    dated_by: ClassVar[str | None] = "observation_datetime"

    vital_sign_id: Text = column("Identifier of the set.", aliases="id")
    observation_datetime: Instant = column(
        "When they were taken.", aliases="observation_time observed_at recorded_at taken_at datetime timestamp"
    )
    temperature_c: Number = column(
        "Body temperature.",
        aliases="",
        convert={"temperature": celsius, "temp": celsius, "temperature_f": celsius},
        unit="Cel",
        example=36.8,
    )
    heart_rate: Integer = column("Heart rate.", aliases="pulse hr", unit="/min")
    respiratory_rate: Integer = column("Respiratory rate.", aliases="rr respirations", unit="/min")
    systolic_bp: Integer = column(
        "Systolic blood pressure.", aliases="bp_systolic systolic blood_pressure.systolic", unit="mm[Hg]"
    )
    diastolic_bp: Integer = column(
        "Diastolic blood pressure.", aliases="bp_diastolic diastolic blood_pressure.diastolic", unit="mm[Hg]"
    )
    spo2: Integer = column("Oxygen saturation.", aliases="oxygen_saturation o2_sat", unit="%")
    height_cm: Number = column("Body height.", aliases="height.value", unit="cm")
    weight_kg: Number = column("Body weight.", aliases="weight.value", unit="kg")
    bmi: Number = column("Body mass index.", aliases="body_mass_index", unit="kg/m2")


class Allergy(PatientColumn):
    """An allergy or intolerance of a patient."""

    family: ClassVar[str] = "clinical"

    allergy_id: Text = column("Identifier of the allergy.", aliases="id")
    substance: Text = column("What it is to.", aliases="allergen name description", example="Penicillin")
    code: Text = column("What it is to, as a code.", aliases="substance_code")
    code_system: Text = column("Code system of the code.", aliases="coding_system")
    category: Text = column("food, medication, environment, biologic.", aliases="type allergy_type")
    reaction: Text = column("What happens.", aliases="reactions.0")
    severity: Text = column("mild, moderate, severe.")
    criticality: Text = column("low, high, unable-to-assess.", system="FHIR")
    status: Text = column("active, inactive, resolved.", aliases="clinical_status")
    onset_date: Date = column("When it began.", aliases="onset recorded_date")


class Immunization(VisitColumns):
    """A vaccine that was given."""

    family: ClassVar[str] = "clinical"
    dated_by: ClassVar[str | None] = "administered_date"

    immunization_id: Text = column("Identifier of the immunization.", aliases="id")
    cvx_code: Text = column("The vaccine.", aliases="vaccine_code code", system="CVX", example="140")
    description: Text = column("The vaccine in words.", aliases="vaccine_name vaccine name")
    administered_date: Date = column("When it was given.", aliases="administration_date date administered_datetime")
    dose_number: Integer = column("Number of the dose in its series, from 1.", aliases="dose_sequence")
    lot_number: Text = column("Lot of the vaccine.", aliases="lot")
    site: Text = column("Where on the body.", example="left deltoid")
    route: Text = column("Route of administration.", example="IM")


class Order(VisitColumns):
    """A request for a test, a drug, a procedure or a referral."""

    family: ClassVar[str] = "clinical"

    order_id: Text = column("Identifier of the order.", aliases="id")
    order_type: Text = column("lab, imaging, medication, referral ...", aliases="type", example="lab")
    code: Text = column("What was ordered.", aliases="order_code")
    code_system: Text = column("Code system of the code.", aliases="coding_system")
    description: Text = column("What was ordered, in words.", aliases="order_description name display")
    priority: Text = column("routine, urgent, stat.", example="routine")
    status: Text = column("active, completed, cancelled.", aliases="order_status")
    ordered_datetime: Instant = column(
        "When it was ordered.", aliases="ordered_at order_datetime order_date ordered_time"
    )
    scheduled_datetime: Instant = column("When it is to be done.", aliases="scheduled_at scheduled_date scheduled_time")
    ordering_provider_id: Text = column(
        "Who ordered it.", aliases="ordering_provider ordered_by", references="provider"
    )
    clinical_indication: Text = column("Why it was ordered.", aliases="indication reason")


class ClinicalNote(VisitColumns):
    """A text that a clinician wrote."""

    family: ClassVar[str] = "clinical"

    clinical_note_id: Text = column("Identifier of the note.", aliases="id note_id")
    note_type: Text = column(
        "progress, discharge summary, history and physical ...", aliases="type", example="progress"
    )
    note_datetime: Instant = column("When it was written.", aliases="note_time note_date authored_at created_at date")
    author: Text = column("Who wrote it.", aliases="author_name provider")
    content: Text = column("The text.", aliases="text note_text body")
