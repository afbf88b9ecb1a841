"""Codecs of columns, and the elements that are more than attributes: values, persons, places, directions."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from healthsim.exchange import hl7_times
from healthsim.exchange.ccda.shapes import HL7, TYPE, Codec, Custom, Row, Takes, Writes
from healthsim.model.measured import number_in
from healthsim.model.projection import CONTENT_IDS

#: whose ids ours are: the root of every id that we write
OID = str(uuid.uuid5(CONTENT_IDS, "HealthSim"))
MRN, PERSON = (str(uuid.uuid5(CONTENT_IDS, f"HealthSim {name}")) for name in ("MRN", "person"))
NPI, SSN = "2.16.840.1.113883.4.6", "2.16.840.1.113883.4.1"
_AUTHOR_TEMPLATE = "2.16.840.1.113883.10.20.22.4.119"
_PLACE_TEMPLATE = "2.16.840.1.113883.10.20.22.4.32"
_SIG_TEMPLATE = "2.16.840.1.113883.10.20.22.4.147"
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def _date_text(value: Any, writing: Writes) -> str:
    return hl7_times.write_date(value)


def _instant_text(value: Any, writing: Writes) -> str:
    return hl7_times.write_instant(value)


def _number_text(value: Any, writing: Writes) -> str:
    text = repr(value) if isinstance(value, (int, float)) else f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


DATE = Codec(_date_text, lambda text, takes: takes.date(text))
INSTANT = Codec(_instant_text, lambda text, takes: takes.instant(text))
NUMBER = Codec(_number_text, lambda text, takes: text)
#: of an immunization: whether it was not given
NEGATED = Codec(
    lambda value, writing: "true" if value == "not-done" else "false",
    lambda text, takes: "not-done" if text in ("true", "1") else None,
)


def tag(name: str) -> str:
    """A name in the namespace of CDA."""
    return f"{{{HL7}}}{name}"


# -- the value of a result ------------------------------------------------------------------------------------


def _write_value(row: Row, writing: Writes) -> Element | None:
    value, unit = row.get("value"), row.get("unit")
    if value is None and row.get("value_numeric") is not None:
        value = repr(row["value_numeric"])
    if value is None:
        return None
    made = Element(tag("value"))
    if _NUMBER.fullmatch(value) and unit:
        made.attrib.update({TYPE: "PQ", "value": value, "unit": writing.text(unit)})
    else:
        made.set(TYPE, "ST")
        made.text = writing.text(f"{value} {unit}" if unit else value)
    return made


def _read_value(element: Element, takes: Takes) -> Mapping[str, Any]:
    for value in element.findall(tag("value")):
        kind = value.get(TYPE, "").rpartition(":")[2]
        if kind in ("CD", "CE", "CO", "CV"):
            text = takes.meaning(value)
            return {"value": text or value.get("code")}
        if kind in ("IVL_PQ", "IVL_REAL", "IVL_INT"):
            ends = [value.find(tag(name)) for name in ("low", "high")]
            low, high = ("" if end is None else end.get("value", "") for end in ends)
            unit = next((end.get("unit") for end in ends if end is not None and end.get("unit")), None)
            text = f"{low}-{high}" if low and high else f">{low}" if low else f"<{high}" if high else None
            return {"value": text, "unit": unit}
        if value.get("value") is not None:
            return {
                "value": value.get("value"),
                "unit": value.get("unit"),
                "value_numeric": number_in(value.get("value")),
            }
        text = takes.words(value)
        if text:
            return {"value": text, "value_numeric": number_in(text)}
    return {}


VALUE = Custom(_write_value, _read_value, (("value", "value, value_numeric, unit"),))


# -- persons --------------------------------------------------------------------------------------------------


def _provider(parent: Element, row: Row | None, key: Any, writing: Writes, person: str) -> None:
    """The id, the name and the specialty of a provider."""
    known = row or {}
    if known.get("npi"):
        SubElement(parent, tag("id"), {"root": NPI, "extension": writing.text(known["npi"])})
    else:
        SubElement(parent, tag("id"), {"root": OID, "extension": writing.text(key)})
    if known.get("taxonomy_code"):
        code = {"code": writing.text(known["taxonomy_code"]), "codeSystem": "2.16.840.1.113883.6.101"}
        if known.get("specialty"):
            code["displayName"] = writing.text(known["specialty"])
        SubElement(parent, tag("code"), code)
    names = [(name, known.get(name)) for name in ("given_name", "family_name", "credential") if known.get(name)]
    if names:
        name = SubElement(SubElement(parent, tag(person)), tag("name"))
        parts = {"given_name": "given", "family_name": "family", "credential": "suffix"}
        for column, text in names:
            SubElement(name, tag(parts[column])).text = writing.text(text)


def author(column: str, when: str = "") -> Custom:
    """Who is responsible for an entry, and since when."""

    def write(row: Row, writing: Writes) -> Element | None:
        key, time = row.get(column), row.get(when) if when else None
        if key is None and time is None:
            return None
        made = Element(tag("author"))
        SubElement(made, tag("templateId"), {"root": _AUTHOR_TEMPLATE})
        stamp = {"nullFlavor": "UNK"} if time is None else {"value": hl7_times.write_instant(time)}
        SubElement(made, tag("time"), stamp)
        assigned = SubElement(made, tag("assignedAuthor"))
        if key is None:
            SubElement(assigned, tag("id"), {"nullFlavor": "UNK"})
        else:
            _provider(assigned, writing.of("providers", key), key, writing, "assignedPerson")
        return made

    def read(element: Element, takes: Takes) -> Mapping[str, Any]:
        made = element.find(tag("author"))
        if made is None:
            return {}
        assigned, time = made.find(tag("assignedAuthor")), made.find(tag("time"))
        row: dict[str, Any] = {}
        if assigned is not None:
            row[column] = takes.author(assigned) if column == "author" else takes.provider(assigned)
        if when and time is not None and time.get("value"):
            row[when] = takes.instant(time.get("value", ""))
        return row

    return Custom(write, read, (("author", ", ".join(name for name in (column, when) if name)),))


def performer(column: str) -> Custom:
    """Who did something."""

    def write(row: Row, writing: Writes) -> Element | None:
        key = row.get(column)
        if key is None:
            return None
        made = Element(tag("performer"))
        _provider(SubElement(made, tag("assignedEntity")), writing.of("providers", key), key, writing, "assignedPerson")
        return made

    def read(element: Element, takes: Takes) -> Mapping[str, Any]:
        assigned = element.find(f"{tag('performer')}/{tag('assignedEntity')}")
        return {} if assigned is None else {column: takes.provider(assigned)}

    return Custom(write, read, (("performer", column),))


# -- places, visits, directions -------------------------------------------------------------------------------


def _write_place(row: Row, writing: Writes) -> Element | None:
    key = row.get("facility_id")
    if key is None:
        return None
    known = writing.of("facilities", key) or {}
    made = Element(tag("participant"), {"typeCode": "LOC"})
    role = SubElement(made, tag("participantRole"), {"classCode": "SDLOC"})
    SubElement(role, tag("templateId"), {"root": _PLACE_TEMPLATE})
    SubElement(role, tag("id"), {"root": OID, "extension": writing.text(key)})
    if known.get("npi"):
        SubElement(role, tag("id"), {"root": NPI, "extension": writing.text(known["npi"])})
    SubElement(role, tag("code"), {"nullFlavor": "UNK"})
    if known.get("name"):
        entity = SubElement(role, tag("playingEntity"), {"classCode": "PLC"})
        SubElement(entity, tag("name")).text = writing.text(known["name"])
    return made


def _read_place(element: Element, takes: Takes) -> Mapping[str, Any]:
    for participant in element.findall(tag("participant")):
        role = participant.find(tag("participantRole"))
        if participant.get("typeCode") == "LOC" and role is not None:
            name = role.find(f"{tag('playingEntity')}/{tag('name')}")
            return {"facility_id": takes.facility(role, None if name is None else takes.words(name))}
    return {}


FACILITY = Custom(_write_place, _read_place, (("participant[@typeCode='LOC']", "facility_id"),))


def _write_visit(row: Row, writing: Writes) -> Element | None:
    """In which encounter something was done: a link to its entry."""
    if row.get("encounter_id") is None:
        return None
    made = Element(tag("entryRelationship"), {"typeCode": "COMP", "inversionInd": "true"})
    made.append(visit_link(row["encounter_id"], writing))
    return made


def visit_link(encounter_id: Any, writing: Writes) -> Element:
    """An encounter of which only the id stands here."""
    made = Element(tag("encounter"), {"classCode": "ENC", "moodCode": "EVN"})
    SubElement(made, tag("id"), {"root": OID, "extension": writing.text(encounter_id)})
    return made


def _read_visit(element: Element, takes: Takes) -> Mapping[str, Any]:
    for parent in (*element.findall(tag("entryRelationship")), *element.findall(tag("component"))):
        encounter = parent.find(tag("encounter"))
        if encounter is not None and (encounter_id := takes.link("encounter", encounter)):
            return {"encounter_id": encounter_id}
    return {}


VISIT = Custom(_write_visit, _read_visit, (("entryRelationship/encounter/id", "encounter_id"),))


def _write_sig(row: Row, writing: Writes) -> Element | None:
    """How a drug is taken, in words: the dose and how often."""
    words = [("dose", row.get("dose")), ("frequency", row.get("frequency"))]
    if not any(value for _, value in words):
        return None
    made = Element(tag("entryRelationship"), {"typeCode": "COMP"})
    inner = SubElement(made, tag("substanceAdministration"), {"classCode": "SBADM", "moodCode": "EVN"})
    SubElement(inner, tag("templateId"), {"root": _SIG_TEMPLATE})
    SubElement(inner, tag("code"), {"code": "76662-6", "codeSystem": "2.16.840.1.113883.6.1"})
    SubElement(inner, tag("text")).text = "; ".join(writing.text(value or "") for _, value in words)
    material = SubElement(SubElement(inner, tag("consumable")), tag("manufacturedProduct"))
    SubElement(SubElement(material, tag("manufacturedLabeledDrug")), tag("code"), {"nullFlavor": "NA"})
    return made


def _read_sig(element: Element, takes: Takes) -> Mapping[str, Any]:
    row: dict[str, Any] = {}
    for parent in element.findall(tag("entryRelationship")):
        inner = parent.find(tag("substanceAdministration"))
        if inner is None or not takes.has_template(inner, (_SIG_TEMPLATE,)):
            continue
        text = inner.find(tag("text"))
        words = "" if text is None else takes.words(text)
        if takes.own:
            dose, _, frequency = words.partition("; ")
            row = {"dose": dose or None, "frequency": frequency or None}
        else:
            row["frequency"] = words or None
    for time in element.findall(tag("effectiveTime")):
        period = time.find(tag("period"))
        if period is not None and period.get("value") and not row.get("frequency"):
            row["frequency"] = f"every {period.get('value')} {period.get('unit', '')}".strip()
    quantity = element.find(tag("doseQuantity"))
    if not row.get("dose") and quantity is not None and quantity.get("value"):
        row["dose"] = f"{quantity.get('value')} {quantity.get('unit', '')}".strip()
    return row


SIG = Custom(_write_sig, _read_sig, (("entryRelationship/substanceAdministration/text", "dose, frequency"),))
