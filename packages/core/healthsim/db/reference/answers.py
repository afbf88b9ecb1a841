"""What is this place like? Measures, vulnerability and deprivation of a place, and the releases that they are from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from healthsim.db.reference import geography, storage, views
from healthsim.db.reference.dataset import Connection
from healthsim.db.reference.geography import Place
from healthsim.db.reference.places import STORED
from healthsim.db.reference.storage import PACKAGE, Load
from healthsim.db.reference.svi import POPULATION, THEMES, TODAY, ranked_in_state
from healthsim.db.sql import literal, quoted, sql_text
from healthsim.errors import NotFound, UsageError

if TYPE_CHECKING:
    from healthsim.db.connection import Database

#: no state has more places; to look at a national table would take as long as the whole answer
_OF_ONE_STATE = {"county": 254, "tract": 10_000}
LEVELS = ("county", "tract", "zcta", "place", "blockgroup", "state")


def lookup(
    database: Database,
    *,
    county: str | None = None,
    tract: str | None = None,
    zcta: str | None = None,
    place: str | None = None,
    blockgroup: str | None = None,
    state: str | None = None,
    measures: Sequence[str] = (),
    release: str | None = None,
) -> dict[str, Any]:
    """The figures of one place, from the newest release that has it; official loads come before the starter set.

    Args:
        county, tract, zcta, place, blockgroup, state: exactly one: a code, or the name of a county, place or state
            ("San Diego County, CA").
        measures: only these measures of PLACES and variables of SVI; by default all measures and the SVI themes.
        release: only from this release.

    Raises:
        NotFound: no loaded table has the place, the measure or the release.
    """
    given = {
        "county": county, "tract": tract, "zcta": zcta, "place": place, "blockgroup": blockgroup, "state": state,
    }  # fmt: skip
    asked = [(level, text) for level, text in given.items() if text]
    if len(asked) != 1:
        raise UsageError(f"Ask for exactly one place: one of {', '.join(LEVELS)}.")
    with database.read() as connection:
        loads = storage.loads_in(connection)
        return _answer(connection, *asked[0], loads, measures, release)


def compare(
    database: Database, first: str, second: str, *, level: str = "county", measures: Sequence[str] = (),
    release: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Two places side by side: each measure of both, and the difference (second less first)."""
    if level not in LEVELS:
        raise UsageError(f"There is no level {level!r}; expected one of {', '.join(LEVELS)}.")
    with database.read() as connection:
        loads = storage.loads_in(connection)
        one, two = (_answer(connection, level, text, loads, measures, release) for text in (first, second))
    rows = []
    for measure in sorted(one["measures"].keys() & two["measures"].keys()):
        here, there = one["measures"][measure], two["measures"][measure]
        rows.append({"measure": measure, "first": here["crude_prevalence"], "second": there["crude_prevalence"],
                     "difference": _less(there["crude_prevalence"], here["crude_prevalence"]),
                     "intervals_overlap": _overlap(here, there)})  # fmt: skip
    svi = [
        {"variable": name, "first": one["svi"].get(name), "second": two["svi"].get(name),
         "difference": _less(two["svi"].get(name), one["svi"].get(name))}
        for name in one["svi"] if name in two["svi"]
    ]  # fmt: skip
    notes = one["notes"] + [note for note in two["notes"] if note not in one["notes"]]
    for dataset in one["releases"].keys() & two["releases"].keys():
        if one["releases"][dataset] != two["releases"][dataset]:
            notes.append(
                f"{dataset}: the first is of release {one['releases'][dataset]}, the second of"
                f" {two['releases'][dataset]};"
                " definitions and models changed between releases."
            )
    return {
        "first": {key: one[key] for key in ("place", "population", "releases")},
        "second": {key: two[key] for key in ("place", "population", "releases")},
        "measures": rows, "svi": svi, "notes": notes,
    }  # fmt: skip


