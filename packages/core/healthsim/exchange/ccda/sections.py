"""The sections of a CCD: which rows, in which table of the narrative, and as which entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from healthsim.exchange.ccda import declared as d
from healthsim.exchange.ccda.code_systems import ENCOUNTER_CLASS
from healthsim.exchange.ccda.shapes import Shape, template
from healthsim.exchange.hl7_observations import VITALS

if TYPE_CHECKING:
    from healthsim.exchange.by_patient import Record
    from healthsim.exchange.ccda.writing import Writing

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Section:
    """A section.

    Attributes:
        code, title: LOINC and heading.
        templates: (root, extension).
        table: the table of rows.
        columns: heading -> column of the narrative.
        entry: the shape of the entry of a row.
        rows: the rows of a patient; default: all of the table.
        required: it is there also without any row.
    """

    code: str
    title: str
    templates: tuple[tuple[str, str], ...]
    table: str
    columns: Mapping[str, str]
    entry: Shape
    rows: Callable[[Record, Writing], Sequence[Row]] | None = None
    required: bool = False

    def of(self, record: Record, writing: Writing) -> Sequence[Row]:
        """The rows of a patient that the section has."""
        return self.rows(record, writing) if self.rows is not None else record.of(self.table)


def _allergies(record: Record, writing: Writing) -> list[Row]:
    return [
        {**row, "kind": row["category"] or "other", "concern": row["status"] or "active"}
        for row in record.of("allergies")
    ]


def _medications(record: Record, writing: Writing) -> list[Row]:
    return [{**row, "status_code": row["status"] or "completed"} for row in record.of("medications")]


def _problems(record: Record, writing: Writing) -> list[Row]:
    """The problem list, where it is kept; else every condition once, as it was first found."""
    rows: Sequence[Row] = record.of("diagnoses")
    listed: list[Row] = [row for row in rows if row["on_problem_list"]]
    if not any(row["on_problem_list"] is not None for row in rows):
        first: dict[Any, Row] = {}
        for row in rows:
            first.setdefault((row["code"] or row["description"], row["encounter_id"] is None), row)
        listed = list(first.values())
    elsewhere = {row["encounter_id"] for row in record.of("encounters")}
    known = {row["diagnosis_id"] for row in listed}
    # what belongs to no encounter that is there would be nowhere else
    listed += [row for row in rows if row["encounter_id"] not in elsewhere and row["diagnosis_id"] not in known]
    return [{**row, "concern": row["clinical_status"] or _concern(row)} for row in listed]


def _concern(row: Row) -> str:
    return "resolved" if row["resolved_date"] else "active"


def _procedures(record: Record, writing: Writing) -> list[Row]:
    return [{**row, "status_code": row["status"] or "completed"} for row in record.of("procedures")]


def _results(record: Record, writing: Writing) -> list[Row]:
    rows: list[Row] = []
    for row in record.of("lab_results"):
        shown = {"status_code": row["status"] or "final", "range_unit": row["unit"], "code_system": row["code_system"]}
        rows.append(
            {**row, **shown, "test_name": row["test_name"] or ("Laboratory test" if not row["loinc_code"] else None)}
        )
    return rows


def _vitals(record: Record, writing: Writing) -> list[Row]:
    """One row per vital sign of each set."""
    rows: list[Row] = []
    for row in record.of("vital_signs"):
        for code, (column, name, unit) in VITALS.items():
            if row[column] is not None:
                shown = {"loinc": code, "name": name, "unit": unit, "value": row[column]}
                rows.append({**row, **shown, "vital_id": f"{row['vital_sign_id']}-{code}"})
    return rows


def _smoking(record: Record, writing: Writing) -> list[Row]:
    person = next(iter(record.of("patients")), record.patient)
    if not (person.get("smoking_status") or person.get("smoking_status_code")):
        return []
    return [{**person, "smoking_id": f"{record.patient_id}-smoking"}]


def _immunizations(record: Record, writing: Writing) -> list[Row]:
    return [{**row, "status": row["status"] or "completed"} for row in record.of("immunizations")]


def _encounters(record: Record, writing: Writing) -> list[Row]:
    rows: list[Row] = []
    for row in record.of("encounters"):
        reason = row["reason_code_system"] if row["reason_code"] else None
        class_code = ENCOUNTER_CLASS.write(row["encounter_class"] or "", writing)
        shown = {"class_code": class_code, "reason_code_system": reason, "status_code": row["status"] or "finished"}
        rows.append({**row, **shown})
    return rows


def _members(record: Record, writing: Writing) -> list[Row]:
    """The coverage of a patient, with what is known of its plan."""
    rows: list[Row] = []
    for row in record.of("members"):
        plan = writing.of("plans", row["plan_id"]) or {}
        known = {name: row.get(name) or plan.get(name) for name in ("plan_code", "payer_name")}
        rows.append({**row, **known, "plan_name": plan.get("plan_name")})
    return rows


SECTIONS = (
    Section(
        "48765-2",
        "Allergies and adverse reactions",
        template("22.2.6.1", "2015-08-01"),
        "allergies",
        {
            "Substance": "substance",
            "Reaction": "reaction",
            "Severity": "severity",
            "Since": "onset_date",
            "Status": "status",
        },
        d.ALLERGY,
        _allergies,
        required=True,
    ),
    Section(
        "10160-0",
        "Medications",
        template("22.2.1.1", "2014-06-09"),
        "medications",
        {
            "Drug": "name",
            "Dose": "dose",
            "Route": "route",
            "How often": "frequency",
            "From": "start_date",
            "To": "end_date",
            "Reason": "indication",
            "Status": "status",
        },
        d.MEDICATION,
        _medications,
        required=True,
    ),
    Section(
        "11450-4",
        "Problems",
        template("22.2.5.1", "2015-08-01"),
        "diagnoses",
        {"Condition": "description", "Code": "code", "Since": "onset_date", "Until": "resolved_date"},
        d.PROBLEM,
        _problems,
        required=True,
    ),
    Section(
        "47519-4",
        "Procedures",
        template("22.2.7.1", "2014-06-09"),
        "procedures",
        {"Procedure": "description", "Code": "code", "When": "performed_datetime"},
        d.PROCEDURE,
        _procedures,
        required=True,
    ),
    Section(
        "30954-2",
        "Results",
        template("22.2.3.1", "2015-08-01"),
        "lab_results",
        {
            "Test": "test_name",
            "Value": "value",
            "Unit": "unit",
            "Low": "reference_low",
            "High": "reference_high",
            "Flag": "abnormal_flag",
            "Collected": "collected_datetime",
        },
        d.RESULT,
        _results,
        required=True,
    ),
    Section(
        "8716-3",
        "Vital signs",
        template("22.2.4.1", "2015-08-01"),
        "vital_signs",
        {"Sign": "name", "Value": "value", "Unit": "unit", "When": "observation_datetime"},
        d.VITAL,
        _vitals,
        required=True,
    ),
    Section(
        "11369-6",
        "Immunizations",
        template("22.2.2.1", "2015-08-01"),
        "immunizations",
        {
            "Vaccine": "description",
            "CVX": "cvx_code",
            "When": "administered_date",
            "Dose": "dose_number",
            "Lot": "lot_number",
        },
        d.IMMUNIZATION,
        _immunizations,
    ),
    Section(
        "46240-8",
        "Encounters",
        template("22.2.22.1", "2015-08-01"),
        "encounters",
        {"Encounter": "encounter_type", "From": "start_datetime", "To": "end_datetime", "Reason": "reason_for_visit"},
        d.ENCOUNTER,
        _encounters,
    ),
    Section(
        "29762-2",
        "Social history",
        template("22.2.17", "2015-08-01"),
        "patients",
        {"Smoking": "smoking_status", "Asked": "smoking_status_date"},
        d.SMOKING,
        _smoking,
        required=True,
    ),
    Section(
        "48768-6",
        "Payers",
        template("22.2.18", "2015-08-01"),
        "members",
        {
            "Payer": "payer_name",
            "Plan": "plan_name",
            "Member": "member_number",
            "From": "coverage_start",
            "To": "coverage_end",
        },
        d.PAYER,
        _members,
    ),
    Section(
        "34109-9",
        "Notes",
        template("22.2.65", "2016-11-01"),
        "clinical_notes",
        {"Note": "note_type", "When": "note_datetime", "Text": "content"},
        d.NOTE,
    ),
)

#: the tables that a document is made from, of a patient
CARRIED = ("patients", *dict.fromkeys(section.table for section in SECTIONS if section.table != "patients"))
#: those that are named in documents where a patient's rows refer to them
NAMED = ("providers", "facilities", "plans")
