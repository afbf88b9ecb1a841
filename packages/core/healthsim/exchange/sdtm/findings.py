"""The domains of what was found in subjects, and of what they had and took besides the trial: LB, VS, CM, MH."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from healthsim.db.sql import literal
from healthsim.exchange.sdtm import terminology as ct
from healthsim.exchange.sdtm.variables import (
    Domain,
    Supplement,
    Variable,
    epoch,
    identifiers,
    sequence,
    sponsor_id,
    study_day,
)


class LabTest(NamedTuple):
    """How CDISC names what a LOINC code measures."""

    loinc: str
    testcd: str
    test: str
    category: str


@cache
def lab_tests() -> tuple[LabTest, ...]:
    """The laboratory tests that have a name of CDISC's here."""
    text = files("healthsim.exchange.sdtm").joinpath("lab_tests.csv").read_text(encoding="utf-8")
    return tuple(LabTest(**row) for row in csv.DictReader(text.splitlines()))


class Vital(NamedTuple):
    """A vital sign: the column, how CDISC names it, its unit, and other units that it is read from."""

    column: str
    testcd: str
    test: str
    unit: str
    others: dict[str, Callable[[float], float]]


VITALS = (
    Vital("temperature_c", "TEMP", "Temperature", "C", {"F": lambda value: round((value - 32) * 5 / 9, 2)}),
    Vital("heart_rate", "PULSE", "Pulse Rate", "beats/min", {"BEATS/MINUTE": float, "/MIN": float}),
    Vital("respiratory_rate", "RESP", "Respiratory Rate", "breaths/min", {"/MIN": float}),
    Vital("systolic_bp", "SYSBP", "Systolic Blood Pressure", "mmHg", {"MM[HG]": float}),
    Vital("diastolic_bp", "DIABP", "Diastolic Blood Pressure", "mmHg", {"MM[HG]": float}),
    Vital("spo2", "OXYSAT", "Oxygen Saturation", "%", {}),
    Vital("height_cm", "HEIGHT", "Height", "cm", {"IN": lambda value: round(value * 2.54, 1), "M": lambda v: v * 100}),
    Vital("weight_kg", "WEIGHT", "Weight", "kg", {"LB": lambda value: round(value * 0.45359237, 2)}),
    Vital("bmi", "BMI", "Body Mass Index", "kg/m2", {}),
)


def _values(rows: list[tuple[str, ...]]) -> str:
    return "VALUES " + ", ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in rows)


def _text_of(number: str) -> str:
    """A number as text, without a fraction that is none."""
    return f"CASE WHEN {number} = trunc({number}) THEN CAST(CAST({number} AS BIGINT) AS VARCHAR) ELSE CAST({number} AS VARCHAR) END"


def patient_id() -> Variable:
    """The subject as a patient, whose record it is."""
    return Variable("USUBJID", "Unique Subject Identifier", "s.unique_id", "patient_id", core="Req", origin="Derived")


def _of_patients(domain: str) -> tuple[Variable, ...]:
    return *identifiers(domain)[:2], patient_id()


