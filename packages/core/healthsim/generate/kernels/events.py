"""Contacts with care while they are being thought up: collected source by source, then put in the order of time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from healthsim.generate.kernels.context import Bools, Ints
from healthsim.generate.kernels.people import People
from healthsim.generate.ordering import among, order_of

SETTINGS = ("office", "specialist", "virtual", "wellness", "outpatient", "emergency", "inpatient", "home")
OFFICE, SPECIALIST, VIRTUAL, WELLNESS, OUTPATIENT, EMERGENCY, INPATIENT, HOME = range(len(SETTINGS))
(FOLLOW_UP, VISIT, EPISODE, SERVICE, PRENATAL, DELIVERY, ADMISSION, NEWBORN, READMISSION, TERMINAL) = range(10)
#: occurrences of one source that a person can have
OCCURRENCES = 4_096


@dataclass(frozen=True)
class Events:
    """Contacts with care, one row each.

    Attributes:
        person: the place in the batch. day, minute: the start (minute of the day). setting, kind: as numbered here.
        cause: number of the condition that it is for, -1 for none. code: the principal diagnosis, -1: by cause and stage.
        specialty: number of the specialty, -1: the primary care provider.
        reason: number of the text. stay: days in hospital. drg: number, -1 for none. price: cents of the stay.
        service: the procedure that it is for, -1 for none. key: distinguishes the events of a person, always the same.
        planned: no emergency. expired: ends with death.
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

    def __len__(self) -> int:
        return len(self.person)

    def take(self, rows: Any) -> Events:
        """Some of the rows."""
        return Events(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


_DEFAULTS: dict[str, Any] = {
    "minute": 0, "cause": -1, "code": -1, "specialty": -1, "reason": -1, "stay": 0, "drg": -1, "price": 0,
    "service": -1, "planned": False, "expired": False,
}  # fmt: skip


class Collected:
    """Events, source by source."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Any]] = {one.name: [] for one in fields(Events)}

    def add(
        self, source: str, person: Ints, day: Ints, *, setting: Any, kind: int, occurrence: Any = 0, **others: Any
    ) -> None:
        """Take the events of one source; what is left out has its default, a number stands for all rows.

        Args:
            source: the name of the source; with ``occurrence`` it makes the key of an event.
        """
        n = len(person)
        if not n:
            return
        key = zlib.crc32(source.encode()) * OCCURRENCES + np.broadcast_to(occurrence, n)
        given = {**_DEFAULTS, "key": key, **others, "person": person, "day": day, "setting": setting, "kind": kind}
        for name, parts in self._parts.items():
            kind_of = bool if name in ("planned", "expired") else np.int64
            parts.append(np.broadcast_to(np.asarray(given[name], dtype=kind_of), n))

    def sorted(self, people: People, end: int) -> Events:
        """Everything within the lives of the people and the history, in the order of persons and time."""
        events = Events(**{name: _joined(parts, name) for name, parts in self._parts.items()})
        inside = (events.day >= people.birth[events.person]) & (
            events.day <= np.minimum(people.last[events.person], end)
        )
        rows = np.flatnonzero(inside)
        order = order_of(events.person[rows], events.day[rows], events.minute[rows], events.key[rows])
        return without_overlaps(events.take(rows[order]))


def _joined(parts: Sequence[Any], name: str) -> Any:
    if not parts:
        return np.zeros(0, dtype=bool if name in ("planned", "expired") else np.int64)
    return np.concatenate(parts)


def without_overlaps(events: Events) -> Events:
    """Nobody is elsewhere while in hospital: what starts during a stay, or on the day of its end, does not happen.

    Stays that end with a birth, a delivery or death go before others that they would overlap.
    """
    if not len(events):
        return events
    fixed = among(events.kind, (DELIVERY, NEWBORN, TERMINAL))
    is_stay = events.setting == INPATIENT
    leave = events.day + np.where(is_stay, np.maximum(events.stay, 1), 0)
    big = int(leave.max()) + 2
    # days of fixed stays: other stays must end before the next fixed one begins
    upcoming = np.where(fixed, events.person * big + events.day, np.iinfo(np.int64).max)
    upcoming = np.minimum.accumulate(upcoming[::-1])[::-1]
    clashes = ~fixed & (events.person * big + leave >= upcoming)
    kept = np.flatnonzero(~clashes)
    person, day, leave, is_stay, fixed = events.person[kept], events.day[kept], leave[kept], is_stay[kept], fixed[kept]
    until = person * big + np.where(is_stay, leave, 0)
    before = np.r_[0, np.maximum.accumulate(until)[:-1]]
    # the latest end so far is of this person's own stays where it lies above the person's first day
    busy = (person * big + day <= before) & (before > person * big) & (before < (person + 1) * big) & ~fixed
    return events.take(kept[~busy])
