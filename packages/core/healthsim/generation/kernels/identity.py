"""Names, addresses, numbers: plausible for the place, varied, and synthetic beyond doubt.

Social Security numbers have an area of 900-999, which is given to nobody; phones are 555-01xx, which is kept for fiction;
e-mail addresses end in the domains of RFC 2606.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import Context, Ints
from healthsim.generation.kernels.people import FEMALE, People
from healthsim.generation.packaged import figures
from healthsim.generation.places import facts
from healthsim.generation.randomness import choose, cumulated

#: groups 01-49 of the 100 areas: enough for 48 million persons, and no number of the ranges that the IRS gives out
_SERIALS, _GROUPS, _AREAS = 9_999, 49, 100
_STRIDE = 29_999_999


@cache
def _words() -> dict[str, Any]:
    words = figures("names.yaml").items()
    return {name: pa.array(value.split()) if isinstance(value, str) else value for name, value in words}


def person_names(context: Context, key: Ints, sex: Ints, family_key: Ints | None = None) -> tuple[pa.Array, pa.Array]:
    """Given and family names; the family name is that of ``family_key``."""
    words = _words()
    women, men = words["women"], words["men"]
    u = context.draws.uniform("given name", key)
    which = np.where(
        sex == FEMALE, (u**1.3 * len(women)).astype(np.int64), len(women) + (u**1.3 * len(men)).astype(np.int64)
    )
    given = col.coded(which, pa.concat_arrays([women, men]))
    families = words["families"]
    of = key if family_key is None else family_key
    family = col.coded((context.draws.uniform("family name", of) ** 1.25 * len(families)).astype(np.int64), families)
    return given, family


def organisation_words(context: Context, key: Ints) -> pa.Array:
    """The first part of the name of a hospital, clinic or pharmacy."""
    words = _words()
    first, second = words["places_first"], words["places_second"]
    a = first.take(pa.array(context.draws.integer("organisation", key, len(first))))
    b = second.take(pa.array(context.draws.integer("organisation/2", key, len(second))))
    return pc.binary_join_element_wise(a, b, "")


def addresses(context: Context, key: Ints, county: Ints, *, phone: bool = True) -> dict[str, pa.Array]:
    """Columns of addresses in counties; the ZIP code is one of the state's range, the city is named after the county."""
    words, n, draws = _words(), len(key), context.draws
    streets, kinds = words["streets"], words["street_kinds"]
    house = draws.integer("house", key, 9_800) + 100
    line = pc.binary_join_element_wise(
        pc.cast(pa.array(house), pa.string()),
        streets.take(pa.array(draws.integer("street", key, len(streets)))),
        kinds.take(pa.array(draws.integer("street kind", key, len(kinds)))),
        " ",
    )
    states = sorted(words["states"])
    places = context.places
    of_county = np.array([states.index(state) if state in states else 0 for state in places.states])
    state = of_county[county]
    zips = [words["states"][name]["zip"] for name in states]
    low = np.array([first for first, _ in zips])[state]
    width = np.array([last - first + 1 for first, last in zips])[state]
    # a county keeps to one three-digit area of its state
    area = low + draws.integer("zip area", county, width)
    code = area * 100 + draws.integer("zip", key, 90) + 1
    cities = [name.removesuffix(" County").removesuffix(" Parish").removesuffix(" Borough") for name in places.names]
    columns = {
        "address_line1": line, "city": col.coded(county, cities), "state": col.coded(county, places.states),
        "postal_code": col.strings(col.digits(code, 5)), "country": col.constant("US", n),
        "county": col.coded(county, places.names), "county_fips": col.coded(county, places.fips),
    }  # fmt: skip
    if phone:
        areas = [words["states"][name]["phone"] for name in states]
        most = max(map(len, areas))
        table = np.array([(list(one) * most)[:most] for one in areas])
        number = table[state, draws.integer("phone area", key, most)]
        columns["phone"] = col.strings(
            col.texts(col.digits(number, 3), "-555-01", col.digits(draws.integer("phone", key, 100), 2), rows=n)
        )
    return columns


def ssns(context: Context, number: Ints) -> pa.Array:
    """One number for each person: the order is shuffled by the seed, no two persons share one."""
    total = _SERIALS * _GROUPS * _AREAS
    # a large seed is too large for a machine's number
    place = (number * _STRIDE + (context.spec.seed * 7_919 + 104_729) % total) % total
    rest, serial = np.divmod(place, _SERIALS)
    group, area = rest % _GROUPS, rest // _GROUPS
    return col.strings(
        col.texts(
            col.digits(900 + area, 3), "-", col.digits(group + 1, 2), "-", col.digits(serial + 1, 4), rows=len(number)
        )
    )


def demographics(context: Context, people: People) -> dict[str, pa.Array]:
    """The columns that persons, patients, members and subjects share."""
    draws, known = context.draws, facts()
    family_key = people.number[people.parent]
    given, family = person_names(context, people.number, people.sex, family_key)
    middle = pa.array([chr(65 + letter) for letter in range(26)])
    hispanic = draws.uniform("hispanic", family_key) < known["hispanic"]["share"]
    races = list(known["race"]["weights"])
    race = choose(draws.uniform("race", family_key), cumulated(list(known["race"]["weights"].values())))
    language = np.where(
        hispanic,
        choose(draws.uniform("language", family_key), cumulated(list(known["languages"]["hispanic"].values()))),
        2 + choose(draws.uniform("language", family_key), cumulated(list(known["languages"]["others"].values()))),
    )
    languages = [*known["languages"]["hispanic"], *known["languages"]["others"]]
    dead = people.death <= context.end
    place = addresses(context, family_key, people.county)
    email = pc.binary_join_element_wise(
        pc.utf8_lower(given.cast(pa.string())), pc.utf8_lower(family.cast(pa.string())),
        pc.binary_join_element_wise(pc.cast(pa.array(people.number % 1000), pa.string()),
                                    pa.array(["example.com", "example.org", "example.net"]).take(
                                        pa.array(people.number % 3)), "@"), ".",
    )  # fmt: skip
    return {
        "ssn": ssns(context, people.number), **place, "given_name": given,
        "middle_name": col.coded(draws.integer("middle name", people.number, 30) - 4, middle, gaps=True), "family_name": family,
        "birth_date": col.days(people.birth), "gender": col.coded(people.sex, ["F", "M"]),
        "race": col.coded(race, races),
        "ethnicity": col.coded(hispanic.astype(np.int64), ["Not Hispanic or Latino", "Hispanic or Latino"]),
        "language": col.coded(language, languages), "email": email,
        "deceased": col.flags(dead), "death_date": col.days(np.where(dead, people.death, 0), ~dead),
    }  # fmt: skip


def person_ids(prefix: str, number: Ints) -> np.ndarray:
    """Characters of identifiers of persons in one role: a prefix and ten digits."""
    return col.texts(prefix, col.digits(number + 1, 10), rows=len(number))
