"""What every kernel is given: the spec, the places, the knowledge, the scales, and the chance."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from healthsim.generation.calibration import Scales
from healthsim.generation.compiled import Knowledge
from healthsim.generation.journeys.pathways import Pathway
from healthsim.generation.lives import Flows, flows_of
from healthsim.generation.packing import Packing
from healthsim.generation.places import Places
from healthsim.generation.randomness import Bools, Draws, Floats, Ints
from healthsim.generation.spec import PopulationSpec
from healthsim.generation.validity import validity

__all__ = [
    "BLOCK",
    "EPOCH",
    "MONTH",
    "NEVER",
    "YEAR",
    "Bools",
    "Context",
    "Floats",
    "Ints",
    "day_of_month",
    "year_of",
    "years_between",
]

YEAR = 365.25
MONTH = YEAR / 12
#: a day that never comes
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
    journeys: tuple[Pathway, ...] = ()

    @cached_property
    def draws(self) -> Draws:
        return Draws(self.spec.seed, self.places.key)

    @cached_property
    def tables(self) -> dict[str, Floats]:
        """What kernels work out once for all batches, by name."""
        return {}

    @cached_property
    def end(self) -> int:
        """The last day of the history, in days since 1970-01-01."""
        return (self.spec.as_of - EPOCH).days

    @cached_property
    def start(self) -> int:
        """The first day of the history."""
        begins = self.end - round(self.spec.years * YEAR) + 1
        return max(begins, (validity().histories - EPOCH).days)

    @property
    def years(self) -> float:
        """How long the history is."""
        return (self.end - self.start + 1) / YEAR

    @cached_property
    def flows(self) -> Flows:
        """How many come and go in each county."""
        return flows_of(self.places.pyramids)


def years_between(birth: Ints, day: Ints) -> Ints:
    """Age at the last birthday, from days since 1970-01-01; born on 29 February, the birthday is 1 March in other years."""
    calendar, first = _calendar()
    at, born = calendar.take(day - first, mode="clip"), calendar.take(birth - first, mode="clip")
    # what is left of a year, month and day is as many years as are full
    return _DATE.first_of(at - born)


def year_of(day: Ints) -> Ints:
    """The calendar year, from days since 1970-01-01."""
    calendar, first = _calendar()
    return _DATE.first_of(calendar.take(day - first, mode="clip"))


def day_of_month(day: Ints) -> Ints:
    """The day of the month from 1, from days since 1970-01-01."""
    calendar, first = _calendar()
    return _DATE.unpack(calendar.take(day - first, mode="clip"))[-1]


#: a date as one number that grows with it; the difference of two is as many whole years, and a rest
_DATE = Packing("year", month=(0, 16), day=(1, 33))


@cache
def _calendar() -> tuple[Ints, int]:
    """(the dates of all days of five centuries, packed; the first of these days)."""
    dates = np.arange("1750-01-01", "2250-01-01", dtype="datetime64[D]")
    months = dates.astype("datetime64[M]")
    years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    day = (dates - months).astype(np.int64) + 1
    return _DATE.pack(years, month=months.astype(np.int64) % 12, day=day), int(dates[0].astype(np.int64))
