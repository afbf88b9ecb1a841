"""What is left to the member of what a plan allows, in the order of services in the plan year. Money is in cents.

First the deductible, then copays or coinsurance, until the out-of-pocket maximum of the person or of the family is reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from healthsim.generation import columns as col
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.bills import INSTITUTIONAL, PROFESSIONAL
from healthsim.generation.kernels.context import Bools, Ints, year_of
from healthsim.generation.kernels.coverage import Coverage, billing, subscriber_of
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.ordering import order_of
from healthsim.generation.packing import Packing

NO_COPAY, PRIMARY_COPAY, SPECIALIST_COPAY, EMERGENCY_COPAY = range(4)
#: the copay of a visit, by setting
_COPAYS = np.zeros(len(ev.SETTINGS), dtype=np.int64)
_COPAYS[[ev.OFFICE, ev.VIRTUAL]] = PRIMARY_COPAY
_COPAYS[[ev.SPECIALIST, ev.OUTPATIENT]] = SPECIALIST_COPAY
_COPAYS[ev.EMERGENCY] = EMERGENCY_COPAY
#: what a family pays together is at most so many times the maximum of one: 45 CFR 156.130(a)
FAMILY = 2


@dataclass(frozen=True)
class CostShares:
    """Claims in the order of service, and their lines.

    Attributes:
        span, event, kind: of each claim, as in ``Claims``. claim: of each line. first: the first line of each claim.
    """

    timeline: Timeline
    coverage: Coverage
    span: Ints
    event: Ints
    kind: Ints
    claim: Ints
    first: Ints

    @cached_property
    def plan(self) -> Ints:
        """The plan of each claim."""
        return self.coverage.plan.take(self.span)

    @cached_property
    def setting(self) -> Ints:
        """The setting of each claim's contact."""
        return self.timeline.events.setting.take(self.event)

    @cached_property
    def day(self) -> Ints:
        """The first day of each claim's contact."""
        return self.timeline.events.day.take(self.event)

    @cached_property
    def preventive(self) -> Bools:
        """Claims of preventive care, which is free: Public Health Service Act, section 2713."""
        conditions = self.timeline.context.knowledge.conditions
        kinds = np.array([condition.kind == "preventive" for condition in conditions] + [False])
        is_free: Bools = (self.setting == ev.WELLNESS) | kinds[self.timeline.events.cause[self.event]]
        return is_free

    @cached_property
    def copay(self) -> Ints:
        """The copay of each claim's visit, whichever of its claims carries it."""
        copays = np.array([[0, *plan["copay"]] for plan in billing()["plans"]], dtype=np.int64) * 100
        usual: Ints = copays[self.plan, _COPAYS.take(self.setting) * ~self.preventive]
        return usual

    def figure(self, name: str, factor: int = 100) -> Ints:
        """A figure of each claim's plan, by default in cents."""
        return np.array([plan[name] * factor for plan in billing()["plans"]], dtype=np.int64).take(self.plan)

    def within_year(self, who: Ints, *then: Ints) -> _Within:
        """The lines by person or family, year and plan, in which order of the claims besides."""
        groups = Packing("who", year=(0, 4_096), plan=(0, len(billing()["plans"])))
        group = groups.pack(who, year=year_of(self.day), plan=self.plan)
        return _Within(self.claim, self.first, order_of(group, *then), group)


def share_costs(claims: CostShares, allowed: Ints) -> tuple[Ints, Ints, Ints]:
    """(deductible, copay, coinsurance) of each line, of what is allowed for it."""
    limit, most, percent = claims.figure("deductible"), claims.figure("oop_max"), claims.figure("coinsurance", 1)
    copay = _copays(claims, allowed)
    # what counts is the person in the plan, whatever gaps the coverage has
    of_person = claims.within_year(claims.timeline.events.person.take(claims.event))
    # a visit that has a copay is outside of the deductible; of a free service nothing is shared
    open_amount = allowed * ~(claims.preventive | (claims.copay > 0)).take(claims.claim)
    deductible = of_person.up_to(limit, open_amount)
    coinsurance = (open_amount - deductible) * percent.take(claims.claim) // 100
    share = of_person.up_to(most, deductible + copay + coinsurance)
    subscriber = subscriber_of(claims.timeline.people, claims.coverage).take(claims.span)
    share = claims.within_year(subscriber, claims.day).up_to(FAMILY * most, share)
    deductible_now = np.minimum(deductible, share)
    copay_now = np.minimum(copay, share - deductible_now)
    return deductible_now, copay_now, share - deductible_now - copay_now


def pay_second(claims: CostShares, second: Ints, share: Ints) -> Ints:
    """What the second payer pays of what the first leaves to the member: all but the copay of its own plan.

    States that pay less than that, up to their own price, are not simulated.

    Args:
        second: the row of the second coverage of each claim, -1 without one. share: what the first leaves of each claim, in cents.
    """
    paid = np.zeros(len(share), dtype=np.int64)
    at = np.flatnonzero((second >= 0) & (share > 0))
    copays = np.array([[0, *plan["copay"]] for plan in billing()["plans"]], dtype=np.int64) * 100
    own = copays[claims.coverage.second.plan.take(second.take(at)), _COPAYS.take(claims.setting.take(at))]
    carries = claims.kind == np.where(claims.setting == ev.EMERGENCY, INSTITUTIONAL, PROFESSIONAL)
    paid[at] = np.maximum(share.take(at) - own * carries.take(at), 0)
    return paid


def _copays(claims: CostShares, allowed: Ints) -> Ints:
    """The first line of a visit carries its copay; at the emergency department that is the facility's."""
    carries = claims.kind == np.where(claims.setting == ev.EMERGENCY, INSTITUTIONAL, PROFESSIONAL)
    copay = np.zeros(len(claims.claim), dtype=np.int64)
    copay[claims.first] = np.minimum(claims.copay * carries, allowed.take(claims.first))
    return copay


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
