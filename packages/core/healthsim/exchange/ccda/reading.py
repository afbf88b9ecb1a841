"""From elements of anybody's document to rows: the declared shapes, read where they are found, whatever else is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from healthsim.exchange import hl7_times
from healthsim.exchange.ccda.code_systems import system_of
from healthsim.exchange.ccda.custom import NPI, OID, tag
from healthsim.exchange.ccda.shapes import Coded, Col, Custom, Reference, Shape, attribute_name, qualified
from healthsim.exchange.made_ids import as_id, made_id
from healthsim.model import ENTITY_TYPES

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

Row = dict[str, Any]


class Takes:
    """What is taken from one document.

    Attributes:
        own: it is one of ours.
        patient_id: whose document it is.
        rows: (entity type, columns) in the order in which they were met.
        taken: how often one was.
    """

    def __init__(self, root: Element, reading: Reading, lines: Mapping[Element, int]) -> None:
        self.reading = reading
        self.lines = lines
        first = root.find(tag("id"))
        self.own = first is not None and first.get("root") == OID
        self.patient_id = ""
        self.taken = 0
        self.rows: list[tuple[str, Row]] = []
        self._at: dict[tuple[str, str], Row] = {}
        self._used: dict[tuple[str, str], Element] = {}
        self.zone = reading.timezone
        self._named = {element.get("ID", ""): element for element in root.iter() if element.get("ID")}

    # -- what codecs ask for ---------------------------------------------------------------------------------

    def date(self, text: str) -> dt.date | None:
        """A date; it does not shift."""
        try:
            return hl7_times.read_date(text)
        except ValueError:
            self.reading.oddity("a date that is none; the column is left empty", example=text)
            return None

    def instant(self, text: str) -> dt.datetime | None:
        """An instant in UTC."""
        try:
            moment = hl7_times.read_instant(text, self.zone)
        except ValueError:
            self.reading.oddity("a time that is none; the column is left empty", example=text)
            return None
        if hl7_times.lacks_zone(text):
            self.reading.oddity(f"a time without a zone; read as {self.zone}", example=text)
        return moment

    def words(self, element: Element | None) -> str:
        """The text of an element; where it only refers to a part of the narrative, the text of that."""
        if element is None:
            return ""
        if self.own:
            return element.text or ""
        text = " ".join(" ".join(element.itertext()).split())
        reference = element if element.tag == tag("reference") else element.find(tag("reference"))
        if not text and reference is not None:
            named = self._named.get(reference.get("value", "").removeprefix("#"))
            text = "" if named is None else " ".join(" ".join(named.itertext()).split())
        return text

    def meaning(self, element: Element) -> str | None:
        """The words for a coded value: as displayed, else the original text, else those of a translation."""
        shown = element.get("displayName")
        original = self.words(element.find(tag("originalText")))
        if self.own:
            return original or shown
        translated = (part.get("displayName") for part in element.findall(tag("translation")))
        return shown or original or next((text for text in translated if text), None)

    def has_template(self, element: Element, roots: Sequence[str]) -> bool:
        """Whether an element carries one of these templates."""
        return any(part.get("root") in roots for part in element.findall(tag("templateId")))

    # -- persons and places ----------------------------------------------------------------------------------

    def provider(self, assigned: Element) -> str | None:
        """The id of a person who acted, whose row is taken."""
        row = self._person(assigned)
        npi = next((item.get("extension") for item in assigned.findall(tag("id")) if item.get("root") == NPI), None)
        number = (
            npi
            or self._number(assigned)
            or "-".join(row[name] for name in ("family_name", "given_name") if row.get(name))
        )
        if not number:
            return None
        code = assigned.find(tag("code"))
        if code is not None and code.get("codeSystem") == "2.16.840.1.113883.6.101":
            row |= {"taxonomy_code": code.get("code"), "specialty": code.get("displayName")}
        organization = assigned.find(f"{tag('representedOrganization')}/{tag('name')}")
        if not row.get("family_name") and organization is not None:
            row["organization_name"] = self.words(organization) or None
        self.take("provider", {**row, "provider_id": number, "npi": npi if npi and len(npi) == 10 else None})
        return number

    def author(self, assigned: Element) -> str | None:
        """Who wrote something, in words."""
        if self.own:
            ids = [item.get("extension") for item in assigned.findall(tag("id")) if item.get("root") in (OID, NPI)]
            return next((text for text in ids if text), None)
        row = self._person(assigned)
        return " ".join(row[name] for name in ("given_name", "family_name") if row.get(name)) or self.provider(assigned)

    def _person(self, assigned: Element) -> Row:
        name = assigned.find(f"{tag('assignedPerson')}/{tag('name')}")
        if name is None:
            return {}
        parts = {"given_name": "given", "family_name": "family", "credential": "suffix"}
        return {column: self.words(name.find(tag(part))) or None for column, part in parts.items()}

    def _number(self, element: Element) -> str:
        for item in element.findall(tag("id")):
            root, extension = item.get("root", ""), item.get("extension", "")
            if root == OID and extension:
                return extension
            if extension:
                return as_id(extension)
        return ""

    def facility(self, role: Element, name: str | None) -> str | None:
        """The id of a place, whose row is taken."""
        number = self._number(role) or (name or "")
        if not number:
            return None
        npi = next((item.get("extension") for item in role.findall(tag("id")) if item.get("root") == NPI), None)
        self.take("facility", {"facility_id": number, "npi": npi, "name": name})
        return number

    # -- rows ------------------------------------------------------------------------------------------------

    def row_id(self, entity_type: str, element: Element) -> str:
        """The id of a row: ours as it is; another's with the patient, since samples are copied with their ids."""
        for item in element.findall(tag("id")):
            root, extension = item.get("root", ""), item.get("extension", "")
            if root == OID and extension and self.own:
                return extension
            if root:
                made = made_id(entity_type, self.patient_id, root, extension)
                # two entries with one id are two all the same, where they do not say the same
                before = self._used.setdefault((entity_type, made), element)
                if before is element or same(before, element):
                    return made
        return made_id(entity_type, self.patient_id, *facts(element))

    def link(self, entity_type: str, element: Element) -> str | None:
        """The id of a row that an element points to by its id alone."""
        for item in element.findall(tag("id")):
            root, extension = item.get("root", ""), item.get("extension", "")
            if root == OID and self.own:
                return extension
            if root:
                return made_id(entity_type, self.patient_id, root, extension)
        return None

    def take(self, entity_type: str, row: Mapping[str, Any]) -> Row:
        """Take a row; what the document says of the same again is put into it."""
        self.taken += 1
        columns = ENTITY_TYPES[entity_type].column
        known = {name: value for name, value in row.items() if name in columns and value is not None and value != ""}
        key = (entity_type, str(row[ENTITY_TYPES[entity_type].key]))
        if key in self._at:
            for name, value in known.items():
                self._at[key].setdefault(name, value)
        else:
            self._at[key] = known
            self.rows.append((entity_type, known))
        return self._at[key]


