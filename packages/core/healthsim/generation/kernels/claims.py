"""Claims: what a plan allows and pays of what is billed, what it denies, and what is left to the member. Money is in cents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generation import columns as col
from healthsim.generation.kernels.bills import BILL, INSTITUTIONAL, PROFESSIONAL, Bills, make_bills
from healthsim.generation.kernels.clinical import Done
from healthsim.generation.kernels.context import Floats, Ints
from healthsim.generation.kernels.cost_sharing import CostShares, pay_second, share_costs
from healthsim.generation.kernels.coverage import Coverage, billing
from healthsim.generation.kernels.payers import PAYERS
from healthsim.generation.kernels.results import Tests
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.kernels.vaccines import Doses
from healthsim.generation.randomness import choose, cumulated
from healthsim.generation.seasons import prices_on

__all__ = [
    "DENIED",
    "INSTITUTIONAL",
    "PAID",
    "PENDED",
    "PROFESSIONAL",
    "REVERSED",
    "STATUSES",
    "Claims",
    "Lines",
    "make_claims",
]

PAID, DENIED, PENDED, REVERSED = range(4)
STATUSES = ("paid", "denied", "pended", "reversed")
#: CARC 27: expenses incurred after coverage terminated
NOT_COVERED = "27"
#: days after the end of a coverage that was ended backwards within which claims had been paid; an assumption: a month
PAID_AFTER_END = 31
#: days before the end of the history from which on claims are still pended; an assumption
PENDED_DAYS = 14
#: spread of what different providers are allowed for the same, on the logarithm; an assumption
PRICE_SPREAD = 0.18
#: half the square of it: without it the mean would be above the usual amount
_PRICE_MEAN = 0.0162
#: least that is allowed for a line, in cents
_LEAST = 100
#: what providers charge, times what is allowed, lies between the figure of ``data/services.yaml`` and so much above it
CHARGE_SPAN = 0.5


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
    """Claims, in the order of persons and time: row of the contact, of the span, kind, status, reason of a denial.

    Attributes:
        second: the row of the span that pays second, -1 without one. second_paid: what that pays of the member's share, in cents.
    """

    event: Ints
    span: Ints
    kind: Ints
    status: Ints
    reason: Ints
    second: Ints
    second_paid: Ints
    lines: Lines
    codes: list[str]
    revenues: list[str]


def make_claims(timeline: Timeline, coverage: Coverage, done: Done, tests: Tests, doses: Doses) -> Claims:
    """The claims of all contacts of people who are covered on the day."""
    span = coverage.on(timeline.events.person, timeline.events.day, claimed=True)
    # a stay that goes on is not billed yet
    span[timeline.goes_on] = -1
    bills = make_bills(timeline, span >= 0, done, tests, doses)
    number, _ = col.runs(bills.bill)
    first = np.flatnonzero(number == 0)
    claim = np.repeat(np.arange(len(first)), np.diff(first, append=len(number)))
    event, kind = BILL.unpack(bills.bill.take(first))
    submitted = Submitted(timeline, coverage, event, kind, span[event])
    status, reason = _decided(submitted)
    allowed, charge = _priced(submitted, bills, claim)
    # a reversed or pended claim has been priced, and nothing is allowed or paid for it, as for one that is denied
    allowed *= (status == PAID).take(claim)
    costs = CostShares(timeline, coverage, submitted.span, event, kind, claim, first)
    shares = share_costs(costs, allowed)
    second = coverage.second.on(submitted.person, costs.day)
    second_paid = pay_second(costs, second, np.bincount(claim, sum(shares), len(first)).astype(np.int64))
    lines = Lines(
        claim,
        first,
        number + 1,
        bills.code,
        bills.revenue,
        bills.units,
        charge,
        allowed,
        allowed - sum(shares),
        *shares,
    )
    return Claims(
        event,
        submitted.span,
        kind,
        status,
        reason,
        second,
        second_paid,
        lines,
        bills.codes,
        list(billing()["revenue"].values()),
    )


@dataclass(frozen=True)
class Submitted:
    """Claims as a plan receives them: row of the contact, kind, and row of the span of coverage of each."""

    timeline: Timeline
    coverage: Coverage
    event: Ints
    kind: Ints
    span: Ints

    @property
    def person(self) -> Ints:
        """The place of each claim's person in the batch."""
        people: Ints = self.timeline.events.person[self.event]
        return people

    @property
    def keys(self) -> tuple[Ints, Ints]:
        """What the chance of each claim is looked up by: the person's number, and which of the person's claims it is."""
        return self.timeline.people.number[self.person], BILL.pack(self.timeline.events.key[self.event], kind=self.kind)


def _priced(submitted: Submitted, bills: Bills, claim: Ints) -> tuple[Ints, Ints]:
    """(allowed, charged) of each line: by the payer, the age and the provider."""
    context, draws = submitted.timeline.context, submitted.timeline.context.draws
    prices, keys = billing(), submitted.keys
    payer = np.array([PAYERS.index(plan["line"]) for plan in prices["plans"]])[submitted.coverage.plan[submitted.span]]
    level: Floats = np.array([prices["payer_prices"].get(name, 0.0) for name in PAYERS])[payer]
    age = submitted.timeline.people.ages[1][submitted.person]
    level = level * np.array(context.scales.spending)[np.searchsorted([19, 65], age, side="right")]
    level = level * np.exp(PRICE_SPREAD * draws.normal("price", *keys) - _PRICE_MEAN)
    allowed = np.maximum((bills.cents * level.take(claim)).astype(np.int64), _LEAST)
    level = level * prices_on(submitted.timeline.events.day[submitted.event])
    above = prices["charge_to_allowed"] + CHARGE_SPAN * draws.uniform("charge", *keys)
    return allowed, (allowed * above.take(claim)).astype(np.int64)


def _decided(submitted: Submitted) -> tuple[Ints, Ints]:
    """Status and reason of a denial of each claim; what was sent in the last two weeks is still pended."""
    events, context, prices = submitted.timeline.events, submitted.timeline.context, billing()
    ids, keys = submitted.keys
    u = context.draws.uniform("decision", ids, keys)
    status = np.where(u < prices["denied"], DENIED, np.where(u > 1 - prices["reversed"], REVERSED, PAID))
    leaves = events.day[submitted.event] + events.stay[submitted.event]
    status = np.where(leaves > context.end - PENDED_DAYS, PENDED, status)
    denied = np.flatnonzero(status == DENIED)
    reason = np.full(len(status), -1)
    reasons = cumulated(list(prices["denial_reasons"].values()))
    reason[denied] = choose(context.draws.uniform("denial", ids[denied], keys[denied]), reasons)
    # the coverage was ended backwards: what had been paid soon after its end is taken back, and what came later is denied
    after = events.day[submitted.event] - submitted.coverage.end[submitted.span]
    status = np.where(after > 0, np.where(after <= PAID_AFTER_END, REVERSED, DENIED), status)
    reason[(after > 0) | (status != DENIED)] = -1
    reason[(after > 0) & (status == DENIED)] = list(prices["denial_reasons"]).index(NOT_COVERED)
    return status, reason
