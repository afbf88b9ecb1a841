"""Which conditions people have, since when, in which form, and whether they are treated and under control.

Each condition has a hidden normal variable: shared factors times their loadings, and a part of its own. Within strata of
age, sex and county its ranks are spread evenly, and those with the highest ranks have the condition: the number of people
with it meets the chance of the stratum to less than one person, and conditions go together as the factors say. A condition
begins at the age at which its chance first passes a person's rank, so that those of an age have it as often on each day of the
history as at its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from healthsim.generation.calibration import HIGHEST
from healthsim.generation.columns import repeated
from healthsim.generation.compiled import by_sex
from healthsim.generation.kernels.context import BLOCK, NEVER, YEAR, Bools, Context, Floats, Ints
from healthsim.generation.kernels.journey_people import onset_in_journeys
from healthsim.generation.kernels.people import People
from healthsim.generation.knowledge import Condition
from healthsim.generation.ordering import order_of
from healthsim.generation.packing import Packing
from healthsim.generation.places import AGES

#: bounds of the age strata
STRATA = (0, 5, 18, 30, 40, 50, 60, 70, 80)
#: hidden variables are compared to a ten-millionth: what is closer stays in the order of persons
_RESOLUTION = 2**23
#: parts of a year of age in which onsets are told apart
_PARTS = 4


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
    shape = len(context.knowledge.chronic), len(people)
    health = Health(
        np.zeros(shape, dtype=bool),
        np.full(shape, NEVER),
        np.zeros(shape, dtype=np.int64),
        np.ones(shape),
        np.zeros(shape, dtype=bool),
        np.zeros(shape, dtype=bool),
    )
    age = _parts_of(people, people.last)
    strata, factors = _Strata.of(context, people), _Factors(context, people)
    place = {
        context.knowledge.conditions[number].condition: row for row, number in enumerate(context.knowledge.chronic)
    }
    for row, number in enumerate(context.knowledge.chronic):
        condition = context.knowledge.conditions[number]
        rank = strata.spread(context, condition.condition, factors.of(condition))
        has, level = _who_has(context, people, number, age, rank)
        if condition.condition not in context.spec.cohort:
            for other in condition.excludes:
                has = has & ~health.has[place[other]] if other in place else has
        health.has[row] = has
        who = np.flatnonzero(has)
        onset = _onset(context, people, who, age, level.take(who), condition)
        health.onset[row, who] = onset_in_journeys(context, people, condition, who, onset)
        control = context.draws.uniform(condition.condition + "/control", people.number.take(who))
        health.controlled_if_treated[row, who] = control < condition.controlled_when_treated
        health.controlled_if_not[row, who] = control < condition.controlled_when_untreated
    for row, number in enumerate(context.knowledge.chronic):
        stages = context.knowledge.conditions[number].stages
        if stages:
            who = np.flatnonzero(health.has[row])
            health.stage[row, who] = _stages(context, people, number, who, health, place)
            health.severity[row, who] = np.array([stage.severity for stage in stages])[health.stage[row, who]]
    return health


def _parts_of(people: People, day: Ints) -> Ints:
    """The age on a day, in parts of a year."""
    parts: Ints = np.clip((day - people.birth) * _PARTS // YEAR, 0, AGES * _PARTS - 1).astype(np.int64)
    return parts


def _curves(condition: Condition) -> Floats:
    """(sex, part of a year of age) chances of a condition; the figure of an age at the last birthday is met in its middle."""
    at = (np.arange(AGES * _PARTS) + 0.5) / _PARTS - 0.5
    yearly = by_sex(condition.prevalence)
    chances = np.stack([np.interp(at, np.arange(AGES), table) for table in yearly])
    chances[:, : int(np.ceil(float(condition.earliest_age) * _PARTS))] = 0
    return chances


def _who_has(context: Context, people: People, number: int, age: Ints, rank: Floats) -> tuple[Bools, Floats]:
    """(whether each person has a condition on the last day, the chance that the curve has to pass for that).

    Of the dead more have it, by as much as it makes death likelier. Of a cohort everyone has it.
    """
    condition = context.knowledge.conditions[number]
    scale = context.scales.prevalence[number].take(people.county)
    curve = _curves(condition).ravel().take(people.sex * AGES * _PARTS + age)
    if condition.condition in context.spec.cohort:
        u = context.draws.uniform(condition.condition + "/cohort", people.number)
        return np.ones(len(people), dtype=bool), u * curve
    more = np.where(people.death <= context.end, condition.mortality, 1.0)
    # the rank that stands for the same share of those who did not die
    rank = rank / (more - rank * (more - 1))
    has: Bools = (rank < np.minimum(HIGHEST, scale * curve)) & (curve > 0)
    return has, rank / scale


class _Factors:
    """What conditions have in common: hidden normal variables of the people, each drawn once."""

    def __init__(self, context: Context, people: People) -> None:
        self._draws, self._number = context.draws, people.number
        self._drawn: dict[str, Floats] = {}

    def of(self, condition: Condition) -> Floats:
        """The hidden variable of a condition: factors times loadings, and a part of its own; its variance is 1."""
        hidden = self._draws.normal(condition.condition, self._number)
        hidden *= np.sqrt(1 - sum(loading * loading for loading in condition.factors.values()))
        for factor, loading in condition.factors.items():
            if factor not in self._drawn:
                self._drawn[factor] = self._draws.normal("factor/" + factor, self._number)
            hidden += loading * self._drawn[factor]
        return hidden


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
        """The strata of a batch; whoever left before the end is in others than those who are there."""
        band = np.searchsorted(STRATA, people.age, side="right")
        strata = Packing("block", county=(0, len(context.places)), sex=(0, 2), band=(0, 16), left=(0, 2))
        left = people.left_by(context.end)
        stratum = strata.pack(people.number // BLOCK, county=people.county, sex=people.sex, band=band, left=left)
        kinds, sizes = np.unique(stratum, return_counts=True)
        group, rank = repeated(sizes)
        return cls(stratum, kinds, sizes, sizes.take(group), rank)

    def spread(self, context: Context, name: str, hidden: Floats) -> Floats:
        """Numbers in (0, 1), evenly spread within each stratum; the highest hidden variable has the lowest number."""
        order = order_of(self.stratum, (hidden * -_RESOLUTION).astype(np.int64))
        # one shift for the whole stratum, so that its number of people is the nearest whole one, at random up or down
        shift = context.draws.uniform(name + "/shift", self.kinds)
        result = np.empty(len(order))
        result[order] = (self.rank + shift.repeat(self.sizes)) / self.size
        return result


def _onset(context: Context, people: People, who: Ints, age: Ints, level: Floats, condition: Condition) -> Ints:
    """The day since when: that on which the chance by age first came to the person's level; before the last day."""
    highest = np.maximum.accumulate(_curves(condition), axis=1)
    sex, part = people.sex.take(who), np.empty(len(who), dtype=np.int64)
    for number, curve in enumerate(highest):
        here = np.flatnonzero(sex == number)
        part[here] = np.searchsorted(curve, level.take(here), side="right")
    part = np.minimum(part, age.take(who))
    u = context.draws.uniform(condition.condition + "/onset", people.number.take(who))
    birth, last = people.birth.take(who), people.last.take(who)
    begins = birth + (part * YEAR / _PARTS).astype(np.int64)
    ends = np.minimum(begins + int(YEAR / _PARTS), last)
    day = begins + (u * np.maximum(ends - begins, 1)).astype(np.int64)
    # the birthday itself at the earliest, of those who had it in the last days as well
    birthday = birth + int(np.ceil(float(condition.earliest_age) * YEAR))
    result: Ints = np.maximum(np.minimum(day, last - 1), np.minimum(birthday, last))
    return result


def _stages(context: Context, people: People, number: int, who: Ints, health: Health, place: dict[str, int]) -> Ints:
    """The number of each person's stage: by shares, among those that the person can be in."""
    condition = context.knowledge.conditions[number]
    stages = condition.stages or ()
    share = np.empty((len(stages), len(who)))
    since = (people.last.take(who) - health.onset[place[condition.condition], who]) / YEAR
    for which, stage in enumerate(stages):
        possible = since >= stage.from_years
        if stage.needs is not None:
            possible &= health.has[place[stage.needs]].take(who) if stage.needs in place else False
        share[which] = np.where(possible, stage.share, 0)
    share[0] = np.where(share.sum(axis=0) == 0, 1, share[0])
    cumulative = np.cumsum(share, axis=0)
    u = context.draws.uniform(condition.condition + "/stage", people.number.take(who)) * cumulative[-1]
    result: Ints = (u[None] >= cumulative).sum(axis=0)
    return np.minimum(result, len(stages) - 1)
