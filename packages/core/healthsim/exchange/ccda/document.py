"""A CCD of one patient: the head, and a section for each kind of rows, as a table for people and as entries for programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from healthsim.exchange.ccda import declared as d
from healthsim.exchange.ccda.custom import OID, tag, visit_link
from healthsim.exchange.ccda.header import HEAD, head_row
from healthsim.exchange.ccda.sections import SECTIONS, Row, Section
from healthsim.exchange.ccda.shapes import template
from healthsim.exchange.ccda.writing import Writing, as_bytes
from healthsim.exchange.hl7_times import write_instant

_LOINC = "2.16.840.1.113883.6.1"
_SNOMED = "2.16.840.1.113883.6.96"
#: laboratory values with these in common are of one organizer
_TOGETHER = ("encounter_id", "order_id", "collected_datetime", "specimen_id", "specimen_type", "specimen_code")


def document(writing: Writing, made_at: dt.datetime, document_id: str) -> bytes:
    """The document of a patient, as bytes of a file."""
    root = Element(tag("ClinicalDocument"))
    row = head_row(writing, made_at, document_id)
    for shape in HEAD:
        made = writing.element(shape, row)
        if made is not None:
            root.append(made)
    body = SubElement(SubElement(root, tag("component")), tag("structuredBody"))
    for section in SECTIONS:
        rows = section.of(writing.record, writing)
        if rows or section.required:
            SubElement(body, tag("component")).append(_section(section, rows, writing))
    return as_bytes(root)


def _section(section: Section, rows: Iterable[Row], writing: Writing) -> Element:
    made = Element(tag("section"))
    rows = list(rows)
    if not rows:
        made.set("nullFlavor", "NI")
    for root, extension in section.templates:
        SubElement(made, tag("templateId"), {"root": root, **({"extension": extension} if extension else {})})
    SubElement(made, tag("code"), {"code": section.code, "codeSystem": _LOINC, "displayName": section.title})
    SubElement(made, tag("title")).text = section.title
    text = SubElement(made, tag("text"))
    if not rows:
        text.text = "No information."
        return made
    _narrative(section, rows, text, writing)
    for entry in _entries(section, rows, writing):
        SubElement(made, tag("entry"), {"typeCode": "DRIV"}).append(entry)
    return made


def _narrative(section: Section, rows: list[Row], text: Element, writing: Writing) -> None:
    table = SubElement(text, tag("table"))
    head = SubElement(SubElement(table, tag("thead")), tag("tr"))
    for heading in section.columns:
        SubElement(head, tag("th")).text = heading
    body = SubElement(table, tag("tbody"))
    for number, row in enumerate(rows, 1):
        line = SubElement(body, tag("tr"), {"ID": _anchor(section, number)})
        for column in section.columns.values():
            SubElement(line, tag("td")).text = _shown(row.get(column), writing)


def _anchor(section: Section, number: int) -> str:
    return f"{section.table.replace('_', '-')}-{number}"


def _shown(value: Any, writing: Writing) -> str | None:
    if value is None:
        return None
    return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else writing.text(value)


def _entries(section: Section, rows: list[Row], writing: Writing) -> Iterable[Element]:
    made = []
    for number, row in enumerate(rows, 1):
        writing.anchor = _anchor(section, number)
        entry = writing.element(section.entry, row)
        if entry is not None:
            made.append((row, entry))
    writing.anchor = ""
    if section.entry is d.RESULT:
        return _organized(made, _TOGETHER, _result_organizer, writing)
    if section.entry is d.VITAL:
        return _organized(made, ("vital_sign_id", "encounter_id"), _vital_organizer, writing)
    if section.entry is d.ENCOUNTER:
        _add_diagnoses(made, writing)
    return [entry for _, entry in made]


def _organized(made: list[tuple[Row, Element]], names: Iterable[str], head: Any, writing: Writing) -> list[Element]:
    """Entries that belong together as components of one organizer each."""
    groups: dict[tuple[Any, ...], list[tuple[Row, Element]]] = {}
    for row, entry in made:
        groups.setdefault(tuple(row[name] for name in names), []).append((row, entry))
    organizers = []
    for group in groups.values():
        first = group[0][0]
        organizer = head(first, writing)
        for _, entry in group:
            SubElement(organizer, tag("component")).append(entry)
        if first["encounter_id"] is not None:
            SubElement(organizer, tag("component")).append(visit_link(first["encounter_id"], writing))
        organizers.append(organizer)
    return organizers


def _organizer(
    class_code: str, templates: Iterable[tuple[str, str]], row_id: str, code: Mapping[str, str], writing: Writing
) -> Element:
    made = Element(tag("organizer"), {"classCode": class_code, "moodCode": "EVN"})
    for root, extension in templates:
        SubElement(made, tag("templateId"), {"root": root, **({"extension": extension} if extension else {})})
    SubElement(made, tag("id"), {"root": OID, "extension": writing.text(row_id)})
    SubElement(made, tag("code"), dict(code))
    SubElement(made, tag("statusCode"), {"code": "completed"})
    return made


def _times(made: Element, when: dt.datetime | None) -> None:
    time = SubElement(made, tag("effectiveTime"))
    for end in ("low", "high"):
        SubElement(time, tag(end), {"nullFlavor": "UNK"} if when is None else {"value": write_instant(when)})


def _result_organizer(row: Row, writing: Writing) -> Element:
    order: Row = next((item for item in writing.record.of("orders") if item["order_id"] == row["order_id"]), {})
    known = order.get("code") and order.get("code_system") == "LOINC"
    code = {"code": writing.text(order["code"]) if known else "11502-2", "codeSystem": _LOINC}
    code["displayName"] = writing.text(order.get("description") or "Laboratory report")
    group_id = row["order_id"] or f"{row['lab_result_id']}-group"
    made = _organizer("BATTERY", template("22.4.1", "2015-08-01"), group_id, code, writing)
    _times(made, row["collected_datetime"])
    if row["specimen_id"] or row["specimen_type"] or row["specimen_code"]:
        specimen = writing.element(d.SPECIMEN, row)
        if specimen is not None:
            made.append(specimen)
    return made


def _vital_organizer(row: Row, writing: Writing) -> Element:
    code = {"code": "46680005", "codeSystem": _SNOMED, "displayName": "Vital signs"}
    made = _organizer("CLUSTER", template("22.4.26", "2015-08-01"), row["vital_sign_id"], code, writing)
    translation = {"code": "74728-7", "codeSystem": _LOINC, "displayName": "Vital signs"}
    SubElement(made[3 if len(made) > 3 else 0], tag("translation"), translation)
    _times(made, row["observation_datetime"])
    return made


def _add_diagnoses(made: list[tuple[Row, Element]], writing: Writing) -> None:
    """The diagnoses of each encounter, inside its entry."""
    by_encounter: dict[Any, list[Row]] = {}
    for diagnosis in writing.record.of("diagnoses"):
        by_encounter.setdefault(diagnosis["encounter_id"], []).append(diagnosis)
    for row, entry in made:
        for of_visit in by_encounter.get(row["encounter_id"], []):
            act = writing.element(d.ENCOUNTER_DIAGNOSIS, of_visit)
            if act is not None:
                SubElement(entry, tag("entryRelationship"), {"typeCode": "COMP"}).append(act)
