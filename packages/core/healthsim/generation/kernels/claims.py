"""Claims: what contacts cost, what the plan allows and pays, and what is left to the member.

All money is in cents. Cost sharing follows the order of services in the plan year: first the deductible, then
copays or coinsurance, until the out-of-pocket maximum is reached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generation import columns as col
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.clinical import Done
from healthsim.generation.kernels.context import Bools, Ints, year_of
from healthsim.generation.kernels.coverage import PAYERS, Coverage, billing, subscriber_of
from healthsim.generation.kernels.prescribed_and_given import Given
from healthsim.generation.kernels.results import Tests
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.ordering import order_of
from healthsim.generation.randomness import choose, cumulated

PROFESSIONAL, INSTITUTIONAL = 0, 1
PAID, DENIED, PENDED, REVERSED = range(4)
#: bits of the number of a code and of a kind of revenue in the word that lines are ordered by
_CODE_BITS, _REVENUE_BITS = 16, 6
STATUSES = ("paid", "denied", "pended", "reversed")
#: how the amount of a hospital stay is spread over revenue codes
_STAY = (("room", 0.55), ("pharmacy", 0.15), ("laboratory", 0.12), ("supplies", 0.18))
NO_COPAY, PRIMARY_COPAY, SPECIALIST_COPAY, EMERGENCY_COPAY = range(4)
#: the copay of a visit, by setting
_COPAYS = np.zeros(len(ev.SETTINGS), dtype=np.int64)
_COPAYS[[ev.OFFICE, ev.VIRTUAL]] = PRIMARY_COPAY
_COPAYS[[ev.SPECIALIST, ev.OUTPATIENT]] = SPECIALIST_COPAY
_COPAYS[ev.EMERGENCY] = EMERGENCY_COPAY


@dataclass(frozen=True)
class Lines:
    """Claim lines, in the order of claims; amounts in cents.

    Attributes:
        claim: the row of the claim. first: of each claim the row of its first line.
        code: the place in ``codes`` (-1 for none), revenue: likewise in ``revenues``.
        units, charge, allowed, paid, deductible, copay, coinsurance: of the line.
    """

    claim: Ints
    first: Ints
    number: Ints
    code: Ints
    revenue: Ints
    units: Ints
    charge: Ints
    allowed: Ints
    paid: Ints
    deductible: Ints
    copay: Ints
    coinsurance: Ints


@dataclass(frozen=True)
class Claims:
    """Claims, in the order of persons and time: row of the contact, of the span, kind, status, reason of a denial."""

    event: Ints
    span: Ints
    kind: Ints
    status: Ints
    reason: Ints
    lines: Lines
    codes: list[str]
    revenues: list[str]


def make_claims(timeline: Timeline, coverage: Coverage, done: Done, tests: Tests, given: Given) -> Claims:
    """The claims of all contacts of people who are covered on the day."""
    context, events, knowledge = timeline.context, timeline.events, timeline.context.knowledge
    known = billing()
    span = coverage.on(events.person, events.day)
    covered = span >= 0
    codes = _Codes()
    parts: list[tuple[Ints, Ints | int, Ints | int]] = []
    u = context.draws.uniform("level", timeline.people.number[events.person], events.key)
    facility = np.array([one.facility for one in knowledge.services] + [False])[events.service]

    def add(event: Ints, kind: int, code: Ints | int, revenue: int, units: Ints | int, cents: Ints | int) -> None:
        # what lines are ordered by, in one word
        words = (((event << 1) + kind << _REVENUE_BITS) + revenue + 1 << _CODE_BITS) + code + 1
        parts.append((words, units, cents))

    for setting, name in enumerate(ev.SETTINGS):
        if name not in known["visits"]:
            continue
        rows = np.flatnonzero((events.setting == setting) & ((events.service < 0) | (setting == ev.INPATIENT)))
        for which, (code, _, amount) in enumerate(known["visits"][name]):
            here = rows[(u[rows] < 0.55) == (which == 0)]
            add(here, PROFESSIONAL, codes.number(code), -1, 1, round(amount * 100))
    code, _, amount = known["hospital_day"]
    later = np.flatnonzero((events.setting == ev.INPATIENT) & (events.stay > 1))
    days = events.stay[later] - 1
    add(later, PROFESSIONAL, codes.number(code), -1, days, days * round(amount * 100))
    revenue = {name: place for place, name in enumerate(known["revenue"])}
    emergency = np.flatnonzero(events.setting == ev.EMERGENCY)
    price = (known["emergency_facility"] * 100 * (0.6 + 0.8 * u[emergency])).astype(np.int64)
    add(emergency, INSTITUTIONAL, codes.number("99284"), revenue["emergency"], 1, price)
    stays = np.flatnonzero(events.setting == ev.INPATIENT)
    for name, share in _STAY:
        units = np.maximum(events.stay[stays], 1) if name == "room" else np.ones(len(stays), dtype=np.int64)
        add(stays, INSTITUTIONAL, -1, revenue[name], units, (events.price[stays] * share).astype(np.int64))
    prices = np.array([one.price for one in knowledge.services], dtype=np.int64)
    places = np.array([codes.number(one.code) for one in knowledge.services], dtype=np.int64)
    outside = facility[done.event] & (events.setting[done.event] != ev.INPATIENT)
    with_facility = np.where(outside, 0.35, 1.0)
    add(done.event, PROFESSIONAL, places[done.service], -1, 1, (prices[done.service] * with_facility).astype(np.int64))
    add(done.event[outside], INSTITUTIONAL, places[done.service[outside]], revenue["procedure"], 1,
        (prices[done.service[outside]] * 0.65).astype(np.int64))  # fmt: skip
    cpts = np.array([codes.number(order.cpt) for order in knowledge.lab_orders], dtype=np.int64)
    office = events.setting[tests.ordered_at] != ev.INPATIENT
    add(tests.ordered_at[office], PROFESSIONAL, cpts[tests.order[office]], -1, 1, round(known["lab_price"] * 100))
    vaccines = np.array([codes.number(one.cpt) for one in knowledge.vaccines], dtype=np.int64)
    costs = np.array([round(one.price * 100) for one in knowledge.vaccines], dtype=np.int64)
    if len(vaccines):
        add(given.event, PROFESSIONAL, vaccines[given.vaccine], -1, 1, costs[given.vaccine])
        code, _, amount = known["vaccine_administration"]
        own = np.array([codes.number(one.administration) if one.administration else -1 for one in knowledge.vaccines])
        giving = own[given.vaccine]
        apart = giving >= 0
        add(given.event[apart], PROFESSIONAL, giving[apart], -1, 1, round(amount * 100))
        add(np.unique(given.event[~apart]), PROFESSIONAL, codes.number(code), -1, 1, round(amount * 100))
    words = np.concatenate([part for part, *_ in parts])
    columns = [np.empty(len(words), dtype=np.int64) for _ in range(2)]
    at = 0
    for part, *values in parts:
        for column, value in zip(columns, values, strict=True):
            column[at : at + len(part)] = value
        at += len(part)
    rows = np.flatnonzero(covered.take(words >> _CODE_BITS + _REVENUE_BITS + 1))
    words = words.take(rows)
    order = order_of(words)
    words, rows = words.take(order), rows.take(order)
    code_of = (words & (1 << _CODE_BITS) - 1) - 1
    words >>= _CODE_BITS
    revenue_of = (words & (1 << _REVENUE_BITS) - 1) - 1
    words >>= _REVENUE_BITS
    units_of, cents = (column.take(rows) for column in columns)
    return _adjudicated(timeline, coverage, span, words, code_of, revenue_of, units_of, cents, codes.values)


class _Codes:
    def __init__(self) -> None:
        self.values: list[str] = []

    def number(self, code: str) -> int:
        if code not in self.values:
            self.values.append(code)
        return self.values.index(code)


def _adjudicated(
    timeline: Timeline, coverage: Coverage, span: Ints, contact: Ints, code: Ints, revenue: Ints, units: Ints,
    cents: Ints, codes: list[str],
) -> Claims:  # fmt: skip
    """The claims of lines in order; ``contact`` is twice the contact of a line, and one more if it is institutional."""
    context, events, people, known = timeline.context, timeline.events, timeline.people, billing()
    number, _ = col.runs(contact)
    first = np.flatnonzero(number == 0)
    claim = np.repeat(np.arange(len(first)), np.diff(first, append=len(number)))
    claim_event, claim_kind = np.divmod(contact.take(first), 2)
    claim_span = span[claim_event]
    ids, keys = people.number[events.person[claim_event]], events.key[claim_event] * 2 + claim_kind
    plans = known["plans"]
    plan = coverage.plan[claim_span]
    payer = np.array([PAYERS.index(one["line"]) for one in plans])[plan]
    level = np.array([known["payer_prices"].get(name, 0.0) for name in PAYERS])[payer]
    age = people.age[events.person[claim_event]]
    level = level * np.array(context.scales.spending)[np.searchsorted([19, 65], age, side="right")]
    level = level * np.exp(0.18 * context.draws.normal("price", ids, keys) - 0.0162)
    allowed = np.maximum((cents * level.take(claim)).astype(np.int64), 100)
    above = known["charge_to_allowed"] + 0.5 * context.draws.uniform("charge", ids, keys)
    charge = (allowed * above.take(claim)).astype(np.int64)
    status, reason = _decided(timeline, claim_event, ids, keys)
    # a reversed or pended claim has been priced, and nothing is allowed or paid for it, as for one that is denied
    allowed *= (status == PAID).take(claim)
    shared = _shared(timeline, coverage, claim_span, plan, claim, first, claim_event, claim_kind, allowed)
    paid = allowed - sum(shared)
    lines = Lines(claim, first, number + 1, code, revenue, units, charge, allowed, paid, *shared)
    return Claims(claim_event, claim_span, claim_kind, status, reason, lines, codes, list(known["revenue"].values()))


def _decided(timeline: Timeline, event: Ints, ids: Ints, keys: Ints) -> tuple[Ints, Ints]:
    """Status and reason of a denial of each claim; what was sent in the last two weeks is still pended."""
    context, known = timeline.context, billing()
    u = context.draws.uniform("decision", ids, keys)
    status = np.where(u < known["denied"], DENIED, np.where(u > 1 - known["reversed"], REVERSED, PAID))
    leaves = timeline.events.day[event] + timeline.events.stay[event]
    status = np.where(leaves > context.end - 14, PENDED, status)
    denied = np.flatnonzero(status == DENIED)
    reason = np.full(len(event), -1)
    reasons = cumulated(list(known["denial_reasons"].values()))
    reason[denied] = choose(context.draws.uniform("denial", ids[denied], keys[denied]), reasons)
    return status, reason


def _shared(
    timeline: Timeline, coverage: Coverage, span: Ints, plan: Ints, claim: Ints, first: Ints, event: Ints, kind: Ints,
    eligible: Ints,
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """(deductible, copay, coinsurance) of each line; claims are in the order of service."""
    events, plans = timeline.events, billing()["plans"]
    setting, day, own = events.setting.take(event), events.day.take(event), events.person.take(event)
    limit = np.array([one["deductible"] * 100 for one in plans], dtype=np.int64).take(plan)
    most = np.array([one["oop_max"] * 100 for one in plans], dtype=np.int64).take(plan)
    percent = np.array([one["coinsurance"] for one in plans], dtype=np.int64).take(plan).take(claim)
    copays = np.array([[0, *one["copay"]] for one in plans], dtype=np.int64) * 100
    preventive = (setting == ev.WELLNESS) | _is_preventive(timeline, event)
    usual = copays[plan, _COPAYS.take(setting) * ~preventive]
    # the first line of a visit carries its copay; at the emergency department that is the facility's
    carries = kind == np.where(setting == ev.EMERGENCY, INSTITUTIONAL, PROFESSIONAL)
    copay = np.zeros(len(claim), dtype=np.int64)
    copay[first] = np.minimum(usual * carries, eligible.take(first))
    year = year_of(day)
    # what counts is the person in the plan, whatever gaps the coverage has
    group = (own * 4_096 + year) * len(plans) + plan
    # a visit that has a copay is outside of the deductible; of a free service nothing is shared
    open_amount = eligible * ~(preventive | (usual > 0)).take(claim)
    within = _Within(claim, first, order_of(group), group)
    deductible = within.up_to(limit, open_amount)
    coinsurance = (open_amount - deductible) * percent // 100
    share = within.up_to(most, deductible + copay + coinsurance)
    # and what a family pays together is at most twice the maximum of one
    family = (subscriber_of(timeline.people, coverage).take(span) * 4_096 + year) * len(plans) + plan
    share = _Within(claim, first, order_of(family, day), family).up_to(2 * most, share)
    deductible_now = np.minimum(deductible, share)
    copay_now = np.minimum(copay, share - deductible_now)
    return deductible_now, copay_now, share - deductible_now - copay_now


def _is_preventive(timeline: Timeline, event: Ints) -> Bools:
    kinds = np.array([one.kind == "preventive" for one in timeline.context.knowledge.conditions] + [False])
    result: Bools = kinds[timeline.events.cause[event]]
    return result


class _Within:
    """Lines of claims within groups of claims, in an order of the claims that keeps the groups together."""

    def __init__(self, claim: Ints, first: Ints, order: Ints, group: Ints) -> None:
        self._claim, self._first, self._order = claim, first, order
        _, self._starts = col.runs(group.take(order))

    def up_to(self, limit: Ints, amount: Ints) -> Ints:
        """The part of the amount of each line that its group has not had too much of yet.

        Args:
            limit: what a group may have in all, for each claim.
            amount: of each line, not negative.
        """
        if not len(amount):
            return amount
        until = np.cumsum(amount)
        begun = until.take(self._first) - amount.take(self._first)
        whole = np.diff(begun, append=until[-1:])
        in_order = whole.take(self._order)
        earlier = np.cumsum(in_order) - in_order
        before = np.empty_like(begun)
        before[self._order] = earlier - earlier.take(self._starts)
        room = limit - before
        part: Ints = amount * (whole <= room).take(self._claim)
        # few claims reach the limit: only of these do the single lines matter
        rows = np.flatnonzero(((whole > room) & (room > 0)).take(self._claim))
        claim = self._claim.take(rows)
        left = room.take(claim) - (until.take(rows) - begun.take(claim))
        part[rows] = np.clip(amount.take(rows) + left, 0, amount.take(rows))
        return part
