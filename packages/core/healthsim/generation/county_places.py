"""Counties by their code: names, and the cities, ZIP codes and area codes of each.

The figures are ``data/county_places.tsv.gz``, which ``scripts/write_county_places.py`` writes; their sources are named there: the
Census Bureau's list of counties, Connecticut's planning regions, ZIP codes with their post offices, and the people who lived in
each ZIP code at the 2010 Census.
"""

from __future__ import annotations

import gzip
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from healthsim.generation.packaged import PACKAGE
from healthsim.generation.randomness import Floats, Ints

#: as many counties as there may be, those of other years included; each has a range of its own where numbers are given out
COUNTIES = 3_250
#: steps from one county's range to the next county's: neighbours lie far apart, so that who overflows meets a stranger
_APART = 1_277


class County(NamedTuple):
    """A county: its name, its area codes, and of each ZIP code the city and the people who live there, in hundreds."""

    name: str
    area_codes: tuple[int, ...]
    zips: tuple[str, ...]
    cities: tuple[str, ...]
    people: tuple[int, ...]


@cache
def _lines() -> dict[str, str]:
    """Code -> line of the file, which is read once and taken apart only where it is asked for."""
    packed = files(PACKAGE).joinpath("data", "county_places.tsv.gz").read_bytes()
    return {line[:5]: line for line in gzip.decompress(packed).decode().splitlines()}


def county_names() -> dict[str, str]:
    """Code -> name, of every county."""
    return {code: line.split("\t", 2)[1] for code, line in _lines().items()}


@lru_cache(maxsize=4096)
def county(code: str) -> County | None:
    """The county of a code; None where there is none such."""
    line = _lines().get(code)
    if line is None:
        return None
    _, name, areas, places = line.split("\t")
    parts = places.split("|")
    zips, cities, people = [], [], []
    for city, codes in zip(parts[::2], parts[1::2], strict=True):
        words = codes.split()
        zips += words[::2]
        people += [int(word) for word in words[1::2]]
        cities += [city] * (len(words) // 2)
    return County(name, tuple(int(area) for area in areas.split()), tuple(zips), tuple(cities), tuple(people))


def county_codes(state: str) -> list[str]:
    """The codes of the counties of a state, by the two digits of its code."""
    return sorted(code for code in _lines() if code[:2] == state)


def slot(code: str) -> int:
    """Which of the ranges of numbers a county has, from 0; a code that is in no list may share one."""
    codes = _positions()
    position = codes.get(code, len(codes) + int(code) % (COUNTIES - len(codes)))
    return position * _APART % COUNTIES


@cache
def _positions() -> dict[str, int]:
    return {code: position for position, code in enumerate(sorted(_lines()))}


class Mail(NamedTuple):
    """ZIP codes of several counties, one after the other.

    Attributes:
        zips, cities: texts. zip: of each place the number of its ZIP code, city: likewise.
        cumulative: shares of a county's people that live in this place or before, plus the number of the county.
        last: of each county the last place.
        areas: (county, n) area codes, repeated as often as needed.
    """

    zips: pa.Array
    cities: pa.Array
    city: Ints
    cumulative: Floats
    last: Ints
    areas: Ints

    def places(self, u: Floats, county: Ints) -> Ints:
        """Where in their county people live, by random numbers."""
        place = np.searchsorted(self.cumulative, u + county, side="right")
        return np.minimum(place, self.last[county])


@lru_cache(maxsize=8)
def mail(codes: tuple[str, ...]) -> Mail:
    """The ZIP codes of counties."""
    counties = [_somewhere(code) for code in codes]
    names = sorted({city for place in counties for city in place.cities})
    number = {name: position for position, name in enumerate(names)}
    shares = [np.cumsum(place.people) / sum(place.people) + row for row, place in enumerate(counties)]
    most = max(len(place.area_codes) for place in counties)
    return Mail(
        pa.array([code for place in counties for code in place.zips]),
        pa.array(names, pa.string()),
        np.array([number[city] for place in counties for city in place.cities], dtype=np.int64),
        np.concatenate(shares),
        np.cumsum([len(place.zips) for place in counties]) - 1,
        np.array([(list(place.area_codes) * most)[:most] for place in counties], dtype=np.int64),
    )


def _somewhere(code: str) -> County:
    """The county, or for a code that is in no list the first of its state: whoever lives there has an address."""
    exact = county(code)
    if exact is not None:
        return exact
    near = min((other for other in _lines() if other[:2] == code[:2]), default=min(_lines()))
    place = county(near)
    assert place is not None
    return place
