"""The data types of HL7 that hold more than one text: coded elements, persons, places, telephones, ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from healthsim.exchange.hl7v2.cells import DATE, TEXT, Cell, Codec, Looks, Takes
from healthsim.exchange.hl7v2.delimiters import escaped
from healthsim.exchange.hl7v2.parsed import APPLICATION, Repetition

if TYPE_CHECKING:
    from healthsim.exchange.hl7v2.cells import Row

#: code system as the model has it -> names in HL7 table 0396, the first of which is written
SYSTEMS: Mapping[str, tuple[str, ...]] = {
    "ICD-10-CM": ("I10", "I10C", "ICD10", "ICD-10", "ICD-10-CM", "10D"),
    "ICD-10-PCS": ("I10P", "ICD-10-PCS"),
    "ICD-9-CM": ("I9C", "I9", "I9M", "I9CDX", "I9CP", "ICD9", "ICD-9-CM"),
    "SNOMED CT": ("SCT", "SNOMED", "SNM", "SNOMED-CT", "SNOMED CT"),
    "LOINC": ("LN", "LOINC"),
    "RxNorm": ("RXNORM", "RXN"),
    "NDC": ("NDC",),
    "CVX": ("CVX",),
    "CPT": ("C4", "CPT", "CPT4", "C5"),
    "HCPCS": ("HCPCS", "HPC"),
    "NUBC": ("NUBC",),
    "UNII": ("UNII",),
}
_SYSTEM_OF = {name: system for system, names in SYSTEMS.items() for name in names}
_NPI_ROOT = "2.16.840.1.113883.4.6"
_LOINC = re.compile(r"\d{1,5}-\d")


# -- coded elements (CE, CWE): code, text, system; the same again; the original text --------------------------


def _triplet(repetition: Repetition, component: int) -> str:
    """A part of the first triplet, or of the alternate one where only that has a code."""
    shift = 3 if not repetition.text(1) and repetition.text(4) else 0
    return repetition.text(component + shift)


def _read_code(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
    return _triplet(repetition, 1) or None


def _read_meaning(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
    texts = (_triplet(repetition, 2), repetition.text(2), repetition.text(5), repetition.text(9))
    return next((text for text in texts if text), None)


def _read_system(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
    name = _triplet(repetition, 3) if _triplet(repetition, 1) else ""
    return _SYSTEM_OF.get(name.upper(), name) or None


CODE = Codec(TEXT.write, _read_code)
MEANING = Codec(TEXT.write, _read_meaning)
SYSTEM = Codec(lambda value, looks: escaped(SYSTEMS.get(str(value), (str(value),))[0]), _read_system)


def coded(field: int, code: str, text: str, system: str) -> tuple[Cell, Cell, Cell]:
    """Three columns that are a coded element."""
    return (
        Cell(f"{field}.1", code, CODE),
        Cell(f"{field}.2", text, MEANING),
        Cell(f"{field}.3", system, SYSTEM),
    )


def of_system(name: str) -> Codec:
    """A code column that can only hold codes of one system; of the two triplets, the one that is of it."""

    def read(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
        for start in (1, 4):
            system = repetition.text(start + 2)
            if repetition.text(start) and _SYSTEM_OF.get(system.upper()) == name:
                return repetition.text(start)
        code = repetition.text(1)
        unsaid = not repetition.text(3) and (name != "LOINC" or _LOINC.fullmatch(code))
        return code if code and unsaid else None

    return Codec(TEXT.write, read)


def table(codes: Mapping[str, str], system: str, also: Mapping[str, str] | None = None) -> Codec:
    """Words that stand as a coded element of a table; others as a text without a code. Fills the whole field.

    Args:
        codes: word -> code.
        system: the table.
        also: other codes -> word.
    """
    by_word = {word.lower(): code for word, code in codes.items()}
    by_code = {code: word for word, code in codes.items()} | dict(also or {})

    def write(value: Any, looks: Looks) -> str:
        code = by_word.get(str(value).lower())
        return f"{code}^{escaped(str(value))}^{system}" if code else f"^{escaped(str(value))}"

    def read(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
        text = _read_meaning(repetition, 2, 0, takes)
        if takes.own and text:
            return text
        return by_code.get(repetition.text(1)) or by_code.get(repetition.text(4)) or text or repetition.text(1) or None

    return Codec(write, read)


RACE = table(
    {
        "White": "2106-3",
        "Black or African American": "2054-5",
        "Asian": "2028-9",
        "American Indian or Alaska Native": "1002-5",
        "Native Hawaiian or Other Pacific Islander": "2076-8",
        "Other": "2131-1",
    },
    "CDCREC",
)
ETHNICITY = table(
    {"Hispanic or Latino": "H", "Not Hispanic or Latino": "N", "Unknown": "U"},
    "HL70189",
    {"2135-2": "Hispanic or Latino", "2186-5": "Not Hispanic or Latino"},
)
ROUTE = table(
    {
        "oral": "PO",
        "intramuscular": "IM",
        "subcutaneous": "SC",
        "intravenous": "IV",
        "intranasal": "NS",
        "intradermal": "ID",
        "topical": "TP",
        "inhaled": "IH",
        "rectal": "PR",
        "sublingual": "SL",
    },
    "HL70162",
    {"C28161": "intramuscular", "C38299": "subcutaneous", "C38288": "oral", "C38284": "intranasal"},
)
SITE = table(
    {
        "left deltoid": "LD",
        "right deltoid": "RD",
        "left arm": "LA",
        "right arm": "RA",
        "left thigh": "LT",
        "right thigh": "RT",
    },
    "HL70163",
)


# -- who and where --------------------------------------------------------------------------------------------


def write_provider(value: Any, looks: Looks) -> str:
    """A provider by NPI and name (XCN); by our id where there is no NPI."""
    row = looks.of("providers", value) or {}
    texts = [row.get("npi") or value, row.get("family_name") or row.get("organization_name"), row.get("given_name")]
    name = "^".join(escaped(str(text or "")) for text in texts)
    degree = escaped(str(row.get("credential") or ""))
    by = ("NPI&2.16.840.1.113883.4.6&ISO", "NPI") if row.get("npi") else (APPLICATION, "PRN")
    return f"{name}^^^^{degree}^^{by[0]}^L^^^{by[1]}"


def read_provider(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
    """The id of a provider; what is known of them is taken as a row of its own."""
    number, family, given = (repetition.text(place) for place in (1, 2, 3))
    if not number and not family:
        return None
    is_npi = repetition.text(13) == "NPI" or repetition.text(9, 2) == _NPI_ROOT or repetition.text(9) in ("NPI", "CMS")
    row: dict[str, Any] = {
        "provider_id": provider_id(repetition, is_npi=is_npi),
        "npi": number if is_npi and re.fullmatch(r"\d{10}", number) else None,
        "family_name": family,
        "given_name": given,
        "credential": repetition.text(7),
    }
    takes.entity("provider", row)
    return str(row["provider_id"])


def provider_id(repetition: Repetition, *, is_npi: bool) -> str:
    """The number, or, without one, the name: senders that give no numbers have one name for a person."""
    number = repetition.text(1)
    if is_npi or not number:
        return number or "-".join(text for place in (2, 3, 4) if (text := repetition.text(place)))
    return number


PROVIDER = Codec(write_provider, read_provider)


def _read_author(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
    """Who wrote something, in words: the name where there is one, else the number."""
    name = " ".join(text for place in (3, 2) if (text := repetition.text(place)))
    return repetition.text(1) if takes.own or not name else name


AUTHOR = Codec(TEXT.write, _read_author)


def _write_facility(value: Any, looks: Looks) -> str:
    row = looks.of("facilities", value) or {}
    npi = f"&{escaped(str(row['npi']))}&L" if row.get("npi") else ""
    return escaped(str(value)) + npi


def _read_facility(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
    name, root, kind = (repetition.text(4, number) for number in (1, 2, 3))
    facility_id = name or root
    if not facility_id:
        return None
    npi = root if kind in ("NPI", "L") and re.fullmatch(r"\d{10}", root) else None
    shown = repetition.text(9) or (None if takes.own else facility_id)
    takes.entity("facility", {"facility_id": facility_id, "npi": npi, "name": shown})
    return facility_id


FACILITY = Codec(_write_facility, _read_facility)
FACILITY_NAME = Codec(
    lambda value, looks: escaped(str((looks.of("facilities", value) or {}).get("name") or "")),
    lambda repetition, component, sub, takes: None,
)


# -- how to reach somebody ------------------------------------------------------------------------------------


def _is_mail(repetition: Repetition) -> bool:
    return repetition.text(3).lower() in ("internet", "x.400") or repetition.text(2).upper() == "NET"


def _pick_mail(repetitions: Sequence[Repetition]) -> Repetition | None:
    return next((item for item in repetitions if _is_mail(item) and _mail(item)), None)


def _mail(repetition: Repetition) -> str | None:
    return next((text for place in (4, 1) if "@" in (text := repetition.text(place))), None)


def _telephone(repetition: Repetition) -> str | None:
    whole = repetition.text(1) or repetition.text(12)
    if whole:
        return whole
    parts = [text for place in (5, 6, 7) if (text := repetition.text(place))]
    extension = repetition.text(8)
    return "-".join(parts) + (f" x{extension}" if extension else "") if parts else None


def _pick_telephone(repetitions: Sequence[Repetition]) -> Repetition | None:
    return next((item for item in repetitions if not _is_mail(item) and _telephone(item)), None)


PHONE = Codec(
    lambda value, looks: f"^PRN^PH^^^^^^^^^{escaped(str(value))}",
    lambda repetition, component, sub, takes: _telephone(repetition),
    picks=_pick_telephone,
)
EMAIL = Codec(
    lambda value, looks: f"^NET^Internet^{escaped(str(value))}",
    lambda repetition, component, sub, takes: _mail(repetition),
    picks=_pick_mail,
)


# -- values and timings -----------------------------------------------------------------------------------


def _read_value(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
    """The first value as text, whatever its type: of a coded one the meaning, of a structured one its parts."""
    text = repetition.text(1)
    if len(repetition.parts) == 1:
        return repetition.all_text(1) or None
    if text in ("<", ">", "<=", ">=", "=", "<>", ""):
        # a structured number: comparator, number, separator, number
        joined = "".join(repetition.text(place) for place in range(1, 5))
        return joined.removeprefix("=") or _read_meaning(repetition, 2, 0, takes)
    return _read_meaning(repetition, 2, 0, takes) or text or None


VALUE = Codec(TEXT.write, _read_value)


def _read_repeat(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
    """How often: the words of a repeat pattern, else its code."""
    return repetition.text(1, 2) or repetition.text(1, 1) or None


RPT = Codec(TEXT.write, _read_repeat)


# -- which number of a patient --------------------------------------------------------------------------------


def pick_record_number(repetitions: Sequence[Repetition]) -> Repetition | None:
    """The medical record number among a patient's numbers: the one that says so, else the first of no other kind."""
    numbered = [item for item in repetitions if item.text(1)]
    for kinds in (("MR", "MRN"), ("", "PI", "PT", "ANON", "EI", "AN")):
        for item in numbered:
            if item.text(5).upper() in kinds:
                return item
    return None


