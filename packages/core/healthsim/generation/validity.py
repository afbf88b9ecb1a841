"""From when to when codes and products exist, and what is used before and after: the table ``data/validity.yaml``.

Clinical knowledge names the codes of today. What is written at a contact is what was there on its day: the code itself, its
predecessor or successor, or nothing where there was none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
from pydantic import Field

from healthsim.generation.knowledge_types import Part
from healthsim.generation.packaged import figures
from healthsim.generation.randomness import Ints

ICD10CM, MS_DRG, CPT, CVX, NDC, PLACE = "ICD-10-CM", "MS-DRG", "CPT", "CVX", "NDC", "place of service"
_EPOCH = dt.date(1970, 1, 1)
#: a day before all histories
LONG_AGO = -(10**6)


class Dates(Part):
    """When a code exists, what takes its place before and after, and what it is called where the knowledge does not say so."""

    from_: dt.date | None = Field(default=None, alias="from")
    until: dt.date | None = None
    before: str | None = None
    after: str | None = None
    text: str | None = None
    name: str | None = None
    cpt: str | None = None
    administration: str | None = None


class System(Part):
    """A code system: whence its dates are, since when there is the system itself, and its codes that have dates."""

    source: str
    from_: dt.date | None = Field(default=None, alias="from")
    codes: Mapping[str, Dates]


class Validity(Part):
    """The file.

    Attributes:
        histories: no history begins earlier. covers: no history ends later.
    """

    histories: dt.date
    covers: dt.date
    systems: Mapping[str, System]


@cache
def validity() -> Validity:
    """The dates of all codes that have any."""
    return Validity.model_validate(figures("validity.yaml"))


@cache
def dates(system: str) -> Mapping[str, Dates]:
    """Code -> dates, of one system."""
    return validity().systems[system].codes


def code_on(system: str, code: str, day: dt.date) -> str | None:
    """What stands for a code on a day; None where there was nothing of the kind."""
    met: set[str] = set()
    current: str | None = code
    while current is not None and current not in met:
        known = dates(system).get(current)
        if known is None:
            return current
        met.add(current)
        if known.from_ is not None and day < known.from_:
            current = known.before
        elif known.until is not None and day > known.until:
            current = known.after
        else:
            return current
    return None


@cache
def first_day(system: str, code: str) -> int:
    """The first day on which something stands for a code, in days since 1970-01-01."""
    changes = _changes(system, code)
    if not changes or code_on(system, code, changes[0] - dt.timedelta(1)) is not None:
        return LONG_AGO
    return next(((day - _EPOCH).days for day in changes if code_on(system, code, day) is not None), LONG_AGO)


def _changes(system: str, code: str) -> list[dt.date]:
    """The days on which what stands for a code changes, those of its predecessors and successors included."""
    days: set[dt.date] = set()
    met: set[str] = set()
    waiting = [code]
    while waiting:
        current = waiting.pop()
        known = dates(system).get(current)
        if current in met or known is None:
            continue
        met.add(current)
        days |= {known.from_} if known.from_ else set()
        days |= {known.until + dt.timedelta(1)} if known.until else set()
        waiting += [other for other in (known.before, known.after) if other]
    return sorted(days)


class Dated:
    """The numbers of a register by day: which number stands for which, from when to when.

    Args:
        system: the code system. codes: the codes of the register by number. number: gives a code a number, a new one where
            it has none; it is asked for predecessors and successors.
    """

    def __init__(self, system: str, codes: list[str], number: Callable[[str, int], int]) -> None:
        self._steps: dict[int, tuple[Ints, Ints]] = {}
        for place, code in enumerate(list(codes)):
            changes = _changes(system, code)
            if not changes:
                continue
            on = [code_on(system, code, day) for day in (changes[0] - dt.timedelta(1), *changes)]
            numbers = [-1 if then is None else place if then == code else number(then, place) for then in on]
            days = np.array([(day - _EPOCH).days for day in changes], dtype=np.int64)
            self._steps[place] = days, np.array(numbers, dtype=np.int64)

    def on(self, numbers: Ints, day: Ints) -> Ints:
        """What stands for each number on a day; -1 where nothing does, or where the number is -1 already."""
        result = numbers
        if not len(numbers):
            return result
        first, last = int(day.min()), int(day.max())
        for number, (days, instead) in self._steps.items():
            low, high = np.searchsorted(days, [first, last], side="right").tolist()
            if low == high and instead[low] == number:
                continue
            rows = np.flatnonzero(numbers == number)
            if not len(rows):
                continue
            if result is numbers:
                result = numbers.copy()
            result[rows] = instead[np.searchsorted(days, day[rows], side="right")]
        return result


class Span(NamedTuple):
    """From when to when a code exists; without a code, all codes of the system."""

    system: str
    code: str | None
    since: dt.date | None
    until: dt.date | None


def spans() -> list[Span]:
    """Every code with a first or a last day, and every system with a first one."""
    rows: list[Span] = []
    for name, system in validity().systems.items():
        if system.from_ is not None:
            rows.append(Span(name, None, system.from_, None))
        known = system.codes.items()
        rows += [
            Span(name, code, dates_of.from_, dates_of.until)
            for code, dates_of in known
            if dates_of.from_ or dates_of.until
        ]
    return rows
