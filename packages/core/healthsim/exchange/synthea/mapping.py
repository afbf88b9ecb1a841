"""What the columns of Synthea's CSV files mean: one declaration for each file, from which reading and the page follow.

Columns are named in upper case; where versions spell one differently, all spellings are named. Columns that are not named here
(those of forks, of later versions) stay in the document.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, str]
Convert = Callable[[str], Any]


@dataclass(frozen=True)
class Value:
    """Where a column of ours comes from: the first of these columns that says something, as ``convert`` reads it."""

    sources: tuple[str, ...]
    convert: Convert | None = None

    def of(self, row: Row) -> Any:
        """The value in a row; None where nothing is said."""
        for source in self.sources:
            text = row.get(source, "").strip()
            if text and text != "NaN":
                return text if self.convert is None else self.convert(text)
        return None


@dataclass(frozen=True)
class Table:
    """One file of Synthea.

    Attributes:
        name: of the file, without its ending.
        needs: columns that it has in every version.
        tells: those by which its header is told from others, where its name does not say what it is.
        kind: the entity type that a row becomes, or what it is kept as where it is of none.
        columns: of the type <- columns of the file.
        fixed: values that hold for every row.
        key: the column with the id of a row; without it, the id is made of the content.
        special: a row means more than ``columns`` says: see ``rows.py``.
    """

    name: str
    needs: frozenset[str]
    tells: frozenset[str]
    kind: str
    columns: Mapping[str, Value] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    special: str = ""


def made_id(*parts: str) -> str:
    """A stable id made of what identifies a thing; ``spans.sql`` computes the same."""
    return str(uuid.UUID(hashlib.md5("|".join(parts).encode(), usedforsecurity=False).hexdigest()))


def day(text: str) -> str | None:
    """A date as the first ten characters say it; of year 10000 and later (Synthea's "for ever") nothing."""
    year, _, rest = text.partition("-")
    if len(year) > 4 and year.isdigit():
        return None
    if not rest and len(year) == 4 and year.isdigit():
        # START_YEAR and END_YEAR of version 2.7 are years
        return f"{year}-01-01"
    return text[:10]


def last_day(text: str) -> str | None:
    """The same for the end of a span, which a mere year ends with its last day."""
    return f"{text}-12-31" if len(text) == 4 and text.isdigit() else day(text)


def instant(text: str) -> str | None:
    """An instant as it is written; beyond the year 9999 nothing."""
    return text if day(text) is not None else None


def words(mapping: Mapping[str, str]) -> Convert:
    """A reader of words: those that are not in the mapping stay as they are."""
    return lambda text: mapping.get(text.lower(), text)


def of(*sources: str, by: Convert | None = None) -> Value:
    """A column of ours that comes from one of these."""
    return Value(sources, by)


RACES = words(
    {
        "white": "White",
        "black": "Black or African American",
        "asian": "Asian",
        "native": "American Indian or Alaska Native",
        "hawaiian": "Native Hawaiian or Other Pacific Islander",
        "other": "Other",
    }
)
ETHNICITIES = words({"nonhispanic": "Not Hispanic or Latino", "hispanic": "Hispanic or Latino"})
SYSTEMS = words(
    {
        "snomed-ct": "SNOMED CT",
        "http://snomed.info/sct": "SNOMED CT",
        "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
        "rxnorm": "RxNorm",
        "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    }
)
CLASSES = words(
    {
        "wellness": "outpatient",
        "ambulatory": "outpatient",
        "urgentcare": "outpatient",
        "outpatient": "outpatient",
        "hospice": "home",
        "snf": "inpatient",
    }
)
#: 1 and 2 of HEALTHCARECLAIMTYPEID1
CLAIM_TYPES = words({"1": "professional", "2": "institutional"})
STATUSES = words({"closed": "paid", "billed": "pended", "open": "pended"})
RELATIONSHIPS = words({"self": "18", "spouse": "01", "guardian": "19"})
_STATE_NAMES = (
    "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,DC District of"
    " Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA"
    " Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,NE"
    " Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,OH"
    " Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,PR Puerto Rico,RI Rhode Island,SC South Carolina,SD South Dakota,TN"
    " Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,WV West Virginia,WI Wisconsin,WY Wyoming"
)
STATES = words({name.lower(): code for code, _, name in (item.partition(" ") for item in _STATE_NAMES.split(","))})


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ADDRESS = {
    "address_line1": of("ADDRESS"),
    "city": of("CITY"),
    "state": of("STATE", "STATE_HEADQUARTERED", by=STATES),
    "postal_code": of("ZIP"),
}
_VISIT = {"patient_id": of("PATIENT"), "encounter_id": of("ENCOUNTER")}
_CODED = {"code": of("CODE"), "code_system": of("SYSTEM", by=SYSTEMS), "description": of("DESCRIPTION")}

TABLES: tuple[Table, ...] = (
    Table(
        "organizations",
        _names("ID NAME"),
        _names("REVENUE UTILIZATION"),
        "facility",
        {"facility_id": of("ID"), "name": of("NAME"), "phone": of("PHONE"), **_ADDRESS},
        key="ID",
    ),
    Table(
        "providers",
        _names("ID ORGANIZATION NAME"),
        _names("GENDER"),
        "provider",
        {"provider_id": of("ID"), "name": of("NAME"), "specialty": of("SPECIALITY", "SPECIALTY"), **_ADDRESS},
        {"entity_type_code": "1"},
        key="ID",
        special="provider",
    ),
    Table(
        "payers",
        _names("ID NAME"),
        _names("AMOUNT_COVERED"),
        "plan",
        {
            "plan_id": of("ID"),
            "plan_name": of("NAME"),
            "payer_name": of("NAME"),
            "payer_phone": of("PHONE"),
            **{f"payer_{name}": value for name, value in _ADDRESS.items()},
        },
        key="ID",
        special="payer",
    ),
    Table(
        "patients",
        _names("ID BIRTHDATE FIRST LAST"),
        frozenset(),
        "patient",
        {
            "patient_id": of("ID"),
            "birth_date": of("BIRTHDATE", by=day),
            "death_date": of("DEATHDATE", by=day),
            "deceased": of("DEATHDATE", by=lambda text: True),
            "ssn": of("SSN"),
            "prefix": of("PREFIX"),
            "given_name": of("FIRST"),
            "middle_name": of("MIDDLE"),
            "family_name": of("LAST"),
            "suffix": of("SUFFIX"),
            "race": of("RACE", by=RACES),
            "ethnicity": of("ETHNICITY", by=ETHNICITIES),
            "gender": of("GENDER"),
            "county": of("COUNTY"),
            "county_fips": of("FIPS"),
            **_ADDRESS,
        },
        key="ID",
    ),
    Table(
        "payer_transitions",
        _names("PATIENT PAYER"),
        _names("OWNERSHIP"),
        "member",
        {
            "patient_id": of("PATIENT"),
            "member_number": of("MEMBERID"),
            "plan_id": of("PAYER"),
            "coverage_start": of("START_DATE", "START_YEAR", by=day),
            "coverage_end": of("END_DATE", "END_YEAR", by=last_day),
            "relationship_code": of("OWNERSHIP", by=RELATIONSHIPS),
        },
        special="transition",
    ),
    Table(
        "encounters",
        _names("ID START PATIENT"),
        _names("ENCOUNTERCLASS"),
        "encounter",
        {
            "encounter_id": of("ID"),
            "patient_id": of("PATIENT"),
            "facility_id": of("ORGANIZATION"),
            "attending_provider_id": of("PROVIDER"),
            "encounter_class": of("ENCOUNTERCLASS", by=CLASSES),
            "encounter_type": of("DESCRIPTION"),
            "type_code": of("CODE"),
            "start_datetime": of("START", by=instant),
            "end_datetime": of("STOP", by=instant),
            "reason_for_visit": of("REASONDESCRIPTION"),
            "reason_code": of("REASONCODE"),
        },
        {"status": "finished", "type_code_system": "SNOMED CT"},
        key="ID",
        special="encounter",
    ),
    Table(
        "conditions",
        _names("START PATIENT CODE"),
        _names("STOP DESCRIPTION"),
        "diagnosis",
        {
            **_VISIT,
            **_CODED,
            "onset_date": of("START", by=day),
            "diagnosed_date": of("START", by=day),
            "resolved_date": of("STOP", by=day),
        },
        special="condition",
    ),
    Table(
        "allergies",
        _names("START PATIENT CODE"),
        _names("REACTION1"),
        "allergy",
        {
            "patient_id": of("PATIENT"),
            "substance": of("DESCRIPTION"),
            "code": of("CODE"),
            "code_system": of("SYSTEM", by=SYSTEMS),
            "category": of("CATEGORY"),
            "reaction": of("DESCRIPTION1"),
            "severity": of("SEVERITY1", by=str.lower),
            "onset_date": of("START", by=day),
        },
        special="allergy",
    ),
    Table(
        "medications",
        _names("START PATIENT CODE"),
        _names("DISPENSES"),
        "medication",
        {
            **_VISIT,
            "name": of("DESCRIPTION"),
            "code": of("CODE"),
            "start_date": of("START", by=day),
            "end_date": of("STOP", by=day),
            "indication": of("REASONDESCRIPTION"),
        },
        {"code_system": "RxNorm"},
        special="medication",
    ),
    Table(
        "procedures",
        _names("PATIENT CODE"),
        _names("BASE_COST REASONCODE"),
        "procedure",
        {**_VISIT, **_CODED, "performed_datetime": of("START", "DATE", by=instant)},
        special="procedure",
    ),
    Table(
        "immunizations",
        _names("DATE PATIENT CODE"),
        _names("BASE_COST"),
        "immunization",
        {
            **_VISIT,
            "cvx_code": of("CODE"),
            "description": of("DESCRIPTION"),
            "administered_date": of("DATE", by=day),
        },
    ),
    Table("observations", _names("DATE PATIENT CODE VALUE"), _names("UNITS"), "observation", special="observation"),
    Table(
        "claims",
        _names("ID PATIENTID"),
        _names("PROVIDERID DIAGNOSIS1"),
        "claim",
        {
            "claim_id": of("ID"),
            "patient_id": of("PATIENTID"),
            "encounter_id": of("APPOINTMENTID"),
            "billing_provider_id": of("PROVIDERID"),
            "claim_type": of("HEALTHCARECLAIMTYPEID1", by=CLAIM_TYPES),
            "service_date": of("SERVICEDATE", by=day),
            "principal_diagnosis": of("DIAGNOSIS1"),
            "status": of("STATUSP", "STATUS1", by=STATUSES),
            "adjudicated_date": of("LASTBILLEDDATE1", by=day),
        },
        key="ID",
        special="claim",
    ),
    Table("claims_transactions", _names("ID CLAIMID"), _names("CHARGEID"), "claims_transaction", special="transaction"),
    Table("careplans", _names("ID START PATIENT"), _names("REASONCODE"), "careplan"),
    Table("imaging_studies", _names("ID PATIENT"), _names("MODALITY_CODE"), "imaging_study"),
    Table("devices", _names("START PATIENT CODE"), _names("UDI"), "device"),
    Table("supplies", _names("DATE PATIENT CODE"), _names("QUANTITY"), "supply"),
)
BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}

SMOKING = "72166-2"


def tables() -> dict[str, list[tuple[str, str, str]]]:
    """What the page of mappings shows: file -> (type of ours, column of the file, column of ours)."""
    shown = {}
    for table in TABLES:
        rows = [(table.kind, " or ".join(value.sources), name) for name, value in table.columns.items()]
        shown[f"{table.name}.csv"] = rows or [(f"{table.kind}, without a type", "every column", "the document")]
    return shown
