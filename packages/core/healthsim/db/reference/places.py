"""CDC PLACES: wide ("GIS friendly") and long files of counties, places, tracts and ZIP code areas, 2020 to 2025."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from healthsim.db.reference.dataset import (
    Claim,
    Connection,
    Dataset,
    Layout,
    breach,
    connecticut,
    parts_of,
    positions,
)
from healthsim.db.reference.source import Table
from healthsim.db.sql import literal, quoted, sql_text
from healthsim.errors import InvalidInput

#: columns of the 500 Cities Project, which had other places, models and releases
_FIVE_HUNDRED_CITIES = {"population2010", "placetractid", "cityfips"}

RELEASES = ("2020", "2021", "2022", "2023", "2024", "2025")

#: published ending of a wide column, and type of a long record -> ending of the stored columns
ESTIMATES = {"crudeprev": "crude", "adjprev": "age_adjusted"}
INTERVALS = {"crude95ci": "crude", "adj95ci": "age_adjusted"}
TYPES = {
    "CrdPrv": "crude",
    "AgeAdjPrv": "age_adjusted",
    "Crude prevalence": "crude",
    "Age-adjusted prevalence": "age_adjusted",
}
#: stored endings in the order of the tidy table, and what the tidy table calls them
STORED = {
    "crude_prev": "crude_prevalence",
    "crude_low": "crude_low",
    "crude_high": "crude_high",
    "age_adjusted_prev": "age_adjusted_prevalence",
    "age_adjusted_low": "age_adjusted_low",
    "age_adjusted_high": "age_adjusted_high",
}

_KEYS = {"tractfips": "tract", "placefips": "place", "zcta5": "zcta", "countyfips": "county"}
_NAMES = {"tract": ("countyname",), "place": ("placename",), "county": ("countyname",), "zcta": ()}
_PARTS = {
    "state": ("stateabbr",),
    "population": ("totalpopulation",),
    "population_18plus": ("totalpop18plus",),
}
_LONG = {
    "key": ("locationid",),
    "name": ("locationname",),
    "county": ("countyname",),
    "year": ("year",),
    "measure": ("measureid",),
    "type": ("datavaluetypeid", "datavaluetype"),
    "value": ("datavalue",),
    "low": ("lowconfidencelimit",),
    "high": ("highconfidencelimit",),
}
_WIDE_COLUMN = re.compile(r"(.+)_(crudeprev|crude95ci|adjprev|adj95ci)", re.I)

_POPULATIONS = ("population", "population_18plus")
#: the record of the whole country in long files
_NATION_KEY = "CASE WHEN trim(key) = '59' THEN '00059' ELSE trim(key) END"

#: measures that a file of any release has at least; without needs and disabilities, later ones have fewer
_ALL_MEASURES = 27
_SINCE_2024 = frozenset({"2024", "2025"})
_UNTIL_2023 = frozenset(RELEASES) - _SINCE_2024
_NEEDS = {"FOODINSECU", "FOODSTAMP", "HOUSINSECU", "SHUTUTILITY", "LACKTRPT", "EMOTIONSPT"}
_DISABILITIES = {"DISABILITY", "HEARING", "VISION", "COGNITION", "MOBILITY", "SELFCARE", "INDEPLIVE"}
#: asked in every year's survey: their year is the release's less two
_YEARLY = (
    "CSMOKING",
    "DIABETES",
    "OBESITY",
    "STROKE",
    "COPD",
    "CHD",
    "DEPRESSION",
    "CASTHMA",
    "CHECKUP",
    "ACCESS2",
    "BINGE",
    "MHLTH",
    "PHLTH",
    "GHLTH",
)


def recognise(dataset: Dataset, table: Table) -> Layout | None:
    """A wide or a long file, or none of PLACES.

    Raises:
        InvalidInput: it is a file of the 500 Cities Project.
    """
    columns = positions(table.header)
    common = parts_of(columns, _PARTS)
    why = "the header has TotalPop18plus" if "population_18plus" in common else ""
    releases = RELEASES if not why else tuple(sorted({"2023", *_SINCE_2024}))
    wide = {name.upper(): number for number, name in enumerate(table.header) if _WIDE_COLUMN.fullmatch(name)}
    if _FIVE_HUNDRED_CITIES & set(columns) and (wide or "measureid" in columns):
        raise InvalidInput(
            f"{table.member.label} is a file of the 500 Cities Project (2016 to 2019); expected one of CDC PLACES, which"
            " took its place in 2020 and has other places and estimates. Nothing was loaded.",
            file=table.member.label,
        )
    key = next((name for name in _KEYS if name in columns), None)
    if wide and key is not None and any(name.endswith("PREV") for name in wide):
        level = _KEYS[key]
        parts = {**common, "key": columns[key], **parts_of(columns, {"name": _NAMES[level]})}
        return Layout(
            dataset,
            table,
            table.header,
            table.skip + 1,
            parts,
            wide,
            (level,),
            releases,
            why,
            "wide",
            kept={"finer": _finer(wide)},
        )
    parts = {**common, **parts_of(columns, _LONG)}
    if {"key", "year", "measure", "type", "value", "low", "high"} <= set(parts):
        if not why and len(table.header) >= 20:
            releases, why = tuple(sorted(_UNTIL_2023)), "the header has no TotalPop18plus"
        levels = ("tract",) if "countyfips" in columns else ("county", "place", "tract", "zcta")
        return Layout(
            dataset,
            table,
            table.header,
            table.skip + 1,
            parts,
            {},
            levels,
            releases,
            why,
            "long",
            key=_NATION_KEY,
            repeated_keys=True,
            kept={"finer": _finer(("value", "low", "high"))},
        )
    return None


def measures_of(layout: Layout) -> dict[str, list[str]]:
    """Measure -> stored endings, of a wide header."""
    measures: dict[str, set[str]] = {}
    for name in layout.values:
        match = _WIDE_COLUMN.fullmatch(name)
        assert match is not None
        measure, ending = match.group(1), match.group(2).lower()
        if ending in ESTIMATES:
            measures.setdefault(measure, set()).add(ESTIMATES[ending] + "_prev")
        else:
            measures.setdefault(measure, set()).update({INTERVALS[ending] + "_low", INTERVALS[ending] + "_high"})
    return {measure: [ending for ending in STORED if ending in measures[measure]] for measure in sorted(measures)}


def claims(connection: Connection, layout: Layout, level: str) -> Iterable[Claim]:
    """What measures, survey years and Connecticut's codes say about the release."""
    if layout.form == "wide":
        measures = set(measures_of(layout))
    else:
        measures = {row[0] for row in connection.execute("SELECT DISTINCT upper(measure) FROM raw").fetchall()}
    if "LONELINESS" in measures:
        yield Claim(frozenset({"2025"}), "it has the measure LONELINESS")
    if "ISOLATION" in measures:
        yield Claim(frozenset({"2024"}), "it has the measure ISOLATION")
    if measures & _NEEDS:
        yield Claim(_SINCE_2024, f"it has the measure {min(measures & _NEEDS)}")
    if measures & _DISABILITIES:
        yield Claim(frozenset({"2023", *_SINCE_2024}), f"it has the measure {min(measures & _DISABILITIES)}")
    if "DEPRESSION" in measures:
        yield Claim(frozenset(RELEASES[1:]), "it has the measure DEPRESSION")
    if layout.form == "wide" and len(measures) >= _ALL_MEASURES:
        # a published file has all measures of its release, so that a missing one says as much as one that is there;
        # one with fewer is somebody's choice of columns
        if not measures & _NEEDS:
            yield Claim(_UNTIL_2023, "it has no measure of social needs")
        if not measures & _DISABILITIES:
            yield Claim(frozenset({"2020", "2021", "2022"}), "it has no measure of disability")
        if "DEPRESSION" not in measures:
            yield Claim(frozenset({"2020"}), "it has no measure DEPRESSION")
    if layout.form == "long":
        yield from _years(connection, layout)
    coding = connecticut(connection, layout.table.member.label)
    if coding == "counties":
        yield Claim(_UNTIL_2023, "it has Connecticut's counties", or_newer=False)
    elif coding == "regions":
        yield Claim(_SINCE_2024, "it has Connecticut's planning regions")


