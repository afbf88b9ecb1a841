"""What is billed for contacts: lines with codes, units and usual amounts, before any plan has looked at them.

All money is in cents: allowed amounts under commercial insurance, of ``data/services.yaml`` and of the knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generation.compiled import Register
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.clinical import Done
from healthsim.generation.kernels.context import Bools, Floats, Ints
from healthsim.generation.kernels.coverage import billing
from healthsim.generation.kernels.results import Tests
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.kernels.vaccines import Doses
from healthsim.generation.ordering import order_of
from healthsim.generation.packing import Packing

PROFESSIONAL, INSTITUTIONAL = 0, 1
#: a bill is all lines of one kind of one contact; lines are in the order of bills, revenue codes and procedure codes
BILL = Packing("contact", kind=(0, 2))
LINE = Packing("bill", revenue=(-1, 63), code=(-1, 65_535))
#: share of visits that are billed with the first of the two codes of their setting; an assumption: about half
LOWER_LEVEL = 0.55
#: what a department charges for a visit, times the usual, from the simplest to the most complex; an assumption
_DEPARTMENT_LEAST, _DEPARTMENT_SPAN = 0.6, 0.8
#: of a procedure with a bill of the facility, what goes to the physician; an assumption, as is the next
PHYSICIANS_SHARE, FACILITYS_SHARE = 0.35, 0.65
#: how the amount of a hospital stay is spread over revenue codes; an assumption
_STAY = (("room", 0.55), ("pharmacy", 0.15), ("laboratory", 0.12), ("supplies", 0.18))


@dataclass(frozen=True)
class Bills:
    """Lines in the order of bills.

    Attributes:
        bill: contact and kind of the line's bill, packed as ``BILL``.
        code: the place in ``codes``, revenue: in the kinds of revenue of ``data/services.yaml``; -1 for none.
        units, cents: how many, and the usual amount for all of them.
    """

    bill: Ints
    code: Ints
    revenue: Ints
    units: Ints
    cents: Ints
    codes: list[str]


class _Lines:
    """Lines, source by source."""

    def __init__(self) -> None:
        self.codes = Register()
        self.revenues = list(billing()["revenue"])
        self._parts: list[tuple[Ints, Ints | int, Ints | int]] = []

    def add(
        self,
        contact: Ints,
        kind: int,
        cents: Ints | int,
        *,
        code: Ints | str | None = None,
        revenue: str | None = None,
        units: Ints | int = 1,
    ) -> None:
        """A line for each of these contacts; ``code`` is a text or the numbers of texts, ``revenue`` the kind of revenue."""
        number = -1 if code is None else self.codes.number(code) if isinstance(code, str) else code
        place = -1 if revenue is None else self.revenues.index(revenue)
        line = LINE.pack(BILL.pack(contact, kind=kind), revenue=place, code=number)
        self._parts.append((line, units, cents))

    def in_order(self, covered: Bools) -> Bills:
        """The lines of covered contacts, in order."""
        words = np.concatenate([part for part, *_ in self._parts])
        rows = np.flatnonzero(covered.take(BILL.first_of(LINE.first_of(words))))
        words = words.take(rows)
        order = order_of(words)
        rows = rows.take(order)
        bill, revenue, code = LINE.unpack(words.take(order))
        return Bills(bill, code, revenue, self._column(1).take(rows), self._column(2).take(rows), self.codes.values)

    def _column(self, which: int) -> Ints:
        """The units (1) or cents (2) of all parts."""
        column = np.empty(sum(len(part[0]) for part in self._parts), dtype=np.int64)
        at = 0
        for part in self._parts:
            column[at : at + len(part[0])] = part[which]
            at += len(part[0])
        return column


def make_bills(timeline: Timeline, covered: Bools, done: Done, tests: Tests, doses: Doses) -> Bills:
    """What is billed for the covered contacts."""
    events = timeline.events
    lines = _Lines()
    # one number says how complex a contact is: which code is billed, and what an emergency department charges
    level = timeline.context.draws.uniform("level", timeline.people.number[events.person], events.key)
    _visits(lines, timeline, level)
    _hospital_days(lines, timeline)
    _emergencies(lines, timeline, level)
    _stays(lines, timeline)
    _services(lines, timeline, done)
    _laboratory(lines, timeline, tests)
    _vaccines(lines, timeline, doses)
    return lines.in_order(covered)


def _cents(dollars: float) -> int:
    return round(dollars * 100)


def _visits(lines: _Lines, timeline: Timeline, level: Floats) -> None:
    """The code of a visit, unless the contact is for a service, which is billed instead."""
    events, codes = timeline.events, billing()["visits"]
    for setting, name in enumerate(ev.SETTINGS):
        if name not in codes:
            continue
        rows = np.flatnonzero((events.setting == setting) & ((events.service < 0) | (setting == ev.INPATIENT)))
        for which, (code, _, amount) in enumerate(codes[name]):
            here = rows[(level[rows] < LOWER_LEVEL) == (which == 0)]
            lines.add(here, PROFESSIONAL, _cents(amount), code=code)


def _hospital_days(lines: _Lines, timeline: Timeline) -> None:
    """The physician's visits on the days after admission."""
    events = timeline.events
    code, _, amount = billing()["hospital_day"]
    later = np.flatnonzero((events.setting == ev.INPATIENT) & (events.stay > 1))
    days = events.stay[later] - 1
    lines.add(later, PROFESSIONAL, days * _cents(amount), code=code, units=days)


