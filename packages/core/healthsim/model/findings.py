"""Clinical entity types: what is found in a patient, asked for, given against, and written down."""

from __future__ import annotations

from typing import ClassVar

from healthsim.model.clinical import PatientColumn, VisitColumns
from healthsim.model.core import text_only
from healthsim.model.entity import column
from healthsim.model.measured import celsius, high_end, low_end, number_in
from healthsim.model.types import Date, Instant, Integer, Number, Text, Word


class LabResult(VisitColumns):
    """One measured value of a laboratory test."""

    family: ClassVar[str] = "clinical"
    dated_by: ClassVar[str | None] = "collected_datetime"

    lab_result_id: Text = column("Identifier of the result.", aliases="id")
    test_name: Text = column("The test in words.", aliases="name test component display", example="Hemoglobin A1c")
    loinc_code: Text = column("The test.", aliases="loinc test_code code", system="LOINC", example="4548-4")
    code_system: Word = column(
        "Code system of the code, where it is none of LOINC.", aliases="coding_system", example="LOINC"
    )
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
    order_id: Word = column("The order that it answers.", references="order", example="ORD-001")
    loinc_name: Word = column(
        "The test, by the official name of its LOINC code.",
        aliases="loinc_long_common_name",
        system="LOINC long common name",
        example="Hemoglobin A1c/Hemoglobin.total in Blood",
    )
    specimen_id: Word = column(
        "Identifier of the specimen.", aliases="accession_number specimen_number", example="SPC-001"
    )
    specimen_type: Word = column(
        "What was taken, in words.",
        aliases="specimen_source sample_type specimen.type",
        convert={"specimen": text_only},
        example="Blood specimen",
    )
    specimen_code: Word = column("What was taken.", aliases="specimen.code", system="SNOMED CT", example="119297000")
    status: Word = column(
        "registered, preliminary, final, amended, corrected, cancelled.",
        aliases="result_status",
        system="FHIR observation-status",
        example="final",
    )


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
    verification_status: Word = column(
        "unconfirmed, presumed, confirmed, refuted, entered-in-error.",
        system="FHIR allergyintolerance-verification",
        example="confirmed",
    )


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
    status: Word = column(
        "completed, not-done, entered-in-error.",
        aliases="immunization_status",
        system="FHIR event-status",
        example="completed",
    )
    performing_provider_id: Word = column(
        "Who gave it.",
        aliases="administered_by administering_provider performer provider_id",
        convert={"provider": text_only},
        references="provider",
    )


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
    reason_code: Word = column(
        "Why it was ordered, as a code.", aliases="indication_code", system="ICD-10-CM", example="E11.9"
    )
    reason_code_system: Word = column("Code system of the reason.", example="ICD-10-CM")


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
    loinc_code: Word = column(
        "Kind of note, as a code.", aliases="type_code document_type_code loinc", system="LOINC", example="18842-5"
    )