def _less(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else round(a - b, 4)


def _overlap(a: dict[str, Any], b: dict[str, Any]) -> bool | None:
    bounds = (a["crude_low"], a["crude_high"], b["crude_low"], b["crude_high"])
    return None if None in bounds else bool(bounds[0] <= bounds[3] and bounds[2] <= bounds[1])


def _answer(
    connection: Connection, level: str, text: str, loads: Sequence[Load], measures: Sequence[str], release: str | None
) -> dict[str, Any]:
    place = geography.find(connection, level, text, loads)
    wanted = [name.strip().upper() for name in measures if name.strip()]
    for name in wanted:
        if not re.fullmatch(r"\w+", name):
            raise NotFound(
                f"There is no measure {name!r}; expected names such as DIABETES, OBESITY, EP_POV150.", measure=name
            )
    if release is not None and release not in {load.release for load in loads}:
        present = ", ".join(sorted({load.release for load in loads}))
        raise NotFound(f"Release {release} is not loaded; loaded: {present}.", release=release)
    answer: dict[str, Any] = {
        "place": {"level": level, "geoid": place.geoid, "name": place.name, "state": place.state},
        "population": None, "population_18plus": None, "measures": {}, "svi": {}, "releases": {}, "notes": [],
    }  # fmt: skip
    kept = [load for load in loads if release in (None, load.release)]
    if level == "state":
        _of_state(connection, place, kept, wanted, answer)
    else:
        _places(connection, place, kept, wanted, answer)
        _svi(connection, place, kept, wanted, answer)
        _adi(connection, place, answer)
    if place.cbsa:
        answer["place"]["cbsa"] = place.cbsa
    if not answer["releases"]:
        raise NotFound(_missing(connection, place, kept), place=text)
    absent = [name for name in wanted if name not in answer["measures"] and name not in answer["svi"]]
    if absent:
        raise NotFound(
            f"{', '.join(absent)}: no measure of PLACES and no variable of SVI that is loaded for {place.geoid}"
            f" ({', '.join(f'{name} {used}' for name, used in answer['releases'].items())}).",
            measures=absent,
        )
    if storage.STARTER in answer["releases"].values():
        answer["notes"].append(
            "From the starter set: PLACES 2022 and SVI 2022 for some counties. Import or fetch the rest."
        )
    return answer


def _missing(connection: Connection, place: Place, loads: Sequence[Load]) -> str:
    searched = ", ".join(
        f"{load.dataset} {load.release}" for load in loads if load.level == place.level and load.dataset != "counties"
    )
    searched = searched or f"no load of level {place.level}"
    return f"Nothing is loaded about {place.level} {place.geoid}; searched: {searched}." + (
        geography.explain_connecticut(connection, place)
        or " Import the file of its level, or fetch it: healthsim reference fetch places --release 2024 --level"
        f" {place.level}."
    )


def _row(
    connection: Connection, place: Place, loads: Sequence[Load], dataset: str, answer: dict[str, Any], columns: str
) -> tuple[Load, dict[str, Any]] | None:
    """The row of a place in the newest load that has it, as far as its columns match."""
    passed: list[str] = []
    for load in loads:
        if load.dataset != dataset or load.level != place.level:
            continue
        codes = [place.geoid] + (geography.other_coding(connection, place) if place.level == "tract" else [])
        for code in codes:
            result = connection.execute(f"SELECT {columns} FROM {load.table} WHERE geoid = ?", [code])
            row = result.fetchone()
            if row is None:
                continue
            names = [column[0] for column in result.description or ()]
            if passed:
                answer["notes"].append(
                    f"{dataset} {', '.join(passed)} has no {place.geoid}; these figures are of {load.release}."
                    + geography.explain_connecticut(connection, place)
                )
            if code != place.geoid:
                answer["notes"].append(f"{dataset} {load.release} has this tract as {code} (Connecticut's crosswalk).")
            return load, dict(zip(names, row, strict=True))
        passed.append(load.release)
    return None


_PLACES_ALWAYS = ("name", "population", "population_18plus", "absent")
_SVI_ALWAYS = ("name", *POPULATION)
_ANY_THEME = r"R_?PL_THEME[S1-4]|US(G\d)?TP"


def _matching(always: Sequence[str], patterns: Sequence[str]) -> str:
    """The columns of a table that are asked for: reading fewer of them is what makes a lookup quick."""
    if not patterns:
        return "*"
    plain = [re.escape(name) if re.fullmatch(r"\w+", name) else name for name in patterns]
    return f"COLUMNS({literal('(?i)^(' + '|'.join([*always, *plain]) + ')$')})"


def _places(
    connection: Connection, place: Place, loads: Sequence[Load], wanted: Sequence[str], answer: dict[str, Any]
) -> None:
    found = _row(
        connection,
        place,
        loads,
        "places",
        answer,
        _matching(_PLACES_ALWAYS, [name + "_(crude|age)_.*" for name in wanted]),
    )
    if found is None:
        return
    load, row = found
    answer["releases"]["places"] = load.release
    answer["place"]["name"] = answer["place"]["name"] or row["name"]
    answer["population"], answer["population_18plus"] = row["population"], row["population_18plus"]
    absent = set(row["absent"] or ())
    for measure in views.measures_in(set(row)):
        name = measure.upper()
        if name not in absent and (not wanted or name in wanted):
            answer["measures"][name] = {
                column: _number(row.get(f"{measure}_{ending}")) for ending, column in STORED.items()
            }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _svi(
    connection: Connection, place: Place, loads: Sequence[Load], wanted: Sequence[str], answer: dict[str, Any]
) -> None:
    found = _row(connection, place, loads, "svi", answer, _matching(_SVI_ALWAYS, wanted or [_ANY_THEME]))
    if found is None:
        return
    load, row = found
    answer["place"]["name"] = answer["place"]["name"] or row["name"]
    values = {TODAY.get(name, name): value for name, value in row.items() if name not in ("geoid", "name")}
    population = next((values[name] for name in POPULATION if values.get(name) is not None), None)
    if answer["population"] is None and population is not None:
        answer["population"] = int(population)
    known = {name.upper(): name for name in values}
    shown = [known[name] for name in wanted if name in known] if wanted else [name for name in THEMES if name in values]
    answer["svi"] = {name: values[name] for name in shown}
    rank = next((name for name in row if TODAY.get(name, name) in THEMES), None)
    if rank and load.stored_rows <= _OF_ONE_STATE.get(load.level, 0) and ranked_in_state(connection, load.table, rank):
        answer["notes"].append(f"svi {load.release} is the file of one state: its ranks are among that state's places.")
    if shown or not wanted or "places" not in answer["releases"]:
        answer["releases"]["svi"] = load.release


def _adi(connection: Connection, place: Place, answer: dict[str, Any]) -> None:
    if place.level not in ("tract", "blockgroup"):
        return
    rows = connection.execute(
        'SELECT geoid, national_rank, state_rank, suppression, "release" FROM ref_adi_blockgroup'
        " WHERE starts_with(geoid, ?) ORDER BY geoid",
        [place.geoid],
    ).fetchall()
    if rows:
        # ranks are not averaged to the tract: its block groups are listed
        answer["adi"] = [
            dict(zip(("geoid", "national_rank", "state_rank", "suppression"), row, strict=False)) for row in rows
        ]
        answer["releases"]["adi"] = rows[0][4]


def _of_state(
    connection: Connection, place: Place, loads: Sequence[Load], wanted: Sequence[str], answer: dict[str, Any]
) -> None:
    """A state out of its counties: prevalences weighted by population; ranks only as lowest and highest, never"
    " averaged."""
    newest = views.newest_of([load for load in loads if load.dataset == "places"], "county")
    if newest is not None:
        columns = views.measures_in(set(views.columns_of(connection, newest)))
        crude = [measure for measure, endings in columns.items() if "crude_prev" in endings]
        crude = [measure for measure in crude if not wanted or measure.upper() in wanted]
        values = "".join(
            f", sum({name} * weight) / nullif(sum(weight) FILTER ({name} IS NOT NULL), 0), min({name}), max({name})"
            for name in (f"{quoted(f'{measure}_crude_prev')}::DOUBLE" for measure in crude)
        )
        row = connection.execute(
            sql_text(PACKAGE, "state_of_counties").format(table=newest.table, values=values), [place.geoid]
        ).fetchall()[0]
        if row[0]:
            answer["releases"]["places"] = newest.release
            answer["population"], answer["population_18plus"], answer["counties"] = row[1], row[2], row[0]
            for number, measure in enumerate(crude):
                mean, low, high = row[3 + 3 * number : 6 + 3 * number]
                answer["measures"][measure.upper()] = {
                    "crude_prevalence": None if mean is None else round(mean, 2), "crude_low": None, "crude_high": None,
                    "lowest_county": low, "highest_county": high,
                }  # fmt: skip
            which = f"the {row[0]} counties" + (" of the starter set only" if newest.release == storage.STARTER else "")
            answer["notes"].append(
                f"Means of {which}, weighted by population, made from county estimates; they have no intervals."
            )
    newest = views.newest_of([load for load in loads if load.dataset == "svi"], "county")
    if newest is not None and not wanted:
        present = views.columns_of(connection, newest)
        themes = [name for name in present if TODAY.get(name, name) in THEMES]
        ranges = ", ".join(f"min({quoted(name)}), max({quoted(name)})" for name in themes)
        row = connection.execute(
            f"SELECT {ranges} FROM {newest.table} WHERE left(geoid, 2) = ?", [place.geoid]
        ).fetchall()[0]
        if any(value is not None for value in row):
            answer["releases"]["svi"] = newest.release
            for number, name in enumerate(themes):
                answer["svi"][TODAY.get(name, name)] = {
                    "lowest_county": row[2 * number],
                    "highest_county": row[2 * number + 1],
                }
            answer["notes"].append("SVI ranks are percentiles of counties and are never averaged to a state.")
