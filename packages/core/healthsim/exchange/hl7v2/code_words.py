"""Columns of words that stand as codes in messages: word -> code of the HL7 tables."""

from __future__ import annotations

from healthsim.exchange.hl7v2.cells import words

GENDER = words({"m": "M", "f": "F", "o": "O", "u": "U"})
CLASS = words(
    {
        "inpatient": "I",
        "outpatient": "O",
        "emergency": "E",
        "observation": "O",
        "virtual": "O",
        "home": "O",
    },
    otherwise="U",
    keep=False,
)
#: HL7 table 0007 has letters, of which some mean what the numbers of NUBC do
ADMISSION_TYPE = words({}, also={"E": "1", "U": "2", "C": "3", "N": "4"})
PRIORITY = words({"routine": "R", "stat": "S", "asap": "A", "urgent": "A", "timed": "T"})
ORDER_STATUS = words(
    {"active": "IP", "completed": "CM", "cancelled": "CA", "on-hold": "HD", "revoked": "DC"},
    also={"SC": "active", "A": "active", "RP": "cancelled"},
)
RESULT_STATUS = words(
    {
        "final": "F",
        "preliminary": "P",
        "corrected": "C",
        "amended": "C",
        "cancelled": "X",
        "registered": "I",
        "entered-in-error": "W",
    },
    keep=False,
)
SECTION = words(
    {"laboratory": "LAB", "lab": "LAB", "imaging": "RAD", "radiology": "RAD", "microbiology": "MB", "cardiology": "EC"},
    otherwise="OTH",
    keep=False,
)
COMPLETION = words({"completed": "CP", "not-done": "NA", "refused": "RE"}, otherwise="CP", keep=False)
RELATIONSHIP = words({"18": "SEL", "01": "SPO", "19": "CHD", "53": "DOM", "g8": "OTH"}, keep=False)
ALLERGY_KIND = words(
    {"medication": "DA", "food": "FA", "environment": "EA", "biologic": "MA", "drug": "DA", "pollen": "LA"},
    otherwise="MC",
    keep=False,
)
SEVERITY = words({"severe": "SV", "moderate": "MO", "mild": "MI", "unknown": "U"}, keep=False)
DIAGNOSIS_KIND = words(
    {"admitting": "A", "working": "W", "principal": "F", "secondary": "F", "final": "F"}, otherwise="F", keep=False
)
NOTE_KIND = words({"discharge summary": "DS", "ed note": "ED", "progress": "PN", "history and physical": "HP"})