LB = Domain(
    "LB",
    "Laboratory Test Results",
    "FINDINGS",
    "One record per lab test per time point per subject",
    ("STUDYID", "USUBJID", "LBTESTCD", "LBDTC"),
    (
        *_of_patients("LB"),
        sequence("LB", "a.number"),
        sponsor_id("LB", "a.lab_result_id", "lab_result_id"),
        Variable(
            "LBTESTCD",
            "Lab Test or Examination Short Name",
            "a.testcd",
            core="Req",
            origin="Assigned",
        ),
        Variable("LBTEST", "Lab Test or Examination Name", "a.test", "test_name", core="Req", origin="Assigned"),
        Variable("LBCAT", "Category for Lab Test", "a.category", core="Exp", origin="Assigned"),
        Variable("LBORRES", "Result or Finding in Original Units", "a.value", "value", core="Exp"),
        Variable("LBORRESU", "Original Units", "a.unit", "unit", core="Exp"),
        Variable(
            "LBORNRLO",
            "Reference Range Lower Limit in Orig Unit",
            _text_of("a.reference_low"),
            "reference_low",
            core="Exp",
        ),
        Variable(
            "LBORNRHI",
            "Reference Range Upper Limit in Orig Unit",
            _text_of("a.reference_high"),
            "reference_high",
            core="Exp",
        ),
        Variable("LBSTRESC", "Character Result/Finding in Std Format", "a.value", core="Exp", origin="Derived"),
        Variable(
            "LBSTRESN",
            "Numeric Result/Finding in Standard Units",
            "a.value_numeric",
            "value_numeric",
            "float",
            "Exp",
            origin="Derived",
        ),
        Variable("LBSTRESU", "Standard Units", "a.unit", core="Exp", origin="Derived"),
        Variable(
            "LBSTNRLO",
            "Reference Range Lower Limit-Std Units",
            "a.reference_low",
            kind="float",
            core="Exp",
            origin="Derived",
        ),
        Variable(
            "LBSTNRHI",
            "Reference Range Upper Limit-Std Units",
            "a.reference_high",
            kind="float",
            core="Exp",
            origin="Derived",
        ),
        Variable(
            "LBNRIND",
            "Reference Range Indicator",
            "a.abnormal_flag",
            "abnormal_flag",
            core="Exp",
            codelist=ct.INDICATOR,
            words=ct.INDICATOR_WORDS,
        ),
        Variable("LBNAM", "Vendor Name", "a.performing_lab", "performing_lab"),
        Variable("LBLOINC", "LOINC Code", "a.loinc_code", "loinc_code", origin="Assigned"),
        Variable(
            "LBSPEC", "Specimen Type", "a.specimen_type", "specimen_type", codelist=ct.SPECIMEN, words=ct.SPECIMEN_WORDS
        ),
        Variable("EPOCH", "Epoch", epoch("a.collected_datetime"), codelist=ct.EPOCH, origin="Derived"),
        Variable(
            "LBDTC", "Date/Time of Specimen Collection", "a.collected_datetime", "collected_datetime", "datetime", "Exp"
        ),
        Variable(
            "LBDY",
            "Study Day of Specimen Collection",
            study_day("a.collected_datetime"),
            kind="integer",
            origin="Derived",
        ),
    ),
    into="lab_result",
    number="LBSEQ",
    supplements=(
        Supplement(
            "LBTESTOR", "Test Name as Reported", "CASE WHEN a.test_name <> a.test THEN a.test_name END", "test_name"
        ),
        Supplement(
            "LBFLAGOR",
            "Flag as Reported",
            "CASE WHEN a.abnormal_flag NOT IN ('N', 'H', 'L', 'A') THEN a.abnormal_flag END",
            "abnormal_flag",
        ),
        Supplement("LBRANGE", "Reference Range as Reported", "a.reference_range", "reference_range"),
        Supplement(
            "LBRESDTC",
            "Date/Time of Report",
            "strftime(a.resulted_datetime, '%Y-%m-%dT%H:%M:%S')",
            "resulted_datetime",
        ),
        Supplement("LBSPCID", "Specimen Identifier", "a.specimen_id", "specimen_id", "Assigned"),
        Supplement("LBSPCCD", "Specimen Code (SNOMED CT)", "a.specimen_code", "specimen_code", "Assigned"),
    ),
    carries=("lab_results",),
    names={"tests": _values([tuple(test) for test in lab_tests()])},
)

VS = Domain(
    "VS",
    "Vital Signs",
    "FINDINGS",
    "One record per vital sign measurement per time point per subject",
    ("STUDYID", "USUBJID", "VSTESTCD", "VSDTC"),
    (
        *_of_patients("VS"),
        sequence("VS", "a.number"),
        sponsor_id("VS", "a.vital_sign_id", "vital_sign_id"),
        Variable("VSTESTCD", "Vital Signs Test Short Name", "a.testcd", core="Req", origin="Assigned"),
        Variable("VSTEST", "Vital Signs Test Name", "a.test", core="Req", origin="Assigned"),
        Variable("VSORRES", "Result or Finding in Original Units", _text_of("a.value"), core="Exp"),
        Variable("VSORRESU", "Original Units", "a.unit", core="Exp"),
        Variable(
            "VSSTRESC", "Character Result/Finding in Std Format", _text_of("a.value"), core="Exp", origin="Derived"
        ),
        Variable(
            "VSSTRESN",
            "Numeric Result/Finding in Standard Units",
            "a.value",
            kind="float",
            core="Exp",
            origin="Derived",
        ),
        Variable("VSSTRESU", "Standard Units", "a.unit", core="Exp", origin="Derived"),
        Variable("EPOCH", "Epoch", epoch("a.observation_datetime"), codelist=ct.EPOCH, origin="Derived"),
        Variable(
            "VSDTC", "Date/Time of Measurements", "a.observation_datetime", "observation_datetime", "datetime", "Exp"
        ),
        Variable(
            "VSDY", "Study Day of Vital Signs", study_day("a.observation_datetime"), kind="integer", origin="Derived"
        ),
    ),
    into="vital_sign",
    number="VSSEQ",
    carries=("vital_signs",),
    said_by={f"vital_sign.{vital.column}": "VSSTRESN" for vital in VITALS},
    names={
        "tests": _values([(vital.column, vital.testcd, vital.test, vital.unit) for vital in VITALS]),
        "measures": ", ".join(vital.column for vital in VITALS),
        "numbers": ", ".join(f"CAST({vital.column} AS DOUBLE) AS {vital.column}" for vital in VITALS),
    },
)

