"""The head of a CCD: whose it is, who made it, who keeps it, of which time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from healthsim.exchange.ccda import code_systems as codes
from healthsim.exchange.ccda.custom import DATE, INSTANT, MRN, NPI, OID, PERSON, SSN
from healthsim.exchange.ccda.shapes import Codec, Coded, Col, Shape, Writes, el, template

if TYPE_CHECKING:
    from healthsim.exchange.ccda.writing import Writing

_LOINC = codes.SYSTEMS["LOINC"]


def _phone(value: Any, writing: Writes) -> str:
    return f"tel:{value}"


PHONE = Codec(_phone, lambda text, takes: text.removeprefix("tel:").strip() or None)
EMAIL = Codec(
    lambda value, writing: f"mailto:{value}", lambda text, takes: text.removeprefix("mailto:").strip() or None
)
FLAG = Codec(lambda value, writing: "true" if value else "false", lambda text, takes: text in ("true", "1"))

NAME = el(
    "name",
    el("prefix", _=Col("prefix")),
    el("given", _=Col("given_name")),
    el("family", _=Col("family_name")),
    el("suffix", _=Col("suffix")),
    use="L",
)
#: without numbers, telephones and the second given name, of which there may be several
PATIENT = el(
    "patient",
    el(
        "administrativeGenderCode",
        code=Col("gender", codes.GENDER),
        codeSystem="2.16.840.1.113883.5.1",
        null="UNK",
    ),
    el("birthTime", value=Col("birth_date", DATE), null="UNK"),
    el("sdtc:deceasedInd", value=Col("deceased", FLAG)),
    el("sdtc:deceasedTime", value=Col("death_date", DATE)),
    Coded("raceCode", "race_code", "race", fixed="CDCREC", null="UNK"),
    Coded("ethnicGroupCode", "ethnicity_code", "ethnicity", fixed="CDCREC", null="UNK"),
    el("languageCommunication", el("languageCode", code=Col("language")), el("preferenceInd", value="true")),
)
ADDRESS = el(
    "addr",
    el("streetAddressLine", _=Col("address_line1"), null="UNK"),
    el("streetAddressLine", _=Col("address_line2")),
    el("city", _=Col("city"), null="UNK"),
    el("county", _=Col("county")),
    el("state", _=Col("state")),
    el("postalCode", _=Col("postal_code")),
    el("country", _=Col("country")),
    use="HP",
)
_MAKER = "HealthSim"
_TELECOM = el("telecom", nullFlavor="NI")
_NO_ADDRESS = el("addr", nullFlavor="NI")


def given_names() -> Shape:
    """The name of a patient: of several given names, the second is the middle one."""
    prefix, given, *rest = NAME.children
    middle = el("given", _=Col("middle_name"))
    return Shape(NAME.tag, NAME.attributes, (prefix, given, middle, *rest))


RECORD_TARGET = el(
    "recordTarget",
    el(
        "patientRole",
        el("id", root=MRN, extension=Col("mrn"), assigningAuthorityName=_MAKER),
        el("id", root=OID, extension=Col("patient_id")),
        el("id", root=PERSON, extension=Col("person_id")),
        el("id", root=SSN, extension=Col("ssn")),
        ADDRESS,
        el("telecom", value=Col("phone", PHONE), use="HP", null="UNK"),
        el("telecom", value=Col("email", EMAIL), use="HP"),
        Shape(PATIENT.tag, {}, (given_names(), *PATIENT.children)),
    ),
)
HEAD = (
    el("realmCode", code="US"),
    el("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
    *(
        Shape("templateId", {"root": root, "extension": extension} if extension else {"root": root}, ())
        for root, extension in (*template("22.1.1", "2015-08-01"), *template("22.1.2", "2015-08-01"))
    ),
    el("id", root=OID, extension=Col("document_id")),
    el("code", code="34133-9", codeSystem=_LOINC, displayName="Summarization of Episode Note"),
    el("title", _=Col("title")),
    el("effectiveTime", value=Col("made_at", INSTANT)),
    el("confidentialityCode", code="N", codeSystem="2.16.840.1.113883.5.25"),
    el("languageCode", code="en-US"),
    RECORD_TARGET,
    el(
        "author",
        el("time", value=Col("made_at", INSTANT)),
        el(
            "assignedAuthor",
            el("id", root=OID, extension=_MAKER),
            _NO_ADDRESS,
            _TELECOM,
            el("assignedAuthoringDevice", el("manufacturerModelName", _=_MAKER), el("softwareName", _=_MAKER)),
            el("representedOrganization", el("name", _=_MAKER), _TELECOM, _NO_ADDRESS),
        ),
    ),
    el(
        "custodian",
        el(
            "assignedCustodian",
            el(
                "representedCustodianOrganization",
                el("id", root=OID, extension=_MAKER),
                el("name", _=_MAKER),
                _TELECOM,
                _NO_ADDRESS,
            ),
        ),
    ),
    el(
        "documentationOf",
        el(
            "serviceEvent",
            el(
                "effectiveTime",
                el("low", value=Col("first_day", DATE), null="UNK"),
                el("high", value=Col("made_at", INSTANT)),
            ),
            el(
                "performer",
                el("functionCode", code="PCP", codeSystem="2.16.840.1.113883.5.88"),
                el(
                    "assignedEntity",
                    el("id", root=NPI, extension=Col("pcp_npi")),
                    el("id", root=OID, extension=Col("pcp_id")),
                    el(
                        "assignedPerson",
                        el("name", el("given", _=Col("pcp_given")), el("family", _=Col("pcp_family"))),
                    ),
                ),
                typeCode="PRF",
            ),
            classCode="PCPR",
        ),
    ),
)


def head_row(writing: Writing, made_at: dt.datetime, document_id: str) -> Mapping[str, Any]:
    """What the head says of a patient."""
    person = writing.record.patient
    provider_id = person.get("primary_care_provider_id")
    provider = writing.of("providers", provider_id) or {}
    npi = provider.get("npi")
    names = (person.get("given_name"), person.get("family_name"))
    return {
        **person,
        "document_id": document_id,
        "title": f"Continuity of care document of {' '.join(name for name in names if name) or writing.record.patient_id}",
        "made_at": made_at,
        "first_day": person.get("birth_date"),
        "race_code": codes.RACE.write(person.get("race") or "", writing),
        "ethnicity_code": codes.ETHNICITY.write(person.get("ethnicity") or "", writing),
        "pcp_npi": npi,
        "pcp_id": None if npi else provider_id,
        "pcp_given": provider.get("given_name"),
        "pcp_family": provider.get("family_name"),
    }
