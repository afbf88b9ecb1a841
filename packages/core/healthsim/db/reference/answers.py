"""What is this place like? Measures, vulnerability and deprivation of a place, and the releases that they are from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from healthsim.db.reference import geography, storage, views
from healthsim.db.reference.dataset import Connection
from healthsim.db.reference.geography import Place
from healthsim.db.reference.places import STORED
from healthsim.db.reference.states import of_state
from healthsim.db.reference.storage import Load
from healthsim.db.reference.svi import POPULATION, THEMES, TODAY, ranked_in_state
from healthsim.db.sql import literal
from healthsim.errors import NotFound, UsageError
from healthsim.remedies import remedy
from healthsim.results import PlaceFigures

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
) -> PlaceFigures:
    """The figures of one place, each from the newest release that has it; official loads come before the starter set.

    Args:
        county, tract, zcta, place, blockgroup, state: exactly one: a code, or the name of a county, place or state
            ("San Diego County, CA").
        measures: only these measures of PLACES and variables of SVI; by default all measures and the SVI themes.
        release: only from this release.

    Raises:
        NotFound: no loaded table has the place, the measure or the release.
    """
    answers = {
        "county": county,
        "tract": tract,
        "zcta": zcta,
        "place": place,
        "blockgroup": blockgroup,
        "state": state,
    }
    asked = [(level, text) for level, text in answers.items() if text]
    if len(asked) != 1:
        raise UsageError(f"Ask for exactly one place: one of {', '.join(LEVELS)}.")
    with database.read() as connection:
        loads = storage.loads_in(connection)
        return answered(connection, *asked[0], loads, measures, release)


def answered(
    connection: Connection, level: str, text: str, loads: Sequence[Load], measures: Sequence[str], release: str | None
) -> PlaceFigures:
    """The figures of one place, as ``lookup`` gives them."""
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
        "population": None,
        "population_18plus": None,
        "measures": {},
        "svi": {},
        "releases": {},
        "notes": [],
    }
    kept = [load for load in loads if release in (None, load.release)]
    if level == "state":
        of_state(connection, place, kept, wanted, answer)
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
    if any(storage.STARTER in used.split(", ") for used in answer["releases"].values()):
        answer["notes"].append(
            "From the starter set: PLACES 2022 and SVI 2022, some figures of every county. Import or fetch the rest."
        )
    return PlaceFigures(**answer)


def _missing(connection: Connection, place: Place, loads: Sequence[Load]) -> str:
    searched = ", ".join(
        f"{load.dataset} {load.release}" for load in loads if load.level == place.level and load.dataset != "counties"
    )
    searched = searched or f"no load of level {place.level}"
    return f"Nothing is loaded about {place.level} {place.geoid}; searched: {searched}." + (
        geography.explain_connecticut(connection, place)
        or f" Import the file of its level, or fetch it: {remedy('fetch places', level=place.level)}."
    )


def _rows(
    connection: Connection, place: Place, loads: Sequence[Load], dataset: str, answer: dict[str, Any], columns: str
) -> Iterator[tuple[Load, dict[str, Any]]]:
    """The rows of a place in the loads that have it, the newest first, as far as their columns match."""
    passed: list[str] = []
    has_rows = False
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
            if passed and not has_rows:
                answer["notes"].append(
                    f"{dataset} {', '.join(passed)} has no {place.geoid}; these figures are of {load.release}."
                    + geography.explain_connecticut(connection, place)
                )
            if code != place.geoid:
                answer["notes"].append(f"{dataset} {load.release} has this tract as {code} (Connecticut's crosswalk).")
            has_rows = True
            yield load, dict(zip(names, row, strict=True))
            break
        else:
            passed.append(load.release)


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
    columns = _matching(_PLACES_ALWAYS, [name + "_(crude|age)_.*" for name in wanted])
    rows: list[tuple[Load, dict[str, Any], list[str]]] = []
    for load, row in _rows(connection, place, loads, "places", answer, columns):
        absent = set(row["absent"] or ())
        new = [
            name
            for measure in views.measures_in(set(row))
            if (name := measure.upper()) not in absent
            and (not wanted or name in wanted)
            and name not in answer["measures"]
        ]
        for name in new:
            answer["measures"][name] = {
                column: _number(row.get(f"{name.lower()}_{ending}")) for ending, column in STORED.items()
            } | {"release": load.release}
        if new and rows:
            shown = ", ".join(new[:6]) + (f" and {len(new) - 6} more" if len(new) > 6 else "")
            answer["notes"].append(
                f"places {rows[0][0].release} has no {shown} of {place.geoid}; these figures are of {load.release}."
            )
        rows.append((load, row, new))
        if wanted and answer["measures"].keys() >= set(wanted):
            break
    if not rows:
        return
    # what else is said of the place is of the release that its first figures are of
    used = [(load, row) for load, row, new in rows if new] or [rows[0][:2]]
    row = used[0][1]
    answer["releases"]["places"] = ", ".join(load.release for load, _ in used)
    answer["measures"] = dict(sorted(answer["measures"].items()))
    answer["place"]["name"] = answer["place"]["name"] or row["name"]
    answer["population"], answer["population_18plus"] = row["population"], row["population_18plus"]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _svi(
    connection: Connection, place: Place, loads: Sequence[Load], wanted: Sequence[str], answer: dict[str, Any]
) -> None:
    columns = _matching(_SVI_ALWAYS, wanted or [_ANY_THEME])
    figures = next(_rows(connection, place, loads, "svi", answer, columns), None)
    if figures is None:
        return
    load, row = figures
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
