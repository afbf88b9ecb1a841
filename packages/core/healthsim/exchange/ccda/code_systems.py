"""The code systems of C-CDA: names of the model, their OIDs, and codes that words stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from healthsim.exchange.ccda.shapes import Codec, Takes, Writes

#: name -> OID
SYSTEMS: Mapping[str, str] = {
    "ICD-10-CM": "2.16.840.1.113883.6.90",
    "ICD-10-PCS": "2.16.840.1.113883.6.4",
    "ICD-9-CM": "2.16.840.1.113883.6.103",
    "LOINC": "2.16.840.1.113883.6.1",
    "RxNorm": "2.16.840.1.113883.6.88",
    "SNOMED CT": "2.16.840.1.113883.6.96",
    "CVX": "2.16.840.1.113883.12.292",
    "CPT": "2.16.840.1.113883.6.12",
    "HCPCS": "2.16.840.1.113883.6.285",
    "NDC": "2.16.840.1.113883.6.69",
    "UNII": "2.16.840.1.113883.4.9",
    "NUCC": "2.16.840.1.113883.6.101",
    "NUBC": "2.16.840.1.113883.12.112",
    "CDCREC": "2.16.840.1.113883.6.238",
    "ActCode": "2.16.840.1.113883.5.4",
    "MS-DRG": "2.16.840.1.113883.6.301",
}
#: OIDs that documents have for the same; CVX is often written with 6.59
_ALSO = {
    "2.16.840.1.113883.6.59": "CVX",
    "2.16.840.1.113883.6.3": "ICD-10-CM",
    "2.16.840.1.113883.6.42": "ICD-9-CM",
    "2.16.840.1.113883.6.104": "ICD-9-CM",
    "2.16.840.1.113883.6.13": "HCPCS",
    "2.16.840.1.113883.6.14": "HCPCS",
}
_NAME_OF = {oid: name for name, oid in SYSTEMS.items()} | _ALSO


def oid_of(system: str) -> str | None:
    """The OID of a code system; None for one that has none here."""
    return SYSTEMS.get(system)


def system_of(oid: str, shown: str) -> str | None:
    """The name of a code system, by OID, else as the document shows it, else the OID."""
    return _NAME_OF.get(oid) or shown or oid or None


def words(codes: Mapping[str, str], *, otherwise: str | None = None, also: Mapping[str, str] | None = None) -> Codec:
    """A column of words that stand as codes; others are written as ``otherwise``, and codes without a word say nothing."""
    by_word = {word.lower(): code for word, code in codes.items()}
    by_code: dict[str, str] = {}
    for word, code in codes.items():
        by_code.setdefault(code.lower(), word)
    by_code |= {code.lower(): word for code, word in (also or {}).items()}

    def write(value: Any, writing: Writes) -> str | None:
        return by_word.get(str(value).lower(), otherwise)

    def read(text: str, takes: Takes) -> str | None:
        return by_code.get(text.lower())

    return Codec(write, read)


GENDER = words({"M": "M", "F": "F", "O": "UN", "U": "UNK"})
#: status of a concern, of a medication, of what is done
CONCERN = words(
    {"active": "active", "recurrence": "active", "relapse": "active", "inactive": "suspended", "resolved": "completed"},
    otherwise="active",
    also={"aborted": "inactive"},
)
MEDICATION = words(
    {
        "active": "active",
        "completed": "completed",
        "stopped": "aborted",
        "on-hold": "suspended",
        "cancelled": "cancelled",
        "entered-in-error": "nullified",
    },
    otherwise="active",
)
PROCEDURE = words(
    {"completed": "completed", "in-progress": "active", "stopped": "aborted", "not-done": "cancelled"},
    otherwise="completed",
)
RESULT = words(
    {
        "final": "completed",
        "preliminary": "active",
        "amended": "completed",
        "corrected": "completed",
        "registered": "held",
        "cancelled": "cancelled",
    },
    otherwise="completed",
)
ENCOUNTER_STATUS = words(
    {"finished": "completed", "in-progress": "active", "cancelled": "cancelled", "planned": "new"},
    otherwise="completed",
)
ENCOUNTER_CLASS = words(
    {
        "inpatient": "IMP",
        "outpatient": "AMB",
        "emergency": "EMER",
        "observation": "OBSENC",
        "virtual": "VR",
        "home": "HH",
    },
    also={"ACUTE": "inpatient", "NONAC": "inpatient", "SS": "outpatient", "FLD": "home"},
)
#: what kind of allergy or intolerance, in SNOMED CT
ALLERGY_KIND = words(
    {"medication": "416098002", "food": "414285001", "environment": "426232007", "biologic": "419199007"},
    otherwise="419199007",
    also={
        "419511003": "medication",
        "59037007": "medication",
        "418471000": "food",
        "235719002": "food",
        "418038007": "environment",
        "232347008": "environment",
    },
)
SEVERITY = words(
    {"mild": "255604002", "moderate": "6736007", "severe": "24484000"},
    also={"371923003": "moderate", "371924009": "severe", "399166001": "severe"},
)
CRITICALITY = words({"low": "CRITL", "high": "CRITH", "unable-to-assess": "CRITU"})
CLINICAL_STATUS = words(
    {
        "active": "55561003",
        "recurrence": "246455001",
        "relapse": "263855007",
        "inactive": "73425007",
        "remission": "277022003",
        "resolved": "413322009",
    }
)
RACE = words(
    {
        "White": "2106-3",
        "Black or African American": "2054-5",
        "Asian": "2028-9",
        "American Indian or Alaska Native": "1002-5",
        "Native Hawaiian or Other Pacific Islander": "2076-8",
        "Other": "2131-1",
    }
)
ETHNICITY = words({"Hispanic or Latino": "2135-2", "Not Hispanic or Latino": "2186-5"})
RELATIONSHIP = words({"18": "SELF", "01": "SPOUSE", "19": "CHILD", "53": "DOMPART", "G8": "FAMDEP"})
