"""Who the people are: place, age, sex, death, family. Everything here is by person number alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from healthsim.errors import InvalidInput
from healthsim.generation.calibration import chances
from healthsim.generation.columns import Bytes, digits, texts
from healthsim.generation.compiled import by_sex
from healthsim.generation.kernels.context import BLOCK, YEAR, Bools, Context, Floats, Ints, years_between
from healthsim.generation.kernels.households import FEMALE, MALE, make_households
from healthsim.generation.kernels.presence import presence
from healthsim.generation.lives import departed
from healthsim.generation.ordering import order_of
from healthsim.generation.places import AGES, SEXES
from healthsim.generation.randomness import choose, cumulated
from healthsim.remedies import remedy

__all__ = ["FEMALE", "MALE", "People", "admitted", "counties_of", "counties_with_people", "make_people"]

#: digits of an identifier: the code of the county, so that two counties share none, and the number of the person
COUNTY_DIGITS, NUMBER_DIGITS = 5, 8
#: how people are insured through another: not, as a spouse, as a child
SELF, SPOUSE, CHILD = 0, 1, 2
#: children are in a parent's plan until this age: 45 CFR 147.120
INSURED_WITH_PARENTS = 26
#: up to so many counties each person's is drawn for itself; of more, so many neighbours are of one county
FEW_COUNTIES, _NEIGHBOURS = 8, 64
#: persons whose counties are looked up at a time
_COUNTED = 256 * BLOCK
#: the order of households is drawn to a billionth
_RESOLUTION = 2**30
#: nobody is born on the as-of day or a whole number of years before it, where rounding would make the age another one
_FIRST_FRACTION, _FRACTIONS = 0.002, 0.996


@dataclass(frozen=True)
class People:
    """A batch of persons; arrays have one row per person, days count from 1970-01-01.

    Attributes:
        number: the person's number in the population, from 0.
        county: the place's number. sex: 0 female, 1 male.
        age: completed years at the as-of date (of the dead as well).
        birth, death (NEVER for the living).
        first, last: the first and the last day within the history on which a person lives in the county.
        parent: the place in this batch of the parent or partner through whom a person may be insured; itself without one.
        relation: 0 self, 1 spouse, 2 child.
        home: the place of the person that the household is named after.
        partner, mother, father: the places of those in the same household, -1 without one.
        digits: characters that identifiers are made of: the code of the county, and the number from 1.
    """

    number: Ints
    county: Ints
    sex: Ints
    age: Ints
    birth: Ints
    death: Ints
    first: Ints
    last: Ints
    parent: Ints
    relation: Ints
    home: Ints
    partner: Ints
    mother: Ints
    father: Ints
    digits: Bytes

    def __len__(self) -> int:
        return len(self.number)

    def ids(self, prefix: str) -> Bytes:
        """Characters of the identifiers of everyone in one role: a prefix, and the digits of the person."""
        return texts(prefix, self.digits, rows=len(self))

    @cached_property
    def ages(self) -> tuple[Ints, Ints]:
        """Completed years of everyone on the first and on the last day of being there."""
        return years_between(self.birth, self.first), years_between(self.birth, self.last)

    def left_by(self, day: int) -> Bools:
        """Who died or moved away until a day."""
        left: Bools = (self.last < day) | (self.death <= day)
        return left

    def age_at(self, rows: Ints, day: Ints) -> Ints:
        """Completed years of some persons on some days."""
        return years_between(self.birth[rows], day)


def admitted(context: Context) -> Floats:
    """(county, sex, age) shares of the people that a spec admits.

    Raises:
        InvalidInput: nobody can be as the spec says.
    """
    spec = context.spec
    pyramid = context.places.pyramids.copy()
    # who was there and left is of the scenario as well
    pyramid += departed(context.flows, context.years)
    ages = np.arange(AGES)
    pyramid[:, :, (ages < spec.ages.min) | (ages > spec.ages.max)] = 0
    if spec.sex is not None:
        pyramid[:, 1 - SEXES.index(spec.sex)] = 0
    for name in spec.cohort:
        number = context.knowledge.index(name)
        condition = context.knowledge.conditions[number]
        if condition.kind == "chronic":
            scale = context.scales.prevalence[number]
            chance = chances(by_sex(condition.prevalence), scale)
            chance[:, :, ages < condition.earliest_age] = 0
        else:
            chance = 1 - np.exp(-by_sex(condition.incidence)[None] * spec.years)
        pyramid *= chance
    for name in spec.cohort:
        clash = set(context.knowledge.conditions[context.knowledge.index(name)].excludes) & set(spec.cohort)
        if clash:
            raise InvalidInput(
                f"Nobody has {name} and {', '.join(sorted(clash))}: the one excludes the other. Leave one out of the cohort."
            )
    total = pyramid.sum(axis=(1, 2))
    if not total.all():
        empty = [context.places.fips[number] for number in np.flatnonzero(total == 0)]
        wanted = [f"ages {spec.ages.min}-{spec.ages.max}"]
        wanted += [f"sex {spec.sex}"] if spec.sex else []
        wanted += [f"with {' and '.join(spec.cohort)}"] if spec.cohort else []
        raise InvalidInput(
            f"Nobody can be as the spec says ({', '.join(wanted)}) in {', '.join(empty[:5])}; nothing was generated."
            f" Widen the ages, or take a condition out of the cohort ({remedy('show a condition', name='NAME')} tells who can have it).",
            counties=empty,
        )
    result: Floats = pyramid / total[:, None, None]
    return result


def stratified(context: Context, stream: str, number: Ints, block: int = BLOCK) -> Floats:
    """Numbers in (0, 1) that fill each block of persons evenly, in random order."""
    order = context.draws.uniform(stream, number).reshape(-1, block).argsort(axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(block)[None], axis=1)
    result: Floats = (rank.ravel() + context.draws.uniform(stream + "/within", number)) / block
    return result


def make_people(context: Context, number: Ints) -> People:
    """The persons of whole blocks: those of a household have numbers next to each other."""
    county, sex, age, birth = _drafted(context, number)
    homes = make_households(context, number, county, sex, birth)
    order, place = _by_household(context, number, homes.home)
    county, sex, age, birth = (column[order] for column in (county, sex, age, birth))

    def moved(before: Ints) -> Ints:
        """Places after the people were put in order; -1 stays."""
        after: Ints = np.where(before < 0, -1, place[before])[order]
        return after

    here = np.arange(len(number))
    home, partner, mother, father = (
        moved(before) for before in (homes.home, homes.partner, homes.mother, homes.father)
    )
    first, last, death = presence(context, number, county, sex, birth)
    parent, relation = here.copy(), np.zeros(len(number), dtype=np.int64)
    spouse = (partner >= 0) & (home != here)
    parent[spouse], relation[spouse] = partner[spouse], SPOUSE
    # who grew out of it within the history was in the plan before
    child = ((mother >= 0) | (father >= 0)) & (age < INSURED_WITH_PARENTS + context.spec.years)
    parent[child], relation[child] = home[child], CHILD
    of_county = np.frombuffer("".join(context.places.fips).encode(), dtype=np.uint8).reshape(-1, COUNTY_DIGITS)[county]
    own = texts(of_county, digits(number + 1, NUMBER_DIGITS), rows=len(number))
    return People(
        number, county, sex, age, birth, death, first, last, parent, relation, home, partner, mother, father, own
    )


def _drafted(context: Context, number: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """(county, sex, age, day of birth) of persons who have no household yet."""
    county = counties_of(context, number)
    cumulative = _cumulated_ages(context)
    u = stratified(context, "age", number)
    if len(cumulative) == 1:
        cell = choose(u, cumulative[0])
    else:
        # one search for all counties: the cumulative shares of county k lie between k and k + 1
        cell = np.searchsorted((cumulative + np.arange(len(cumulative))[:, None]).ravel(), u + county, side="right")
        cell = np.minimum(cell - county * 2 * AGES, 2 * AGES - 1)
    sex, age = np.divmod(cell.astype(np.int64), AGES)
    fraction = _FIRST_FRACTION + _FRACTIONS * context.draws.uniform("birthday", number)
    birth = context.end - np.floor((age + fraction) * YEAR).astype(np.int64)
    off = years_between(birth, np.full(len(birth), context.end)) - age
    birth += np.sign(off)
    # where it falls on a birthday it may be off by a day still
    birth += np.sign(years_between(birth, np.full(len(birth), context.end)) - age)
    return county, sex, age, birth


def _cumulated_ages(context: Context) -> Floats:
    """(county, sex and age) cumulative shares of the people that the spec admits."""
    if "ages" not in context.tables:
        joint = np.cumsum(admitted(context).reshape(len(context.places), -1), axis=1)
        context.tables["ages"] = joint / joint[:, -1:]
    return context.tables["ages"]


def counties_of(context: Context, number: Ints) -> Ints:
    """The counties of whole blocks of persons; where there are many counties, neighbours are of one, so that they can be a family."""
    cumulative = cumulated(context.places.weights)
    if len(context.places) <= FEW_COUNTIES:
        return choose(stratified(context, "county", number), cumulative)
    neighbourhoods = np.arange(int(number[0]) // _NEIGHBOURS, -(-(int(number[-1]) + 1) // _NEIGHBOURS), dtype=np.int64)
    county = choose(stratified(context, "county", neighbourhoods, BLOCK // _NEIGHBOURS), cumulative)
    of_each: Ints = county[number // _NEIGHBOURS - neighbourhoods[0]]
    return of_each


def counties_with_people(context: Context) -> Ints:
    """The counties that anybody of the population lives in: of few counties all, whatever the size."""
    n = len(context.places)
    if n <= FEW_COUNTIES:
        return np.arange(n)
    there = np.zeros(n, dtype=bool)
    for first in range(0, context.spec.size, _COUNTED):
        last = min(first + _COUNTED, -(-context.spec.size // BLOCK) * BLOCK)
        there[counties_of(context, np.arange(first, last, dtype=np.int64))] = True
    return np.flatnonzero(there)


def _by_household(context: Context, number: Ints, home: Ints) -> tuple[Ints, Ints]:
    """(the people in the order of their numbers, of each the place in it): households at random, their heads first."""
    chance = (context.draws.uniform("household", number) * _RESOLUTION).astype(np.int64)
    order = order_of(number // BLOCK, chance[home], home, home != np.arange(len(number)))
    place = np.empty(len(number), dtype=np.int64)
    place[order] = np.arange(len(number))
    return order, place
