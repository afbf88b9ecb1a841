"""Census geography: county lists, metropolitan areas (CBSA) and Connecticut's crosswalk."""

from __future__ import annotations

import re
from collections.abc import Iterable

from healthsim.db.reference.dataset import (
    Claim,
    Connection,
    Dataset,
    Layout,
    connecticut,
    nothing,
    parts_of,
    positions,
)
from healthsim.db.reference.source import Table
from healthsim.db.sql import sql_text

_LISTS = ("2000", "2010", "2015", "2020", "2022")
_DELINEATIONS = ("2013", "2015", "2017", "2018", "2020", "2023")

_COUNTY = {
    "key": ("countyfips", "geoid", "fips"),
    "state_code": ("statefips", "statefp", "fipsstatecode"),
    "county_code": ("countyfp", "fipscountycode"),
    "name": ("countyname", "name", "countycountyequivalent", "namelsad"),
}
_CBSA = {
    "cbsa_code": ("cbsacode",), "cbsa_title": ("cbsatitle",),
    "cbsa_type": ("cbsatype", "metropolitanmicropolitanstatisticalarea", "metropolitanmicropolitanstatis"),
    "csa_code": ("csacode",), "csa_title": ("csatitle",),
    "central_outlying": ("centraloutlying", "centraloutlyingcounty"),
}  # fmt: skip
_CROSSWALK = {
    "tract_2020": ("tractfips2020",), "key": ("tractfips2022",), "town": ("townname",), "county": ("countyname",),
    "county_2020": ("countyfips2020",), "region": ("cename2022",), "region_2022": ("cefips2022",),
    "zcta": ("zip5zcta2020",),
}  # fmt: skip
_TWO_CODES = "nullif(lpad(trim(state_code), 2, '0') || lpad(trim(county_code), 3, '0'), '')"


def _keyed(parts: dict[str, int]) -> str | None:
    if "key" in parts:
        return "trim(key)"
    return _TWO_CODES if {"state_code", "county_code"} <= set(parts) else None


def recognise_counties(dataset: Dataset, table: Table) -> Layout | None:
    """A list of counties: of the Census Bureau's shapes, or plain state and county codes with names."""
    columns = positions(table.header)
    parts = parts_of(columns, _COUNTY)
    key = _keyed(parts)
    others = {"cbsacode", "rplthemes", "ustp", "totalpopulation", "countyfips2020", "datavalue", "npi"}
    if key is None or "name" not in parts or len(table.header) > 20 or others & set(columns):
        return None
    return Layout(
        dataset, table, table.header, table.skip + 1, parts, {}, ("county",), _LISTS,
        "county lists have the same columns",
        key=key, has_notes=True,
    )  # fmt: skip


def claims_counties(connection: Connection, layout: Layout, level: str) -> Iterable[Claim]:
    """Which year's counties these are: by the ones that were renamed, divided or replaced."""
    codes = {row[0] for row in connection.execute("SELECT geoid FROM raw").fetchall()}
    coding = connecticut(connection, layout.table.member.label)
    if coding == "regions":
        yield Claim(frozenset({"2022"}), "it has Connecticut's planning regions (09110 to 09190)")
    elif coding == "counties":
        yield Claim(frozenset(_LISTS) - {"2022"}, "it has Connecticut's counties (09001 to 09015)")
    if "02063" in codes:
        yield Claim(frozenset({"2020", "2022"}), "it has Chugach (02063), made in 2019")
    if "02261" in codes:
        yield Claim(frozenset({"2000", "2010", "2015"}), "it has Valdez-Cordova (02261), divided in 2019")
    if "46102" in codes:
        yield Claim(frozenset({"2015", "2020", "2022"}), "it has Oglala Lakota County (46102), named in 2015")
    if "46113" in codes:
        yield Claim(frozenset({"2000", "2010"}), "it has Shannon County (46113), renamed in 2015")
    if "08014" in codes and len(codes) > 3000:
        yield Claim(frozenset(_LISTS) - {"2000"}, "it has Broomfield County (08014), made in 2001")


def vintage(connection: Connection, layout: Layout, level: str, release: str) -> str:
    """A list of counties is its own vintage; a delineation is of the geography that its keys are in."""
    if layout.dataset.name == "counties":
        return release
    coding = connecticut(connection, layout.table.member.label)
    return "2022" if coding == "regions" or release >= "2023" else "2020" if release >= "2020" else "2010"