def _years(connection: Connection, layout: Layout) -> Iterable[Claim]:
    label = layout.table.member.label
    rows = connection.execute(
        "SELECT year, count(*), bool_or(list_contains(?, upper(measure))) FROM raw GROUP BY year ORDER BY year",
        [list(_YEARLY)],
    ).fetchall()
    bad = [year for year, _, _ in rows if not re.fullmatch(r"20\d\d", year or "")]
    if bad:
        raise InvalidInput(
            f"{label}: the column Year has {bad[0]!r}; expected a year such as 2022. Nothing was loaded.", file=label
        )
    for year, count, yearly in rows:
        survey = int(year)
        which = {str(survey + 2)} if yearly else {str(survey + 2), str(survey + 3)}
        yield Claim(
            frozenset(which),
            f"it has {count:,} records of survey year {year}" + (" with yearly measures" * yearly),
            or_newer=False,
        )


def vintage(connection: Connection, layout: Layout, level: str, release: str) -> str:
    """PLACES changed to the geography with Connecticut's planning regions in 2024."""
    if release < "2024":
        return "2010"
    return "2020" if level == "zcta" else "2022"


def project(connection: Connection, layout: Layout, level: str, release: str) -> str:
    """The SELECT of one row per place, with one column per estimate."""
    if layout.form == "long":
        return _project_long(connection, layout, level)
    return sql_text("healthsim.db.reference", "places_wide").format(
        name=_name(layout, level),
        population=", ".join(f"{_population(layout, part)} AS {part}" for part in _POPULATIONS),
        values=",\n    ".join(_wide_values(layout, _type_of_values(connection))),
    )


