"""Which conditions people have, since when, in which form, and whether they are treated and under control.

Each condition has a hidden normal variable: shared factors times their loadings, and a part of its own. Within strata of
age, sex and county its ranks are spread evenly, and those with the highest ranks have the condition: the number of people
with it meets the chance of the stratum to less than one person, and conditions go together as the factors say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generate.calibration import HIGHEST
from healthsim.generate.compiled import by_sex
from healthsim.generate.kernels.context import BLOCK, YEAR, Bools, Context, Floats, Ints
from healthsim.generate.kernels.people import People
from healthsim.generate.ordering import order_of
from healthsim.generate.places import AGES

#: bounds of the age strata
STRATA = (0, 5, 18, 30, 40, 50, 60, 70, 80)


@dataclass(frozen=True)
class Health:
    """The chronic conditions of a batch: one row per chronic condition in the order of ``Knowledge.chronic``.

    Attributes:
        has: whether a person has it. onset: since which day. stage: the number of its stage.
        severity: multiplier of admissions. controlled: whether it is under control when treated / untreated is in
            ``controlled_if_treated`` and ``controlled_if_not``.
    """

    has: Bools
    onset: Ints
    stage: Ints
    severity: Floats
    controlled_if_treated: Bools
    controlled_if_not: Bools

    @property
    def count(self) -> Ints:
        """The number of chronic conditions of each person."""
        total: Ints = self.has.sum(axis=0)
        return total


def make_health(context: Context, people: People) -> Health:
    """Give people their chronic conditions."""
    knowledge, draws, n = context.knowledge, context.draws, len(people)
    rows = len(knowledge.chronic)
    has = np.zeros((rows, n), dtype=bool)
    onset = np.zeros((rows, n), dtype=np.int64)
    stage = np.zeros((rows, n), dtype=np.int64)
    severity = np.ones((rows, n))
    treated, untreated = np.zeros((rows, n), dtype=bool), np.zeros((rows, n), dtype=bool)
    stratum = _strata(context, people)
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
        has[row] = _spread(context, name, people, stratum, hidden) < chance
        if name in context.spec.cohort:
            has[row] = True
        for other in condition.excludes:
            if other in place and name not in context.spec.cohort:
                has[row] &= ~has[place[other]]
        onset[row] = _onset(context, people, name, youngest, float(condition.earliest_age), condition.mean_years)
        control = draws.uniform(name + "/control", people.number)
        treated[row] = control < condition.controlled_when_treated
        untreated[row] = control < condition.controlled_when_untreated
    for row, number in enumerate(knowledge.chronic):
        stages = knowledge.conditions[number].stages
        if stages:
            stage[row] = _stages(context, people, number, has, onset[row], place)
            severity[row] = np.array([one.severity for one in stages])[stage[row]]
    return Health(has, onset, stage, severity, treated, untreated)


def _strata(context: Context, people: People) -> Ints:
    band = np.searchsorted(STRATA, people.age, side="right")
    result: Ints = ((people.number // BLOCK * len(context.places) + people.county) * 2 + people.sex) * 16 + band
    return result


def _spread(context: Context, name: str, people: People, stratum: Ints, hidden: Floats) -> Floats:
    """Numbers in (0, 1), evenly spread within each stratum; the highest hidden variable has the lowest number."""
    # to a ten-millionth: what is closer stays in the order of persons
    order = order_of(stratum, (hidden * -(1 << 23)).astype(np.int64))
    ordered = stratum.take(order)
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    size = np.diff(first, append=len(ordered))
    # one shift for the whole stratum, so that its number of people is the nearest whole one, at random up or down
    shift = context.draws.uniform(name + "/shift", ordered.take(first))
    rank = np.arange(len(ordered)) - first.repeat(size)
    spread = np.empty(len(ordered))
    spread[order] = (rank + shift.repeat(size)) / size.repeat(size)
    return spread


def _onset(context: Context, people: People, name: str, age: Ints, earliest_age: float, mean_years: float) -> Ints:
    """The day since when: years ago are exponential, cut off at the earliest age; before the last day of life."""
    most = np.maximum(age - earliest_age, 0.02)
    u = context.draws.uniform(name + "/onset", people.number)
    ago = -mean_years * np.log1p(-u * (1 - np.exp(-most / mean_years)))
    day = people.last - (ago * YEAR).astype(np.int64)
    # the birthday itself at the earliest, of those who had it in the last days as well
    birthday = people.birth + int(np.ceil(earliest_age * YEAR))
    result: Ints = np.maximum(np.minimum(day, people.last - 1), np.minimum(birthday, people.last))
    return result


def _stages(context: Context, people: People, number: int, has: Bools, onset: Ints, place: dict[str, int]) -> Ints:
    """The number of each person's stage: by shares, among those that the person can be in."""
    condition = context.knowledge.conditions[number]
    stages = condition.stages or ()
    share = np.empty((len(stages), len(people)))
    since = (context.end - onset) / YEAR
    for which, stage in enumerate(stages):
        possible = since >= stage.from_years
        if stage.needs is not None:
            possible &= has[place[stage.needs]] if stage.needs in place else False
        share[which] = np.where(possible, stage.share, 0)
    share[0] = np.where(share.sum(axis=0) == 0, 1, share[0])
    cumulative = np.cumsum(share, axis=0)
    u = context.draws.uniform(condition.condition + "/stage", people.number) * cumulative[-1]
    result: Ints = (u[None] >= cumulative).sum(axis=0)
    return np.minimum(result, len(stages) - 1)
