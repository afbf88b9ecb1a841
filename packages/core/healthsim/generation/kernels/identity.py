"""Names, addresses, numbers: plausible for the place, varied, and synthetic beyond doubt.

Social Security numbers have an area of 900-999, which is given to nobody; phones are 555-01xx, which is kept for fiction;
e-mail addresses end in the domains of RFC 2606.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthsim.generation import columns as col
from healthsim.generation.county_places import COUNTIES, mail, slot
from healthsim.generation.kernels.context import Context, Ints
from healthsim.generation.kernels.origins import origin_columns, origins
from healthsim.generation.kernels.people import FEMALE, People
from healthsim.generation.packaged import figures

#: groups 01-49 of the 100 areas: enough for 48 million persons, and no number of the ranges that the IRS gives out
_SERIALS, _GROUPS, _AREAS = 9_999, 49, 100
#: the order of the numbers is shuffled by a factor that has no divisor in common with how many there are
_STRIDE = 29_999_999
#: steps of a seed: a prime, so that near seeds lie apart
_SEED_STRIDE = 7_919
#: house numbers, and the first of them
_HOUSES, _FIRST_HOUSE = 9_800, 100
#: how much the first names and family names of a list are preferred to the last: assumptions
_GIVEN_SKEW, _FAMILY_SKEW = 1.3, 1.25


@cache
def _words() -> dict[str, pa.Array]:
    return {name: pa.array(value.split()) for name, value in figures("names.yaml").items()}


def person_names(context: Context, key: Ints, sex: Ints, family_key: Ints | None = None) -> tuple[pa.Array, pa.Array]:
    """Given and family names; the family name is that of ``family_key``."""
    words = _words()
    women, men = words["women"], words["men"]
    u = context.draws.uniform("given name", key)
    u = u**_GIVEN_SKEW
    which = np.where(sex == FEMALE, (u * len(women)).astype(np.int64), len(women) + (u * len(men)).astype(np.int64))
    first_name = col.coded(which, pa.concat_arrays([women, men]))
    families = words["families"]
    u = context.draws.uniform("family name", key if family_key is None else family_key) ** _FAMILY_SKEW
    return first_name, col.coded((u * len(families)).astype(np.int64), families)


def organisation_words(context: Context, key: Ints) -> pa.Array:
    """The first part of the name of a hospital, clinic or pharmacy."""
    words = _words()
    first, second = words["places_first"], words["places_second"]
    a = first.take(pa.array(context.draws.integer("organisation", key, len(first))))
    b = second.take(pa.array(context.draws.integer("organisation/2", key, len(second))))
    return pc.binary_join_element_wise(a, b, "")


def addresses(context: Context, key: Ints, county: Ints, *, phone: bool = True) -> dict[str, pa.Array]:
    """Columns of addresses in counties: a ZIP code of the county with its city, the more people live there the likelier."""
    words, n, draws, places = _words(), len(key), context.draws, context.places
    streets, kinds = words["streets"], words["street_kinds"]
    house = draws.integer("house", key, _HOUSES) + _FIRST_HOUSE
    line = pc.binary_join_element_wise(
        pc.cast(pa.array(house), pa.string()),
        streets.take(pa.array(draws.integer("street", key, len(streets)))),
        kinds.take(pa.array(draws.integer("street kind", key, len(kinds)))),
        " ",
    )
    post = mail(places.fips)
    place = post.places(draws.uniform("zip", key), county)
    columns = {
        "address_line1": line,
        "city": col.coded(post.city[place], post.cities),
        "state": col.coded(county, places.states),
        "postal_code": col.coded(place, post.zips),
        "country": col.constant("US", n),
        "county": col.coded(county, places.names),
        "county_fips": col.coded(county, places.fips),
    }
    if phone:
        columns["phone"] = _phones(context, key, county)
    return columns


def _phones(context: Context, key: Ints, county: Ints) -> pa.Array:
    """Phone numbers: an area code of the county, and 555-01xx; there are a hundred of these, so that they come again."""
    areas = mail(context.places.fips).areas
    area = areas[county, context.draws.integer("phone area", key, areas.shape[1])]
    last = col.digits(context.draws.integer("phone", key, 100), 2)
    return col.strings(col.texts(col.digits(area, 3), "-555-01", last, rows=len(key)))


def ssns(context: Context, number: Ints) -> pa.Array:
    """One number for each person: no two persons of a population share one.

    There are 48,995,100 numbers. Each county has a range of 15,075 of them, and a population of one county begins with its own:
    two counties share none as long as neither is larger than that, and rarely when they are, since the next range is that of
    a county far away. A population of several counties begins at a place of its own.
    """
    total = _SERIALS * _GROUPS * _AREAS
    fips = context.places.fips
    first = slot(fips[0]) * (total // COUNTIES) if len(fips) == 1 else int(context.places.key, 16) % total
    # a large seed is too large for a machine's number
    place = (number + (first + context.spec.seed * _SEED_STRIDE) % total) % total * _STRIDE % total
    rest, serial = np.divmod(place, _SERIALS)
    group, area = rest % _GROUPS, rest // _GROUPS
    return col.strings(
        col.texts(
            col.digits(900 + area, 3), "-", col.digits(group + 1, 2), "-", col.digits(serial + 1, 4), rows=len(number)
        )
    )


def demographics(context: Context, people: People) -> dict[str, pa.Array]:
    """Columns that every role of a person has; a household has one address, origin and language, a family one name."""
    home = people.number[people.home]
    related = (people.mother >= 0) | (people.father >= 0) | (people.partner >= 0)
    origin = origins(context, people)
    named = np.where(related, home, people.number)
    given_name, family_name = person_names(context, people.number, people.sex, named)
    middle = pa.array([chr(65 + letter) for letter in range(26)])
    # some have none: four of thirty
    initial = context.draws.integer("middle name", people.number, 30) - 4
    dead = people.death <= context.end
    return {
        "ssn": ssns(context, people.number),
        **addresses(context, home, people.county),
        "given_name": given_name,
        "middle_name": col.coded(initial, middle, gaps=True),
        "family_name": family_name,
        "birth_date": col.days(people.birth),
        "gender": col.coded(people.sex, ["F", "M"]),
        **origin_columns(context, people, origin),
        "email": _emails(people, given_name, family_name),
        "deceased": col.flags(dead),
        "death_date": col.days(np.where(dead, people.death, 0), ~dead),
    }


def _emails(people: People, given_name: pa.Array, family_name: pa.Array) -> pa.Array:
    """The name, the digits of the person, and a domain that is kept for examples."""
    domains = pa.array(["example.com", "example.org", "example.net"]).take(pa.array(people.number % 3))
    digits = col.strings(people.digits)
    names = (pc.utf8_lower(name.cast(pa.string())) for name in (given_name, family_name))
    return pc.binary_join_element_wise(*names, pc.binary_join_element_wise(digits, domains, "@"), ".")