def _population(layout: Layout, part: str) -> str:
    return f"CAST(replace({part}, ',', '') AS BIGINT)" if part in layout.parts else "NULL::BIGINT"


def _name(layout: Layout, level: str) -> str:
    part = "county" if level == "tract" and "county" in layout.parts else "name"
    return part if part in layout.parts and level != "zcta" else "NULL::VARCHAR"


def _type_of_values(connection: Connection) -> str:
    """The type that holds the values of a file as published: one decimal takes a quarter of the space of a DOUBLE."""
    is_finer = connection.execute("SELECT bool_or(finer) FROM raw").fetchall()[0][0]
    return "DOUBLE" if is_finer else "DECIMAL(4, 1)"


def _finer(values: Iterable[str]) -> str:
    """Whether one of the values or intervals of a record has more than one decimal."""
    # nearly all have exactly one, which is quicker to see
    number = "CASE WHEN {0} LIKE '%._' THEN false ELSE {0} LIKE '%.__%' END"
    interval = "CASE WHEN {0} LIKE '(%._,%._)' THEN false ELSE {0} LIKE '%.__%,%' OR {0} LIKE '%,%.__%)' END"
    return " OR ".join((interval if name.endswith("95CI") else number).format(quoted(name)) for name in values)


def _wide_values(layout: Layout, sql_type: str) -> Iterable[str]:
    for measure, endings in measures_of(layout).items():
        for ending in endings:
            kind, _, which = ending.rpartition("_")
            published = "ADJ" if kind == "age_adjusted" else "CRUDE"
            if which == "prev":
                value = f"CAST({quoted(f'{measure}_{published}PREV')} AS {sql_type})"
            else:
                value = f"CAST({_bound(quoted(f'{measure}_{published}95CI'), which)} AS {sql_type})"
            yield f"{value} AS {quoted(f'{measure.lower()}_{ending}')}"


