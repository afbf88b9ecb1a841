"""Census geography: county lists, metropolitan areas (CBSA) and Connecticut's crosswalk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

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
from healthsim.errors import InvalidInput

_LISTS = ("2000", "2010", "2015", "2020", "2022")
_DELINEATIONS = ("2003", "2004", "2005", "2006", "2007", "2008", "2009", "2013", "2015", "2017", "2018", "2020", "2023")

_COUNTY = {
    "key": ("countyfips", "geoid", "fips"),
    "state_code": ("statefips", "statefp", "fipsstatecode", "statecodefips"),
    "county_code": ("countyfp", "fipscountycode", "countycodefips"),
    "name": (
        "countyname",
        "name",
        "countycountyequivalent",
        "namelsad",
        "couname",
        "componentname",
        "areanameincludinglegalstatisticalareadescription",
    ),
    "summary": ("summarylevel",),
}
#: a line of the list of 2010, which has no header: AL,01,001,Autauga County,H1
_WITHOUT_HEADER = (r"[A-Z]{2}", r"\d{2}", r"\d{3}", r".+", r"[HC]\d")
#: columns that lists of counties have and other lists with a GEOID (legislative districts, urban areas) do not
_OF_COUNTIES = {"ansicode", "countyfp", "countyns", "countyname", "countyfips"}
_COUNTY_NAME = r".*\b(County|Parish|Borough|Census Area|Municipality|Municipio|city|City|Planning Region|District of Columbia)(,.*)?"
_CBSA = {
    "cbsa_code": ("cbsacode",),
    "cbsa_title": ("cbsatitle",),
    "cbsa_type": (
        "cbsatype",
        "metropolitanmicropolitanstatisticalarea",
        "metropolitanmicropolitanstatis",
        "levelofcbsa",
    ),
    "csa_code": ("csacode",),
    "csa_title": ("csatitle",),
    "central_outlying": ("centraloutlying", "centraloutlyingcounty", "countystatus"),
}
_CROSSWALK = {
    "tract_2020": ("tractfips2020",),
    "key": ("tractfips2022",),
    "town": ("townname",),
    "county": ("countyname",),
    "county_2020": ("countyfips2020",),
    "region": ("cename2022",),
    "region_2022": ("cefips2022",),
    "zcta": ("zip5zcta2020",),
}
_TWO_CODES = "nullif(lpad(trim(state_code), 2, '0') || lpad(trim(county_code), 3, '0'), '')"


def _keyed(parts: dict[str, int]) -> str | None:
    if "key" in parts:
        return "trim(key)"
    if not {"state_code", "county_code"} <= set(parts):
        return None
    # lists of several levels say of each record which it is: 050 are counties
    return f"CASE WHEN ltrim(trim(summary), '0') = '50' THEN {_TWO_CODES} END" if "summary" in parts else _TWO_CODES


def recognise_counties(dataset: Dataset, table: Table) -> Layout | None:
    """A list of counties: of the Census Bureau's shapes, or plain state and county codes with names."""
    columns = positions(table.header)
    parts = parts_of(columns, _COUNTY)
    skip = table.skip + 1
    if len(table.header) == 5 and all(map(re.fullmatch, _WITHOUT_HEADER, table.header)):
        parts, skip = {"state_code": 1, "county_code": 2, "name": 3}, table.skip
    key = _keyed(parts)
    others = {"cbsacode", "rplthemes", "ustp", "totalpopulation", "countyfips2020", "datavalue", "npi"}
    if key is None or "name" not in parts or len(table.header) > 20 or others & set(columns):
        return None
    return Layout(
        dataset,
        table,
        table.header,
        skip,
        parts,
        {},
        ("county",),
        ("2010",) if "pop10" in columns else _LISTS,
        "the header has POP10" if "pop10" in columns else "county lists have the same columns",
        form="" if _OF_COUNTIES & set(columns) or "key" not in parts else "any",
        key=key,
        has_notes=True,
    )


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


def check_counties(connection: Connection, layout: Layout, level: str, release: str) -> Sequence[str]:
    """Where the header does not say that the places are counties, their names must: other places have such codes, too.

    Raises:
        InvalidInput: they are called otherwise.
    """
    if layout.form != "any":
        return ()
    rows = connection.execute(
        "SELECT geoid, name, count(*) OVER () FROM raw WHERE NOT coalesce(regexp_full_match(trim(name), ?), false)"
        " ORDER BY geoid LIMIT 1",
        [_COUNTY_NAME],
    ).fetchall()
    count = connection.execute("SELECT count(*) FROM raw").fetchall()[0][0]
    if rows and rows[0][2] * 10 > count:
        label = layout.table.member.label
        raise InvalidInput(
            f"{label} has codes of 5 digits, but {rows[0][2]:,} of its {count:,} places are not called as counties are"
            f" ({rows[0][0]} is {rows[0][1]!r}); expected names such as 'Autauga County'. Nothing was loaded. A list of"
            " counties has a column such as county_fips or COUNTYFP.",
            file=label,
        )
    return ()


def of_year(year: str) -> str:
    """The list of counties that a year's file has: counties change in a few years only."""
    return max((known for known in _LISTS if known <= year), default=year)


def vintage(connection: Connection, layout: Layout, level: str, release: str) -> str:
    """A list of counties is its own vintage; a delineation is of the geography that its keys are in."""
    if layout.dataset.name == "counties":
        return release
    if release < "2013":
        return "2000"
    coding = connecticut(connection, layout.table.member.label)
    return "2022" if coding == "regions" or release >= "2023" else "2020" if release >= "2020" else "2010"


def recognise_cbsa(dataset: Dataset, table: Table) -> Layout | None:
    """A delineation file: counties with the areas that they belong to."""
    columns = positions(table.header)
    parts = parts_of(columns, {**_COUNTY, **_CBSA})
    key = _keyed(parts)
    if key is None or not {"cbsa_code", "cbsa_title"} <= set(parts):
        return None
    # the Bureau's files had one code of a county until 2009, those of state and county since then
    dated = "levelofcbsa" in columns or "state_code" in parts
    old = "levelofcbsa" in columns
    return Layout(
        dataset,
        table,
        table.header,
        table.skip + 1,
        parts,
        {},
        ("county",),
        tuple(release for release in _DELINEATIONS if not dated or (release < "2013") == old),
        f"delineations {('until 2009 ' if old else 'since 2013 ') * dated}have the same columns",
        key=key,
        has_notes=True,
    )


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
        "town": "town_name",
        "county": "county_name",
        "county_2020": "county_fips_2020",
        "region": "region_name",
        "region_2022": "region_fips_2022",
        "zcta": "zcta",
    }
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
    check=check_counties,
    target="county_lists",
    of_year=of_year,
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