RECORD_NUMBER = Codec(TEXT.write, TEXT.read, picks=pick_record_number)


# -- numbers with a unit, ranges ------------------------------------------------------------------------------


def read_days(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
    """A duration in days: ``30^d``; in other units it says nothing about days."""
    unit = repetition.text(2, 1).lower()
    return repetition.text(1) or None if unit in ("d", "day", "days") else None


DAYS = Codec(lambda value, looks: f"{value}^d", read_days)
PERIOD_BEGIN = Codec(DATE.write, DATE.read)


def range_text(row: Row) -> str | None:
    """The range of a laboratory value in words: as reported, else from its limits."""
    if row.get("reference_range"):
        return str(row["reference_range"])
    low, high = row.get("reference_low"), row.get("reference_high")
    if low is None and high is None:
        return None
    if high is None:
        return f">={low!r}"
    return f"<={high!r}" if low is None else f"{low!r}-{high!r}"


_LIMIT = re.compile(r"\s*([<>])\s*=?\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*")
_LIMITS = re.compile(r"\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*-\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*")


def limits_of(text: str) -> tuple[float | None, float | None]:
    """The limits that a range in words has: low, high."""
    if match := _LIMITS.fullmatch(text):
        return float(match[1]), float(match[2])
    if match := _LIMIT.fullmatch(text):
        return (float(match[2]), None) if match[1] == ">" else (None, float(match[2]))
    return None, None
