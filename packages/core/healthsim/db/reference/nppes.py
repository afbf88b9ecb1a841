"""NPPES: the monthly and weekly files of providers. Public, but real people: nothing generated ever has their numbers.

The provider file has 10 GB inside a zip. It is read as a stream: unpacked block by block, its 330 columns matched by
name, the useful ones kept, taxonomy slots turned into rows, filtered by state and taxonomy while reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from healthsim.db.reference.dataset import Connection, Dataset, Layout, nothing, positions
from healthsim.db.reference.geography import state_letters
from healthsim.db.reference.source import Table
from healthsim.db.sql import literal, sql_text
from healthsim.errors import InvalidInput, NotFound

PACKAGE = "healthsim.db.reference"
SLOTS = 15
#: what else stands for a state in an address: armed forces, freely associated states, other countries
_BESIDE_STATES = ("AA", "AE", "AP", "FM", "MH", "PW", "ZZ")
#: what stands for no value
NO_VALUE = ("", "<UNAVAIL>")

#: stored column -> plain name of the published one; the sex column changed its name in 2025
PROVIDER: Mapping[str, tuple[str, ...]] = {
    "npi": ("npi",),
    "entity_type": ("entitytypecode",),
    "replacement_npi": ("replacementnpi",),
    "organization_name": ("providerorganizationnamelegalbusinessname",),
    "last_name": ("providerlastnamelegalname",),
    "first_name": ("providerfirstname",),
    "middle_name": ("providermiddlename",),
    "name_prefix": ("providernameprefixtext",),
    "name_suffix": ("providernamesuffixtext",),
    "credential": ("providercredentialtext",),
    "other_organization_name": ("providerotherorganizationname",),
    "mailing_address_1": ("providerfirstlinebusinessmailingaddress",),
    "mailing_address_2": ("providersecondlinebusinessmailingaddress",),
    "mailing_city": ("providerbusinessmailingaddresscityname",),
    "mailing_state": ("providerbusinessmailingaddressstatename",),
    "mailing_postal_code": ("providerbusinessmailingaddresspostalcode",),
    "mailing_country": ("providerbusinessmailingaddresscountrycodeifoutsideus",),
    "practice_address_1": ("providerfirstlinebusinesspracticelocationaddress",),
    "practice_address_2": ("providersecondlinebusinesspracticelocationaddress",),
    "practice_city": ("providerbusinesspracticelocationaddresscityname",),
    "practice_state": ("providerbusinesspracticelocationaddressstatename",),
    "practice_postal_code": ("providerbusinesspracticelocationaddresspostalcode",),
    "practice_country": ("providerbusinesspracticelocationaddresscountrycodeifoutsideus",),
    "practice_phone": ("providerbusinesspracticelocationaddresstelephonenumber",),
    "practice_fax": ("providerbusinesspracticelocationaddressfaxnumber",),
    "enumeration_date": ("providerenumerationdate",),
    "last_update_date": ("lastupdatedate",),
    "deactivation_reason": ("npideactivationreasoncode",),
    "deactivation_date": ("npideactivationdate",),
    "reactivation_date": ("npireactivationdate",),
    "sex": ("providersexcode", "providergendercode"),
    "official_last_name": ("authorizedofficiallastname",),
    "official_first_name": ("authorizedofficialfirstname",),
    "official_title": ("authorizedofficialtitleorposition",),
    "official_phone": ("authorizedofficialtelephonenumber",),
    "sole_proprietor": ("issoleproprietor",),
    "organization_subpart": ("isorganizationsubpart",),
    "parent_organization": ("parentorganizationlbn",),
    "certification_date": ("certificationdate",),
}
DATES = ("enumeration_date", "last_update_date", "deactivation_date", "reactivation_date", "certification_date")
#: stored column of npi_taxonomies -> plain name of the published ones, less the slot
TAXONOMY = {
    "taxonomy_code": "healthcareprovidertaxonomycode",
    "license_number": "providerlicensenumber",
    "license_state": "providerlicensenumberstatecode",
    "is_primary": "healthcareproviderprimarytaxonomyswitch",
    "taxonomy_group": "healthcareprovidertaxonomygroup",
}
_SECONDARY = "providersecondarypracticelocationaddress"
PRACTICE_LOCATION: Mapping[str, tuple[str, ...]] = {
    "npi": ("npi",),
    "address_1": (_SECONDARY + "addressline1",),
    "address_2": (_SECONDARY + "addressline2",),
    "city": (_SECONDARY + "cityname",),
    "state": (_SECONDARY + "statename",),
    "postal_code": (_SECONDARY + "postalcode",),
    "country": (_SECONDARY + "countrycodeifoutsideus",),
    "phone": (_SECONDARY + "telephonenumber",),
    "fax": ("providerpracticelocationaddressfaxnumber",),
}
OTHER_NAME: Mapping[str, tuple[str, ...]] = {
    "npi": ("npi",),
    "other_name": ("providerotherorganizationname",),
    "name_type": ("providerotherorganizationnametypecode",),
}
ENDPOINT: Mapping[str, tuple[str, ...]] = {
    "npi": ("npi",),
    "endpoint_type": ("endpointtypedescription", "endpointtype"),
    "endpoint": ("endpoint",),
    "affiliation": ("affiliation",),
    "endpoint_description": ("endpointdescription",),
    "affiliation_name": ("affiliationlegalbusinessname",),
    "use_description": ("usedescription",),
    "content_description": ("contentdescription", "contenttypedescription"),
    "address_1": ("affiliationaddresslineone",),
    "city": ("affiliationaddresscity",),
    "state": ("affiliationaddressstate",),
    "country": ("affiliationaddresscountry",),
    "postal_code": ("affiliationaddresspostalcode",),
}
#: level -> (columns, those that a header must have to be of it, table)
FILES = {
    "provider": (PROVIDER, {"npi", "entity_type", "enumeration_date", "practice_state"}, "npi_providers"),
    "practice_location": (PRACTICE_LOCATION, {"npi", "address_1", "state"}, "npi_practice_locations"),
    "other_name": (OTHER_NAME, {"npi", "other_name", "name_type"}, "npi_other_names"),
    "endpoint": (ENDPOINT, {"npi", "endpoint_type", "endpoint"}, "npi_endpoints"),
}

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)


def recognise(dataset: Dataset, table: Table) -> Layout | None:
    """One of the four files of a zip, whatever its name, or none of them."""
    columns = positions(table.header)
    for level, (wanted, needed, _) in FILES.items():
        parts = {
            name: next((columns[known] for known in names if known in columns), -1) for name, names in wanted.items()
        }
        parts = {name: number for name, number in parts.items() if number >= 0}
        if not needed <= set(parts):
            continue
        values = {}
        if level == "provider":
            for slot in range(1, SLOTS + 1):
                for name, known in TAXONOMY.items():
                    if known + str(slot) in columns:
                        values[f"{name}_{slot}"] = columns[known + str(slot)]
        return Layout(dataset, table, table.header, table.skip + 1, parts, values, (level,), (), "", level)
    return None


def release_in_name(*names: str) -> str | None:
    """The last day, or the month, that the name of a member or of its zip gives."""
    for name in names:
        match = re.search(r"(20\d{6})-(20\d{6})", name)
        if match:
            day = match.group(2)
            return f"{day[:4]}-{day[4:6]}-{day[6:]}"
    for name in names:
        match = re.search(r"_(\d{6})_(\d{6})(?!\d)", name)
        if match:
            day = match.group(2)
            return f"20{day[4:]}-{day[:2]}-{day[2:4]}"
        match = re.search(r"(" + "|".join(_MONTHS) + r")[_ -]*(20\d\d)", name, re.I)
        if match:
            return f"{match.group(2)}-{_MONTHS.index(match.group(1).lower()) + 1:02d}"
    return None


def provider_sql(layout: Layout, where: str) -> str:
    """The SELECT of providers from the table block."""
    columns = []
    for name in PROVIDER:
        text = name if name in layout.parts else "NULL::VARCHAR"
        columns.append(
            f"CAST(strptime({text}, '%m/%d/%Y') AS DATE) AS {name}" if name in DATES else f"{text} AS {name}"
        )
    slots = _slots(layout)
    flagged = ", ".join(f"CASE WHEN is_primary_{slot} = 'Y' THEN taxonomy_code_{slot} END" for slot in slots)
    filled = ", ".join(f"taxonomy_code_{slot}" for slot in slots)
    # a provider with one taxonomy has no other to be primary
    count = " + ".join(f"(taxonomy_code_{slot} IS NOT NULL)::INTEGER" for slot in slots)
    only = f"CASE WHEN {count or 0} = 1 THEN coalesce({filled}) END"
    columns.append(f"{f'coalesce({flagged}, {only})' if slots else 'NULL::VARCHAR'} AS primary_taxonomy")
    return sql_text(PACKAGE, "npi_providers").format(columns=",\n    ".join(columns), where=where)


def deactivated_sql(layout: Layout) -> str:
    """The condition for a deactivated provider that the table ``held`` has; its record has neither state nor taxonomy."""
    if "deactivation_date" not in layout.parts:
        return "false"
    return "(deactivation_date IS NOT NULL AND practice_state IS NULL AND npi IN (SELECT npi FROM held))"


def newest_sql(layout: Layout) -> str:
    """The SELECT of the newest day of the table block, whatever is kept of it."""
    days = [
        f"CAST(strptime({name}, '%m/%d/%Y') AS DATE)"
        for name in ("last_update_date", "deactivation_date", "enumeration_date")
        if name in layout.parts
    ]
    return f"SELECT max(greatest({', '.join(days)})) AS newest FROM block"


def taxonomy_sql(layout: Layout, where: str) -> str:
    """The SELECT of the filled taxonomy slots from the table block."""
    slots = []
    for slot in _slots(layout):
        values = []
        for name in TAXONOMY:
            value = f"{name}_{slot}" if f"{name}_{slot}" in layout.values else "NULL::VARCHAR"
            values.append(
                f"coalesce({value} = 'Y', false) AS is_primary" if name == "is_primary" else f"{value} AS {name}"
            )
        slots.append(sql_text(PACKAGE, "npi_taxonomies").format(slot=slot, values=", ".join(values), where=where))
    # slot by slot: nearly all are empty, and their other columns are not even looked at
    return "\nUNION ALL\n".join(slots)


def companion_sql(layout: Layout, kept: str) -> str:
    """The SELECT of a file beside the providers, of those that were kept."""
    wanted = FILES[layout.form][0]
    columns = [f"{name if name in layout.parts else 'NULL::VARCHAR'} AS {name}" for name in wanted]
    return sql_text(PACKAGE, "npi_companion").format(columns=",\n    ".join(columns), kept=kept)


def _slots(layout: Layout) -> list[int]:
    return [slot for slot in range(1, SLOTS + 1) if f"taxonomy_code_{slot}" in layout.values]


def where_of(layout: Layout, states: Iterable[str], taxonomies: Iterable[str]) -> str:
    """The condition that the filters make; a taxonomy may be the beginning of a code."""
    conditions = ["true"]
    wanted = ", ".join(literal(state.upper()) for state in states)
    if wanted:
        conditions.append(f"upper(practice_state) IN ({wanted})")
    codes = [literal(code.upper()) for code in taxonomies]
    if codes:
        slots = [f"taxonomy_code_{slot}" for slot in _slots(layout)]
        conditions.append("(" + " OR ".join(f"starts_with({slot}, {code})" for slot in slots for code in codes) + ")")
    return " AND ".join(conditions)


def letters_of(connection: Connection, states: Iterable[str]) -> tuple[str, ...]:
    """The letters, as NPPES has them, of states that names, letters or codes mean.

    Raises:
        InvalidInput: there is no such state.
    """
    return tuple(text.upper() if text.upper() in _BESIDE_STATES else _letters(connection, text) for text in states)


def _letters(connection: Connection, text: str) -> str:
    try:
        return state_letters(connection, text)
    except NotFound as error:
        raise InvalidInput(str(error), state=text) from None


def check_taxonomies(taxonomies: Iterable[str]) -> None:
    """Raises InvalidInput for a taxonomy that no provider can have."""
    for code in taxonomies:
        if not re.fullmatch(r"[0-9]{3}[0-9A-Za-z]{0,7}", code):
            raise InvalidInput(
                f"The taxonomy {code!r} is no taxonomy code; expected one such as 207R00000X, or its beginning (207R).",
                taxonomy=code,
            )


def _unused(connection: Connection, layout: Layout, level: str, release: str = "") -> str:
    raise AssertionError("NPPES is read as a stream")


NPPES = Dataset(
    name="nppes",
    title="NPPES",
    expected="NPI with Entity Type Code and Provider Enumeration Date (providers), or the columns of a companion file",
    releases=(),
    recognise=recognise,
    claims=lambda *_: (),
    vintage=_unused,
    project=_unused,
    check=nothing,
    target="npi_providers",
)
