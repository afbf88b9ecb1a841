"""The calendar: seasons and waves, hours, days on which offices are open, care at a distance, prices (``data/seasons.yaml``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from healthsim.generation.knowledge_types import Part
from healthsim.generation.packaged import figures
from healthsim.generation.randomness import Floats, Ints

#: the days that have a place in the calendar
_FIRST, _LAST = "1960-01-01", "2200-01-01"
#: of five weekdays one each, and of the week's others; NumPy's weeks begin on a Monday
_SATURDAY, _SUNDAY = 5, 6
#: where a day stands
OPEN, SATURDAY, CLOSED = range(3)
_Months = Annotated[tuple[float, ...], Field(min_length=12, max_length=12)]


class Curve(Part):
    """What every curve has: its source, and what of it was held against the source."""

    source: str
    checked: str | None = None


class Season(Curve):
    """How often something happens by month: in every year alike, by the size of a season, or as a series of its own."""

    months: _Months | None = None
    years: Mapping[int, float] = {}
    unit: float = 1
    series: Mapping[int, _Months] = {}


class Hours(Curve):
    """Arrivals by hour of the day."""

    weights: Annotated[tuple[float, ...], Field(min_length=24, max_length=24)]


class Saturday(Curve):
    """The share of contacts of a Saturday that stay on it."""

    share: float


class Telehealth(Curve):
    """The share of visits that are at a distance, from months on; ``usual`` is that which files of knowledge are written for."""

    months: Mapping[str, float]
    usual: float


class Prices(Curve):
    """An index of prices by year; files of knowledge have prices of the year ``base``."""

    years: Mapping[int, float]
    base: int


class Calendar(Part):
    """The file."""

    seasons: Mapping[str, Season]
    hours: Hours
    saturday: Saturday
    telehealth: Telehealth
    prices: Prices


@cache
def calendar() -> Calendar:
    """All curves."""
    return Calendar.model_validate(figures("seasons.yaml"))


class Days(NamedTuple):
    """Every day of the calendar, from day ``first`` since 1970-01-01 on.

    Attributes:
        kind: OPEN, SATURDAY or CLOSED. before: how many open days came before it. open: the open days in order.
        month: months since 1970-01.
    """

    first: int
    kind: Ints
    before: Ints
    open: Ints
    month: Ints


@cache
def days() -> Days:
    """The days on which offices are open."""
    dates = np.arange(_FIRST, _LAST, dtype="datetime64[D]")
    first = int(dates[0].astype(np.int64))
    weekday = (dates.astype(np.int64) + 3) % 7
    kind = np.select([weekday == _SUNDAY, weekday == _SATURDAY], [CLOSED, SATURDAY], OPEN)
    years = range(dates[0].astype(object).year, dates[-1].astype(object).year + 1)
    closed = [(day - dt.date(1970, 1, 1)).days - first for year in years for day in holidays(year)]
    kind[[place for place in closed if place < len(kind)]] = CLOSED
    before = np.cumsum(kind == OPEN) - (kind == OPEN)
    month = dates.astype("datetime64[M]").astype(np.int64)
    return Days(first, kind, before, np.flatnonzero(kind == OPEN) + first, month)


def holidays(year: int) -> list[dt.date]:
    """The federal holidays of a year (5 U.S.C. 6103)."""
    fixed = [(1, 1), (7, 4), (11, 11), (12, 25)] + ([(6, 19)] if year >= 2021 else [])
    mondays = [(1, 3), (2, 3), (9, 1), (10, 2)]
    memorial = dt.date(year, 5, 31)
    return [
        *(dt.date(year, month, day) for month, day in fixed),
        *(_nth(year, month, 0, nth) for month, nth in mondays),
        _nth(year, 11, 3, 4),
        memorial - dt.timedelta(memorial.weekday()),
    ]


def _nth(year: int, month: int, weekday: int, nth: int) -> dt.date:
    """The nth such weekday of a month, from Monday 0 on."""
    begins = dt.date(year, month, 1)
    return begins + dt.timedelta((weekday - begins.weekday()) % 7 + 7 * (nth - 1))


@cache
def cumulative(name: str) -> Floats:
    """Of a season, how much of it came before each day of the calendar, in days of its mean."""
    season, places = calendar().seasons[name], days()
    year, month = 1970 + places.month // 12, places.month % 12
    rate = np.ones(len(places.month))
    if season.months is not None:
        months = np.array(season.months)
        rate = (months / months.mean())[month]
        began = year - (month < 6)
        for which, size in season.years.items():
            rate[began == which] *= size
    if season.series:
        rate[:] = 0
        last = max(season.series)
        for which, series in season.series.items():
            here = (year == which) | ((year > which) & (which == last))
            rate[here] = np.array(series)[month[here]] / season.unit
    total: Floats = np.r_[0, np.cumsum(rate)]
    return total


def level(name: str, day: Ints) -> Floats:
    """How much of a season falls on some days, relative to its mean."""
    place = day - days().first
    share: Floats = cumulative(name).take(place + 1) - cumulative(name).take(place)
    return share


@cache
def _telehealth() -> Floats:
    """The share of visits at a distance, by month since 1970-01."""
    share = np.zeros(int(days().month[-1]) + 1)
    for text, value in sorted(calendar().telehealth.months.items()):
        year, month = map(int, text.split("-"))
        share[(year - 1970) * 12 + month - 1 :] = value
    return share


def distant(day: Ints) -> Floats:
    """The share of visits on some days that are at a distance."""
    places = days()
    share: Floats = _telehealth().take(places.month.take(day - places.first))
    return share


def prices_on(day: Ints, base: int | None = None) -> Floats:
    """Prices of some days as a multiple of those of a year.

    Args:
        base: the year; by default that of the prices of knowledge files.
    """
    places = days()
    index: Floats = price_index(base or calendar().prices.base).take(places.month.take(day - places.first))
    return index


@cache
def price_index(base: int) -> Floats:
    """Prices by month since 1970-01 as a multiple of those of a year; the last year that is known stands for later ones."""
    known = calendar().prices.years
    years, values = zip(*sorted(known.items()), strict=True)
    every = 1970 + np.arange(int(days().month[-1]) + 1) // 12
    prices: Floats = np.interp(every, years, values)
    index: Floats = prices / known[base]
    return index
