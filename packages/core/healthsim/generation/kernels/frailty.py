"""How often people need an emergency department, relative to others of their age with their conditions.

Some come again and again, most never in a year: a person's factor stays the same over the years. Payers differ as well, since they
stand for poverty, for disability and for how easily another doctor is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from healthsim.generation.kernels.context import YEAR, Context, Floats, Ints
from healthsim.generation.kernels.enrolment import enrol
from healthsim.generation.kernels.payers import PAYERS
from healthsim.generation.kernels.people import People
from healthsim.generation.packaged import figures

#: nobody needs it more often than so many times as often as the mean person
_MOST = 30.0
#: until this age payers differ by half as much, in logarithms; an assumption
_SMALL = 4


@dataclass(frozen=True)
class Rates:
    """Published rates of one kind of care by bands of age, ``<name>.by_age`` of ``data/people.yaml``."""

    name: str

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The figures, with their source."""
        known: dict[str, Any] = figures("people.yaml")[self.name]
        return known

    @cached_property
    def ages(self) -> Ints:
        """The first ages of the bands."""
        return np.array(sorted(self.facts["by_age"]), dtype=np.int64)

    @cached_property
    def rates(self) -> Floats:
        """The rate of each band."""
        return np.array([rate for _, rate in sorted(self.facts["by_age"].items())], dtype=np.float64)

    def band(self, age: Ints) -> Ints:
        """The band of each age."""
        return np.searchsorted(self.ages, age, side="right") - 1

    def scale(self, scales: Sequence[float], age: Ints) -> Floats:
        """The multiplier of each age."""
        of_age: Floats = np.array(scales).take(self.band(age))
        return of_age

    def highest(self, scales: Sequence[float], people: People) -> Floats:
        """The highest multiplier among the ages that each person has while being there."""
        first, last = (self.band(age) for age in people.ages)
        most = np.array(scales).take(first)
        for band, scale in enumerate(scales):
            most[(first < band) & (band <= last)] = np.maximum(most[(first < band) & (band <= last)], scale)
        return most

    def years(self, people: People) -> Floats:
        """Years that the people were there in each band."""
        first, last = people.first, people.last + 1
        days = []
        for begin, end in pairwise([*self.ages.tolist(), 200]):
            enters, leaves = people.birth + begin * YEAR, people.birth + end * YEAR
            days.append(np.maximum(np.minimum(last, leaves) - np.maximum(first, enters), 0).sum())
        return np.array(days) / YEAR


#: visits to emergency departments per 100 persons, and stays in hospital per 1,000
EMERGENCY, INPATIENT = Rates("emergency"), Rates("inpatient")


def emergency_factor(context: Context, people: People) -> Floats:
    """Of each person, the factor of visits to emergency departments: chance and payer."""
    facts = EMERGENCY.facts
    spread = facts["deviation"]
    chance = np.exp(spread * context.draws.normal("emergency", people.number) - spread * spread / 2)
    of_payer = np.array([facts["by_payer"][name] for name in PAYERS])
    payer = of_payer[enrol(context, people).later]
    # small children are brought whoever pays
    payer = np.where(people.ages[1] < _SMALL, np.sqrt(payer), payer)
    factor: Floats = np.minimum(chance, _MOST) * payer
    return factor
