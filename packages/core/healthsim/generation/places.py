"""The places of a population: which counties, how many live where, their ages, and the figures that generation meets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from healthsim.db.reference import geography
from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.county_people import CountyPeople, all_counties, county_people, other_coding
from healthsim.generation.county_places import county, county_codes
from healthsim.generation.packaged import figures, statement
from healthsim.generation.pyramids import ADULT, AGES, OLD, curve, make_pyramids, national_pyramid
from healthsim.generation.randomness import Floats, Ints
from healthsim.generation.society import VARIABLES, Society, known_share, make_society
from healthsim.generation.spec import PopulationSpec

__all__ = [
    "ADULT",
    "AGES",
    "OLD",
    "SEXES",
    "Places",
    "curve",
    "facts",
    "national_pyramid",
    "read_places",
    "the_nation",
]

if TYPE_CHECKING:
    import duckdb

    from healthsim.db.connection import Database

SEXES = ("F", "M")
#: the code that stands for all counties
_NATION = "00000"


@dataclass(frozen=True)
class Places:
    """The counties of a population, in the order of their codes; arrays have one row per county.

    Attributes:
        fips, names, states: codes, names and two-letter states.
        weights: share of the population that lives there.
        pyramids: (county, sex, age) shares that add up to 1 per county.
        prevalence: PLACES measure -> share of adults, NaN where a county has no figure.
        releases: PLACES measure -> releases that the figures are from.
        society: who the people are.
        lacking: county -> kinds of figures that it has none of.
    """

    fips: tuple[str, ...]
    names: tuple[str, ...]
    states: tuple[str, ...]
    weights: Floats
    pyramids: Floats
    prevalence: Mapping[str, Floats]
    releases: Mapping[str, tuple[str, ...]]
    society: Society
    lacking: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.fips)

    @cached_property
    def hubs(self) -> Ints:
        """(county) the county of the same state that has most people: where specialists are, if there are many counties."""
        largest: dict[str, int] = {}
        for row in np.argsort(-self.weights, kind="stable").tolist():
            largest.setdefault(self.fips[row][:2], row)
        return np.array([largest[code[:2]] for code in self.fips], dtype=np.int64)

    @property
    def key(self) -> str:
        """What tells these places from others: the county, or a digest of the counties."""
        return (
            self.fips[0] if len(self) == 1 else hashlib.blake2b(" ".join(self.fips).encode(), digest_size=8).hexdigest()
        )


def facts() -> dict[str, Any]:
    """The figures of ``data/people.yaml``."""
    return figures("people.yaml")


def with_codes(database: Database, spec: PopulationSpec) -> PopulationSpec:
    """The spec with the codes of its counties and the letters of its states, in the place of names.

    Raises:
        NotFound: no county or state is called so; what is near is named.
        InvalidInput: a name means several counties, or two mean the same.
    """
    if all(code.isdigit() for code in spec.counties) and all(len(state) == 2 for state in spec.states):
        return spec
    with database.read() as connection:
        counties = {text: _code(connection, text) for text in spec.counties}
        states = tuple(dict.fromkeys(geography.state_letters(connection, text) for text in spec.states))
    if len(set(counties.values())) < len(counties):
        twice = [text for text, code in counties.items() if list(counties.values()).count(code) > 1]
        raise InvalidInput(f"{' and '.join(map(repr, twice))} are one county; expected each once.", counties=twice)
    return spec.model_copy(
        update={"counties": {counties[text]: weight for text, weight in spec.counties.items()}, "states": states}
    )


def _code(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    return text if text.isdigit() else geography.county_code(connection, text)


def read_places(database: Database, spec: PopulationSpec) -> Places:
    """The counties that a spec names, with their figures from the loaded reference data.

    Raises:
        NotFound: a county or state does not exist.
    """
    with database.read() as connection:
        known = dict(connection.execute("SELECT state_abbr, state_fips FROM reference.states").fetchall())
        fips = _counties(spec, known)
        names = _names(connection, fips)
        asked = sorted({*fips, *(other for code in fips for other in other_coding(code))})
        rows = connection.execute(statement("county_figures.sql"), {"counties": asked}).fetchall()
        parameters = {"counties": asked, "variables": [*VARIABLES]}
        shares = connection.execute(statement("county_shares.sql"), parameters).fetchall()
    return _places(spec, fips, names, rows, shares)


def the_nation(database: Database) -> Places:
    """The nation as one place: what rates and prices are tuned on, whatever the places of a population are."""
    with database.read() as connection:
        rows = connection.execute(statement("national_figures.sql")).fetchall()
    unknown = np.full(1, np.nan)
    prevalence = {measure: np.array([share]) for measure, share in rows}
    society = make_society([_NATION], dict.fromkeys(VARIABLES, unknown), [None])
    pyramids = make_pyramids(unknown, unknown, [None])
    return Places((_NATION,), ("United States",), ("US",), np.ones(1), pyramids, prevalence, {}, society, {})


def _counties(spec: PopulationSpec, states: Mapping[str, str]) -> list[str]:
    """The codes of the counties that a spec means."""
    unknown = [state for state in spec.states if state.upper() not in states]
    if unknown:
        raise NotFound(f"There is no state {', '.join(map(repr, unknown))}; expected two letters such as CA.")
    nowhere = [code for code in sorted(spec.counties) if code[:2] not in states.values()]
    if nowhere:
        raise NotFound(
            f"There is no county {', '.join(nowhere)}: no state has the code {nowhere[0][:2]}. Expected a five-digit"
            " FIPS code such as 06073.",
            counties=nowhere,
        )
    missing = [code for code in sorted(spec.counties) if county_people(code) is None and county(code) is None]
    if missing:
        raise NotFound(
            f"There is no county {', '.join(missing)}. Expected a five-digit FIPS code such as 06073, or a name such as"
            " 'San Diego County, CA'.",
            counties=missing,
        )
    chosen = set(spec.counties)
    for state in spec.states:
        of_state = states[state.upper()]
        # outlying areas are in the list of places only
        listed = [code for code in all_counties() if code.startswith(of_state)] or county_codes(of_state)
        if not listed:
            raise NotFound(f"No county of {state.upper()} is known. Choose another state.", state=state)
        chosen.update(listed)
    return sorted(chosen) or list(all_counties())


def _names(connection: duckdb.DuckDBPyConnection, fips: list[str]) -> dict[str, tuple[str, str]]:
    rows = connection.execute(statement("county_names.sql"), {"counties": fips}).fetchall()
    known = {code: county(code) for code in fips}
    return {
        code: (place.name if (place := known[code]) is not None else name or f"County {code}", state)
        for code, name, state in rows
    }


def _places(
    spec: PopulationSpec, fips: list[str], names: Mapping[str, tuple[str, str]], rows: list[Any], shares: list[Any]
) -> Places:
    own = [county_people(code) for code in fips]
    figures_of: dict[str, dict[str, float]] = {variable: {} for variable in VARIABLES}
    releases: dict[str, set[str]] = {}
    population: dict[str, float] = {}
    for code, measure, share, people, adults, release in rows:
        figures_of.setdefault(measure, {})[code] = share
        releases.setdefault(measure, set()).add(release)
        if people:
            population[code] = people
            if adults:
                figures_of["EP_AGE17"][code] = 100 * (1 - adults / people)
    for code, variable, value in shares:
        figures_of[variable][code] = value
    table = {name: _column(values, fips) for name, values in figures_of.items()}
    sizes = np.array([_size(code, people, population) for code, people in zip(fips, own, strict=True)])
    weights = sizes if spec.by_population else np.array([spec.counties[code] for code in fips])
    variables = {name: table.pop(name) for name in VARIABLES}
    return Places(
        tuple(fips),
        tuple(names[code][0] for code in fips),
        tuple(names[code][1] for code in fips),
        weights / weights.sum(),
        make_pyramids(
            known_share(fips, variables["EP_AGE17"], "children"), known_share(fips, variables["EP_AGE65"], "old"), own
        ),
        table,
        {measure: tuple(sorted(known)) for measure, known in releases.items()},
        make_society(fips, variables, own),
        _lacking(fips, table, variables),
    )


def _column(values: Mapping[str, float], fips: list[str]) -> Floats:
    """The figure of each county; in Connecticut, where only the other coding has it, the mean of the parts."""
    column = np.array([values.get(code, np.nan) for code in fips])
    for row in np.flatnonzero(np.isnan(column)):
        parts = other_coding(fips[row])
        if parts and all(code in values for code in parts):
            column[row] = sum(values[code] * share for code, share in parts.items())
    return column


def _size(code: str, people: CountyPeople | None, population: Mapping[str, float]) -> float:
    """The people of a county: as PLACES says, else the Census Bureau, else those of its ZIP codes."""
    if code in population:
        return float(population[code])
    if people is not None:
        return float(people.people)
    place = county(code)
    return 100.0 * sum(place.people) if place is not None else 1.0


def _lacking(
    fips: list[str], prevalence: Mapping[str, Floats], variables: Mapping[str, Floats]
) -> dict[str, tuple[str, ...]]:
    """County -> what kinds of figures it has none of."""
    without: dict[str, list[str]] = {}
    kinds = {"prevalence (PLACES)": list(prevalence.values()), "people (SVI)": list(variables.values())}
    for kind, columns in kinds.items():
        nothing = np.ones(len(fips), dtype=bool)
        for column in columns:
            nothing &= np.isnan(column)
        for row in np.flatnonzero(nothing):
            without.setdefault(fips[row], []).append(kind)
    return {code: tuple(kinds) for code, kinds in without.items()}
