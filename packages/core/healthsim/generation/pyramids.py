"""Ages by sex of the people of counties: the national pyramid, bent until it says what is known of each county.

Known are the shares of children and of people of 65 and more (SVI, PLACES), of 18 to 24 and of 85 and more, and the sexes
(``county_people``). Between 25 and 64 nothing is known but the sum: the pyramid is tilted there, such that it meets
the number of those who are just above 65 as it does in the nation, and so a county of pensioners has many who are nearly so.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from healthsim.generation.county_people import CountyPeople
from healthsim.generation.packaged import figures
from healthsim.generation.randomness import Floats

#: ages at the last birthday
AGES = 111
ADULT, GROWN, OLD, OLDEST = 18, 25, 65, 85
#: shares per year of age that a pyramid is tilted by at most
_STEEPEST = 0.09
_STEPS = 40
#: of those who are neither children nor old, at least this share is 25 and more
_LEAST_GROWN = 0.25


def curve(points: Mapping[Any, float], ages: Floats | None = None) -> Floats:
    """Values by age at the last birthday (or at the given ages): linear between the named ages."""
    named = sorted((float(age), float(value)) for age, value in points.items())
    at = np.arange(AGES, dtype=np.float64) if ages is None else ages
    return np.interp(at, [age for age, _ in named], [value for _, value in named])


@cache
def national_pyramid() -> Floats:
    """(sex, age) shares of the national population."""
    facts = figures("people.yaml")
    bands = facts["ages"]["bands"]
    starts = sorted(bands)
    ages = np.zeros(AGES)
    for start, end in zip(starts, [*starts[1:], 103], strict=True):
        # the oldest thin out within their band
        fall = np.exp(-0.09 * np.arange(end - start)) if start >= 75 else np.ones(end - start)
        ages[start:end] = bands[start] * fall / fall.sum()
    women = curve(facts["female"]["curve"])
    pyramid = np.stack([ages * women, ages * (1 - women)])
    result: Floats = pyramid / pyramid.sum()
    return result


def make_pyramids(young: Floats, old: Floats, own: list[CountyPeople | None]) -> Floats:
    """(county, sex, age) shares of the people of counties.

    Args:
        young, old: shares of people under 18, and of 65 and more; NaN where they are not known.
        own: what else is known of each county.
    """
    nation = national_pyramid()
    sums = nation.sum(axis=0)
    young = np.where(np.isnan(young), sums[:ADULT].sum(), young)
    old = np.where(np.isnan(old), sums[OLD:].sum() * (1 - young) / sums[ADULT:].sum(), old)
    male = _known(own, lambda people: people.male, [_male(0, ADULT), _male(ADULT, OLD), _male(OLD, AGES)])
    oldest = _known(own, lambda people: people.oldest, nation[:, OLDEST:].sum(axis=1) / nation[:, OLD:].sum(axis=1))
    students = _known(own, lambda people: (people.young,), [sums[ADULT:GROWN].sum() / sums[ADULT:].sum()])[:, 0]
    students = np.minimum(students * (1 - young), (1 - _LEAST_GROWN) * (1 - young - old))
    result = np.empty((len(own), 2, AGES))
    for sex in range(2):
        share = male if sex else 1 - male
        children, students_here = young * share[:, 0], students * share[:, 1]
        grown, aged = (1 - young - old - students) * share[:, 1], old * share[:, 2]
        base = nation[sex]
        result[:, sex, :ADULT] = children[:, None] * base[:ADULT] / base[:ADULT].sum()
        result[:, sex, ADULT:GROWN] = students_here[:, None] * base[ADULT:GROWN] / base[ADULT:GROWN].sum()
        bent = _tilted(base[OLD:], oldest[:, sex], OLDEST - OLD, AGES - OLD)
        # where no tilt is steep enough for the oldest, they are given their share all the same
        for part, of_them in (
            (slice(0, OLDEST - OLD), 1 - oldest[:, sex]),
            (slice(OLDEST - OLD, None), oldest[:, sex]),
        ):
            bent[:, part] *= (of_them / bent[:, part].sum(axis=1))[:, None]
        result[:, sex, OLD:] = aged[:, None] * bent
        next_to = base[OLD - 5 : OLD].sum() / base[OLD : OLD + 5].sum()
        wanted = result[:, sex, OLD : OLD + 5].sum(axis=1) * next_to / np.maximum(grown, 1e-9)
        result[:, sex, GROWN:OLD] = grown[:, None] * _tilted(base[GROWN:OLD], wanted, OLD - 5 - GROWN, OLD - GROWN)
    result /= result.sum(axis=(1, 2), keepdims=True)
    return result


def _male(first: int, end: int) -> float:
    nation = national_pyramid()
    return float(nation[1, first:end].sum() / nation[:, first:end].sum())


def _known(own: list[CountyPeople | None], of: Any, otherwise: Any) -> Floats:
    """(county, n) figures of the counties, those of the nation where nothing is known."""
    return np.array([tuple(otherwise) if people is None else of(people) for people in own], dtype=np.float64)


def _tilted(base: Floats, wanted: Floats, first: int, end: int) -> Floats:
    """(county, age) a part of a pyramid, bent evenly with age until the ages from ``first`` have the wanted share of it."""
    ages = np.arange(len(base)) - len(base) / 2
    low, high = np.full(len(wanted), -_STEEPEST), np.full(len(wanted), _STEEPEST)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        bent = base * np.exp(middle[:, None] * ages)
        below = bent[:, first:end].sum(axis=1) < wanted * bent.sum(axis=1)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    bent = base * np.exp((low + high)[:, None] / 2 * ages)
    tilted: Floats = bent / bent.sum(axis=1, keepdims=True)
    return tilted
