"""``healthsim import`` of C-CDA: a document stays as it came, and what its sections say becomes rows beside it.

Any type of document is read: CCD, discharge summary, referral note, progress note, unstructured ones.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from healthsim.errors import InvalidInput
from healthsim.exchange.ccda.custom import MRN, OID, PERSON, SSN, tag
from healthsim.exchange.ccda.entries import Entries
from healthsim.exchange.ccda.header import ADDRESS, NAME, PATIENT
from healthsim.exchange.ccda.parsing import parse
from healthsim.exchange.ccda.reading import Row, Takes, read
from healthsim.exchange.made_ids import as_id, made_id
from healthsim.state.json.header import Header

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

DOCUMENT = "ccda_document"
_ROLE = f"{tag('recordTarget')}/{tag('patientRole')}"
_DECLARATION = re.compile(r"\s*(<\?xml\b[^>]*\?>)?")


def read_ccda(path: Path, reading: Reading) -> Header:
    """Read a document.

    Raises:
        InvalidInput: it is no XML, no clinical document, or an attack on parsers.
    """
    root, lines, text = _parsed(path.read_bytes(), reading.source or path.name, reading)
    if root.tag != tag("ClinicalDocument"):
        raise InvalidInput(
            f"{reading.source or path.name} begins with {root.tag[:80]}; expected ClinicalDocument of urn:hl7-org:v3."
            " Nothing was saved."
        )
    reading.unit()
    takes = Takes(root, reading, lines)
    person = _patient(root, takes)
    if not takes.patient_id:
        reading.oddity("a document of nobody: there is neither id nor name of a patient; it is kept as it is")
    else:
        person["primary_care_provider_id"] = _primary_care(root, takes)
        takes.take("patient", person)
        if takes.own and person.get("person_id"):
            takes.take("person", person)
        Entries(root, takes, person).take_all()
        _unstructured(root, takes)
    code = root.find(tag("code"))
    kind = "" if code is None else code.get("displayName") or code.get("code") or ""
    document = {"kind": kind, "text": text}
    entity_id = ""
    if takes.own and (number := root.find(tag("id"))) is not None:
        entity_id = number.get("extension", "")
    reading.line = None
    reading.keep(DOCUMENT, json.dumps(document, ensure_ascii=False), document, entity_id=entity_id, derived=takes.rows)
    return Header(format="ccda")


def _parsed(data: bytes, source: str, reading: Reading) -> tuple[Element, dict[Element, int], str]:
    """The root element, the lines of elements, and the text of a document.

    Many documents are in another encoding than their first line says, or have white space before it: what they are is read.
    """
    try:
        return *parse(data, source), text_of(data)
    except InvalidInput:
        text = _as_it_is(data)
        try:
            root, lines = parse(_DECLARATION.sub("", text, count=1).encode(), source)
        except InvalidInput:
            root = None
        if root is None:
            raise
    reading.oddity("a first line that is not as XML has it: white space before it, or another encoding than it says", 1)
    return root, lines, text


def _as_it_is(data: bytes) -> str:
    """The text of some bytes, whatever they say of their encoding."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def text_of(data: bytes) -> str:
    """The document as text, in the encoding that it says, without a byte order mark."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(name, "replace")
    declared = data[:200].split(b"?>")[0]
    for quote in (b'"', b"'"):
        _, found, after = declared.partition(b"encoding=" + quote)
        if found:
            return data.decode(after.split(quote)[0].decode("ascii", "replace"), "replace")
    return data.decode("utf-8", "replace")


# -- who ------------------------------------------------------------------------------------------------------


def _patient(root: Element, takes: Takes) -> Row:
    role = root.find(_ROLE)
    if role is None:
        return {}
    row: Row = {}
    patient = role.find(tag("patient"))
    if patient is not None:
        row |= read(PATIENT, patient, takes)
        row |= _names(patient, takes)
        row |= _races(patient, row, takes)
    address = next((item for item in role.findall(tag("addr")) if not item.get("nullFlavor")), None)
    if address is not None:
        row |= _address(address, takes)
    row |= _telecom(role)
    row |= _numbers(role, row, takes)
    takes.patient_id = str(row.get("patient_id") or "")
    if row.get("death_date"):
        row.setdefault("deceased", True)
    return row


def _numbers(role: Element, row: Row, takes: Takes) -> Row:
    """The numbers of a patient: ours mean what they say; of others, the first that is no social security number is theirs."""
    numbers: Row = {}
    of_others = []
    for item in role.findall(tag("id")):
        root, extension = item.get("root", ""), item.get("extension", "")
        columns = {OID: "patient_id", MRN: "mrn", PERSON: "person_id"} if takes.own else {}
        if root == SSN:
            numbers["ssn"] = extension or None
        elif root in columns:
            numbers[columns[root]] = extension
        elif root or extension:
            of_others.append((root, extension))
    if of_others and not takes.own:
        root, extension = next((pair for pair in of_others if pair[1]), of_others[0])
        numbers |= {"patient_id": as_id(root, extension), "mrn": extension or root}
    if not numbers.get("patient_id"):
        known = (row.get("family_name"), row.get("given_name"), row.get("birth_date"))
        if numbers.get("ssn") or any(known[:2]):
            numbers["patient_id"] = made_id("patient", numbers.get("ssn"), *known)
    return numbers


def _primary_care(root: Element, takes: Takes) -> str | None:
    """The provider who coordinates the patient's care: the performer of the documented service with that function."""
    for performer in root.iterfind(f"{tag('documentationOf')}/{tag('serviceEvent')}/{tag('performer')}"):
        function, assigned = performer.find(tag("functionCode")), performer.find(tag("assignedEntity"))
        if function is not None and assigned is not None and function.get("code") in ("PCP", "PP"):
            return takes.provider(assigned)
    return None


