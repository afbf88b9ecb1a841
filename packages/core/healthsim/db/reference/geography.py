"""Which place is meant: by code, by name, and across the two codings of Connecticut."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from healthsim.db.reference import storage
from healthsim.db.reference.dataset import DIGITS, DROPPED_ZEROS, Connection
from healthsim.db.reference.storage import PACKAGE, Load
from healthsim.db.sql import sql_text
from healthsim.errors import InvalidInput, NotFound

#: what stands behind the name of a county
_KIND = re.compile(r" (county|parish|borough|census area|municipality|planning region)$", re.I)


@dataclass(frozen=True)
class Place:
    """A place that statistics are about."""

    level: str
    geoid: str
    name: str | None = None
    state: str | None = None
    #: of a county: the metropolitan or micropolitan area
    cbsa: dict[str, str] | None = None


def find(connection: Connection, level: str, text: str, loads: Sequence[Load]) -> Place:
    """The place of a level that a code or a name means.

    Raises:
        InvalidInput: it is neither, or the name means several places.
        NotFound: no loaded table has such a name.
    """
    text = text.strip()
    if level == "state":
        return _state(connection, text)
    if text.isdigit():
        digits = DIGITS[level]
        if not digits - DROPPED_ZEROS.get(level, 1) <= len(text) <= digits:
            raise InvalidInput(
                f"{text!r} has {len(text)} digits; a {level} code has {digits}, such as {'0607300010' * 2:.{digits}}.",
                place=text,
            )
        return _coded(connection, level, text.zfill(digits), text)
    if level not in ("county", "place"):
        raise InvalidInput(f"{text!r} is no {level} code; expected {DIGITS[level]} digits.", place=text)
    return _named(connection, level, text, loads)


def _state(connection: Connection, text: str) -> Place:
    row = connection.execute(
        "SELECT state_fips, state_name, state_abbr FROM reference.states"
        " WHERE state_fips = lpad(?, 2, '0') OR state_abbr = upper(?) OR lower(state_name) = lower(?)",
        [text, text, text],
    ).fetchone()
    if row is None:
        names = connection.execute("SELECT state_name, state_abbr FROM reference.states").fetchall()
        near = _near(text, {str(word): str(name) for name, abbr in names for word in (name, abbr)})
        raise NotFound(
            f"There is no state {text!r}; expected a name, two letters (CA) or a code (06).{near}", place=text
        )
    return Place("state", *row)


def is_state(connection: Connection, text: str) -> bool:
    """Whether a text is the name or the two letters of a state; a number may be the code of anything."""
    query = "SELECT 1 FROM reference.states WHERE state_abbr = upper(?) OR lower(state_name) = lower(?)"
    return connection.execute(query, [text.strip(), text.strip()]).fetchone() is not None


def county_code(connection: Connection, text: str) -> str:
    """The five digits of a county that a code or a name means: 06073, 6073, "Harris County, TX", "Harris, Texas".

    Raises:
        InvalidInput: it is neither, or the name means several counties.
        NotFound: no loaded table has such a name.
    """
    return find(connection, "county", text, storage.loads_in(connection)).geoid


def state_letters(connection: Connection, text: str) -> str:
    """The two letters of a state that a name, its letters or its code mean.

    Raises:
        NotFound: there is no such state.
    """
    return str(_state(connection, text.strip()).state)


def _near(text: str, known: Mapping[str, str]) -> str:
    """A question about what may have been meant; nothing where nothing is near."""
    spelled = {word.casefold(): shown for word, shown in known.items()}
    close = difflib.get_close_matches(text.casefold(), spelled, n=4, cutoff=0.75)
    shown = list(dict.fromkeys(spelled[word] for word in close))[:3]
    return f" Did you mean {', or '.join(shown)}?" if shown else ""


def _names(connection: Connection, level: str, loads: Sequence[Load]) -> str:
    tables = [load.table for load in loads if load.level == level and load.dataset in ("places", "svi")]
    parts = [f"SELECT geoid, name FROM {table}" for table in tables]
    if level == "county":
        parts.insert(0, "SELECT county_fips, county_name FROM reference.counties")
    return " UNION ALL ".join(parts) or "SELECT NULL::VARCHAR AS geoid, NULL::VARCHAR AS name WHERE false"


def _coded(connection: Connection, level: str, geoid: str, text: str) -> Place:
    state, name, cbsa, title = connection.execute(sql_text(PACKAGE, "place_facts"), [geoid]).fetchall()[0]
    if state is None and level != "zcta":
        raise NotFound(f"{geoid} is no {level} code: no state has the code {geoid[:2]}.", place=text)
    if level != "county":
        return Place(level, geoid, None, None if level == "zcta" else state)
    return Place(level, geoid, name, state, {"code": cbsa, "title": title} if cbsa else None)


def _named(connection: Connection, level: str, text: str, loads: Sequence[Load]) -> Place:
    name, _, state = (part.strip() for part in text.partition(","))
    fips = _state(connection, state).geoid if state else None
    query = sql_text(PACKAGE, "find_by_name").format(names=_names(connection, level, loads))
    rows = connection.execute(query, [name, name, fips, fips]).fetchall()
    exact = [row for row in rows if row[3]] or rows
    places = {geoid: Place(level, geoid, known, abbr) for geoid, known, abbr, _ in exact}
    if len(places) == 1:
        only = next(iter(places.values()))
        return replace(_coded(connection, level, only.geoid, text), name=only.name)
    if not places:
        near = _near_places(connection, level, name, fips, loads)
        raise NotFound(
            f'No loaded table has a {level} {text!r}.{near} Write it as in "San Diego County, CA", or give its code of'
            f" {DIGITS[level]} digits. The starter set has counties only; import or fetch PLACES or SVI for the rest.",
            place=text,
        )
    shown = "; ".join(f"{place.name}, {place.state} ({place.geoid})" for place in list(places.values())[:8])
    raise InvalidInput(
        f"{text!r} may be {len(places)} places: {shown}{' ...' if len(places) > 8 else ''}. Add the state, or give the"
        " code.",
        place=text,
        matches=sorted(places),
    )


def _near_places(connection: Connection, level: str, name: str, fips: str | None, loads: Sequence[Load]) -> str:
    rows = connection.execute(
        f"SELECT DISTINCT name, state_abbr FROM ({_names(connection, level, loads)}) AS named(geoid, name)"
        " JOIN reference.states ON state_fips = left(geoid, 2)"
        " WHERE name IS NOT NULL AND (?::VARCHAR IS NULL OR state_fips = ?)",
        [fips, fips],
    ).fetchall()
    known: dict[str, str] = {}
    for full, state in rows:
        shown = f"{full}, {state}"
        known |= {full: shown, re.sub(_KIND, "", full): shown}
    return _near(name, known)


def other_coding(connection: Connection, place: Place) -> list[str]:
    """The codes of a place of Connecticut in the coding that it is not given in; none where the crosswalk is not"
    " loaded."""
    if not place.geoid.startswith("09"):
        return []
    if place.level == "tract":
        query = (
            "SELECT DISTINCT CASE WHEN tract_fips_2020 = $1 THEN tract_fips_2022 ELSE tract_fips_2020 END"
            " FROM reference.ct_crosswalk WHERE $1 IN (tract_fips_2020, tract_fips_2022)"
        )
    elif place.level == "county":
        query = (
            "SELECT DISTINCT CASE WHEN county_fips_2020 = $1 THEN region_fips_2022 ELSE county_fips_2020 END"
            " FROM reference.ct_crosswalk WHERE $1 IN (county_fips_2020, region_fips_2022) ORDER BY 1"
        )
    else:
        return []
    return [row[0] for row in connection.execute(query, [place.geoid]).fetchall() if row[0] != place.geoid]


def explain_connecticut(connection: Connection, place: Place) -> str:
    """Why a place of Connecticut is missing from tables in the other coding, and what to ask for instead."""
    if place.level not in ("county", "tract") or not re.match(r"09\d", place.geoid):
        return ""
    region = place.geoid[2] == "1"
    mine, other = ("planning regions (2022)", "counties") if region else ("counties (until 2021)", "planning regions")
    codes = other_coding(connection, place)
    hint = f" {place.geoid} overlaps {', '.join(codes)} there." if codes else " Import the CT crosswalk to see which."
    return f" {place.geoid} is in the coding of Connecticut's {mine}; those tables use {other}.{hint}"
