"""What every kernel is given: the spec, the places, the knowledge, the scales, and the chance."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from healthsim.generation.calibration import Scales
from healthsim.generation.compiled import Knowledge
from healthsim.generation.places import Places
from healthsim.generation.randomness import Bools, Draws, Floats, Ints
from healthsim.generation.spec import PopulationSpec

__all__ = ["BLOCK", "EPOCH", "NEVER", "YEAR", "Bools", "Context", "Floats", "Ints", "day_of_month", "year_of",
           "years_between"]  # fmt: skip

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
    calendar, first = _calendar()
    at, born = calendar.take(day - first, mode="clip"), calendar.take(birth - first, mode="clip")
    completed: Ints = (at - born) >> _YEAR_BITS
    return completed


def year_of(day: Ints) -> Ints:
    """The calendar year, from days since 1970-01-01."""
    calendar, first = _calendar()
    year: Ints = calendar.take(day - first, mode="clip") >> _YEAR_BITS
    return year


def day_of_month(day: Ints) -> Ints:
    """The day of the month from 1, from days since 1970-01-01."""
    calendar, first = _calendar()
    place: Ints = (calendar.take(day - first, mode="clip") & 31) + 1
    return place


#: a year, and below it the month and day of the month: 12 x 32 are less than 512
_YEAR_BITS = 9


@cache
def _calendar() -> tuple[Ints, int]:
    """(year, month and day as one number that grows with them, of each day of five centuries; the first of these days)."""
    dates = np.arange("1750-01-01", "2250-01-01", dtype="datetime64[D]")
    months = dates.astype("datetime64[M]")
    within = (months.astype(np.int64) % 12) * 32 + (dates - months).astype(np.int64)
    years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    return (years << _YEAR_BITS) + within, int(dates[0].astype(np.int64))
