"""Contacts with care while they are being thought up: collected source by source, then put in the order of time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from healthsim.generation.kernels.context import Bools, Ints
from healthsim.generation.kernels.people import People
from healthsim.generation.ordering import among, order_of
from healthsim.generation.packing import Packing

SETTINGS = ("office", "specialist", "virtual", "wellness", "outpatient", "emergency", "inpatient", "home")
OFFICE, SPECIALIST, VIRTUAL, WELLNESS, OUTPATIENT, EMERGENCY, INPATIENT, HOME = range(len(SETTINGS))
KINDS = 10
(FOLLOW_UP, VISIT, EPISODE, SERVICE, PRENATAL, DELIVERY, ADMISSION, NEWBORN, READMISSION, TERMINAL) = range(KINDS)
#: what distinguishes the events of a person: the source, as a number, and which of the person's events of that source it is
KEY = Packing("source", occurrence=(0, 4_096))


@dataclass(frozen=True)
class Events:
    """Contacts with care, one row each.

    Attributes:
        person: the place in the batch. day, minute: the start (minute of the day). setting, kind: as numbered here.
        cause: number of the condition that it is for, -1 for none. code: the principal diagnosis, -1: by cause and stage.
        specialty: number of the specialty, -1: the primary care provider.
        reason: number of the text. stay: days in hospital. drg: number, -1 for none. price: cents of the stay.
        service: the procedure that it is for, -1 for none. key: distinguishes the events of a person, always the same.
        planned: no emergency. expired: ends with death. step: row of the step of a journey that it is, -1 for none.
    """

    person: Ints
    day: Ints
    minute: Ints
    setting: Ints
    kind: Ints
    cause: Ints
    code: Ints
    specialty: Ints
    reason: Ints
    stay: Ints
    drg: Ints
    price: Ints
    service: Ints
    key: Ints
    planned: Bools
    expired: Bools
    step: Ints

    def __len__(self) -> int:
        return len(self.person)

    def take(self, rows: Ints) -> Events:
        """Some of the rows."""
        return Events(**{column.name: getattr(self, column.name).take(rows) for column in fields(self)})


#: what an event has of which its source says nothing; the type is that of the column
_DEFAULTS: dict[str, int | bool] = {
    "person": 0,
    "day": 0,
    "minute": 0,
    "setting": 0,
    "kind": 0,
    "cause": -1,
    "code": -1,
    "specialty": -1,
    "reason": -1,
    "stay": 0,
    "drg": -1,
    "price": 0,
    "service": -1,
    "key": 0,
    "planned": False,
    "expired": False,
    "step": -1,
}


class Collected:
    """Events, source by source."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, dict[str, Any]]] = []

    def add(
        self, source: str, person: Ints, day: Ints, *, setting: Any, kind: int, occurrence: Any = 0, **others: Any
    ) -> None:
        """Take the events of one source; what is left out has its default, a number stands for all rows.

        Args:
            source: the name of the source; with ``occurrence`` it makes the key of an event.
        """
        if not len(person):
            return
        key = KEY.pack(zlib.crc32(source.encode()), occurrence=occurrence)
        columns = {"key": key, **others, "person": person, "day": day, "setting": setting, "kind": kind}
        self._parts.append((len(person), columns))

    def sorted(self, people: People) -> Events:
        """Everything while the people are there, in the order of persons and time."""
        events = Events(**{column.name: self._column(column.name) for column in fields(Events)})
        inside = events.day >= people.first.take(events.person)
        inside &= events.day <= people.last.take(events.person)
        return in_order(events, np.flatnonzero(inside))

    def _column(self, name: str) -> Any:
        """The values of all sources, one after the other."""
        column = np.full(sum(n for n, _ in self._parts), _DEFAULTS[name])
        at = 0
        for n, columns in self._parts:
            if name in columns:
                column[at : at + n] = columns[name]
            at += n
        return column


def joined(parts: Sequence[Events]) -> Events:
    """Events one after the other."""
    return Events(
        **{column.name: np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Events)}
    )


def in_order(events: Events, rows: Ints) -> Events:
    """Some events in the order of persons and time, without those that happen while a person is in hospital."""
    order = order_of(*(column.take(rows) for column in (events.person, events.day, events.minute, events.key)))
    return events.take(_without_overlaps(events, rows.take(order)))


def _without_overlaps(events: Events, rows: Ints) -> Ints:
    """Nobody is elsewhere while in hospital: what starts during a stay, or on the day of its end, does not happen.

    Stays that end with a birth, a delivery or death go before others that they would overlap.
    """
    person, is_stay = events.person.take(rows), events.setting.take(rows) == INPATIENT
    stays = np.zeros(int(person.max(initial=0)) + 1, dtype=bool)
    stays[person.compress(is_stay)] = True
    # of people who are never in hospital everything stays
    own = np.flatnonzero(stays.take(person))
    if not len(own):
        return rows
    person, is_stay, at = person.take(own), is_stay.take(own), rows.take(own)
    fixed, day = among(events.kind.take(at), (DELIVERY, NEWBORN, TERMINAL)), events.day.take(at)
    leave = day + is_stay * np.maximum(events.stay.take(at), 1)
    days = Packing("person", day=(0, int(leave.max()) + 2))
    begins, ends = days.pack(person, day=day), days.pack(person, day=leave)
    # days of fixed stays: other stays must end before the next fixed one begins
    upcoming = np.where(fixed, begins, np.iinfo(np.int64).max)
    upcoming = np.minimum.accumulate(upcoming[::-1])[::-1]
    clashes = ~fixed & (ends >= upcoming)
    # a contact that does not happen keeps nobody from another one
    midnight = days.pack(person, day=0)
    until = np.where(is_stay & ~clashes, ends, midnight)
    before = np.r_[0, np.maximum.accumulate(until)[:-1]]
    # the latest end so far is of this person's own stays where it lies above the person's first day
    busy = (begins <= before) & (before > midnight) & (before < days.pack(person + 1, day=0)) & ~fixed
    happens = np.ones(len(rows), dtype=bool)
    happens[own.compress(clashes | busy)] = False
    return rows.compress(happens)
