"""Reading an OMOP CDM: persons, visits and what happened in them become rows of ours, everything stays as a document.

Which entity type an event becomes is told by the vocabulary of its source code, and only where that says nothing by the table:
OMOP files an event by the domain of its standard concept, so that a diagnosis may lie among the observations.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.db.sql import filled, quoted, sql_text
from healthsim.exchange.omop.sources import Cdm, opened
from healthsim.exchange.omop.tables import cdm_tables
from healthsim.exchange.vitals import VITALS, WHOLE, whole_number
from healthsim.state.json.header import Header

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

PACKAGE = "healthsim.exchange.omop"
_BATCH = 5_000
#: vocabulary of OMOP -> (the system as our columns name it, the entity type that its codes are of)
VOCABULARIES: Mapping[str, tuple[str, str | None]] = {
    "ICD10CM": ("ICD-10-CM", "diagnosis"),
    "ICD10": ("ICD-10", "diagnosis"),
    "ICD9CM": ("ICD-9-CM", "diagnosis"),
    "SNOMED": ("SNOMED CT", None),
    "CPT4": ("CPT", "procedure"),
    "HCPCS": ("HCPCS", "procedure"),
    "ICD10PCS": ("ICD-10-PCS", "procedure"),
    "ICD9Proc": ("ICD-9-PCS", "procedure"),
    "LOINC": ("LOINC", "lab_result"),
    "RxNorm": ("RxNorm", "medication"),
    "RxNorm Extension": ("RxNorm", "medication"),
    "NDC": ("NDC", "medication"),
    "CVX": ("CVX", "immunization"),
    "MedDRA": ("MedDRA", None),
}
#: tables of concepts: they are looked up, and are no data of anybody
VOCABULARY_TABLES = frozenset(
    "concept vocabulary domain concept_class concept_relationship relationship concept_synonym concept_ancestor"
    " source_to_concept_map drug_strength".split()
)


@dataclass(frozen=True)
class Simple:
    """A table whose rows are of one type: the statement that gives its columns."""

    table: str
    kind: str
    statement: str


@dataclass(frozen=True)
class Events:
    """A table of events: where it has what, and which type its rows are where their vocabulary does not say.

    Attributes:
        prefix: what the names of its columns begin with.
        start: the column of the first day; that of the instant is called alike.
        end: the SQL of the last day.
        details: what else is read: name -> SQL.
    """

    table: str
    prefix: str
    kind: str | None
    start: str
    end: str = "NULL"
    details: Mapping[str, str] = field(default_factory=dict)


SIMPLE = (
    Simple("provider", "provider", "in_providers"),
    Simple("care_site", "facility", "in_care_sites"),
    Simple("person", "patient", "in_people"),
    Simple("visit_occurrence", "encounter", "in_visits"),
    Simple("payer_plan_period", "member", "in_coverage"),
    Simple("note", "clinical_note", "in_notes"),
)
_MEASURED = {
    "number": "t.value_as_number",
    "unit": "t.unit_source_value",
    "text": "t.value_source_value",
}
EVENTS = (
    Events(
        "condition_occurrence",
        "condition",
        "diagnosis",
        "condition_start",
        "coalesce(t.condition_end_date, t.condition_end_datetime::DATE)",
        {"status": "t.condition_status_source_value"},
    ),
    Events(
        "procedure_occurrence", "procedure", "procedure", "procedure", "NULL", {"modifier": "t.modifier_source_value"}
    ),
    Events(
        "drug_exposure",
        "drug",
        "medication",
        "drug_exposure_start",
        "t.drug_exposure_end_date",
        {"route": "t.route_source_value", "lot": "t.lot_number", "status": "t.stop_reason"},
    ),
    Events(
        "measurement",
        "measurement",
        "lab_result",
        "measurement",
        "NULL",
        {**_MEASURED, "low": "t.range_low", "high": "t.range_high"},
    ),
    Events(
        "observation",
        "observation",
        None,
        "observation",
        "NULL",
        {**_MEASURED, "text": "t.value_as_string", "status": "t.qualifier_source_value"},
    ),
    Events("device_exposure", "device", None, "device_exposure_start"),
)


def read(path: Path, reading: Reading) -> Header:
    """Read a database, a folder or a table.

    Raises:
        InvalidInput: it cannot be read.
    """
    with opened(path) as cdm:
        _make_keys(cdm)
        for simple in SIMPLE:
            _read_simple(cdm, simple, reading)
        for events in EVENTS:
            if events.table in cdm.present:
                _read_events(cdm, events, reading)
        mapped = {entry.table for entry in (*SIMPLE, *EVENTS)}
        for table, count in cdm.present.items():
            if table in VOCABULARY_TABLES:
                if count:
                    reading.oddity("tables of concepts are looked up, and not kept", example=table)
            elif table not in mapped:
                _keep(cdm, table, reading)
        for name in cdm.others:
            reading.oddity("a table that the CDM does not have; it is not read", example=name)
    reading.part = None
    return Header(name=path.resolve().name if path.is_dir() else path.stem, format="omop")


def _make_keys(cdm: Cdm) -> None:
    for table, number, source, identifier in (
        ("person", "person_id", "person_source_value", "patient_id"),
        ("provider", "provider_id", "provider_source_value", "provider_id"),
        ("care_site", "care_site_id", "care_site_source_value", "facility_id"),
    ):
        names = {"name": f"key_{table}", "table": table, "number": number, "source": source, "id": identifier}
        cdm.connection.execute(filled(sql_text(PACKAGE, "in_keys"), names))


def _rows(cdm: Cdm, statement: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(the row of the CDM as JSON, the columns that a statement gives)."""
    cursor = cdm.connection.cursor()
    result = cursor.execute(statement)
    names = [column[0] for column in result.description or ()]
    while batch := result.fetchmany(_BATCH):
        for values in batch:
            row = dict(zip(names, values, strict=True))
            yield row.pop("doc"), row


