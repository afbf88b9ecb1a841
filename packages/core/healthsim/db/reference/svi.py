"""CDC/ATSDR Social Vulnerability Index: files of counties, tracts and ZIP code areas, 2000 to 2022."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from healthsim.db.reference.dataset import (
    Claim,
    Connection,
    Dataset,
    Layout,
    breach,
    connecticut,
    first_of,
    parts_of,
    plain,
    positions,
)
from healthsim.db.reference.source import Table
from healthsim.db.sql import quoted, sql_text
from healthsim.errors import InvalidInput

RELEASES = ("2000", "2010", "2014", "2016", "2018", "2020", "2022")
#: records of the national county files
TOTALS: Mapping[tuple[str, str], int] = {
    ("county", "2000"): 3141,
    ("county", "2010"): 3143,
    ("county", "2014"): 3142,
    ("county", "2016"): 3142,
    ("county", "2018"): 3142,
    ("county", "2020"): 3143,
    ("county", "2022"): 3144,
}

#: the names that releases since 2014 have for what older ones call otherwise: queries find both
TODAY: Mapping[str, str] = {
    **{f"USG{n}TP": f"RPL_THEME{n}" for n in range(1, 5)},
    **{f"R_PL_THEME{n}": f"RPL_THEME{n}" for n in range(1, 5)},
    "USTP": "RPL_THEMES",
    "R_PL_THEMES": "RPL_THEMES",
}
THEMES = ("RPL_THEMES", "RPL_THEME1", "RPL_THEME2", "RPL_THEME3", "RPL_THEME4")
POPULATION = ("E_TOTPOP", "TOTPOP", "TOTPOP2000")

_KEYS = ("fips", "stcnty", "stcofips")
#: what kinds of county there are: names of counties are short in one release and whole in another
_KINDS = "County|Parish|Borough|Census Area|Municipality|Municipio|City and Borough"
#: what says where a place is, and is no value
_PLACE_COLUMNS = {
    "st",
    "state",
    "stabbr",
    "stcnty",
    "county",
    "fips",
    "location",
    "affgeoid",
    "tractce",
    "tract",
    "geoid",
    "statefips",
    "cntyfips",
    "stcofips",
    "statename",
    "stateabbr",
    "cou",
    "shape",
    "objectid",
    "fid",
    "geometry",
    "thegeom",
    "name",
    "firststatename",
    "firststateabbr",
    "firstcounty",
    "firststatefips",
    "firstcntyfips",
    "",
    "globalid",
    "wkt",
}


def recognise(dataset: Dataset, table: Table) -> Layout | None:
    """A file of SVI, of any release, or none of it."""
    layout = _layout(dataset, table, table.header, table.skip + 1)
    if table.second is None:
        return layout
    # 2000 as published has an older header above its own
    other = _layout(dataset, table, table.second, table.skip + 2)
    fitting = [known for known in (other, layout) if known is not None and _fits(known, table.after_second)]
    return fitting[0] if fitting else other or layout


def _layout(dataset: Dataset, table: Table, header: tuple[str, ...], skip: int) -> Layout | None:
    columns = positions(header)
    key = first_of(columns, *_KEYS)
    score = first_of(columns, "rplthemes", "ustp")
    if key is None or score is None:
        return None
    releases, why = _releases(columns, header[score])
    parts = {"key": key, **parts_of(columns, {"county": ("county", "firstcounty"), "location": ("location",)})}
    # exports of map services are in lower case
    named = str.upper if header[score].islower() else str
    values = {named(name): number for number, name in enumerate(header) if plain(name) not in _PLACE_COLUMNS}
    return Layout(
        dataset,
        table,
        header,
        skip,
        parts,
        values,
        ("county", "tract", "zcta"),
        releases,
        why,
        kept={"score": quoted(header[score])},
    )


def _releases(columns: Mapping[str, int], score: str) -> tuple[tuple[str, ...], str]:
    if score.upper() == "USTP":
        return ("2000",), "the score is called USTP"
    if score.upper() == "R_PL_THEMES":
        return ("2010",), "the score is called R_PL_THEMES"
    if "eppov150" in columns:
        return ("2020", "2022"), "the header has EP_POV150"
    if "eppov" in columns:
        if "affgeoid" in columns:
            return ("2014",), "the header has EP_POV and AFFGEOID"
        any_of = {"tractce", "stcnty", "shape"} & set(columns)
        return ("2014", "2016", "2018") if any_of else ("2016", "2018"), ("the header has EP_POV and no AFFGEOID")
    if "ppov" in columns:
        return ("2000",), "the header has P_POV"
    return RELEASES, "the header has the score and no poverty rate"


def _fits(layout: Layout, record: tuple[str, ...]) -> bool:
    if len(record) != len(layout.header) or not re.fullmatch(r"\d{3,5}|\d{10,11}", record[layout.parts["key"]]):
        return False
    try:
        ranks = [float(record[number]) for name, number in layout.values.items() if TODAY.get(name, name) in THEMES]
    except ValueError:
        return False
    return all(0 <= rank <= 1 or rank == -999 for rank in ranks)


def claims(connection: Connection, layout: Layout, level: str) -> Iterable[Claim]:
    """What distinguishes releases with the same header: places that changed, and names that are written otherwise."""
    if level == "zcta":
        yield Claim(frozenset({"2020", "2022"}), "its keys are ZIP code areas")
        return
    coding = connecticut(connection, layout.table.member.label)
    if coding == "counties":
        yield Claim(frozenset(RELEASES) - {"2022"}, "it has Connecticut's counties (09001 to 09015)", or_newer=False)
    elif coding == "regions":
        yield Claim(frozenset({"2022"}), "it has Connecticut's planning regions (09110 to 09190)")
    if "2020" in layout.releases and {"county", "location"} <= set(layout.parts):
        row = connection.execute(
            f"SELECT count(*) FILTER (WHERE regexp_matches(county, ' ({_KINDS})$')),"
            f" count(*) FILTER (WHERE regexp_matches(location, '(^|[,;] )' || regexp_escape(county) || ' ({_KINDS})'))"
            " FROM raw"
        ).fetchone()
        full, short = row or (0, 0)
        if full and not short:
            yield Claim(frozenset({"2022"}), "counties are named in full (Autauga County)")
        elif short and not full:
            yield Claim(frozenset({"2020"}), "counties are named in short (Autauga)")
    counties = connection.execute(
        "SELECT DISTINCT left(geoid, 5) FROM raw WHERE left(geoid, 2) IN ('02', '46')"
    ).fetchall()
    codes = {code for (code,) in counties}
    if "46113" in codes:
        yield Claim(
            frozenset({"2000", "2010", "2014"}), "it has Shannon County (46113), renamed in 2015", or_newer=False
        )
    if "46102" in codes:
        yield Claim(frozenset({"2016", "2018", "2020", "2022"}), "it has Oglala Lakota County (46102), named in 2015")
    if "02261" in codes:
        yield Claim(frozenset(RELEASES[:5]), "it has Valdez-Cordova (02261), divided in 2019")
    if "02063" in codes:
        yield Claim(frozenset({"2020", "2022"}), "it has Chugach (02063), made in 2019")
    if level == "county" and set(layout.releases) >= {"2016", "2018"}:
        # the survey of 2014-2018 has no poverty figures for Rio Arriba County: its score is missing in 2018 only
        row = connection.execute("SELECT score::DOUBLE = -999 FROM raw WHERE geoid = '35039'").fetchone()
        if row is not None and row[0] is not None:
            if row[0]:
                yield Claim(frozenset({"2018"}), "Rio Arriba County (35039) has no score")
            else:
                yield Claim(frozenset({"2014", "2016"}), "Rio Arriba County (35039) has a score")


def vintage(connection: Connection, layout: Layout, level: str, release: str) -> str:
    """The year of the geography: 2010 until the release of 2018; 2022 has Connecticut's planning regions."""
    if level == "zcta":
        return "2020"
    return "2010" if "2010" <= release < "2020" else release if release <= "2022" else "2022"


