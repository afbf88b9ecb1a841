"""The places of a population: which counties, how many live where, their ages, and the figures that generation meets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from healthsim.db.reference import geography
from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.county_places import county
from healthsim.generation.packaged import figures, statement
from healthsim.generation.randomness import Floats
from healthsim.generation.spec import PopulationSpec
from healthsim.remedies import remedy

if TYPE_CHECKING:
    import duckdb

    from healthsim.db.connection import Database

#: ages at the last birthday
AGES = 111
SEXES = ("F", "M")
ADULT, OLD = 18, 65


@dataclass(frozen=True)
class Places:
    """The counties of a population, in the order of their codes; arrays have one row per county.

    Attributes:
        fips, names, states: codes, names and two-letter states.
        weights: share of the population that lives there.
        pyramids: (county, sex, age) shares that add up to 1 per county.
        prevalence: PLACES measure -> share of adults, NaN where a county has no figure.
        releases: PLACES measure -> releases that the figures are from.
    """

    fips: tuple[str, ...]
    names: tuple[str, ...]
    states: tuple[str, ...]
    weights: Floats
    pyramids: Floats
    prevalence: Mapping[str, Floats]
    releases: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.fips)

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
        NotFound: a county or state does not exist, or has no figures.
    """
    with database.read() as connection:
        known = dict(connection.execute("SELECT state_abbr, state_fips FROM reference.states").fetchall())
        unknown = [state for state in spec.states if state.upper() not in known]
        if unknown:
            raise NotFound(f"There is no state {', '.join(map(repr, unknown))}; expected two letters such as CA.")
        parameters: dict[str, Any] = {
            "counties": sorted(spec.counties),
            "states": [known[state.upper()] for state in spec.states],
            "everywhere": not spec.counties and not spec.states,
        }
        rows = connection.execute(statement("county_figures.sql"), parameters).fetchall()
        fips = sorted({row[0] for row in rows})
        _require(connection, spec, fips, known)
        names = _names(connection, fips)
        shares = connection.execute(statement("county_ages.sql"), {"counties": fips}).fetchall()
    return _places(spec, fips, names, rows, shares)


def _require(
    connection: duckdb.DuckDBPyConnection, spec: PopulationSpec, fips: list[str], known: Mapping[str, str]
) -> None:
    missing = sorted(set(spec.counties) - set(fips))
    if missing:
        state_codes = set(known.values())
        nowhere = [code for code in missing if code[:2] not in state_codes]
        if nowhere:
            raise NotFound(
                f"There is no county {', '.join(nowhere)}: no state has the code {nowhere[0][:2]}. Expected a five-digit"
                " FIPS code such as 06073.",
                counties=nowhere,
            )
        raise NotFound(
            f"No figures are loaded for county {', '.join(missing)}: people there cannot be held against anything. Import"
            f" PLACES county data ({remedy('import reference data')}, or {remedy('fetch places', level='county')}), or choose a"
            f" county of the starter set ({remedy('list reference data')}).",
            counties=missing,
        )
    for state in spec.states:
        if not any(code.startswith(known[state.upper()]) for code in fips):
            raise NotFound(
                f"No county of {state.upper()} has figures. Import PLACES county data ({remedy('import reference data')}), or"
                " choose another state.",
                state=state,
            )


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
    position = {code: number for number, code in enumerate(fips)}
    population = np.ones(len(fips))
    prevalence: dict[str, Floats] = {}
    releases: dict[str, set[str]] = {}
    bands: dict[str, dict[str, float]] = {}
    for code, measure, share, people, adults, release in rows:
        column = prevalence.setdefault(measure, np.full(len(fips), np.nan))
        column[position[code]] = share
        releases.setdefault(measure, set()).add(release)
        if people:
            population[position[code]] = people
            if adults:
                bands.setdefault(code, {})["EP_AGE17"] = 1 - adults / people
    for code, variable, share in shares:
        bands.setdefault(code, {})[variable] = share
    weights = population if spec.by_population else np.array([spec.counties[code] for code in fips])
    pyramids = np.stack([_pyramid(bands.get(code, {})) for code in fips])
    return Places(
        tuple(fips),
        tuple(names[code][0] for code in fips),
        tuple(names[code][1] for code in fips),
        weights / weights.sum(),
        pyramids,
        prevalence,
        {measure: tuple(sorted(found)) for measure, found in releases.items()},
    )


def curve(points: Mapping[Any, float], ages: Floats | None = None) -> Floats:
    """Values by age at the last birthday (or at the given ages): linear between the named ages."""
    named = sorted((float(age), float(value)) for age, value in points.items())
    at = np.arange(AGES, dtype=np.float64) if ages is None else ages
    return np.interp(at, [age for age, _ in named], [value for _, value in named])


@cache
def died_within_a_year() -> Floats:
    """(sex, age at the end) chance to die within the year before."""
    known = facts()["death"]
    rate = curve(known["curve"]) / 1000
    chance: Floats = 1 - np.exp(-np.stack([rate * known["female"], rate * known["male"]]))
    return chance


@cache
def national_pyramid() -> Floats:
    """(sex, age) shares of the national population."""
    bands = facts()["ages"]["bands"]
    starts = sorted(bands)
    ages = np.zeros(AGES)
    for start, end in zip(starts, [*starts[1:], 103], strict=True):
        # the oldest thin out within their band
        fall = np.exp(-0.09 * np.arange(end - start)) if start >= 75 else np.ones(end - start)
        ages[start:end] = bands[start] * fall / fall.sum()
    women = curve(facts()["female"]["curve"])
    pyramid = np.stack([ages * women, ages * (1 - women)])
    result: Floats = pyramid / pyramid.sum()
    return result


def _pyramid(shares: Mapping[str, float]) -> Floats:
    """The national pyramid with the county's own shares of children and of old people, where they are known."""
    pyramid = national_pyramid().copy()
    young = shares.get("EP_AGE17", pyramid[:, :ADULT].sum())
    old = shares.get("EP_AGE65", pyramid[:, OLD:].sum() * (1 - young) / pyramid[:, ADULT:].sum())
    for band, share in ((slice(0, ADULT), young), (slice(ADULT, OLD), 1 - young - old), (slice(OLD, AGES), old)):
        pyramid[:, band] *= share / pyramid[:, band].sum()
    return pyramid
