"""Scales that make a population meet the published figures of its counties, and the national rates of hospital use.

Prevalence: the curve of a condition by age and sex is multiplied by one number per county, such that the adults of the
county's pyramid have the condition as often as PLACES says. Conditions of one measure (the two types of diabetes, the
cancers) are scaled together, and it is their union that meets the figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from healthsim.generation.compiled import Knowledge, by_sex
from healthsim.generation.places import ADULT, Places
from healthsim.generation.randomness import Floats

#: nobody's chance of a condition is higher
HIGHEST = 0.97
#: halvings of the interval: to a millionth
_STEPS = 26


@dataclass(frozen=True)
class Scales:
    """What the kernels multiply with.

    Attributes:
        prevalence: condition number -> (county,) multiplier of its curve.
        inpatient, emergency: multipliers of rates by bands of age (``kernels.frailty``). readmission: share of discharges.
        stay: multiplier of days in hospital.
        several: multipliers of the admissions of people with two or more chronic conditions, under 45, 45-64, 65 and older.
        spending: multipliers of prices for ages 0-18, 19-64 and 65+.
    """

    prevalence: Mapping[int, Floats]
    inpatient: tuple[float, ...] = (1.0,) * 5
    emergency: tuple[float, ...] = (1.0,) * 6
    readmission: float = 0.145
    stay: float = 1.0
    several: tuple[float, float, float] = (1.0, 1.0, 1.0)
    spending: tuple[float, float, float] = (1.0, 1.0, 1.0)


def chances(table: Floats, scale: Floats) -> Floats:
    """(county, sex, age) chances of a condition from its curve and the scale of each county."""
    scaled: Floats = np.minimum(HIGHEST, scale[:, None, None] * table[None])
    return scaled


def scale_prevalence(knowledge: Knowledge, places: Places) -> dict[int, Floats]:
    """Condition number -> multiplier of its curve per county; 1 where there is no figure to meet.

    A figure is of those who are present; who died or moved away before the end is ill as often as others of the age, or more.
    """
    scales = {number: np.ones(len(places)) for number in knowledge.chronic}
    groups: dict[str, list[int]] = {}
    for number in knowledge.chronic:
        measure = knowledge.conditions[number].measure
        if measure is not None and measure in places.prevalence:
            groups.setdefault(measure, []).append(number)
    adults = places.pyramids[:, :, ADULT:]
    weights = adults / adults.sum(axis=(1, 2), keepdims=True)
    for measure, numbers in groups.items():
        target = places.prevalence[measure]
        tables = [by_sex(knowledge.conditions[number].prevalence)[:, ADULT:] for number in numbers]
        scale = _solve(tables, weights, target)
        for number in numbers:
            scales[number] = scale
    return scales


def _solve(tables: list[Floats], weights: Floats, target: Floats) -> Floats:
    """Per county, the multiplier at which the union of independent conditions has the target share (bisection)."""
    low = np.full(len(target), np.log(1e-3))
    high = np.full(len(target), np.log(1e3))
    wanted = np.nan_to_num(target, nan=0.5)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        without = np.ones_like(weights)
        for table in tables:
            without *= 1 - chances(table, np.exp(middle))
        share = (weights * (1 - without)).sum(axis=(1, 2))
        below = share < wanted
        low = np.where(below, middle, low)
        high = np.where(below, high, middle)
    return np.where(np.isnan(target), 1.0, np.exp((low + high) / 2))