def _bound(text: str, which: str) -> str:
    """One bound of an interval such as "( 7.1,  7.8)": by position, which is several times faster than by splitting."""
    if which == "low":
        return f"substr({text}, 2, instr({text}, ',') - 2)"
    return f"substr({text}, instr({text}, ',') + 1, length({text}) - instr({text}, ',') - 1)"


def _project_long(connection: Connection, layout: Layout, level: str) -> str:
    label = layout.table.member.label
    seen = connection.execute("SELECT DISTINCT upper(measure), type FROM raw ORDER BY ALL").fetchall()
    unknown = sorted({str(kind) for _, kind in seen if kind not in TYPES})
    if unknown or any(not re.fullmatch(r"[A-Z0-9_]+", measure or "") for measure, _ in seen):
        raise InvalidInput(
            f"{label}: records of type {', '.join(unknown) or 'without a measure'}; expected a MeasureId, and of"
            f" {' or '.join(TYPES)}. Nothing was loaded.",
            file=label,
        )
    twice = connection.execute(
        "SELECT geoid, measure, type, count(*) FROM raw GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 1"
    ).fetchall()
    if twice:
        raise InvalidInput(
            f"{label}: {twice[0][0]} has {twice[0][3]} records of {twice[0][1]} ({twice[0][2]}); expected one. The"
            " file is"
            " two files in one, or damaged; nothing was loaded.",
            file=label,
        )
    sql_type = _type_of_values(connection)
    values, measures = [], sorted({measure for measure, _ in seen})
    for measure in measures:
        kinds = {TYPES[kind] for seen_measure, kind in seen if seen_measure == measure}
        for ending in STORED:
            kind, _, which = ending.rpartition("_")
            if kind in kinds:
                names = ", ".join(literal(name) for name, known in TYPES.items() if known == kind)
                part = {"prev": "value", "low": "low", "high": "high"}[which]
                values.append(
                    f"max(CAST({part} AS {sql_type})) FILTER (upper(measure) = {literal(measure)} AND type IN"
                    f" ({names}))"
                    f" AS {quoted(f'{measure.lower()}_{ending}')}"
                )
    return sql_text("healthsim.db.reference", "places_long").format(
        name=_name(layout, level),
        population=", ".join(f"max({_population(layout, p)}) AS {p}" for p in _POPULATIONS),
        measures="[" + ", ".join(map(literal, measures)) + "]",
        values=",\n    ".join(values),
    )


def check(connection: Connection, layout: Layout, level: str, release: str) -> Sequence[str]:
    """Prevalences are percentages, and intervals hold them.

    The table staged has the stored rows.
    """
    columns = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = 'staged'"
        " AND regexp_matches(column_name, '_(prev|low|high)$')"
    ).fetchall()
    bad = breach(connection, {name: f"{quoted(name)} BETWEEN 0.0 AND 100.0" for (name,) in columns})
    if bad:
        name, key, value = bad
        raise InvalidInput(
            f"{layout.table.member.label}: {name} of {key} is {value:g}; expected a percentage from 0 to 100."
            " The columns are not what the header says, or the file is damaged; nothing was loaded.",
            file=layout.table.member.label,
        )
    return ()


PLACES = Dataset(
    name="places",
    title="CDC PLACES",
    expected="CountyFIPS, TractFIPS, PlaceFIPS or ZCTA5 with <MEASURE>_CrudePrev columns (wide), or Year, MeasureId,"
    " DataValueTypeID, Data_Value, LocationID (long)",
    releases=RELEASES,
    recognise=recognise,
    claims=claims,
    vintage=vintage,
    project=project,
    check=check,
    totals={("county", "2022"): 3143},
)
