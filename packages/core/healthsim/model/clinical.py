"""Clinical entity types: what happens to a patient."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar

from healthsim.model.core import DemographicColumns, SsnColumn, text_only
from healthsim.model.entity import Embed, Entity, column
from healthsim.model.measured import Amount, amount_of, unit_of
from healthsim.model.types import Date, Flag, Instant, Integer, Json, Text, Word, coded

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


class DoseColumns(Entity):
    """How much of a drug is taken at a time."""

    dose_quantity: Amount = column(
        "The number of the dose.",
        aliases="dose_value dose_amount",
        convert={"dose": amount_of, "dosage": amount_of},
        example=500.0,
    )
    dose_unit: Word = column(
        "The unit of the dose.",
        aliases="dose_units",
        convert={"dose_quantity": unit_of, "dose": unit_of, "dosage": unit_of},
        system="UCUM",
        example="mg",
    )


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
    smoking_status: Word = column(
        "Whether the patient smokes or smoked, in words.",
        aliases="tobacco_status tobacco_use_status social_history.smoking_status social_history.tobacco_use",
        example="Never smoked tobacco",
    )
    smoking_status_code: Word = column(
        "Whether the patient smokes or smoked.",
        aliases="tobacco_status_code social_history.smoking_status_code",
        system="SNOMED CT",
        example="266919005",
    )
    smoking_status_date: Date = column("When that was last asked.", aliases="social_history.smoking_status_date")

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
    type_code: Word = column(
        "Kind of visit, as a code.", aliases="encounter_type_code", system="SNOMED CT, CPT", example="185347001"
    )
    type_code_system: Word = column(
        "Code system of the kind.", aliases="encounter_type_code_system", example="SNOMED CT"
    )
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
    reason_code: Word = column("Why the patient came, as a code.", system="ICD-10-CM", example="E11.9")
    reason_code_system: Word = column("Code system of the reason.", example="ICD-10-CM")
    chief_complaint: Text = column("The complaint in the patient's words.")
    admitting_diagnosis: Text = column(
        "Diagnosis at admission.", aliases="admitting_diagnosis_code", system="ICD-10-CM"
    )
    admission_type_code: Word = column(
        "How urgent the admission was: 1 emergency, 2 urgent, 3 elective, 4 newborn, 5 trauma.",
        aliases="admission_type_priority",
        system="NUBC FL 14",
        example="1",
    )
    admission_source_code: Word = column(
        "Where the patient came from.",
        aliases="admit_source_code point_of_origin_code",
        system="NUBC FL 15",
        example="1",
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
    category: Word = column(
        "encounter-diagnosis, problem-list-item, health-concern.",
        aliases="condition_category",
        system="FHIR condition-category",
        example="encounter-diagnosis",
    )
    on_problem_list: Flag = column(
        "Whether the condition stands on the patient's problem list.", aliases="is_on_problem_list"
    )
    clinical_status: Word = column(
        "active, recurrence, relapse, inactive, remission, resolved.",
        aliases="status condition_status",
        system="FHIR condition-clinical",
        example="active",
    )
    verification_status: Word = column(
        "unconfirmed, provisional, differential, confirmed, refuted, entered-in-error.",
        system="FHIR condition-ver-status",
        example="confirmed",
    )


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
    status: Word = column(
        "preparation, in-progress, not-done, completed, stopped, entered-in-error.",
        aliases="procedure_status",
        system="FHIR event-status",
        example="completed",
    )


class Medication(DoseColumns, VisitColumns):
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
    indication_code: Word = column(
        "Why it is taken, as a code.", aliases="indication_icd10 reason_code", system="ICD-10-CM", example="E11.9"
    )