def _read_simple(cdm: Cdm, simple: Simple, reading: Reading) -> None:
    reading.part = simple.table
    for document, row in _rows(cdm, sql_text(PACKAGE, simple.statement)):
        reading.unit()
        reading.add(simple.kind, document, row)


def _read_events(cdm: Cdm, events: Events, reading: Reading) -> None:
    reading.part = events.table
    start = f"t.{events.start}_date"
    names = {
        "table": quoted(events.table),
        "key": f"{events.table}_id",
        "source_value": f"{events.prefix}_source_value",
        "source_concept": f"{events.prefix}_source_concept_id",
        "concept": f"{events.prefix}_concept_id",
        "start_date": f"coalesce({start}, t.{events.start}_datetime::DATE)",
        "start_datetime": f"coalesce(t.{events.start}_datetime, {start})",
        "end_date": events.end,
        "details": ", ".join(f"{sql} AS {name}" for name, sql in events.details.items()) or "NULL AS nothing",
    }
    for document, row in _rows(cdm, filled(sql_text(PACKAGE, "in_events"), names)):
        reading.unit()
        _take_event(events, document, row, reading)


def _take_event(events: Events, document: str, row: Mapping[str, Any], reading: Reading) -> None:
    system, told = VOCABULARIES.get(row["vocabulary"] or "", (row["vocabulary"], None))
    kind = told or events.kind
    own_id = row["event_id"] if kind == events.kind else f"{events.table}-{row['event_id']}"
    visit = {"patient_id": row["patient_id"], "encounter_id": row["encounter_id"]}
    if kind == "lab_result" and row["code"] in VITALS and row.get("number") is not None:
        derived = (("vital_sign", {**visit, **_vital(row, reading)}),)
        reading.keep(f"omop_{events.table}", document, entity_id=row["event_id"], derived=derived)
        return
    make = _MAKE.get(kind or "")
    if make is None:
        reading.keep(f"omop_{events.table}", document, entity_id=row["event_id"])
        return
    reading.add(str(kind), document, {**visit, **make(row, system)}, entity_id=own_id)


def _vital(row: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """A vital sign of a patient, visit and time is one row, of which this is a column."""
    column, _ = VITALS[row["code"]]
    value = str(row["number"])
    if column in WHOLE:
        value, had_fraction = whole_number(value)
        if had_fraction:
            reading.oddity(f"vital_signs.{column}: a fraction; the column has the whole number", example=row["number"])
    text = f"{row['patient_id']}|{row['encounter_id']}|{row['start_datetime']}"
    key = uuid.UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())
    return {"vital_sign_id": str(key), "observation_datetime": row["start_datetime"], column: value}


def _diagnosis(row: Mapping[str, Any], system: str | None) -> dict[str, Any]:
    return {
        "code": row["code"],
        "code_system": system,
        "description": row["name"],
        "diagnosis_type": row.get("status"),
        "diagnosed_date": row["start_date"],
        "resolved_date": row["end_date"],
    }


def _procedure(row: Mapping[str, Any], system: str | None) -> dict[str, Any]:
    modifier = row.get("modifier")
    return {
        "code": row["code"],
        "code_system": system,
        "description": row["name"],
        "modifiers": [modifier] if modifier else None,
        "performed_datetime": row["start_datetime"],
        "performing_provider_id": row["provider_id"],
    }


def _medication(row: Mapping[str, Any], system: str | None) -> dict[str, Any]:
    is_ndc = system == "NDC"
    return {
        "name": row["name"],
        "code": row["standard_code"] if is_ndc and row["standard_vocabulary"] == "RxNorm" else row["code"],
        "code_system": "RxNorm" if is_ndc and row["standard_vocabulary"] == "RxNorm" else system,
        "ndc": row["code"] if is_ndc else None,
        "route": row.get("route"),
        "start_date": row["start_date"],
        "end_date": row["end_date"],
        "status": row.get("status"),
        "prescriber_provider_id": row["provider_id"],
    }


def _immunization(row: Mapping[str, Any], system: str | None) -> dict[str, Any]:
    return {
        "cvx_code": row["code"],
        "description": row["name"],
        "administered_date": row["start_date"],
        "lot_number": row.get("lot"),
        "route": row.get("route"),
    }


def _lab_result(row: Mapping[str, Any], system: str | None) -> dict[str, Any]:
    number = row.get("number")
    return {
        "loinc_code": row["code"],
        "test_name": row["name"],
        "value": row.get("text") or (None if number is None else f"{number.normalize():f}"),
        "value_numeric": number,
        "unit": row.get("unit"),
        "reference_low": row.get("low"),
        "reference_high": row.get("high"),
        "collected_datetime": row["start_datetime"],
        "ordering_provider_id": row["provider_id"],
    }


#: entity type -> what makes its columns of an event
_MAKE = {
    make.__name__.removeprefix("_"): make for make in (_diagnosis, _procedure, _medication, _immunization, _lab_result)
}


def _keep(cdm: Cdm, table: str, reading: Reading) -> None:
    """A table that means no type of ours: its rows stay as they are."""
    reading.part = table
    key = next((column.name for column in cdm_tables()[table].columns if column.is_key), None)
    number = f"{quoted(key)}::VARCHAR" if key is not None else "NULL"
    for document, row in _rows(cdm, f"SELECT {number} AS number, doc FROM cdm.{quoted(table)}"):
        reading.unit()
        reading.keep(f"omop_{table}", document, entity_id=row["number"] or "")