def _emergencies(lines: _Lines, timeline: Timeline, level: Floats) -> None:
    """The department's own charge for a visit."""
    rows = np.flatnonzero(timeline.events.setting == ev.EMERGENCY)
    usual = billing()["emergency_facility"] * 100
    cents = (usual * (_DEPARTMENT_LEAST + _DEPARTMENT_SPAN * level[rows])).astype(np.int64)
    lines.add(rows, INSTITUTIONAL, cents, code=billing()["visits"]["emergency"][1][0], revenue="emergency")


def _stays(lines: _Lines, timeline: Timeline) -> None:
    """The hospital's charges for a stay, by revenue code; the room by the day."""
    events = timeline.events
    stays = np.flatnonzero(events.setting == ev.INPATIENT)
    for name, share in _STAY:
        units: Ints | int = np.maximum(events.stay[stays], 1) if name == "room" else 1
        cents = (events.price[stays] * share).astype(np.int64)
        lines.add(stays, INSTITUTIONAL, cents, revenue=name, units=units)


def _services(lines: _Lines, timeline: Timeline, done: Done) -> None:
    """Procedures: of some, outside of hospital stays, the facility bills a part."""
    events, services = timeline.events, timeline.context.knowledge.services
    facility = np.array([service.facility for service in services] + [False])[events.service]
    outside = facility[done.event] & (events.setting[done.event] != ev.INPATIENT)
    prices = np.array([service.price for service in services], dtype=np.int64)[done.service]
    code = np.array([lines.codes.number(service.code) for service in services], dtype=np.int64)[done.service]
    physicians = (prices * np.where(outside, PHYSICIANS_SHARE, 1.0)).astype(np.int64)
    lines.add(done.event, PROFESSIONAL, physicians, code=code)
    facilitys = (prices[outside] * FACILITYS_SHARE).astype(np.int64)
    lines.add(done.event[outside], INSTITUTIONAL, facilitys, code=code[outside], revenue="procedure")


def _laboratory(lines: _Lines, timeline: Timeline, tests: Tests) -> None:
    """What is ordered of a laboratory; during a stay it is part of the hospital's charges."""
    orders = timeline.context.knowledge.lab_orders
    code = np.array([lines.codes.number(order.cpt) for order in orders], dtype=np.int64)
    apart = timeline.events.setting[tests.ordered_at] != ev.INPATIENT
    cents = _cents(billing()["lab_price"])
    lines.add(tests.ordered_at[apart], PROFESSIONAL, cents, code=code[tests.order[apart]])


def _vaccines(lines: _Lines, timeline: Timeline, doses: Doses) -> None:
    """Vaccines, and the giving of them: once a contact, for those without a code of their own for it."""
    vaccines = timeline.context.knowledge.vaccines
    if not vaccines:
        return
    code = np.array([lines.codes.number(vaccine.cpt) for vaccine in vaccines], dtype=np.int64)
    prices = np.array([_cents(vaccine.price) for vaccine in vaccines], dtype=np.int64)
    lines.add(doses.event, PROFESSIONAL, prices[doses.vaccine], code=code[doses.vaccine])
    usual, _, amount = billing()["vaccine_administration"]
    own_code = np.array(
        [lines.codes.number(vaccine.administration) if vaccine.administration else -1 for vaccine in vaccines]
    )[doses.vaccine]
    apart = own_code >= 0
    lines.add(doses.event[apart], PROFESSIONAL, _cents(amount), code=own_code[apart])
    lines.add(np.unique(doses.event[~apart]), PROFESSIONAL, _cents(amount), code=usual)
