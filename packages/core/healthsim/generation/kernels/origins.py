"""Where people come from: race, ethnicity and language, as the county has them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import BLOCK, Context, Ints
from healthsim.generation.kernels.people import People
from healthsim.generation.ordering import distinct, order_of
from healthsim.generation.packing import Packing
from healthsim.generation.places import facts
from healthsim.generation.randomness import choose, cumulated
from healthsim.generation.society import HISPANIC, ORIGINS

#: ages of heads of households: about their mean and standard deviation (American Community Survey 2022, table B25007)
_MIDDLE_AGE, _AGE_DEVIATION = 52, 17
#: hidden variables are compared to a millionth
_RESOLUTION = 2**20


def origins(context: Context, people: People) -> Ints:
    """The origin of each person, as a number of ``ORIGINS``: a household has one.

    Households of a county are put in an order, the younger ones rather first, and cut such that the groups have their shares of
    the persons who are there at the end.
    """
    heads, member = distinct(people.home)
    draws, number = context.draws, people.number[heads]
    loading = facts()["age_of_origins"]["loading"]
    hidden = draws.normal("origin", number) + loading * (people.age[heads] - _MIDDLE_AGE) / _AGE_DEVIATION
    county = people.county[heads]
    stratum = Packing("block", county=(0, len(context.places))).pack(number // BLOCK, county=county)
    order = order_of(stratum, (hidden * _RESOLUTION).astype(np.int64))
    sizes = np.bincount(member, ~people.left_by(context.end), len(heads))
    # the middle of each household on the line of its county's persons, shifted at random
    kinds, place = distinct(stratum)
    all_of_them = np.maximum(np.bincount(place, sizes, len(kinds)), 1)
    until = np.cumsum(sizes[order])
    before = np.cumsum(all_of_them) - all_of_them
    shift = draws.uniform("origin/shift", kinds)[place[order]]
    at = (until - sizes[order] * shift - before[place[order]]) / all_of_them[place[order]]
    share = np.empty(len(heads))
    share[order] = at
    cumulative = np.cumsum(context.places.society.origins, axis=1)
    origin = (share[:, None] >= cumulative[county]).sum(axis=1)
    result: Ints = np.minimum(origin, len(ORIGINS) - 1)[member]
    return result


def origin_columns(context: Context, people: People, origin: Ints) -> dict[str, pa.Array]:
    """Race, ethnicity and language; those of a household are the same."""
    draws, home = context.draws, people.number[people.home]
    of_hispanic = facts()["hispanic_race"]["weights"]
    races = list(dict.fromkeys([group.race for group in ORIGINS if not group.hispanic] + list(of_hispanic)))
    own = np.array([0 if group.hispanic else races.index(group.race) for group in ORIGINS])[origin]
    picked = choose(draws.uniform("race", home), cumulated(list(of_hispanic.values())))
    race = np.where(origin == HISPANIC, np.array([races.index(name) for name in of_hispanic])[picked], own)
    spoken = facts()["languages"]["of"]
    languages = list(dict.fromkeys(["en", *(name for shares in spoken.values() for name in shares)]))
    language = np.zeros(len(people), dtype=np.int64)
    u = draws.uniform("language", home)
    other = context.places.society.other_language[people.county, origin]
    for number, group in enumerate(ORIGINS):
        rows = np.flatnonzero((origin == number) & (u < other))
        shares = spoken[group.key]
        which = choose(u[rows] / other[rows], cumulated(list(shares.values())))
        language[rows] = np.array([languages.index(name) for name in shares])[which]
    return {
        "race": col.coded(race, races),
        "ethnicity": col.coded((origin == HISPANIC).astype(np.int64), ["Not Hispanic or Latino", "Hispanic or Latino"]),
        "language": col.coded(language, languages),
    }
