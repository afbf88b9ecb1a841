"""Which conditions people have, since when, in which form, and whether they are treated and under control.

Each condition has a hidden normal variable: shared factors times their loadings, and a part of its own. Within strata of
age, sex and county its ranks are spread evenly, and those with the highest ranks have the condition: the number of people
with it meets the chance of the stratum to less than one person, and conditions go together as the factors say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from healthsim.generation.calibration import HIGHEST
from healthsim.generation.columns import repeated
from healthsim.generation.compiled import by_sex
from healthsim.generation.kernels.context import BLOCK, NEVER, YEAR, Bools, Context, Floats, Ints
from healthsim.generation.kernels.people import People
from healthsim.generation.knowledge import Condition
from healthsim.generation.ordering import order_of
from healthsim.generation.places import AGES

#: bounds of the age strata
STRATA = (0, 5, 18, 30, 40, 50, 60, 70, 80)


@dataclass(frozen=True)
class Health:
    """The chronic conditions of a batch: one row per chronic condition in the order of ``Knowledge.chronic``.

    Attributes:
        has: whether a person has it. onset: since which day, NEVER where not. stage: the number of its stage.
        severity: multiplier of admissions. controlled: whether it is under control when treated / untreated is in
            ``controlled_if_treated`` and ``controlled_if_not``. All these say nothing of those who do not have it.
    """

    has: Bools
    onset: Ints
    stage: Ints
    severity: Floats
    controlled_if_treated: Bools
    controlled_if_not: Bools

    @cached_property
    def count(self) -> Ints:
        """The number of chronic conditions of each person."""
        total: Ints = self.has.sum(axis=0)
        return total


def make_health(context: Context, people: People) -> Health:
    """Give people their chronic conditions."""
    knowledge, draws, n = context.knowledge, context.draws, len(people)
    rows = len(knowledge.chronic)
    has = np.zeros((rows, n), dtype=bool)
    onset = np.full((rows, n), NEVER)
    stage = np.zeros((rows, n), dtype=np.int64)
    severity = np.ones((rows, n))
    treated, untreated = np.zeros((rows, n), dtype=bool), np.zeros((rows, n), dtype=bool)
    strata = _Strata.of(context, people)
    # the dead did not grow older than they became
    youngest = np.minimum(people.age, people.age_at(np.arange(n), people.last))
    factors: dict[str, Floats] = {}
    place = {knowledge.conditions[number].condition: row for row, number in enumerate(knowledge.chronic)}
    for row, number in enumerate(knowledge.chronic):
        condition = knowledge.conditions[number]
        name = condition.condition
        hidden = draws.normal(name, people.number)
        hidden *= np.sqrt(1 - sum(v * v for v in condition.factors.values()))
        for factor, loading in condition.factors.items():
            if factor not in factors:
                factors[factor] = draws.normal("factor/" + factor, people.number)
            hidden += loading * factors[factor]
        table = by_sex(condition.prevalence)
        scale = context.scales.prevalence[number].take(people.county)
        chance = np.minimum(HIGHEST, scale * table.take(people.sex * AGES + people.age))
        chance[youngest < condition.earliest_age] = 0
        has[row] = strata.spread(context, name, hidden) < chance
        if name in context.spec.cohort:
            has[row] = True
        for other in condition.excludes:
            if other in place and name not in context.spec.cohort:
                has[row] &= ~has[place[other]]
        who = np.flatnonzero(has[row])
        onset[row, who] = _onset(context, people, name, who, youngest, condition)
        control = draws.uniform(name + "/control", people.number.take(who))
        treated[row, who] = control < condition.controlled_when_treated
        untreated[row, who] = control < condition.controlled_when_untreated
    for row, number in enumerate(knowledge.chronic):
        stages = knowledge.conditions[number].stages
        if stages:
            who = np.flatnonzero(has[row])
            stage[row, who] = _stages(context, people, number, who, has, onset[row, who], place)
            severity[row, who] = np.array([one.severity for one in stages])[stage[row, who]]
    return Health(has, onset, stage, severity, treated, untreated)


@dataclass(frozen=True)
class _Strata:
    """People of one block, county, sex and band of age together.

    Attributes:
        stratum: the number of each person's. kinds: the numbers in order. sizes: how many people each of these has;
        size, rank: the same for people in the order of strata, and the place of each within the stratum.
    """

    stratum: Ints
    kinds: Ints
    sizes: Ints
    size: Ints
    rank: Ints

    @classmethod
    def of(cls, context: Context, people: People) -> _Strata:
        """The strata of a batch."""
        band = np.searchsorted(STRATA, people.age, side="right")
        stratum = ((people.number // BLOCK * len(context.places) + people.county) * 2 + people.sex) * 16 + band
        kinds, sizes = np.unique(stratum, return_counts=True)
        group, rank = repeated(sizes)
        return cls(stratum, kinds, sizes, sizes.take(group), rank)

    def spread(self, context: Context, name: str, hidden: Floats) -> Floats:
        """Numbers in (0, 1), evenly spread within each stratum; the highest hidden variable has the lowest number."""
        # to a ten-millionth: what is closer stays in the order of persons
        order = order_of(self.stratum, (hidden * -(1 << 23)).astype(np.int64))
        # one shift for the whole stratum, so that its number of people is the nearest whole one, at random up or down
        shift = context.draws.uniform(name + "/shift", self.kinds)
        result = np.empty(len(order))
        result[order] = (self.rank + shift.repeat(self.sizes)) / self.size
        return result


def _onset(context: Context, people: People, name: str, who: Ints, age: Ints, condition: Condition) -> Ints:
    """The day since when: years ago are exponential, cut off at the earliest age; before the last day of life."""
    earliest_age, mean_years = float(condition.earliest_age), condition.mean_years
    most = np.maximum(age.take(who) - earliest_age, 0.02)
    u = context.draws.uniform(name + "/onset", people.number.take(who))
    ago = -mean_years * np.log1p(-u * (1 - np.exp(-most / mean_years)))
    last = people.last.take(who)
    day = last - (ago * YEAR).astype(np.int64)
    # the birthday itself at the earliest, of those who had it in the last days as well
    birthday = people.birth.take(who) + int(np.ceil(earliest_age * YEAR))
    result: Ints = np.maximum(np.minimum(day, last - 1), np.minimum(birthday, last))
    return result


def _stages(
    context: Context, people: People, number: int, who: Ints, has: Bools, onset: Ints, place: dict[str, int]
) -> Ints:
    """The number of each person's stage: by shares, among those that the person can be in."""
    condition = context.knowledge.conditions[number]
    stages = condition.stages or ()
    share = np.empty((len(stages), len(who)))
    since = (context.end - onset) / YEAR
    for which, stage in enumerate(stages):
        possible = since >= stage.from_years
        if stage.needs is not None:
            possible &= has[place[stage.needs]].take(who) if stage.needs in place else False
        share[which] = np.where(possible, stage.share, 0)
    share[0] = np.where(share.sum(axis=0) == 0, 1, share[0])
    cumulative = np.cumsum(share, axis=0)
    u = context.draws.uniform(condition.condition + "/stage", people.number.take(who)) * cumulative[-1]
    result: Ints = (u[None] >= cumulative).sum(axis=0)
    return np.minimum(result, len(stages) - 1)
