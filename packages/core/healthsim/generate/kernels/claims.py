"""Claims: what contacts cost, what the plan allows and pays, and what is left to the member.

All money is in cents. Cost sharing follows the order of services in the plan year: first the deductible, then
copays or coinsurance, until the out-of-pocket maximum is reached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generate import columns as col
from healthsim.generate.kernels import events as ev
from healthsim.generate.kernels.clinical import Done
from healthsim.generate.kernels.context import Bools, Ints, year_of
from healthsim.generate.kernels.coverage import PAYERS, Coverage, billing, subscriber_of
from healthsim.generate.kernels.given import Given
from healthsim.generate.kernels.results import Tests
from healthsim.generate.kernels.timeline import Timeline
from healthsim.generate.ordering import among, order_of
from healthsim.generate.randomness import choose, cumulated

PROFESSIONAL, INSTITUTIONAL = 0, 1
PAID, DENIED, PENDED, REVERSED = range(4)
STATUSES = ("paid", "denied", "pended", "reversed")
#: how the amount of a hospital stay is spread over revenue codes
_STAY = (("room", 0.55), ("pharmacy", 0.15), ("laboratory", 0.12), ("supplies", 0.18))
NO_COPAY, PRIMARY_COPAY, SPECIALIST_COPAY, EMERGENCY_COPAY = range(4)


@dataclass(frozen=True)
class Lines:
    """Claim lines, in the order of claims; amounts in cents.

    Attributes:
        claim: the row of the claim. code: the place in ``codes`` (-1 for none), revenue: likewise in ``revenues``.
        units, charge, allowed, paid, deductible, copay, coinsurance: of the line.
    """

    claim: Ints
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
    parts: list[tuple[Ints, Ints, Ints, Ints, Ints, Ints]] = []
    u = context.draws.uniform("level", timeline.people.number[events.person], events.key)
    facility = np.array([one.facility for one in knowledge.services] + [False])[events.service]

    def add(event: Ints, kind: int, code: Ints | int, revenue: int, units: Ints | int, cents: Ints | int) -> None:
        rows = np.flatnonzero(covered[event])
        spread = [np.broadcast_to(np.asarray(value), len(event))[rows] for value in (kind, code, revenue, units, cents)]
        parts.append((event[rows], *spread))  # type: ignore[arg-type]  # five columns and the contact

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
    event, kind, code_of, revenue_of, units_of, cents = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = order_of(event, kind, revenue_of, code_of)
    event, kind, code_of, revenue_of, units_of, cents = (
        part[order] for part in (event, kind, code_of, revenue_of, units_of, cents)
    )
    return _adjudicated(timeline, coverage, span, event, kind, code_of, revenue_of, units_of, cents, codes.values)


class _Codes:
    def __init__(self) -> None:
        self.values: list[str] = []

    def number(self, code: str) -> int:
        if code not in self.values:
            self.values.append(code)
        return self.values.index(code)


def _adjudicated(
    timeline: Timeline, coverage: Coverage, span: Ints, event: Ints, kind: Ints, code: Ints, revenue: Ints, units: Ints,
    cents: Ints, codes: list[str],
) -> Claims:  # fmt: skip
    context, events, people, known = timeline.context, timeline.events, timeline.people, billing()
    claim_key = event * 2 + kind
    number, _ = col.runs(claim_key)
    is_first = number == 0
    claim = np.cumsum(is_first) - 1
    claim_event, claim_kind = event[is_first], kind[is_first]
    claim_span = span[claim_event]
    ids, keys = people.number[events.person[claim_event]], events.key[claim_event] * 2 + claim_kind
    plans = known["plans"]
    plan = coverage.plan[claim_span]
    payer = np.array([PAYERS.index(one["line"]) for one in plans])[plan]
    level = np.array([known["payer_prices"].get(name, 0.0) for name in PAYERS])[payer]
    age = people.age[events.person[claim_event]]
    level = level * np.array(context.scales.spending)[np.searchsorted([19, 65], age, side="right")]
    level = level * np.exp(0.18 * context.draws.normal("price", ids, keys) - 0.0162)
    allowed = np.maximum((cents * level[claim]).astype(np.int64), 100)
    charge = (allowed * (known["charge_to_allowed"] + 0.5 * context.draws.uniform("charge", ids, keys)[claim])).astype(
        np.int64
    )
    status, reason = _decided(timeline, claim_event, ids, keys)
    denied = (status == DENIED)[claim]
    counts = (status == PAID)[claim]
    deductible, copay, coinsurance = _shared(timeline, coverage, claim_span, plan, claim, claim_event, claim_kind, is_first,
                                             np.where(counts, allowed, 0))  # fmt: skip
    allowed = np.where(denied, 0, allowed)
    # a reversed or pended claim has been priced, and nothing is paid for it
    open_ = among(status, (PENDED, REVERSED))[claim]
    allowed = np.where(open_, 0, allowed)
    paid = allowed - deductible - copay - coinsurance
    lines = Lines(claim, number + 1, code, revenue, units, charge, allowed, paid, deductible, copay, coinsurance)
    return Claims(claim_event, claim_span, claim_kind, status, reason, lines, codes, list(known["revenue"].values()))


def _decided(timeline: Timeline, event: Ints, ids: Ints, keys: Ints) -> tuple[Ints, Ints]:
    """Status and reason of a denial of each claim; what was sent in the last two weeks is still pended."""
    context, known = timeline.context, billing()
    u = context.draws.uniform("decision", ids, keys)
    status = np.where(u < known["denied"], DENIED, np.where(u > 1 - known["reversed"], REVERSED, PAID))
    leaves = timeline.events.day[event] + timeline.events.stay[event]
    status = np.where(leaves > context.end - 14, PENDED, status)
    which = choose(context.draws.uniform("denial", ids, keys), cumulated(list(known["denial_reasons"].values())))
    return status, np.where(status == DENIED, which, -1)


def _shared(
    timeline: Timeline, coverage: Coverage, claim_span: Ints, plan: Ints, claim: Ints, claim_event: Ints, claim_kind: Ints,
    is_first: Bools, eligible: Ints,
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """(deductible, copay, coinsurance) of each line; lines are in the order of service."""
    events, plans = timeline.events, billing()["plans"]
    event = claim_event[claim]
    setting = events.setting[event]
    day = events.day[event]
    of_plan = plan[claim]
    limit = np.array([one["deductible"] * 100 for one in plans], dtype=np.int64)[of_plan]
    most = np.array([one["oop_max"] * 100 for one in plans], dtype=np.int64)[of_plan]
    percent = np.array([one["coinsurance"] for one in plans], dtype=np.int64)[of_plan]
    copays = np.array([[0, *one["copay"]] for one in plans], dtype=np.int64) * 100
    preventive = (setting == ev.WELLNESS) | _is_preventive(timeline, event)
    which = np.select(
        [preventive, setting == ev.OFFICE, setting == ev.VIRTUAL, among(setting, (ev.SPECIALIST, ev.OUTPATIENT)),
         setting == ev.EMERGENCY],
        [NO_COPAY, PRIMARY_COPAY, PRIMARY_COPAY, SPECIALIST_COPAY, EMERGENCY_COPAY], NO_COPAY,
    )  # fmt: skip
    # the first line of a visit carries its copay; at the emergency department that is the facility's
    kind = claim_kind[claim]
    pays_copay = is_first & np.where(setting == ev.EMERGENCY, kind == INSTITUTIONAL, kind == PROFESSIONAL)
    copay = np.where(pays_copay, copays[of_plan, which], 0)
    copay = np.where(preventive, 0, np.minimum(copay, eligible))
    year = year_of(day)
    own = events.person[event]
    # what counts is the person in the plan, whatever gaps the coverage has
    group = (own * 4_096 + year) * len(plans) + of_plan
    # a visit that has a copay is outside of the deductible; of a free service nothing is shared
    has_copay = (copays[of_plan, which] > 0) & (eligible > 0)
    open_amount = np.where(preventive | has_copay, 0, eligible)
    of_group = order_of(group), group
    before, until = _within(open_amount, *of_group)
    deductible = np.minimum(until, limit) - np.minimum(before, limit)
    coinsurance = np.where(preventive | has_copay, 0, (eligible - deductible) * percent // 100)
    before, until = _within(deductible + copay + coinsurance, *of_group)
    allowed_share = np.minimum(until, most) - np.minimum(before, most)
    # and what a family pays together is at most twice the maximum of one
    family = (subscriber_of(timeline.people, coverage)[claim_span][claim] * 4_096 + year) * len(plans) + of_plan
    before, until = _within(allowed_share, order_of(family, day), family)
    allowed_share = np.minimum(until, 2 * most) - np.minimum(before, 2 * most)
    deductible_now = np.minimum(deductible, allowed_share)
    copay_now = np.minimum(copay, allowed_share - deductible_now)
    return deductible_now, copay_now, allowed_share - deductible_now - copay_now


def _is_preventive(timeline: Timeline, event: Ints) -> Bools:
    kinds = np.array([one.kind == "preventive" for one in timeline.context.knowledge.conditions] + [False])
    result: Bools = kinds[timeline.events.cause[event]]
    return result


def _within(amount: Ints, order: Ints, group: Ints) -> tuple[Ints, Ints]:
    """Running totals of amounts within groups, in an order that keeps these together: before each row, and with it."""
    ordered = amount[order]
    _, starts = col.runs(group[order])
    total = np.cumsum(ordered)
    base = (total - ordered)[starts] if len(starts) else starts
    until = np.empty_like(amount)
    until[order] = total - base
    return until - amount, until