def _names(patient: Element, takes: Takes) -> Row:
    names = patient.findall(tag("name"))
    legal = [name for name in names if "L" in name.get("use", "").split()]
    name = next(iter(legal or names), None)
    if name is None:
        return {}
    row = read(NAME, name, takes)
    given = [takes.words(part) for part in name.findall(tag("given"))]
    called = [part.get("qualifier", "") for part in name.findall(tag("given"))]
    plain = [text for text, kind in zip(given, called, strict=True) if text and kind != "CL"]
    if plain:
        row["given_name"] = plain[0]
    if len(plain) > 1:
        row["middle_name"] = plain[1] if takes.own else " ".join(plain[1:])
    if not row and (text := takes.words(name)):
        # a name that is not divided
        row["family_name"] = text
    return row


def _races(patient: Element, row: Row, takes: Takes) -> Row:
    from healthsim.exchange.ccda.code_systems import ETHNICITY, RACE

    said: Row = {}
    for column, codec in (("race", RACE), ("ethnicity", ETHNICITY)):
        word = codec.read(str(row.get(f"{column}_code") or ""), takes)
        if word and not takes.own:
            said[column] = word
    return said


def _address(address: Element, takes: Takes) -> Row:
    row = read(ADDRESS, address, takes)
    lines = [takes.words(part) for part in address.findall(tag("streetAddressLine"))]
    if takes.own:
        parts = address.findall(tag("streetAddressLine"))
        lines = [part.text or "" for part in parts]
    row["address_line1"] = lines[0] if lines else None
    row["address_line2"] = (
        (lines[1] if takes.own else ", ".join(line for line in lines[1:] if line)) if lines[1:] else None
    )
    return row


def _telecom(role: Element) -> Row:
    row: Row = {}
    for item in role.findall(tag("telecom")):
        scheme, _, rest = item.get("value", "").partition(":")
        if scheme.lower() == "mailto":
            row.setdefault("email", rest.removeprefix("//") or None)
        elif scheme.lower() == "tel":
            row.setdefault("phone", rest.strip() or None)
        elif scheme and not rest:
            row.setdefault("phone", scheme.strip())
    return row


# -- documents without sections -------------------------------------------------------------------------------


def _unstructured(root: Element, takes: Takes) -> None:
    """The text of a document that is one text; what lies elsewhere is only named."""
    for body in root.iter(tag("nonXMLBody")):
        text = body.find(tag("text"))
        if text is None:
            continue
        content = _content(text, takes)
        code, title, time = (root.find(tag(name)) for name in ("code", "title", "effectiveTime"))
        note: dict[str, Any] = {
            "clinical_note_id": made_id("clinical_note", takes.patient_id, *_document_id(root)),
            "patient_id": takes.patient_id,
            "note_type": takes.words(title) or (None if code is None else code.get("displayName")),
            "loinc_code": None if code is None else code.get("code"),
            "note_datetime": None if time is None else takes.instant(time.get("value", "")),
            "content": content,
        }
        takes.take("clinical_note", note)


def _content(text: Element, takes: Takes) -> str | None:
    reference = text.find(tag("reference"))
    if reference is not None:
        takes.reading.oddity(
            "a text that lies outside of its document; its place is kept", example=reference.get("value", "")
        )
        return None
    media = text.get("mediaType", "text/plain")
    if text.get("representation") != "B64":
        return takes.words(text) or None
    if not media.startswith("text/plain"):
        takes.reading.oddity("attachments that are no plain text; kept in their documents", example=media)
        return None
    try:
        return base64.b64decode("".join((text.text or "").split())).decode("utf-8", "replace") or None
    except (binascii.Error, ValueError):
        takes.reading.oddity("an attachment that is no base64; kept in its document")
        return None


def _document_id(root: Element) -> Iterator[str]:
    number = root.find(tag("id"))
    if number is not None:
        yield number.get("root", "")
        yield number.get("extension", "")
