"""Which events a patient has in MEDS, where each comes from, and what each is read back into.

A code says its vocabulary, then the code, then what is particular: ``LOINC/4548-4//%``, ``ENCOUNTER//inpatient//START``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from healthsim.db.sql import literal

#: how codes name vocabularies -> the name in the model
VOCABULARIES = {
    "ICD10CM": "ICD-10-CM",
    "SNOMED": "SNOMED CT",
    "CPT": "CPT",
    "HCPCS": "HCPCS",
    "ICD10PCS": "ICD-10-PCS",
    "RXNORM": "RxNorm",
    "LOINC": "LOINC",
    "CVX": "CVX",
    "NDC": "NDC",
}
#: vital signs: column -> (LOINC code, unit of UCUM)
VITALS = {
    "temperature_c": ("8310-5", "Cel"),
    "heart_rate": ("8867-4", "/min"),
    "respiratory_rate": ("9279-1", "/min"),
    "systolic_bp": ("8480-6", "mm[Hg]"),
    "diastolic_bp": ("8462-4", "mm[Hg]"),
    "spo2": ("59408-5", "%"),
    "height_cm": ("8302-2", "cm"),
    "weight_kg": ("29463-7", "kg"),
    "bmi": ("39156-5", "kg/m2"),
}


@dataclass(frozen=True)
class Event:
    """One kind of event.

    Attributes:
        name: what it is called on the page. table: the canonical table. key: its id. code: SQL of the code.
        time: SQL of the instant; empty where the event has none. number, text: SQL of its values.
        description: SQL of what the code means. where: which rows have it.
        into: the columns that an import reads: from ``code`` (its part), ``system``, ``time``, ``number``, ``text``.
        begins: what codes of the kind begin with, and ends: what they end with.
    """

    name: str
    table: str
    key: str
    code: str
    time: str = ""
    number: str = ""
    text: str = ""
    description: str = ""
    where: str = "TRUE"
    into: Mapping[str, str] = field(default_factory=dict)
    entity_type: str = ""
    begins: str = ""
    ends: str = ""

    @property
    def has_encounter(self) -> bool:
        """Whether its table says at which encounter it was."""
        return self.table not in ("patients", "allergies", "encounters", "prescriptions_filled")

    def sql(self) -> str:
        """The SELECT of its rows."""
        encounter = "t.encounter_id" if self.has_encounter or self.table == "encounters" else "NULL"
        return (
            f"SELECT t.patient_id, CAST({self.time or 'NULL'} AS TIMESTAMP) AS time, {self.code} AS code,"
            f" CAST({self.number or 'NULL'} AS FLOAT) AS numeric_value, CAST({self.text or 'NULL'} AS VARCHAR) AS text_value,"
            f" {encounter} AS encounter_id, t.{self.key} AS entity_id, {self.description or 'NULL'} AS description"
            f"\nFROM {self.table} AS t\nWHERE {self.where}"
        )


def _vocabulary(system: str, default: str) -> str:
    whens = " ".join(f"WHEN {literal(name)} THEN {literal(code)}" for code, name in VOCABULARIES.items())
    return f"CASE coalesce({system}, {literal(default)}) {whens} ELSE upper(replace({system}, ' ', '_')) END"


_UNIT = "coalesce('//' || t.unit, '')"
_PATIENT = {"table": "patients", "key": "patient_id", "entity_type": "patient"}

EVENTS: tuple[Event, ...] = (
    Event(
        "id of the patient",
        code="'PATIENT_ID'",
        text="t.patient_id",
        begins="PATIENT_ID",
        into={"text": "patient_id"},
        **_PATIENT,
    ),
    Event(
        "medical record number",
        code="'MRN'",
        text="t.mrn",
        where="t.mrn IS NOT NULL",
        begins="MRN",
        into={"text": "mrn"},
        **_PATIENT,
    ),
    Event(
        "gender",
        code="'GENDER//' || t.gender",
        where="t.gender IS NOT NULL",
        begins="GENDER//",
        into={"code": "gender"},
        **_PATIENT,
    ),
    Event(
        "race",
        code="'RACE//' || t.race",
        where="t.race IS NOT NULL",
        begins="RACE//",
        into={"code": "race"},
        **_PATIENT,
    ),
    Event(
        "ethnicity",
        code="'ETHNICITY//' || t.ethnicity",
        where="t.ethnicity IS NOT NULL",
        begins="ETHNICITY//",
        into={"code": "ethnicity"},
        **_PATIENT,
    ),
    Event(
        "birth",
        code="'MEDS_BIRTH'",
        time="t.birth_date",
        where="t.birth_date IS NOT NULL",
        begins="MEDS_BIRTH",
        into={"time": "birth_date"},
        **_PATIENT,
    ),
    Event(
        "death",
        code="'MEDS_DEATH'",
        time="t.death_date",
        where="t.death_date IS NOT NULL",
        begins="MEDS_DEATH",
        into={"time": "death_date"},
        **_PATIENT,
    ),
    Event(
        "smoking status",
        code="'SNOMED/' || t.smoking_status_code || '//SMOKING_STATUS'",
        time="t.smoking_status_date",
        text="t.smoking_status",
        where="t.smoking_status_code IS NOT NULL",
        begins="SNOMED/",
        ends="//SMOKING_STATUS",
        into={"code": "smoking_status_code", "text": "smoking_status", "time": "smoking_status_date"},
        **_PATIENT,
    ),
    Event(
        "begin of an encounter",
        "encounters",
        "encounter_id",
        "'ENCOUNTER//' || coalesce(t.encounter_class, 'unknown') || '//START'",
        "t.start_datetime",
        text="t.encounter_type",
        where="t.start_datetime IS NOT NULL",
        entity_type="encounter",
        begins="ENCOUNTER//",
        ends="//START",
        into={"code": "encounter_class", "time": "start_datetime", "text": "encounter_type"},
    ),
    Event(
        "end of an encounter",
        "encounters",
        "encounter_id",
        "'ENCOUNTER//' || coalesce(t.encounter_class, 'unknown') || '//END'",
        "t.end_datetime",
        text="t.discharge_disposition_code",
        where="t.end_datetime IS NOT NULL",
        entity_type="encounter",
        begins="ENCOUNTER//",
        ends="//END",
        into={"time": "end_datetime", "text": "discharge_disposition_code"},
    ),
    Event(
        "diagnosis-related group",
        "encounters",
        "encounter_id",
        "'DRG//' || t.drg_code",
        "coalesce(t.end_datetime, t.start_datetime)",
        where="t.drg_code IS NOT NULL",
        entity_type="encounter",
        begins="DRG//",
        into={"code": "drg_code"},
    ),
    Event(
        "diagnosis",
        "diagnoses",
        "diagnosis_id",
        f"{_vocabulary('t.code_system', 'ICD-10-CM')} || '/' || t.code",
        "t.diagnosed_date",
        text="t.diagnosis_type",
        description="t.description",
        where="t.code IS NOT NULL",
        entity_type="diagnosis",
        begins="ICD10CM/",
        into={"code": "code", "system": "code_system", "time": "diagnosed_date", "text": "diagnosis_type"},
    ),
    Event(
        "procedure",
        "procedures",
        "procedure_id",
        f"{_vocabulary('t.code_system', 'CPT')} || '/' || t.code",
        "t.performed_datetime",
        description="CASE WHEN coalesce(t.code_system, 'CPT') <> 'CPT' THEN t.description END",
        where="t.code IS NOT NULL",
        entity_type="procedure",
        begins="CPT/",
        into={"code": "code", "system": "code_system", "time": "performed_datetime"},
    ),
    Event(
        "begin of a drug",
        "medications",
        "medication_id",
        "'RXNORM/' || t.code || '//START'",
        "t.start_date",
        "t.dose_quantity",
        "t.dose",
        "t.name",
        "t.code IS NOT NULL AND t.start_date IS NOT NULL",
        entity_type="medication",
        begins="RXNORM/",
        ends="//START",
        into={"code": "code", "system": "code_system", "time": "start_date", "number": "dose_quantity", "text": "dose"},
    ),
    Event(
        "end of a drug",
        "medications",
        "medication_id",
        "'RXNORM/' || t.code || '//END'",
        "t.end_date",
        text="t.status",
        where="t.code IS NOT NULL AND t.end_date IS NOT NULL",
        entity_type="medication",
        begins="RXNORM/",
        ends="//END",
        into={"time": "end_date"},
    ),
    Event(
        "laboratory result",
        "lab_results",
        "lab_result_id",
        f"'LOINC/' || t.loinc_code || {_UNIT}",
        "t.collected_datetime",
        "t.value_numeric",
        "t.value",
        "coalesce(t.loinc_name, t.test_name)",
        "t.loinc_code IS NOT NULL",
        entity_type="lab_result",
        begins="LOINC/",
        into={"code": "loinc_code", "unit": "unit", "time": "collected_datetime", "text": "value"},
    ),
    Event(
        "vaccine",
        "immunizations",
        "immunization_id",
        "'CVX/' || t.cvx_code",
        "t.administered_date",
        "t.dose_number",
        "t.lot_number",
        "t.description",
        "t.cvx_code IS NOT NULL",
        entity_type="immunization",
        begins="CVX/",
        into={"code": "cvx_code", "time": "administered_date", "number": "dose_number", "text": "lot_number"},
    ),
    Event(
        "allergy",
        "allergies",
        "allergy_id",
        "'ALLERGY//' || t.substance",
        "t.onset_date",
        text="t.reaction",
        where="t.substance IS NOT NULL",
        entity_type="allergy",
        begins="ALLERGY//",
        into={"code": "substance", "time": "onset_date", "text": "reaction"},
    ),
    *(
        Event(
            f"vital sign {column}",
            "vital_signs",
            "vital_sign_id",
            f"'LOINC/{code}//{unit}'",
            "t.observation_datetime",
            f"t.{column}",
            where=f"t.{column} IS NOT NULL",
            entity_type="vital_sign",
            begins=f"LOINC/{code}//{unit}",
            into={"number": column, "time": "observation_datetime"},
        )
        for column, (code, unit) in VITALS.items()
    ),
)


def columns_carried() -> dict[str, set[str]]:
    """Entity type -> the columns that come back from an export."""
    carried: dict[str, set[str]] = {}
    for event in EVENTS:
        carried.setdefault(event.entity_type, set()).update(event.into.values())
    return carried