def recognise_cbsa(dataset: Dataset, table: Table) -> Layout | None:
    """A delineation file: counties with the areas that they belong to."""
    parts = parts_of(positions(table.header), {**_COUNTY, **_CBSA})
    key = _keyed(parts)
    if key is None or not {"cbsa_code", "cbsa_title"} <= set(parts):
        return None
    return Layout(
        dataset, table, table.header, table.skip + 1, parts, {}, ("county",), _DELINEATIONS,
        "delineations have the same columns", key=key, has_notes=True,
    )  # fmt: skip


def claims_cbsa(connection: Connection, layout: Layout, level: str) -> Iterable[Claim]:
    """The date that the notes below the table give, and Connecticut's codes."""
    notes = connection.execute("SELECT concat_ws(' ', *COLUMNS(*)) FROM notes").fetchall()
    for (text,) in notes:
        match = re.search(r"([A-Z][a-z]+) (20\d\d) delineations", text or "")
        if match:
            yield Claim(frozenset({match.group(2)}), f"its notes speak of the {match.group(0)}")
            break
    if connecticut(connection, layout.table.member.label) == "regions":
        yield Claim(frozenset({"2023"}), "it has Connecticut's planning regions (09110 to 09190)")


def recognise_crosswalk(dataset: Dataset, table: Table) -> Layout | None:
    """Connecticut's tracts in both codings."""
    parts = parts_of(positions(table.header), _CROSSWALK)
    if not {"tract_2020", "key", "county_2020", "region_2022"} <= set(parts):
        return None
    return Layout(dataset, table, table.header, table.skip + 1, parts, {}, ("tract",), ("2022",), "")


def project_counties(connection: Connection, layout: Layout, level: str, release: str) -> str:
    """The SELECT of one row per county."""
    return sql_text("healthsim.db.reference", "county_lists")


def project_cbsa(connection: Connection, layout: Layout, level: str, release: str) -> str:
    """The SELECT of one row per county of an area."""
    wanted = ("name", *_CBSA)
    return sql_text("healthsim.db.reference", "cbsa_counties").format(
        columns=",\n    ".join(
            f"{f'trim({part})' if part in layout.parts else 'NULL::VARCHAR'}"
            f" AS {'county_name' if part == 'name' else part}"
            for part in wanted
        )
    )


def project_crosswalk(connection: Connection, layout: Layout, level: str, release: str) -> str:
    """The SELECT of one row per tract."""
    columns = {
        "town": "town_name", "county": "county_name", "county_2020": "county_fips_2020", "region": "region_name",
        "region_2022": "region_fips_2022", "zcta": "zcta",
    }  # fmt: skip
    return sql_text("healthsim.db.reference", "ct_crosswalk").format(
        columns=",\n    ".join(
            f"{_code(part)} AS {column}" if part in layout.parts else f"NULL::VARCHAR AS {column}"
            for part, column in columns.items()
        )
    )


def _code(part: str) -> str:
    return f"lpad(trim({part}), 5, '0')" if part in ("county_2020", "region_2022", "zcta") else f"trim({part})"


COUNTIES = Dataset(
    name="counties",
    title="Census county list",
    expected="county_fips (or state and county codes) and county_name",
    releases=_LISTS,
    recognise=recognise_counties,
    claims=claims_counties,
    vintage=vintage,
    project=project_counties,
    check=nothing,
    target="county_lists",
    totals={("county", "2022"): 3144, ("county", "2020"): 3143},
)
CBSA = Dataset(
    name="cbsa",
    title="OMB/Census metropolitan areas (CBSA)",
    expected="county codes, CBSA Code and CBSA Title",
    releases=_DELINEATIONS,
    recognise=recognise_cbsa,
    claims=claims_cbsa,
    vintage=vintage,
    project=project_cbsa,
    check=nothing,
    target="cbsa_counties",
)
CROSSWALK = Dataset(
    name="ct_crosswalk",
    title="Connecticut tract crosswalk of 2022",
    expected="tract_fips_2020, Tract_fips_2022, county_fips_2020 and ce_fips_2022",
    releases=("2022",),
    recognise=recognise_crosswalk,
    claims=lambda *_: (),
    vintage=vintage,
    project=project_crosswalk,
    check=nothing,
    target="ct_crosswalk",
)