CM = Domain(
    "CM",
    "Concomitant/Prior Medications",
    "INTERVENTIONS",
    "One record per recorded intervention occurrence per subject",
    ("STUDYID", "USUBJID", "CMTRT", "CMSTDTC"),
    (
        *_of_patients("CM"),
        sequence("CM", "a.number"),
        sponsor_id("CM", "a.medication_id", "medication_id"),
        Variable("CMTRT", "Reported Name of Drug, Med, or Therapy", "a.name", "name", core="Req"),
        Variable("CMDECOD", "Standardized Medication Name", "upper(a.name)", origin="Assigned"),
        Variable("CMINDC", "Indication", "a.indication", "indication"),
        Variable("CMDOSE", "Dose per Administration", "a.dose_quantity", "dose_quantity", "float"),
        Variable("CMDOSTXT", "Dose Description", "CASE WHEN a.dose_quantity IS NULL THEN a.dose END", "dose"),
        Variable("CMDOSU", "Dose Units", "a.dose_unit", "dose_unit"),
        Variable(
            "CMDOSFRQ",
            "Dosing Frequency per Interval",
            "a.frequency",
            "frequency",
            codelist=ct.FREQUENCY,
            words=ct.FREQUENCY_WORDS,
        ),
        Variable("CMROUTE", "Route of Administration", "a.route", "route", codelist=ct.ROUTE, words=ct.ROUTE_WORDS),
        Variable("EPOCH", "Epoch", epoch("a.start_date"), codelist=ct.EPOCH, origin="Derived"),
        Variable("CMSTDTC", "Start Date/Time of Medication", "a.start_date", "start_date", "date"),
        Variable("CMENDTC", "End Date/Time of Medication", "a.end_date", "end_date", "date"),
        Variable(
            "CMSTDY", "Study Day of Start of Medication", study_day("a.start_date"), kind="integer", origin="Derived"
        ),
        Variable("CMENDY", "Study Day of End of Medication", study_day("a.end_date"), kind="integer", origin="Derived"),
    ),
    into="medication",
    number="CMSEQ",
    supplements=(
        Supplement("CMDOSOR", "Dose as Written", "a.dose", "dose"),
        Supplement("CMRXNORM", "RxNorm Code", "CASE WHEN a.code_system = 'RxNorm' THEN a.code END", "code", "Assigned"),
        Supplement("CMNDC", "National Drug Code", "a.ndc", "ndc", "Assigned"),
        Supplement("CMSTATUS", "Status of the Medication", "a.status", "status"),
        Supplement("CMINDCCD", "Indication Code (ICD-10-CM)", "a.indication_code", "indication_code", "Assigned"),
    ),
    carries=("medications",),
)

MH = Domain(
    "MH",
    "Medical History",
    "EVENTS",
    "One record per medical history event per subject",
    ("STUDYID", "USUBJID", "MHTERM"),
    (
        *_of_patients("MH"),
        sequence("MH", "a.number"),
        sponsor_id("MH", "a.diagnosis_id", "diagnosis_id"),
        Variable(
            "MHTERM",
            "Reported Term for the Medical History",
            "coalesce(a.description, a.code)",
            "description",
            core="Req",
        ),
        Variable("MHDECOD", "Dictionary-Derived Term", "a.description", origin="Assigned"),
        Variable("MHCAT", "Category for Medical History", "'GENERAL MEDICAL HISTORY'", origin="Assigned"),
        Variable("MHDTC", "Date/Time of History Collection", "a.diagnosed_date", "diagnosed_date", "date"),
        Variable("MHSTDTC", "Start Date/Time of Medical History Event", "a.onset_date", "onset_date", "date"),
        Variable("MHENDTC", "End Date/Time of Medical History Event", "a.resolved_date", "resolved_date", "date"),
        Variable(
            "MHDY", "Study Day of History Collection", study_day("a.diagnosed_date"), kind="integer", origin="Derived"
        ),
    ),
    into="diagnosis",
    number="MHSEQ",
    supplements=(
        Supplement("MHCODE", "Code of the Condition", "a.code", "code", "Assigned"),
        Supplement("MHCODSYS", "Code System of the Condition", "a.code_system", "code_system", "Assigned"),
        Supplement("MHTYPE", "Type of the Diagnosis", "a.diagnosis_type", "diagnosis_type"),
        Supplement("MHSTATUS", "Clinical Status", "a.clinical_status", "clinical_status"),
    ),
    carries=("diagnoses",),
)


def vital_of(record: dict[str, Any]) -> tuple[str, float] | None:
    """(column, value) of a record of VS in the column's unit; None for another test, unit, or no number."""
    known = next((vital for vital in VITALS if vital.testcd == str(record.get("VSTESTCD", "")).upper()), None)
    for number, unit in (
        (record.get("VSSTRESN"), record.get("VSSTRESU")),
        (record.get("VSORRES"), record.get("VSORRESU")),
    ):
        try:
            value = float(number) if number not in (None, "") else None
        except (TypeError, ValueError):
            value = None
        if known is None or value is None:
            continue
        spelled = str(unit or "").strip().upper()
        if spelled in (known.unit.upper(), ""):
            return known.column, value
        if spelled in known.others:
            return known.column, known.others[spelled](value)
    return None
