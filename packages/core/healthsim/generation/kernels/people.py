"""Who the people are: place, age, sex, death, family. Everything here is by person number alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.errors import InvalidInput
from healthsim.generation.calibration import chances
from healthsim.generation.columns import Bytes, digits, texts
from healthsim.generation.compiled import by_sex
from healthsim.generation.kernels.context import BLOCK, NEVER, YEAR, Context, Floats, Ints, years_between
from healthsim.generation.places import AGES, SEXES, died_within_a_year
from healthsim.generation.randomness import choose, cumulated
from healthsim.remedies import remedy

FEMALE, MALE = 0, 1
#: digits of an identifier: the code of the county, so that two counties share none, and the number of the person
COUNTY_DIGITS, NUMBER_DIGITS = 5, 8
#: shares and ages of families are assumptions, such that most children and half of the partners are insured through somebody:
#: persons who may have others insured through them
HEADS = 0.5
#: ages of partners, and years between them; how many numbers before one's own they are looked for
_PARTNERS, _PARTNERS_APART, _PARTNER_AMONG = (20, 85), 9, 3
#: ages of parents and children, and years between them; how many numbers before the child's they are looked for
_PARENTS, _CHILD_UNTIL, _GENERATION, _PARENT_AMONG = (20, 65), 19, (18, 44), 24
#: nobody is born on the as-of day or a whole number of years before it, where rounding would make the age another one
_FIRST_FRACTION, _FRACTIONS = 0.002, 0.996


@dataclass(frozen=True)
class People:
    """A batch of persons; arrays have one row per person, days count from 1970-01-01.

    Attributes:
        number: the person's number in the population, from 0.
        county: the place's number. sex: 0 female, 1 male.
        age: completed years at the as-of date (of the dead as well).
        birth, death (NEVER for the living), last: the last day of life within the history.
        parent: the place in this batch of the parent or partner through whom a person is insured; itself without one.
        relation: 0 self, 1 spouse, 2 child.
        digits: characters that identifiers are made of: the code of the county, and the number from 1.
    """

    number: Ints
    county: Ints
    sex: Ints
    age: Ints
    birth: Ints
    death: Ints
    last: Ints
    parent: Ints
    relation: Ints
    digits: Bytes

    def __len__(self) -> int:
        return len(self.number)

    def ids(self, prefix: str) -> Bytes:
        """Characters of the identifiers of everyone in one role: a prefix, and the digits of the person."""
        return texts(prefix, self.digits, rows=len(self))

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


def stratified(context: Context, stream: str, number: Ints) -> Floats:
    """Numbers in (0, 1) that fill each block of persons evenly, in random order."""
    order = context.draws.uniform(stream, number).reshape(-1, BLOCK).argsort(axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(BLOCK)[None], axis=1)
    result: Floats = (rank.ravel() + context.draws.uniform(stream + "/within", number)) / BLOCK
    return result


def make_people(context: Context, number: Ints) -> People:
    """The persons of whole blocks."""
    draws, places = context.draws, context.places
    county = choose(stratified(context, "county", number), cumulated(places.weights))
    joint = admitted(context).reshape(len(places), -1)
    cumulative = np.cumsum(joint, axis=1)
    cumulative /= cumulative[:, -1:]
    u = stratified(context, "age", number)
    if len(places) == 1:
        cell = choose(u, cumulative[0])
    else:
        # one search for all counties: the cumulative shares of county k lie between k and k + 1
        cell = np.searchsorted((cumulative + np.arange(len(places))[:, None]).ravel(), u + county, side="right")
        cell = np.minimum(cell - county * 2 * AGES, 2 * AGES - 1)
    sex, age = np.divmod(cell.astype(np.int64), AGES)
    fraction = _FIRST_FRACTION + _FRACTIONS * draws.uniform("birthday", number)
    birth = context.end - np.floor((age + fraction) * YEAR).astype(np.int64)
    off = years_between(birth, np.full(len(birth), context.end)) - age
    birth += np.sign(off)
    # where it falls on a birthday it may be off by a day still
    birth += np.sign(years_between(birth, np.full(len(birth), context.end)) - age)
    death = _deaths(context, number, sex, age, birth)
    last = np.minimum(death, context.end)
    parent, relation = _families(context, number, county, sex, birth)
    of_county = np.frombuffer("".join(places.fips).encode(), dtype=np.uint8).reshape(-1, COUNTY_DIGITS)[county]
    own = texts(of_county, digits(number + 1, NUMBER_DIGITS), rows=len(number))
    return People(number, county, sex, age, birth, death, last, parent, relation, own)


def _deaths(context: Context, number: Ints, sex: Ints, age: Ints, birth: Ints) -> Ints:
    """The day of death of those who die, else NEVER.

    The population is everyone who lived in the last year of the history: whoever died before that is not in it.
    """
    lived = np.clip((context.end - birth) / YEAR, 0, 1)
    dies = context.draws.uniform("death", number) < died_within_a_year()[sex, age] * lived
    first = np.maximum(context.end - 364, birth)
    span = np.maximum(context.end - first, 0)
    day = first + (context.draws.uniform("death/day", number) * (span + 1)).astype(np.int64)
    return np.where(dies, np.minimum(day, context.end), NEVER)


def _families(context: Context, number: Ints, county: Ints, sex: Ints, birth: Ints) -> tuple[Ints, Ints]:
    """Through whom a person is insured: children through an adult, some adults through a partner, of lower number."""
    n = len(number)
    here = np.arange(n)
    place = here % BLOCK
    age = (context.end - birth) / YEAR
    head = context.draws.uniform("head", number) < HEADS
    parent, relation = here.copy(), np.zeros(n, dtype=np.int64)
    taken = np.zeros(n, dtype=bool)
    for back in range(1, _PARTNER_AMONG + 1):
        other = here - back
        fits = (place >= back) & (parent == here) & ~head & (age >= _PARTNERS[0]) & (age < _PARTNERS[1])
        fits &= head[other] & ~taken[other] & (sex[other] != sex) & (county[other] == county)
        fits &= np.abs(age[other] - age) < _PARTNERS_APART
        parent[fits], relation[fits] = other[fits], 1
        taken[other[fits]] = True
    can = (relation == 0) & (age >= _PARENTS[0]) & (age < _PARENTS[1])
    children = np.flatnonzero((parent == here) & (age < _CHILD_UNTIL))
    for back in range(1, _PARENT_AMONG + 1):
        other = children - back
        gap = age[other] - age[children]
        fits = (
            (place[children] >= back)
            & can[other]
            & (gap >= _GENERATION[0])
            & (gap < _GENERATION[1])
            & (county[other] == county[children])
        )
        parent[children[fits]], relation[children[fits]] = other[fits], 2
        children = children[~fits]
    return parent, relation