def project(connection: Connection, layout: Layout, level: str, release: str) -> str:
    """The SELECT of one row per place, with the published columns as numbers."""
    name = [part for part in ("county", "location") if part in layout.parts and level != "zcta"]
    values = [f"nullif(CAST({quoted(column)} AS DOUBLE), -999) AS {quoted(column)}" for column in layout.values]
    return sql_text("healthsim.db.reference", "svi").format(
        name=f"coalesce({', '.join(name)})" if name else "NULL::VARCHAR", values=",\n    ".join(values)
    )


def check(connection: Connection, layout: Layout, level: str, release: str) -> Sequence[str]:
    """Ranks lie between 0 and 1, and nothing is infinite."""
    ranks = {column for column in layout.values if TODAY.get(column, column) in THEMES}
    rules = {
        column: f"{quoted(column)} BETWEEN 0 AND 1" if column in ranks else f"isfinite({quoted(column)})"
        for column in layout.values
    }
    bad = breach(connection, rules)
    if bad:
        column, key, value = bad
        raise InvalidInput(
            f"{layout.table.member.label}: {column} of {key} is {value:g}; expected"
            f" {'a percentile rank from 0 to 1' if column in ranks else 'a number'} (-999 for none). The columns are"
            " not"
            " what the header says, or the file is damaged; nothing was loaded.",
            file=layout.table.member.label,
        )
    score = next(column for column in layout.values if TODAY.get(column, column) == THEMES[0])
    if not ranked_in_state(connection, "staged", score):
        return ()
    return (
        f"{layout.table.member.label} is the file of one state: its ranks are among the places of that state. Import the"
        " national file for ranks in the nation.",
    )


def ranked_in_state(connection: Connection, table: str, score: str) -> bool:
    """Whether a table is that of a state's file, where ranks go from 0 to 1 within the state."""
    row = connection.execute(
        f"SELECT min(left(geoid, 2)) = max(left(geoid, 2)) AND min({quoted(score)}) = 0 AND max({quoted(score)}) = 1"
        f" FROM {table}"
    ).fetchone()
    return bool(row and row[0])


SVI = Dataset(
    name="svi",
    title="CDC/ATSDR SVI",
    expected="FIPS (or STCNTY, STCOFIPS) with RPL_THEMES, R_PL_THEMES or USTP",
    releases=RELEASES,
    recognise=recognise,
    claims=claims,
    vintage=vintage,
    project=project,
    check=check,
    totals=TOTALS,
)
