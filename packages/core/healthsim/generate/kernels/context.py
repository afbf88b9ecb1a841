"""What every kernel is given: the spec, the places, the knowledge, the scales, and the chance."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from healthsim.generate.calibration import Scales
from healthsim.generate.compiled import Knowledge
from healthsim.generate.places import Places
from healthsim.generate.randomness import Bools, Draws, Floats, Ints
from healthsim.generate.spec import PopulationSpec

__all__ = ["BLOCK", "EPOCH", "NEVER", "YEAR", "Bools", "Context", "Floats", "Ints", "years_between"]

YEAR = 365.25
NEVER = 2_000_000
#: persons who are stratified together; a batch is a number of whole blocks
BLOCK = 4_096
EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Context:
    """The inputs of a population, the same for every batch and every worker."""

    spec: PopulationSpec
    places: Places
    knowledge: Knowledge
    scales: Scales

    @cached_property
    def draws(self) -> Draws:
        return Draws(self.spec.seed)

    @cached_property
    def end(self) -> int:
        """The last day of the history, in days since 1970-01-01."""
        return (self.spec.as_of - EPOCH).days

    @cached_property
    def start(self) -> int:
        """The first day of the history."""
        return self.end - round(self.spec.years * YEAR) + 1


def years_between(birth: Ints, day: Ints) -> Ints:
    """Age at the last birthday, from days since 1970-01-01; born on 29 February, the birthday is 1 March in other years."""
    born, at = birth.astype("datetime64[D]"), day.astype("datetime64[D]")
    years = at.astype("datetime64[Y]").astype(np.int64) - born.astype("datetime64[Y]").astype(np.int64)
    completed: Ints = years - (_month_day(at) < _month_day(born))
    return completed


def _month_day(date: npt.NDArray[np.datetime64]) -> Ints:
    month = date.astype("datetime64[M]")
    order: Ints = (month.astype(np.int64) % 12) * 32 + (date - month.astype("datetime64[D]")).astype(np.int64)
    return order