# -- shapes ---------------------------------------------------------------------------------------------------


def read(shape: Shape, element: Element, takes: Takes) -> Row:
    """The columns of a shape that an element has values for."""
    row: Row = {}
    for name, what in shape.attributes.items():
        if isinstance(what, Col):
            text = takes.words(element) if name == "_" else element.get(attribute_name(name), "")
            value = what.codec.read(text, takes) if text else None
            if value is not None:
                row.setdefault(what.name, value)
    for child in shape.children:
        for name, value in _child(child, element, takes).items():
            if value is not None:
                row.setdefault(name, value)
    return row


def _child(child: Shape | Coded | Reference | Custom, element: Element, takes: Takes) -> Mapping[str, Any]:
    if isinstance(child, Shape):
        found = find(child, element, takes)
        return {} if found is None else read(child, found, takes)
    if isinstance(child, Coded):
        found = element.find(qualified(child.tag))
        return {} if found is None else coded(child, found, takes)
    return child.read(element, takes) if isinstance(child, Custom) else {}


def find(shape: Shape, element: Element, takes: Takes) -> Element | None:
    """The child that a shape means: by its keys, and by templates."""
    roots = shape.tells()
    for candidate in element.findall(shape.name):
        if not _fits(shape, candidate):
            continue
        if roots and not any(takes.has_template(part, roots) for part in (candidate, *candidate)):
            continue
        return candidate
    return None


def _fits(shape: Shape, candidate: Element) -> bool:
    for key in shape.keys:
        wanted = shape.attributes[key]
        told = candidate.get(attribute_name(key))
        if isinstance(wanted, str) and told is not None and told.rpartition(":")[2] != wanted:
            return False
        if told is None and key == "root":
            return False
    return True


def coded(shape: Coded, element: Element, takes: Takes) -> Row:
    """Code, system and words of a coded value; of one that has no code of its own, those of its first translation."""
    row: Row = {}
    translations = [part for part in element.findall(tag("translation")) if part.get("code")]
    for part in list(translations):
        system = system_of(part.get("codeSystem", ""), part.get("codeSystemName", ""))
        column = next((name for name, wanted in shape.also.items() if wanted == system), None)
        if column is not None and column not in row:
            row[column] = part.get("code")
            translations.remove(part)
    chosen = element if element.get("code") else next(iter(translations), None)
    if chosen is not None:
        system = system_of(chosen.get("codeSystem", ""), chosen.get("codeSystemName", ""))
        of_other = next((name for name, wanted in shape.also.items() if wanted == system), None)
        if of_other is not None and of_other not in row:
            row[of_other] = chosen.get("code")
        elif shape.system or not shape.fixed or system in (shape.fixed, None):
            row[shape.code] = chosen.get("code")
            if shape.system:
                row[shape.system] = system
    if shape.text:
        row[shape.text] = takes.meaning(element) or (None if chosen is None else chosen.get("displayName"))
    return row


# -- elements -------------------------------------------------------------------------------------------------


def facts(element: Element) -> Iterator[str]:
    """What an element says, in order: by which entries without an id are told from each other."""
    for part in element.iter():
        yield part.tag
        for name in sorted(part.attrib):
            yield f"{name}={part.attrib[name]}"
        if part.text and part.text.strip():
            yield part.text.strip()


def same(one: Element, other: Element) -> bool:
    """Whether two elements say the same."""
    return list(facts(one)) == list(facts(other))
